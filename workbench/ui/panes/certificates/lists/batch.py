"""The rows of a list on their way to certificates: which are chosen, checked, issued, and saved.

Knows no Qt and no service. Reading and looking at rows is meant for workers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from workbench.base.errors import EnvironmentFault, Refused
from workbench.base.files import fault, printable, write_atomically
from workbench.pki.order_run import Outcome
from workbench.pki.order_table import LARGEST_TABLE, Problem, Row, Table
from workbench.pki.order_words import Looked, names_words, subject_words
from workbench.ui.panes.certificates.sharing import plain_name

KEYS: Final[Mapping[str, str]] = {
    "ML_DSA_44": "ML-DSA-44", "ML_DSA_65": "ML-DSA-65", "ML_DSA_87": "ML-DSA-87",
    "ECC_NIST_P256": "EC P-256", "ECC_NIST_P384": "EC P-384", "ECC_NIST_P521": "EC P-521",
    "ECC_NIST_EDWARDS25519": "Ed25519",
    "RSA_2048": "RSA 2048", "RSA_3072": "RSA 3072", "RSA_4096": "RSA 4096",
}  # fmt: skip
"""Kinds of keys that can be made and certified: KMS KeySpec and name."""

_RANK: Final = ("REFUSED", "ERROR", "WARNING", "NOTICE")


class Stand(StrEnum):
    """How a row stands."""

    UNREADABLE = "unreadable"
    WAITING = "waiting"
    REFUSED = "refused"
    REJECTED = "rejected"
    WARNED = "warned"
    GOOD = "good"
    ISSUED = "issued"
    FAILED = "failed"


@dataclass(slots=True, eq=False)
class Line:
    """One row of the list.

    Attributes:
        number: the line of the file on which it begins.
        row: what it asks for; None where it cannot be read.
        problem: why it cannot be read, or None.
        looked: what the check said, once it has.
        wanted: whether it is to be issued.
        outcome: what became of it, once it was issued or failed.
    """

    number: int
    row: Row | None = None
    problem: Problem | None = None
    looked: Looked | None = None
    wanted: bool = False
    outcome: Outcome | None = None

    @property
    def stand(self) -> Stand:
        """How it stands."""
        if self.outcome is not None:
            return Stand.FAILED if self.outcome.problem else Stand.ISSUED
        if self.row is None:
            return Stand.UNREADABLE
        if self.looked is None:
            return Stand.WAITING
        if self.looked.preview.verdict != "CLEAR":
            refused = self.looked.preview.verdict == "REFUSED"
            return Stand.REFUSED if refused else Stand.REJECTED
        warned = any(one["Severity"] == "WARNING" for one in self.looked.preview.findings)
        return Stand.WARNED if warned else Stand.GOOD

    @property
    def choosable(self) -> bool:
        """Whether it can be issued, or tried again."""
        return self.stand not in {
            Stand.UNREADABLE, Stand.WAITING, Stand.REFUSED, Stand.ISSUED
        }  # fmt: skip

    @property
    def rules(self) -> tuple[str, ...]:
        """What strict verifiers would reject it for."""
        return self.looked.preview.overridable if self.looked else ()

    @property
    def remarks(self) -> list[tuple[str, str, str]]:
        """Severity, sentence and rule of everything there is to say, most serious first."""
        if self.outcome is not None and self.outcome.problem:
            return [("FAILED", self.outcome.problem, "")]
        if self.problem is not None:
            return [("REFUSED", self.problem.sentence, self.problem.column)]
        found = self.looked.preview.findings if self.looked else ()
        ranked = sorted(found, key=lambda one: _RANK.index(one["Severity"]))
        return [(one["Severity"], one["Sentence"], one["Rule"]) for one in ranked]

    @property
    def subject(self) -> str:
        """Whom the certificate is for; may be empty."""
        if self.looked is not None:
            return self.looked.subject
        return subject_words(self.row) if self.row else ""

    @property
    def names(self) -> str:
        """Its alternative names; may be empty."""
        if self.looked is not None:
            return self.looked.names
        return names_words(self.row) if self.row else ""


@dataclass(slots=True)
class Batch:
    """Every row of a list, in the order of its lines.

    What is counted is counted as it changes: thousands of rows change a few at a time.

    Attributes:
        lines: the rows.
        counts: how many stand how.
        picked: how many of those that are to be issued stand how.
        rejected: how many of those strict verifiers would reject.
    """

    lines: list[Line] = field(default_factory=list)
    counts: Counter[Stand] = field(default_factory=Counter)
    picked: Counter[Stand] = field(default_factory=Counter)
    rejected: int = 0
    _places: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Table) -> "Batch":
        """Return the rows of a table and its problems, by line."""
        lines = [Line(row.line, row) for row in table.rows]
        lines += [Line(one.line, problem=one) for one in table.problems]
        lines.sort(key=lambda one: one.number)
        places = {one.number: place for place, one in enumerate(lines) if one.row is not None}
        return cls(lines, Counter(one.stand for one in lines), _places=places)

    @property
    def rows(self) -> list[Row]:
        """The rows that can be read."""
        return [one.row for one in self.lines if one.row is not None]

    def look(self, found: Iterable[Looked], left_out: Mapping[int, bool]) -> list[int]:
        """Take what the check said; returns the places of these rows.

        What strict verifiers would accept is chosen by itself.

        Args:
            found: what the check said.
            left_out: what a person has chosen by hand, by line: whether it is left out.
        """
        places = []
        for one in found:
            place = self._places[one.preview.row.line]
            line = self.lines[place]
            with self._changing(line):
                line.looked = one
                clear = one.preview.verdict == "CLEAR"
                line.wanted = line.choosable and not left_out.get(line.number, not clear)
            places.append(place)
        return places

    def settle(self, outcomes: Iterable[Outcome]) -> list[int]:
        """Take what became of rows; returns their places."""
        places = []
        for one in outcomes:
            place = self._places[one.row.line]
            line = self.lines[place]
            with self._changing(line):
                line.outcome = one
            places.append(place)
        return places

    def pick(self, lines: Iterable[Line], *, wanted: bool) -> list[Line]:
        """Choose rows or leave them out; returns those that can be chosen."""
        changed = [one for one in lines if one.choosable]
        for one in changed:
            with self._changing(one):
                one.wanted = wanted
        return changed

    @property
    def chosen(self) -> list[Line]:
        """The rows that are to be issued."""
        return [one for one in self.lines if one.wanted and one.choosable]

    @property
    def issued(self) -> list[Outcome]:
        """What was issued."""
        return [
            one.outcome for one in self.lines if one.outcome is not None and not one.outcome.problem
        ]

    @contextmanager
    def _changing(self, line: Line) -> Iterator[None]:
        self._count(line, -1)
        yield
        self._count(line, 1)

    def _count(self, line: Line, by: int) -> None:
        stand = line.stand
        self.counts[stand] += by
        if line.wanted and line.choosable:
            self.picked[stand] += by
            self.rejected += by * bool(line.rules)

    def results(self) -> list[tuple[Row, Outcome | None]]:
        """Return every row that can be read with what became of it."""
        return [(one.row, one.outcome) for one in self.lines if one.row is not None]


def read_list(path: Path) -> bytes:
    """Read a list; one byte more than is allowed shows that it is too large.

    Raises:
        EnvironmentFault: it cannot be read.
    """
    try:
        if not path.is_file():
            raise EnvironmentFault(f"{printable(path)} is no file.", "Choose a CSV file.")
        with path.open("rb") as stream:
            return stream.read(LARGEST_TABLE + 1)
    except OSError as error:
        raise fault(error, "read", path) from error


def in_one_file(outcomes: Sequence[Outcome]) -> bytes:
    """Return certificates as PEM, one after the other."""
    return "".join(f"{one.certificate.rstrip()}\n" for one in outcomes).encode()


def write_each(outcomes: Sequence[Outcome], folder: Path, *, chain: bool) -> None:
    """Write each certificate as PEM to a file of its own, named by line and name.

    Args:
        outcomes: what was issued.
        folder: where to; no file in it is replaced.
        chain: whether the certificates above it follow in the same file.

    Raises:
        Refused: there are files of these names.
        EnvironmentFault: a file could not be written.
    """
    wide = max(len(str(one.row.line)) for one in outcomes)
    named = {
        folder / f"{one.row.line:0{wide}}-{plain_name(one.row.title, one.certificate_id)}.pem": one
        for one in outcomes
    }
    there = [path for path in named if path.exists() or path.is_symlink()]
    if there:
        raise Refused(
            f"The folder {printable(folder.name)} has files of these names already: {len(there)} "
            f"of {len(named)}, first {printable(there[0].name)}.",
            "Choose an empty folder.",
        )
    for path, one in named.items():
        text = f"{one.certificate.rstrip()}\n"
        if chain and one.chain:
            text += f"{one.chain.rstrip()}\n"
        write_atomically(path, text.encode(), replace=False, mode=0o644, sync=False)
