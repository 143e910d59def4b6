"""Certificates on their way in: what files and pasted text hold, judged by content.

Reads files; knows no Qt and no service. Meant for workers.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable
from workbench.pki.algorithms import key_summary
from workbench.pki.names import common_name, readable
from workbench.pki.parse import LARGEST_INPUT, facts, pem, read_certificates

_MOST_FILES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was found.

    Attributes:
        source: where: a file's name, or empty for pasted text.
        der: the certificate; empty if it is none.
        name: its common name.
        subject: its whole subject.
        algorithm: of its key.
        root: whether it is a self-issued CA's, which can be trusted as a root.
        known: whether it is in the collection already.
        twice: whether it was found before among these.
        problem: why it cannot be imported; empty if it can be read.
    """

    source: str
    der: bytes = b""
    name: str = ""
    subject: str = ""
    algorithm: str = ""
    root: bool = False
    known: bool = False
    twice: bool = False
    problem: str = ""

    @property
    def new(self) -> bool:
        """Whether importing it would add it."""
        return bool(self.der) and not self.known and not self.twice


def look_into_files(paths: Sequence[Path], known: Container[str]) -> list[Item]:
    """Return what files hold, in order.

    Args:
        paths: files; a folder is reported as such.
        known: ids of certificates in the collection.
    """
    found: list[Item] = []
    for path in paths[:_MOST_FILES]:
        try:
            found.extend(look_into(_read(path), known, printable(path.name)))
        except EnvironmentFault as error:
            found.append(Item(printable(path.name), problem=str(error)))
    return _mark_twice(found)


def look_into(data: bytes, known: Container[str], source: str = "") -> list[Item]:
    """Return what bytes hold, in order."""
    found = [
        Item(source, problem=one.problem) if one.problem else _item(one.der, known, source)
        for one in read_certificates(data)
    ]
    return _mark_twice(found or [Item(source, problem="There is no certificate in it.")])


def bundle(items: Iterable[Item]) -> bytes:
    """Return the new ones of some items as PEM, to be imported together."""
    return "".join(f"{pem(item.der)}\n" for item in items if item.new).encode()


def _item(der: bytes, known: Container[str], source: str) -> Item:
    one = facts(der)
    return Item(
        source,
        der,
        common_name(one.certificate.subject),
        readable(one.certificate.subject),
        key_summary(one.certificate).name,
        root=one.self_issued and one.ca,
        known=one.fingerprint in known,
    )


def _mark_twice(items: Sequence[Item]) -> list[Item]:
    seen: set[bytes] = set()
    marked: list[Item] = []
    for item in items:
        twice = bool(item.der) and item.der in seen
        seen.add(item.der)
        marked.append(
            Item(item.source, item.der, item.name, item.subject, item.algorithm, item.root,
                 item.known, twice, item.problem)
        )  # fmt: skip
    return marked


def _read(path: Path) -> bytes:
    try:
        # One byte more than is read into shows that the file is too large.
        with path.open("rb") as stream:
            data = stream.read(LARGEST_INPUT + 1)
    except OSError as error:
        raise fault(error, "read", path) from error
    return data
