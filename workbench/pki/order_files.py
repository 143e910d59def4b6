"""Tables of certificates on their way out: an example to fill in, and what became of each row.

What is written is read by spreadsheets, so that no cell may begin like a formula.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from workbench.pki.authority import serial_text
from workbench.pki.order_run import Outcome
from workbench.pki.order_table import Row
from workbench.pki.parse import facts, one_certificate

_FORMULA: Final = tuple("=+-@\t\r")
_EXAMPLE: Final = (
    ("common_name", "organization", "country", "dns", "ip", "email", "days", "not_after",
     "template", "key_spec", "alias"),
    ("www.example.com", "Example Ltd", "DE", "www.example.com; example.com", "", "", "90", "",
     "", "", "web-server"),
    ("printer-7", "Example Ltd", "DE", "printer-7.example.com", "192.0.2.17", "", "", "2030-12-31",
     "", "ECC_NIST_P256", ""),
    ("Ada Lovelace", "Example Ltd", "GB", "", "", "ada@example.com", "365", "",
     "EndEntityClientAuthCertificate_SigningKey", "", ""),
)  # fmt: skip
_RESULTS: Final = (
    "line", "name", "outcome", "serial_number", "not_after", "certificate_id", "certificate_arn",
    "key_arn", "problem",
)  # fmt: skip


def example() -> bytes:
    """Return a table to fill in, with a row for a server, a device and a person."""
    return _table(_EXAMPLE)


def results(rows: Sequence[tuple[Row, Outcome | None]]) -> bytes:
    """Return what became of each row as a table: issued, failed, or not issued."""
    return _table([_RESULTS, *(_result(row, outcome) for row, outcome in rows)])


def _result(row: Row, outcome: Outcome | None) -> Sequence[str]:
    if outcome is None:
        return (str(row.line), row.title, "not issued", "", "", "", "", "", "")
    if not outcome.certificate:
        return (str(row.line), row.title, "failed", "", "", "", "", "", outcome.problem)
    certificate = facts(one_certificate(outcome.certificate.encode())).certificate
    return (
        str(row.line),
        row.title,
        "issued",
        serial_text(certificate.serial_number),
        certificate.not_valid_after_utc.isoformat(),
        outcome.certificate_id,
        outcome.certificate_arn,
        outcome.key_arn,
        "",
    )


def _table(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_plain(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _plain(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
