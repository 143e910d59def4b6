"""What a row of a table of certificates would become, in words.

Knows what the check answered; asks no service.
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from workbench.pki.algorithms import key_summary
from workbench.pki.extension_words import general_name as in_words
from workbench.pki.names import from_subject, readable
from workbench.pki.order_run import Preview
from workbench.pki.order_table import Row
from workbench.pki.parse import facts
from workbench.pki.passthrough import general_name


@dataclass(frozen=True, slots=True)
class Looked:
    """A row that was looked at.

    Attributes:
        preview: what the check said.
        subject: whom the certificate would be for; empty where the CSR alone would tell.
        names: its alternative names, by commas.
        algorithm: what its key is called; empty where nobody knows.
        ends: until when it would be valid; None where it would not be issued.
    """

    preview: Preview
    subject: str
    names: str
    algorithm: str
    ends: datetime | None


def looked(preview: Preview) -> Looked:
    """Return what the check of a row said, in words."""
    if not preview.draft:
        row = preview.row
        return Looked(preview, subject_words(row), names_words(row), "", None)
    known = facts(preview.draft)
    certificate = known.certificate
    names = known.extension(x509.SubjectAlternativeName)
    return Looked(
        preview,
        readable(certificate.subject),
        _joined(list(names) if names is not None else []),
        key_summary(certificate).name,
        certificate.not_valid_after_utc,
    )


def subject_words(row: Row) -> str:
    """Return the subject that a row asks for; empty if it names none."""
    return readable(from_subject(row.subject)) if row.subject else ""


def names_words(row: Row) -> str:
    """Return the alternative names that a row asks for."""
    return _joined([general_name(one) for one in row.names])


def _joined(names: list[x509.GeneralName]) -> str:
    return ", ".join(in_words(one)[1] for one in names)
