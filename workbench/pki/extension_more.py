"""Extensions beyond RFC 5280's usual ones in words: transparency, qualified statements, vendors'.

What cannot be read is left to whoever asks, who shows its bytes. Source: RFC 6962 §3.3, RFC 7633,
RFC 3739 §3.2.6, ETSI EN 319 412-5, RFC 5280 §4.2.1.5 and §4.2.1.8, CA/Browser Forum Baseline
Requirements; vendors' extensions as their programs write them.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from asn1crypto import core
from cryptography import x509
from cryptography.x509.certificate_transparency import (
    LogEntryType,
    SignedCertificateTimestamp,
)

from workbench.pki.purposes import PURPOSE_WORDS

Rows = list[tuple[str, str]]

RAW_TITLES: Final[Mapping[str, str]] = {
    "1.3.6.1.5.5.7.1.3": "Qualified certificate statements",
    "2.5.29.33": "Policy mappings",
    "2.5.29.9": "Subject directory attributes",
    "1.3.6.1.4.1.311.20.2": "Certificate template name (Microsoft)",
    "1.3.6.1.4.1.311.21.1": "CA version (Microsoft)",
    "1.3.6.1.4.1.311.21.10": "Application policies (Microsoft)",
    "2.16.840.1.113730.1.1": "Certificate type (Netscape)",
    "2.16.840.1.113730.1.13": "Comment (Netscape)",
    "2.23.140.3.1": "Organisation identifier (CA/Browser Forum)",
    "1.3.6.1.5.5.7.1.12": "Logotype",
    "1.2.840.113549.1.9.15": "S/MIME capabilities",
}
"""Titles of extensions that cryptography hands over as bytes."""

_UNFIT: Final = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError,
)  # fmt: skip
"""What taking a value apart raises that is not of the type its extension promises."""

_STATEMENTS: Final = {
    "0.4.0.1862.1.1": "EU qualified certificate",
    "0.4.0.1862.1.2": "Limit of the value of transactions",
    "0.4.0.1862.1.3": "Years that the CA keeps its records",
    "0.4.0.1862.1.4": "The private key is in a qualified signature creation device",
    "0.4.0.1862.1.5": "Disclosure statements",
    "0.4.0.1862.1.6": "Kind of qualified certificate",
    "0.4.0.1862.1.7": "Countries whose law it is qualified under",
    "1.3.6.1.5.5.7.11.1": "Meaning of the names (RFC 3739, version 1)",
    "1.3.6.1.5.5.7.11.2": "Meaning of the names (RFC 3739)",
    "0.4.0.19495.2": "Payment services (PSD2)",
}
_KINDS: Final = {
    "0.4.0.1862.1.6.1": "electronic signature",
    "0.4.0.1862.1.6.2": "electronic seal",
    "0.4.0.1862.1.6.3": "website authentication",
}
_DIRECTORY: Final = {
    "1.3.6.1.5.5.7.9.1": "Date of birth",
    "1.3.6.1.5.5.7.9.2": "Place of birth",
    "1.3.6.1.5.5.7.9.3": "Gender",
    "1.3.6.1.5.5.7.9.4": "Country of citizenship",
    "1.3.6.1.5.5.7.9.5": "Country of residence",
}
_CAPABILITIES: Final = {
    "2.16.840.1.101.3.4.1.2": "AES-128-CBC",
    "2.16.840.1.101.3.4.1.22": "AES-192-CBC",
    "2.16.840.1.101.3.4.1.42": "AES-256-CBC",
    "2.16.840.1.101.3.4.1.6": "AES-128-GCM",
    "2.16.840.1.101.3.4.1.46": "AES-256-GCM",
    "1.2.840.113549.3.7": "3DES-CBC",
    "1.2.840.113549.3.2": "RC2-CBC",
}
_NETSCAPE: Final = (
    "TLS client", "TLS server", "e-mail", "code signing", "reserved", "TLS CA", "e-mail CA",
    "code-signing CA",
)  # fmt: skip
_FEATURES: Final = {
    x509.TLSFeatureType.status_request: "OCSP stapling is required (must-staple)",
    x509.TLSFeatureType.status_request_v2: "stapling of several OCSP answers is required",
}


def timestamps(
    value: x509.PrecertificateSignedCertificateTimestamps | x509.SignedCertificateTimestamps,
) -> Rows:
    """Return the certificate transparency logs that have seen it (RFC 6962 §3.3)."""
    rows: Rows = []
    for place, one in enumerate(value, 1):
        rows += [
            (f"Log {place}", one.log_id.hex(":").upper()),
            ("Seen", _when(one.timestamp)),
            ("As", _entry(one)),
            ("Signed with", f"{one.signature_algorithm.name} and {_digest(one)}"),
        ]
    return rows


def poison(_value: x509.PrecertPoison) -> Rows:
    """Return what a precertificate is (RFC 6962 §3.1)."""
    return [("Precertificate", "only for transparency logs: every verifier must refuse it")]


def features(value: x509.TLSFeature) -> Rows:
    """Return what a server with it must do (RFC 7633)."""
    return [("Feature", _FEATURES.get(one, str(one.value))) for one in value]


def list_number(value: x509.CRLNumber) -> Rows:
    """Return which of its issuer's lists it is (RFC 5280 §5.2.3)."""
    return [("Number", str(value.crl_number))]


def delta(value: x509.DeltaCRLIndicator) -> Rows:
    """Return which complete list a delta adds to (RFC 5280 §5.2.4)."""
    return [("Changes since list", str(value.crl_number))]


def nonce(value: x509.OCSPNonce) -> Rows:
    """Return what ties an answer to its question (RFC 9654)."""
    return [("Nonce", value.nonce.hex(":").upper())]


