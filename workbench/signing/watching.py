"""Watched folders: new complete files are signed as they appear.

Owns the list of them, kept in the vault, and noticing files. Watching is off until it is permitted
as a whole, and every folder's files are signed as who switched it on, whoever the window acts as,
so that nobody's key signs for somebody else. Must not know how files are signed; a queue does that.
"""

import contextlib
import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from botocore.exceptions import ClientError

from workbench.base.clock import Clock
from workbench.base.errors import Locked, NotFound, Refused, WorkbenchError
from workbench.base.files import printable
from workbench.base.identifiers import new_uuid
from workbench.signing.formats.registry import originals, signed_name
from workbench.signing.recipe import Recipe
from workbench.signing.settling import Settling, looks_finished
from workbench.signing.walk import walk
from workbench.vault.vault import Vault

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver

_LOG = logging.getLogger(__name__)
_PREFIX: Final = "signing/watch/"
_PERMISSION: Final = "signing/watching"
_TICK_SECONDS: Final = 0.5
_COARSE: Final = 1.0
"""Seconds by which a file's dates may lie before the system's clock."""
QUIET_SECONDS: Final = 2.0
"""How long a file must not have changed before it is signed."""


class WatchState(StrEnum):
    """Whether a folder is watched, and if not, why."""

    OFF = "off"
    WATCHING = "watching"
    FORBIDDEN = "watching is not permitted"
    LOCKED = "the vault is locked"
    MISSING = "the folder cannot be read"
    NO_RECIPE = "the recipe cannot be used"


@dataclass(frozen=True, slots=True)
class Watched:
    """A folder and what happens to new files in it.

    Attributes:
        id: stable.
        folder: the folder.
        recipe: name of the recipe.
        identity: ARN of who asked for it and signs.
        since: files changed before are left alone.
        on: whether it is to be watched.
        recursive: whether folders in it are watched as well.
    """

    id: str
    folder: Path
    recipe: str
    identity: str
    since: datetime
    on: bool = False
    recursive: bool = True


@dataclass(frozen=True, slots=True)
class WatchView:
    """A watched folder as shown.

    Attributes:
        watched: the folder.
        state: whether it is watched.
        sentence: more about the state, or empty.
        waiting: files that are not complete yet.
        handed: files given to the queue since the vault was opened.
    """

    watched: Watched
    state: WatchState
    sentence: str = ""
    waiting: int = 0
    handed: int = 0


class Queue(Protocol):
    """What takes the files: `workbench.signing.jobs.JobQueue`."""

    def submit(
        self, recipe: Recipe, paths: Sequence[Path], priority: int = 0, identity: str = ""
    ) -> str:
        """Queue files to be signed as an identity."""


