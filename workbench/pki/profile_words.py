"""What a person writes into a profile: policies and further extensions as lines of text.

Source: RFC 5280 §4.2.1.4 for certificate policies.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from workbench.base.errors import Refused
from workbench.pki.addresses import wrong_with

_POLICIES: Final = ExtensionOID.CERTIFICATE_POLICIES.dotted_string
_CPS: Final = "certification_practice_statement"


@dataclass(frozen=True, slots=True)
class Written:
    """Extensions of a profile as a person writes them.

    Attributes:
        policies: a line for each: object identifier and addresses of practice statements.
        policies_critical: whether that extension is critical.
        further: a line for each other extension: object identifier, `critical`, hexadecimal.
    """

    policies: str = ""
    policies_critical: bool = False
    further: str = ""


def written(extensions: Iterable[Mapping[str, Any]]) -> Written:
    """Return a profile's extensions as text; policies with notices stay among the others."""
    policies, critical, further = "", False, []
    for one in extensions:
        oid, value = str(one["ObjectIdentifier"]), bytes(one["Value"])
        text = _policies(value) if oid == _POLICIES else ""
        if text:
            policies, critical = text, bool(one.get("Critical"))
        else:
            mark = "critical " if one.get("Critical") else ""
            further.append(f"{oid} {mark}{value.hex()}")
    return Written(policies, critical, "\n".join(further))


def extensions_of(text: Written) -> list[dict[str, Any]]:
    """Return what a person wrote as the structure `ProfileExtensions` of the service model.

    Raises:
        Refused: a line makes no sense.
    """
    policies = [_policy(number, line) for number, line in _lines(text.policies)]
    made = [_further(number, line) for number, line in _lines(text.further)]
    if policies:
        value = x509.CertificatePolicies(policies).public_bytes()
        made.insert(0, _extension(_POLICIES, value, critical=text.policies_critical))
    return made


def identifiers(text: str) -> list[str]:
    """Return object identifiers that are separated by blanks or commas, each once.

    Raises:
        Refused: one is none.
    """
    found = dict.fromkeys(text.replace(",", " ").split())
    return [_identifier(one, "") for one in found]


def addresses(text: str) -> list[str]:
    """Return addresses that are separated by blanks, each once.

    Raises:
        Refused: one is none.
    """
    found = list(dict.fromkeys(text.split()))
    wrong = next(filter(None, map(wrong_with, found)), "")
    if wrong:
        raise Refused(wrong, "Correct it.")
    return found


def _policies(der: bytes) -> str:
    """Return the lines for a policies extension; empty where lines cannot say it all."""
    lines = []
    try:
        for one in asn1.CertificatePolicies.load(der, strict=True):
            parts = [one["policy_identifier"].dotted]
            for qualifier in one["policy_qualifiers"] or ():
                if qualifier["policy_qualifier_id"].native != _CPS:
                    return ""
                parts.append(qualifier["qualifier"].native)
            lines.append(" ".join(parts))
    except (ValueError, TypeError, KeyError):
        return ""
    text = "\n".join(lines)
    try:
        again = extensions_of(Written(text))
    except Refused:
        return ""
    return text if [one["Value"] for one in again] == [der] else ""


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield number, line


def _policy(number: int, line: str) -> x509.PolicyInformation:
    oid, *statements = line.split()
    for one in statements:
        wrong = wrong_with(one)
        if wrong:
            raise Refused(f"Line {number}: {wrong}", "Correct it.")
    return x509.PolicyInformation(
        ObjectIdentifier(_identifier(oid, f"Line {number}: ")), [*statements] or None
    )


def _further(number: int, line: str) -> dict[str, Any]:
    oid, *rest = line.split()
    critical = rest[:1] == ["critical"]
    try:
        value = bytes.fromhex("".join(rest[1:] if critical else rest))
    except ValueError:
        value = b""
    if not value:
        raise Refused(
            f"Line {number}: an extension is its object identifier, “critical” where it is, and "
            "the bytes of its value in hexadecimal.",
            "Write it like 1.3.6.1.5.5.7.1.24 critical 3003020105.",
        )
    return _extension(_identifier(oid, f"Line {number}: "), value, critical=critical)


def _extension(oid: str, value: bytes, *, critical: bool) -> dict[str, Any]:
    return {"ObjectIdentifier": oid, "Critical": critical, "Value": value}


def _identifier(text: str, place: str) -> str:
    try:
        return ObjectIdentifier(text).dotted_string
    except ValueError as error:
        raise Refused(
            f"{place}“{ascii(text[:40])[1:-1]}” is no object identifier.",
            "Write numbers with dots between, like 1.3.6.1.5.5.7.3.3.",
        ) from error
