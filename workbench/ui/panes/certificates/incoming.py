"""What is about to come into the collection: files and text looked into, and what is chosen of it.

Reads files and asks the shelf what it has; knows no Qt. Meant for workers. What the bytes are is
`workbench.pki.incoming`'s.
"""

import hashlib
import stat
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable
from workbench.pki.document_shelf import every_document
from workbench.pki.incoming.items import LARGEST_DATABASE, Item, Reading, Sealed, Sort, nothing
from workbench.pki.incoming.reader import read_incoming
from workbench.pki.incoming.taking import Outcome
from workbench.pki.names import common_name
from workbench.pki.parse import facts

_MOST_FILES: Final = 1_000
Tell = Callable[[str, float], None]


@dataclass(slots=True, eq=False)
class Line:
    """One thing that was found, and whether it is to be imported.

    Attributes:
        item: the thing.
        known: whether it is in the collection already.
        twice: whether it was found before among these.
        wanted: whether it is chosen.
        outcome: what became of it, once it was imported.
    """

    item: Item
    known: bool = False
    twice: bool = False
    wanted: bool = True
    outcome: Outcome | None = None

    @property
    def new(self) -> bool:
        """Whether importing it would add it."""
        return self.item.good and not self.known and not self.twice and self.outcome is None

    @property
    def name(self) -> str:
        """What people call it; never empty."""
        item = self.item
        return item.name or item.detail or item.source or str(item.sort).capitalize()


@dataclass(slots=True)
class Findings:
    """Everything that was found, and what waits for its password.

    Attributes:
        known: ids of what is in the collection already.
        lines: what was found.
        waiting: what passwords open, the next one first.
    """

    known: Container[str] = frozenset()
    lines: list[Line] = field(default_factory=list)
    waiting: list[Sealed] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def add(self, reading: Reading) -> None:
        """Add what was found."""
        for item in reading.items:
            name = _id(item)
            line = Line(item, name in self.known, bool(name) and name in self._seen)
            self._seen.add(name)
            line.wanted = line.new
            self.lines.append(line)
        self.waiting.extend(reading.sealed)

    @property
    def chosen(self) -> list[Line]:
        """What is to be imported."""
        return [line for line in self.lines if line.new and line.wanted]

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        """Note what became of what was imported."""
        by_item = {id(one.item): one for one in outcomes}
        for line in self.lines:
            line.outcome = by_item.get(id(line.item), line.outcome)

    def forget(self) -> None:
        """Overwrite the private keys that were found."""
        for line in self.lines:
            if line.item.key is not None:
                line.item.key.forget()


def look_into_files(paths: Sequence[Path], tell: Tell = lambda _what, _share: None) -> Reading:
    """Return what files hold, in order; a folder is reported as such.

    Args:
        paths: the files.
        tell: hears of progress; may raise `Cancelled`.
    """
    found = Reading()
    for place, path in enumerate(paths[:_MOST_FILES]):
        name = printable(path.name)[1:-1]
        tell(name, place / len(paths))
        try:
            found += read_incoming(_read(path), name)
        except EnvironmentFault as error:
            found += nothing(name, str(error))
    if len(paths) > _MOST_FILES:
        found += nothing("", f"Only the first {_MOST_FILES} files were read.")
    return found


def look_into(data: bytes, source: str = "") -> Reading:
    """Return what bytes hold, in order."""
    return read_incoming(data, source)


def known_documents(shelf: Any) -> frozenset[str]:
    """Return the ids of the requests, lists and answers in the collection."""
    return frozenset(str(one["Id"]) for one in every_document(shelf))


def issuer_of(item: Item) -> str:
    """Return who issued a certificate, or empty."""
    if item.sort is not Sort.CERTIFICATE or not item.der:
        return ""
    return common_name(facts(item.der).certificate.issuer)


def _id(item: Item) -> str:
    """Return the id under which an item is or will be kept."""
    if item.sort is Sort.KEY:
        return f"key:{item.spki_hash}" if item.spki_hash and item.good else ""
    return hashlib.sha256(item.der).hexdigest() if item.der else ""


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise EnvironmentFault(
                f"{printable(path)} is no file with content.", "Choose a regular file."
            )
        # One byte more than is read into shows that the file is too large.
        with path.open("rb") as stream:
            return stream.read(LARGEST_DATABASE + 1)
    except OSError as error:
        raise fault(error, "read", path) from error
