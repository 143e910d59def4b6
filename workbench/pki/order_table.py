"""A table of certificates to be issued: CSV in, rows and problems out.

Owns the columns and what may stand in them. Every problem names its line and column; a table with
problems in some rows still gives the others. Nothing in it is believed: not its encoding, its size,
its number of columns, nor that a cell is text and not a formula of a spreadsheet.

Source: RFC 4180; RFC 5280 §4.1.2.6 and §4.2.1.6 for names.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workbench.pki.order_cells import BadCell, Cells, alternative_names, subject_of, validity_of
from workbench.pki.templates import DEFAULT_TEMPLATE, TEMPLATES

LARGEST_TABLE: Final = 16 * 1024 * 1024
MOST_ROWS: Final = 10_000
MOST_PROBLEMS: Final = 200

_DELIMITERS: Final = ",;\t"
_SUBJECT: Final = {
    "common_name": "CommonName",
    "organization": "Organization",
    "organizational_unit": "OrganizationalUnit",
    "country": "Country",
    "state": "State",
    "locality": "Locality",
    "serial_number": "SerialNumber",
    "title": "Title",
    "surname": "Surname",
    "given_name": "GivenName",
    "pseudonym": "Pseudonym",
}
_SHORT: Final = {
    "cn": "common_name", "name": "common_name", "o": "organization", "ou": "organizational_unit",
    "c": "country", "st": "state", "l": "locality", "key": "key_spec", "profile": "template",
    "valid_days": "days", "valid_until": "not_after", "alternative_names": "san",
}  # fmt: skip
COLUMNS: Final = (
    *_SUBJECT, "san", "dns", "ip", "email", "uri", "days", "not_after", "template", "key_spec",
    "key_id", "alias", "csr",
)  # fmt: skip
"""Names of columns; capital letters, blanks and dashes in them do not matter."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where.

    Attributes:
        line: line of the file on which the row begins, from 1.
        column: the column's name, or empty for the whole row.
        sentence: what is wrong, and what would be right.
    """

    line: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Row:
    """One certificate to be issued.

    Attributes:
        line: where its row begins.
        subject: AWS's ASN1Subject; empty with a CSR that has its own.
        names: AWS's GeneralNames.
        template_arn: template or profile.
        validity: AWS's Validity.
        key_spec: the KMS KeySpec of a key to be made, or empty.
        key_id: a KMS key that is there, or empty.
        alias: alias of a key to be made, beginning with `alias/`, or empty.
        csr: the request in PEM, or empty.
    """

    line: int
    subject: Mapping[str, str]
    names: tuple[Mapping[str, Any], ...]
    template_arn: str
    validity: Mapping[str, Any]
    key_spec: str = ""
    key_id: str = ""
    alias: str = ""
    csr: str = ""

    @property
    def title(self) -> str:
        """What a person calls it: its common name, first alternative name, or line."""
        first = next((str(value) for one in self.names for value in one.values()), "")
        return self.subject.get("CommonName") or first or f"line {self.line}"


@dataclass(frozen=True, slots=True)
class Defaults:
    """What holds where a row says nothing.

    Attributes:
        template: name or ARN of a template or profile.
        days: validity.
        key_spec: the KMS KeySpec of keys to be made, for rows with neither key nor CSR.
    """

    template: str = DEFAULT_TEMPLATE
    days: int = 365
    key_spec: str = "ML_DSA_65"


@dataclass(frozen=True, slots=True)
class Table:
    """What a file said.

    Attributes:
        rows: the rows without problems.
        problems: the others', and those of the whole file; `MOST_PROBLEMS` at most.
    """

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Seen:
    """What rows before had, by the line they had it on."""

    subjects: dict[Any, int] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)


def read_table(data: bytes, templates: Mapping[str, str], defaults: Defaults) -> Table:
    """Read a table of certificates to be issued.

    Args:
        data: the file: CSV with a line of column names, separated by comma, semicolon or tab.
        templates: ARNs by the names that may stand in the column `template`.
        defaults: what holds where a row says nothing.
    """
    rows: list[Row] = []
    problems: list[Problem] = []
    try:
        for found in _read(data, templates, defaults):
            if isinstance(found, Problem):
                problems.append(found)
            elif len(rows) < MOST_ROWS:
                rows.append(found)
            else:
                problems.append(Problem(found.line, "", f"A table has at most {MOST_ROWS} rows."))
                break
            if len(problems) == MOST_PROBLEMS:
                problems.append(Problem(problems[-1].line, "", "There are more problems below."))
                break
    except _Unreadable as error:
        problems.append(error.problem)
    if not rows and not problems:
        problems.append(Problem(1, "", "The table has no rows below its column names."))
    return Table(tuple(rows), tuple(problems))


class _Unreadable(Exception):
    """The file cannot be read on from here."""

    def __init__(self, line: int, sentence: str, column: str = "") -> None:
        super().__init__(sentence)
        self.problem = Problem(line, column, sentence)


def _read(data: bytes, templates: Mapping[str, str], defaults: Defaults) -> Iterator[Row | Problem]:
    text = _decoded(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    lines = _lines(reader)
    _, names = next(lines, (1, []))
    columns = _columns(names)
    seen = _Seen()
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            yield Problem(
                line,
                "",
                f"The row has {len(cells)} cells and the table {len(columns)} columns: put cells "
                "with separators in quotation marks.",
            )
            continue
        given = {column: cell for column, cell in zip(columns, cells, strict=False) if cell.strip()}
        try:
            row = _row(Cells(line, given), templates, defaults)
            _refuse_repeated(row, seen)
            yield row
        except BadCell as error:
            yield Problem(line, error.column, str(error))


def _decoded(data: bytes) -> str:
    if len(data) > LARGEST_TABLE:
        raise _Unreadable(1, f"The file is larger than {LARGEST_TABLE >> 20} MiB.")
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _Unreadable(
            line, "The line is not UTF-8 text: save the table as CSV UTF-8."
        ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise _Unreadable(line, "The line holds a zero byte: the file is not a text table.")
    return text


def _delimiter(text: str) -> str:
    """Return the separator that the line of column names has most of."""
    first = text[:4096].lstrip("\r\n").partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _lines(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it begins on."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _Unreadable(line, f"The row cannot be read as CSV: {error}.") from None
        if cells:
            yield line, cells


def _columns(names: Sequence[str]) -> list[str]:
    columns: list[str] = []
    for name in names:
        plain = "_".join(name.strip().lower().replace("-", " ").split())
        plain = _SHORT.get(plain, plain)
        shown = ascii(name[:40])[1:-1]
        if plain not in COLUMNS:
            raise _Unreadable(
                1, f"There is no column of this name; there are {', '.join(COLUMNS)}.", shown
            )
        if plain in columns:
            raise _Unreadable(1, "The column comes twice.", shown)
        columns.append(plain)
    if not columns:
        raise _Unreadable(1, "The table is empty: its first line names the columns.")
    return columns


def _row(cells: Cells, templates: Mapping[str, str], defaults: Defaults) -> Row:
    sources = [name for name in ("key_spec", "key_id", "csr") if name in cells.given]
    if len(sources) > 1:
        raise BadCell(sources[1], "A row has a key to be made, or a key, or a CSR; not several.")
    csr = cells.given.get("csr", "").strip()
    subject = subject_of(cells, _SUBJECT)
    names = alternative_names(cells)
    if not csr and not subject and not names:
        raise BadCell("common_name", "The row names nobody: give a name or an alternative name.")
    made = not csr and "key_id" not in cells.given
    alias = cells.text("alias")
    if alias and not made:
        raise BadCell("alias", "An alias is given to a key that is made, and this row makes none.")
    template = _template(cells, templates, defaults)
    if csr and (subject or names) and not _takes_names(template):
        raise BadCell(
            "csr",
            "This template takes subject and names from the CSR alone: leave those cells blank, or "
            "take a template with APIPassthrough.",
        )
    return Row(
        cells.line,
        subject,
        names,
        template,
        validity_of(cells, defaults.days),
        key_spec=(cells.text("key_spec") or defaults.key_spec) if made else "",
        key_id=cells.text("key_id"),
        alias=f"alias/{alias.removeprefix('alias/')}" if alias else "",
        csr=csr,
    )


def _template(cells: Cells, templates: Mapping[str, str], defaults: Defaults) -> str:
    name = cells.text("template") or defaults.template
    if name in templates:
        return templates[name]
    if name in templates.values():
        return name
    raise BadCell("template", "There is no template and no profile of this name.")


def _takes_names(template_arn: str) -> bool:
    """Whether a template heeds what is passed beside the CSR; of profiles the check will tell."""
    name = template_arn.split("/")[1]
    return name not in TEMPLATES or TEMPLATES[name].api


def _refuse_repeated(row: Row, seen: _Seen) -> None:
    names = tuple(sorted(str(one) for one in row.names))
    who = (tuple(sorted(row.subject.items())), names, row.template_arn, row.csr)
    before = seen.subjects.setdefault(who, row.line)
    if before != row.line:
        column = "csr" if row.csr else "common_name"
        raise BadCell(column, f"The same certificate is asked for in line {before}.")
    if row.alias:
        before = seen.aliases.setdefault(row.alias, row.line)
        if before != row.line:
            raise BadCell("alias", f"Line {before} has the same alias.")
