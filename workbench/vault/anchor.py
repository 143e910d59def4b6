"""The anchor: what the OS keyring remembers of the vault, so that an old copy is noticed.

Owns the anchor's form and the thread that writes it. The database authenticates each page but
cannot know that it is an older whole; the generation counter and the journal's head, kept outside,
can. The anchor always trails the file: a crash leaves it older than the file, never newer.
"""

import contextlib
import json
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from workbench.base.errors import EnvironmentFault, IntegrityError, Locked, WorkbenchError
from workbench.vault.database import Database
from workbench.vault.secret_store import SecretStore

JOURNAL_HEAD: Final = "journal.head"
"""The row of `meta` where the journal keeps its head: JSON with `size` and `root`, among others."""

_CLOSE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Anchor:
    """One state of the vault.

    Attributes:
        generation: how many transactions were committed since the vault was created.
        size: how many events the journal had.
        root: the journal's root hash, hexadecimal.
    """

    generation: int
    size: int
    root: str

    def encode(self) -> bytes:
        """Return the anchor as it is stored."""
        return json.dumps([self.generation, self.size, self.root]).encode("ascii")

    @classmethod
    def decode(cls, data: bytes) -> "Anchor":
        """Return the anchor that `data` encodes.

        Raises:
            ValueError: it is not an anchor.
        """
        match json.loads(data):
            case [int(generation), int(size), str(root)]:
                return cls(generation, size, root)
        raise ValueError("not an anchor")


def current(database: Database) -> Anchor:
    """Return the state of an open database.

    Raises:
        IntegrityError: the counter or the journal's head is damaged.
        Locked, EnvironmentFault: as `Database.read`.
    """
    rows: dict[str, Any] = dict(
        database.read(
            "SELECT name, value FROM meta WHERE name IN ('generation', ?)", (JOURNAL_HEAD,)
        )
    )
    try:
        head = json.loads(rows.get(JOURNAL_HEAD, '{"size": 0, "root": ""}'))
        return Anchor(int(rows["generation"]), int(head["size"]), str(head["root"]))
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            "The vault's change counter or its journal's head is damaged.",
            "Run “workbench doctor”, and compare the vault with a backup.",
        ) from error


class AnchorKeeper:
    """Writes the anchor to the keyring from a thread of its own, as a keyring can be slow.

    Args:
        store: the keyring.
        vault_id: whose anchor it is.
        state: called on the thread for the current state; may raise `Locked`.
        interval: seconds in which changes are gathered into one writing.
        patience: seconds to wait for an answer when reading.
    """

    def __init__(
        self,
        store: SecretStore,
        vault_id: str,
        state: Callable[[], Anchor],
        interval: float,
        patience: float = 15.0,
    ) -> None:
        self._store = store
        self._name = f"vault {vault_id} anchor"
        self._state = state
        self._interval = interval
        self._patience = patience
        self._changed = threading.Event()
        self._hurry = threading.Event()
        self._posted: Anchor | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    def read(self) -> Anchor | None:
        """Return the anchor in the keyring, or None when there is none.

        Raises:
            EnvironmentFault: the keyring refused or did not answer in time, or what it holds is
                not an anchor.
        """
        data = self._answer()
        if data is None:
            return None
        try:
            return Anchor.decode(data)
        except ValueError as error:
            raise EnvironmentFault(
                "What the keyring remembers of this vault cannot be read.",
                "Compare the vault with a backup if you did not expect this.",
            ) from error

    def start(self) -> None:
        """Begin writing; a second call is harmless."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="vault-anchor", daemon=True)
            self._thread.start()

    def changed(self) -> None:
        """Say that the state changed; it is written within the interval."""
        self._changed.set()

    def post(self, final: Anchor) -> None:
        """Write `final` now, because the state cannot be asked for any longer."""
        self._posted = final
        self._changed.set()
        self._hurry.set()

    def resume(self) -> None:
        """Ask for the state again after `post`."""
        self._posted = None
        self._hurry.clear()

    def close(self) -> None:
        """Write what is still to be written and stop; waits five seconds at most."""
        self._closing = True
        self._hurry.set()
        self._changed.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_SECONDS)
            self._thread = None

    def _answer(self) -> bytes | None:
        # A locked keyring may wait for its own password, for ever where nobody sees the question.
        # Somebody who just typed the vault's passphrase must not hang on that.
        answers: queue.SimpleQueue[bytes | EnvironmentFault | None] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._store.get(self._name))
            except EnvironmentFault as error:
                answers.put(error)

        threading.Thread(target=ask, name="vault-anchor-read", daemon=True).start()
        try:
            answer = answers.get(timeout=self._patience)
        except queue.Empty as error:
            raise EnvironmentFault(
                f"The keyring ({self._store.describe()}) did not answer in time.",
                "Unlock the keyring.",
            ) from error
        if isinstance(answer, EnvironmentFault):
            raise answer
        return answer

    def _run(self) -> None:
        while not self._closing or self._changed.is_set():
            self._changed.wait()
            self._hurry.wait(self._interval)
            self._changed.clear()
            # The next change is noticed again: a keyring that refuses now may answer later, and
            # the anchor may trail the file.
            with contextlib.suppress(WorkbenchError):
                self._write()

    def _write(self) -> None:
        posted = self._posted
        with contextlib.suppress(Locked):
            self._store.set(self._name, (posted or self._state()).encode())