class _Folder:
    """One folder being watched: notices come from another thread."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.state = WatchState.OFF
        self.sentence = ""
        self.handed = 0
        self.settling = Settling(QUIET_SECONDS)
        self.observer: BaseObserver | None = None
        self._lock = threading.Lock()
        self._events: list[Path] = []

    def _heard(self, paths: Sequence[Path]) -> None:
        with self._lock:
            self._events += paths

    def take_events(self) -> list[Path]:
        """Return what changed since the last call."""
        with self._lock:
            found, self._events = self._events, []
            return found

    def begin(self) -> None:
        """Watch; raises `OSError` where the folder is not there."""
        if not self.watched.folder.is_dir():
            raise NotADirectoryError(20, "no such folder", str(self.watched.folder))
        # Watchdog takes 40 ms, and most vaults watch nothing.
        from workbench.signing.notices import observe  # noqa: PLC0415 - as just said

        self.observer = observe(self.watched.folder, self._heard, recursive=self.watched.recursive)
        # What came while nobody looked.
        for found in walk([self.watched.folder]):
            inside = _below(self.watched.folder, found.path)
            if found.wanted and (self.watched.recursive or len(inside) == 1):
                self._note(inside, found.path)

    def settle(self, now: float) -> list[Path]:
        """Return files that have become complete."""
        for path in self.take_events():
            self._note(_below(self.watched.folder, path), path)
        since = self.watched.since.timestamp() - _COARSE
        return self.settling.ready(now, lambda at: max(at.st_mtime, at.st_ctime) > since)

    def _note(self, inside: tuple[str, ...], path: Path) -> None:
        if all(looks_finished(part) for part in inside):
            self.settling.note(path)

    def end(self) -> None:
        """Stop watching."""
        observer, self.observer = self.observer, None
        if observer is not None:
            observer.stop()
            observer.join()
        self.settling.forget()
        self.take_events()


class Watcher:
    """Watches folders while the vault is open. Thread-safe; `close` it before the queue.

    Args:
        vault: where the list is kept.
        clock: for dates and waiting.
        acting: returns the ARN the window acts as.
        recipe: returns a recipe by name, keys and certificates looked up as an ARN.
        queue: takes the files.
    Nothing is looked at before `start`, or unless `tick` is called.
    """

    def __init__(
        self,
        vault: Vault,
        clock: Clock,
        acting: Callable[[], str],
        recipe: Callable[[str, str], Recipe],
        queue: Queue,
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._acting = acting
        self._recipe = recipe
        self._queue = queue
        self._lock = threading.RLock()
        self._folders: dict[str, _Folder] = {}
        self._permitted = False
        self._loaded = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watching", daemon=True)

    def start(self) -> None:
        """Look at the folders in a thread of its own from now on; a second call does nothing."""
        with self._lock:
            if self._thread.ident is None and not self._stop.is_set():
                self._thread.start()

    @property
    def permitted(self) -> bool:
        """Whether folders may be watched at all; off in a new vault."""
        with self._lock:
            self._load()
            return self._permitted

    def permit(self, *, permitted: bool) -> None:
        """Allow or forbid watching as a whole.

        Raises:
            Locked: the vault is.
        """
        self._write(_PERMISSION, {"permitted": permitted})
        with self._lock:
            self._load()
            self._permitted = permitted

    def add(self, folder: Path, recipe: str, *, recursive: bool = True) -> str:
        """Take a folder into the list, switched off; returns its id.

        Raises:
            Refused: it is no folder, or is in the list, or lies in one that is.
            NotFound: there is no such recipe.
            Locked: the vault is.
        """
        whole = folder.resolve()
        if not whole.is_dir():
            raise Refused(f"{printable(folder.name)} is no folder.", "Choose a folder.")
        if self._recipe(recipe, self._acting()).checksums:
            raise Refused(
                "That recipe signs a list of checksums, which would grow with itself.",
                "Choose a recipe that signs each file.",
            )
        with self._lock:
            self._load()
            for other in self._folders.values():
                theirs = other.watched.folder
                if whole == theirs or whole in theirs.parents or theirs in whole.parents:
                    raise Refused(
                        f"{printable(whole.name)} overlaps with {printable(theirs.name)}, which is "
                        "in the list already: its files would be signed twice.",
                        "Take that one off the list first, or choose another folder.",
                    )
            made = Watched(
                new_uuid(), whole, recipe, self._acting(), self._clock.now(), recursive=recursive
            )
            self._save(made)
            self._folders[made.id] = _Folder(made)
        return made.id

    def switch(self, identifier: str, *, on: bool) -> None:
        """Watch a folder from now on, or no longer; it signs for who switched it on.

        Raises:
            NotFound: it is not in the list.
            Refused: watching is not permitted.
            Locked: the vault is.
        """
        with self._lock:
            found = self._folder(identifier)
            if on and not self._permitted:
                raise Refused(
                    "Watching folders is not permitted in this vault.",
                    "Permit it first: files would be signed without anybody looking at them.",
                )
            changed = replace(found.watched, on=on)
            if on and not found.watched.on:
                changed = replace(changed, since=self._clock.now(), identity=self._acting())
            self._save(changed)
            found.end()
            found.watched = changed
            found.state = WatchState.OFF

    def remove(self, identifier: str) -> None:
        """Take a folder off the list; its files and signatures stay.

        Raises:
            NotFound: it is not in the list.
            Locked: the vault is.
        """
        with self._lock:
            found = self._folder(identifier)
            with self._vault.transaction() as transaction:
                transaction.execute("DELETE FROM settings WHERE name = ?", (_PREFIX + identifier,))
            found.end()
            del self._folders[identifier]

    def all(self) -> tuple[WatchView, ...]:
        """Return every folder in the list, by path."""
        with self._lock:
            if not self._vault.locked:
                self._load()
            views = [
                WatchView(one.watched, one.state, one.sentence, len(one.settling), one.handed)
                for one in self._folders.values()
            ]
        return tuple(sorted(views, key=lambda view: str(view.watched.folder)))

    def tick(self) -> None:
        """Look at every folder once, and hand complete files to the queue."""
        with self._lock:
            if not self._vault.locked:
                with contextlib.suppress(Locked):
                    self._load()
            for folder in self._folders.values():
                self._look(folder)

    def close(self) -> None:
        """Stop watching everything."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()
        with self._lock:
            for folder in self._folders.values():
                folder.end()

    def _run(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            try:
                self.tick()
            except Exception:  # noqa: BLE001 - whatever it is, the other folders are to go on
                _LOG.exception("watched folders could not be looked at")

    def _look(self, folder: _Folder) -> None:
        wanted, sentence = self._wanted(folder)
        if wanted is not WatchState.WATCHING:
            folder.end()
            folder.state, folder.sentence = wanted, sentence
            return
        try:
            if folder.observer is None:
                folder.begin()
            elif not folder.watched.folder.is_dir():
                raise NotADirectoryError(20, "it is not there any more")
        except OSError as error:
            folder.end()
            folder.state, folder.sentence = WatchState.MISSING, f"{error.strerror}."
            return
        folder.state, folder.sentence = WatchState.WATCHING, ""
        self._hand_over(folder)

    def _wanted(self, folder: _Folder) -> tuple[WatchState, str]:
        """Return whether a folder is to be watched now, or why not."""
        if not folder.watched.on:
            return WatchState.OFF, ""
        if self._vault.locked:
            return WatchState.LOCKED, ""
        if not self._permitted:
            return WatchState.FORBIDDEN, ""
        return WatchState.WATCHING, ""

    def _hand_over(self, folder: _Folder) -> None:
        ready = folder.settle(self._clock.monotonic())
        if not ready:
            return
        try:
            who = folder.watched.identity
            recipe = self._recipe(folder.watched.recipe, who)
            fresh = [path for path in ready if _unsigned(recipe, path)]
            if fresh:
                self._queue.submit(recipe, fresh, identity=who)
                folder.handed += len(fresh)
        except Locked:
            pass
        except (WorkbenchError, ClientError) as error:
            folder.state, folder.sentence = WatchState.NO_RECIPE, str(error)
        else:
            return
        for path in ready:
            folder.settling.again(path)

    def _folder(self, identifier: str) -> _Folder:
        self._load()
        found = self._folders.get(identifier)
        if found is None:
            raise NotFound("That folder is not in the list any more.", "Add it again.")
        return found

    def _load(self) -> None:
        if self._loaded:
            return
        rows = self._vault.read(
            "SELECT name, value FROM settings WHERE substr(name, 1, ?) = ? OR name = ?",
            (len(_PREFIX), _PREFIX, _PERMISSION),
        )
        for name, text in rows:
            try:
                record = json.loads(text)
                if name == _PERMISSION:
                    self._permitted = record["permitted"] is True
                    continue
                watched = _read(record)
            except (ValueError, TypeError, KeyError):
                _LOG.warning("the watched folder in %r cannot be read", name)
                continue
            self._folders[watched.id] = _Folder(watched)
        self._loaded = True

    def _save(self, watched: Watched) -> None:
        record = asdict(watched) | {
            "folder": str(watched.folder),
            "since": watched.since.isoformat(),
        }
        self._write(_PREFIX + watched.id, record)

    def _write(self, name: str, record: dict[str, Any]) -> None:
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO settings(name, value) VALUES(?,?)",
                (name, json.dumps(record, sort_keys=True)),
            )


def _read(record: dict[str, Any]) -> Watched:
    return Watched(
        str(record["id"]),
        Path(record["folder"]),
        str(record["recipe"]),
        str(record["identity"]),
        datetime.fromisoformat(record["since"]),
        on=record["on"] is True,
        recursive=record["recursive"] is True,
    )


def _below(folder: Path, path: Path) -> tuple[str, ...]:
    with contextlib.suppress(ValueError):
        return path.relative_to(folder).parts
    return (path.name,)


def _unsigned(recipe: Recipe, path: Path) -> bool:
    """Whether a file is neither signed already nor the signature or signed copy of another."""
    if Path(recipe.output(str(path))).exists():
        return False
    if recipe.form.traits.embeds:
        return not originals(path.name)
    return not signed_name(path.name)
