"""Every field and extension of a certificate in words, grouped as an inspector shows them.

Owns the wording. Nothing here is a verdict: `validate` judges.
Source: RFC 5280 §4.1 and §4.2.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from workbench.pki.algorithms import KeySummary, key_summary, signature_name
from workbench.pki.authority import serial_text
from workbench.pki.extension_words import rows_of, title_of
from workbench.pki.names import common_name, readable, visible
from workbench.pki.parse import Facts, facts
from workbench.pki.rules import when
from workbench.pki.states import State, state_at


@dataclass(frozen=True, slots=True)
class Row:
    """One label and its value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together.

    Attributes:
        title: what they are about.
        rows: labels and values.
        critical: for an extension whether it is critical; None for other groups.
    """

    title: str
    rows: tuple[Row, ...]
    critical: bool | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """A certificate in words.

    Attributes:
        title: its common name.
        state: what it is at the moment asked for.
        key: its public key.
        sha256: fingerprint, hexadecimal pairs with colons.
        sha1: the same by SHA-1, for programs that still name certificates so.
        groups: everything, in the order to show it.
    """

    title: str
    state: State
    key: KeySummary
    sha256: str
    sha1: str
    groups: tuple[Group, ...]


def describe(der: bytes, moment: datetime) -> Description:
    """Describe a certificate as it is at a moment.

    Raises:
        Malformed: it cannot be read.
    """
    known = facts(der)
    certificate = known.certificate
    key = key_summary(certificate)
    sha256 = hashlib.sha256(der).hexdigest()
    sha1 = hashlib.sha1(der, usedforsecurity=False).hexdigest()
    fingerprints = (Row("SHA-256", _pairs(sha256)), Row("SHA-1", _pairs(sha1)))
    return Description(
        title=common_name(certificate.subject),
        state=state_at(known, moment),
        key=key,
        sha256=_pairs(sha256),
        sha1=_pairs(sha1),
        groups=(
            Group("Subject", _name(certificate.subject)),
            Group("Issuer", _name(certificate.issuer)),
            Group("Validity", _validity(known, moment)),
            Group("Public key", _key(known, key)),
            Group("Certificate", _certificate(known)),
            *_extensions(known),
            Group("Fingerprints", fingerprints),
        ),
    )


def _pairs(digits: str) -> str:
    return bytes.fromhex(digits).hex(":").upper()


def _name(name: x509.Name) -> tuple[Row, ...]:
    if not name.rdns:
        return (Row("Name", "(empty name)"),)
    rows = [
        Row(_attribute_name(attribute.oid), visible(_text(attribute.value))) for attribute in name
    ]
    return (*rows, Row("Whole name", readable(name)))


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.hex(" ")


def _attribute_name(oid: x509.ObjectIdentifier) -> str:
    known = oid._name  # noqa: SLF001 - cryptography's only table of attribute names
    if known == "Unknown OID":
        return oid.dotted_string
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in known).strip()
    return words[:1].upper() + words[1:]


def _validity(known: Facts, moment: datetime) -> tuple[Row, ...]:
    certificate = known.certificate
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    state = state_at(known, moment)
    days = {
        State.EXPIRED: f"{(moment - end).days} days ago",
        State.NOT_YET_VALID: f"in {(start - moment).days} days",
    }.get(state, f"{(end - moment).days} days left")
    return (
        Row("Not before", when(start)),
        Row("Not after", when(end)),
        Row("State", f"{state} ({days})"),
    )


def _key(known: Facts, key: KeySummary) -> tuple[Row, ...]:
    rows = [Row("Algorithm", key.name)]
    if key.post_quantum:
        category = f", NIST category {key.category}" if key.category else ""
        rows.append(Row("Post-quantum", f"yes{category}"))
    else:
        rows.append(Row("Post-quantum", "no: a large quantum computer could forge its signatures"))
    rows.append(Row("SHA-256 of the public key", hashlib.sha256(known.spki).hexdigest()))
    return tuple(rows)


def _certificate(known: Facts) -> tuple[Row, ...]:
    certificate = known.certificate
    rows = [
        Row("Version", str(certificate.version.value + 1)),
        Row("Serial number", serial_text(certificate.serial_number)),
        Row("Signature algorithm", _signature(certificate)),
        Row("Signature", f"{len(certificate.signature)} bytes"),
        Row("Size", f"{len(known.der)} bytes"),
    ]
    if known.self_issued:
        rows.append(Row("Self-issued", "yes: subject and issuer are the same"))
    return tuple(rows)


def _signature(certificate: x509.Certificate) -> str:
    name = signature_name(certificate)
    try:
        parameters = certificate.signature_algorithm_parameters
        digest: hashes.HashAlgorithm | None = certificate.signature_hash_algorithm
    except Exception:  # noqa: BLE001 - unknown algorithms raise what they like; the name is enough
        return name
    if isinstance(parameters, padding.PSS) and digest is not None:
        return f"{name} with {digest.name.upper().replace('SHA', 'SHA-')}"
    return name


def _extensions(known: Facts) -> tuple[Group, ...]:
    return tuple(
        Group(
            title_of(extension),
            tuple(Row(label, visible(value, 4096)) for label, value in rows_of(extension)),
            extension.critical,
        )
        for extension in known.extensions
    )