def any_policy(value: x509.InhibitAnyPolicy) -> Rows:
    """Return from where on anyPolicy counts no longer (RFC 5280 §4.2.1.14)."""
    return [("anyPolicy no longer counts after", f"{value.skip_certs} certificates")]


def key_period(value: x509.PrivateKeyUsagePeriod) -> Rows:
    """Return when the private key may be used (RFC 3280 §4.2.1.4)."""
    return [
        (label, _when(moment))
        for label, moment in (("From", value.not_before), ("Until", value.not_after))
        if moment is not None
    ]


def template(value: x509.MSCertificateTemplate) -> Rows:
    """Return the template of Microsoft's certificate services that it was issued from."""
    rows: Rows = [("Template", value.template_id.dotted_string)]
    if value.major_version is not None:
        rows.append(("Version", f"{value.major_version}.{value.minor_version or 0}"))
    return rows


def raw_words(oid: str, der: bytes) -> Rows | None:
    """Return an extension's content in words, or None if its bytes say no more."""
    read = _READERS.get(oid)
    if read is None:
        return None
    try:
        return read(der) or None
    except _UNFIT:
        return None


def _when(moment: datetime) -> str:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _entry(one: SignedCertificateTimestamp) -> str:
    pre = one.entry_type is LogEntryType.PRE_CERTIFICATE
    return "precertificate" if pre else "certificate"


def _digest(one: SignedCertificateTimestamp) -> str:
    return one.signature_hash_algorithm.name.upper().replace("SHA", "SHA-")


def _sequence(value: Any) -> list[Any]:
    """Return the elements of a SEQUENCE or SET as parsed values."""
    parsed = value.parse() if isinstance(value, core.Any) else value
    found: list[Any] = []
    rest = parsed.contents
    while rest:
        item = core.load(rest)
        found.append(item)
        rest = rest[len(item.dump()) :]
    return found


def _text(value: Any) -> str:
    native = value.native
    return native.hex(" ") if isinstance(native, bytes) else str(native)


def _statements(der: bytes) -> Rows:
    rows: Rows = []
    for statement in _sequence(core.load(der)):
        parts = _sequence(statement)
        oid = parts[0].dotted
        name = _STATEMENTS.get(oid, oid)
        rows.append((name, _statement(oid, parts[1]) if len(parts) > 1 else "yes"))
    return rows


def _statement(oid: str, value: Any) -> str:
    match oid:
        case "0.4.0.1862.1.2":
            currency, amount, exponent = _sequence(value)
            return f"{amount.native * 10**exponent.native} {_text(currency)}"
        case "0.4.0.1862.1.5":
            links = [_sequence(one) for one in _sequence(value)]
            return ", ".join(f"{_text(link[0])} ({_text(link[1])})" for link in links)
        case "0.4.0.1862.1.6":
            return ", ".join(_KINDS.get(one.dotted, one.dotted) for one in _sequence(value))
        case "0.4.0.1862.1.7":
            return ", ".join(_text(one) for one in _sequence(value))
        case "0.4.0.1862.1.3":
            return _text(value)
        case _:
            return str(value.dump().hex(" "))


def _mappings(der: bytes) -> Rows:
    pairs = [_sequence(pair) for pair in _sequence(core.load(der))]
    return [("Policy", f"{one.dotted} counts as {other.dotted}") for one, other in pairs]


def _directory(der: bytes) -> Rows:
    rows: Rows = []
    for attribute in _sequence(core.load(der)):
        oid, values = _sequence(attribute)
        name = _DIRECTORY.get(oid.dotted, oid.dotted)
        rows += [(name, _text(value)) for value in _sequence(values)]
    return rows


def _application(der: bytes) -> Rows:
    found = [_sequence(policy)[0].dotted for policy in _sequence(core.load(der))]
    return [("Purpose", PURPOSE_WORDS.get(oid, oid)) for oid in found]


def _netscape(der: bytes) -> Rows:
    bits = core.BitString.load(der).native
    allowed = [name for name, bit in zip(_NETSCAPE, bits, strict=False) if bit]
    return [("Type", ", ".join(allowed) or "nothing")]


def _version(der: bytes) -> Rows:
    number = int(core.Integer.load(der).native)
    return [("Certificate", str(number & 0xFFFF)), ("Key", str(number >> 16))]


def _string(label: str) -> Callable[[bytes], Rows]:
    return lambda der: [(label, _text(core.load(der)))]


def _organisation(der: bytes) -> Rows:
    parts = _sequence(core.load(der))
    labels: tuple[str, ...] = ("Scheme", "Country", "Identifier")
    if len(parts) > len(labels):
        labels = ("Scheme", "Country", "State or province", "Identifier")
    return [
        (label, _text(part) if part.tag else "") for label, part in zip(labels, parts, strict=False)
    ]


def _smime(der: bytes) -> Rows:
    found = [_sequence(one)[0].dotted for one in _sequence(core.load(der))]
    return [("Accepts", ", ".join(_CAPABILITIES.get(oid, oid) for oid in found))]


_READERS: Final[Mapping[str, Callable[[bytes], Rows]]] = {
    "1.3.6.1.5.5.7.1.3": _statements,
    "2.5.29.33": _mappings,
    "2.5.29.9": _directory,
    "1.3.6.1.4.1.311.20.2": _string("Template"),
    "1.3.6.1.4.1.311.21.1": _version,
    "1.3.6.1.4.1.311.21.10": _application,
    "2.16.840.1.113730.1.1": _netscape,
    "2.16.840.1.113730.1.13": _string("Comment"),
    "2.23.140.3.1": _organisation,
    "1.2.840.113549.1.9.15": _smime,
}
