"""Distinguished names: AWS Private CA's ASN1Subject, X.509 names, and text for people.

Sources: AWS Private CA API Reference, ASN1Subject; RFC 5280 §4.1.2.4; RFC 4514.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

ATTRIBUTES: Final = (
    ("Country", NameOID.COUNTRY_NAME),
    ("Organization", NameOID.ORGANIZATION_NAME),
    ("OrganizationalUnit", NameOID.ORGANIZATIONAL_UNIT_NAME),
    ("DistinguishedNameQualifier", NameOID.DN_QUALIFIER),
    ("State", NameOID.STATE_OR_PROVINCE_NAME),
    ("CommonName", NameOID.COMMON_NAME),
    ("SerialNumber", NameOID.SERIAL_NUMBER),
    ("Locality", NameOID.LOCALITY_NAME),
    ("Title", NameOID.TITLE),
    ("Surname", NameOID.SURNAME),
    ("GivenName", NameOID.GIVEN_NAME),
    ("Initials", NameOID.INITIALS),
    ("Pseudonym", NameOID.PSEUDONYM),
    ("GenerationQualifier", NameOID.GENERATION_QUALIFIER),
)
"""ASN1Subject's members in the order AWS documents them, which is the order of the name."""

EMAIL: Final = "EmailAddress"
"""Stands beside ASN1Subject's members for what is a custom attribute to AWS (RFC 2985 §5.2.1)."""

_OIDS: Final = MappingProxyType({**dict(ATTRIBUTES), EMAIL: NameOID.EMAIL_ADDRESS})
_LONGEST: Final = MappingProxyType(
    {
        "State": 128,
        "Locality": 128,
        "Pseudonym": 128,
        "Surname": 40,
        "GivenName": 16,
        "Initials": 5,
        "GenerationQualifier": 3,
        EMAIL: 255,
    }
)
_USUAL: Final = 64
_PRINTABLE: Final = re.compile(r"[A-Za-z0-9 '()+,./:=?-]*")
"""What a PrintableString holds (X.680 §41.4)."""

_MAILBOX: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+", re.ASCII)
_SHORT: Final = {
    NameOID.EMAIL_ADDRESS: "E",
    NameOID.SERIAL_NUMBER: "serialNumber",
    NameOID.ORGANIZATION_IDENTIFIER: "organizationIdentifier",
}

_LONGEST_SHOWN: Final = 512


def from_subject(subject: Mapping[str, Any]) -> x509.Name:
    """Return the X.509 name of an AWS ASN1Subject.

    Raises:
        ValueError: it is empty, mixes custom with standard attributes, or a value does not fit
            its attribute (a country of other than two letters, a value too long).
    """
    given = [(member, subject[member]) for member, _ in ATTRIBUTES if subject.get(member)]
    standard = [_named_attribute(member, value) for member, value in given]
    custom = subject.get("CustomAttributes", ())
    if standard and custom:
        raise ValueError("CustomAttributes cannot be combined with standard attributes")
    attributes = standard or [
        x509.NameAttribute(ObjectIdentifier(item["ObjectIdentifier"]), item["Value"])
        for item in custom
    ]
    if not attributes:
        raise ValueError("the subject is empty")
    return x509.Name(attributes)


def _named_attribute(member: str, value: str) -> x509.NameAttribute[str]:
    try:
        return attribute(member, value)
    except ValueError as error:
        raise ValueError(f"{member}: {error}") from error


def to_subject(values: Mapping[str, str]) -> dict[str, Any]:
    """Return the ASN1Subject with these members, of which `EMAIL` may be one.

    Attributes without a member stand under their object identifiers. With any such all are custom
    attributes, as AWS does not combine these with standard ones.
    """
    given = {_OIDS[member].dotted_string: member for member in _OIDS if values.get(member)}
    further = {oid: oid for oid in values if oid not in _OIDS and values[oid]}
    if not further and EMAIL not in given.values():
        return {member: values[member] for member in given.values()}
    return {
        "CustomAttributes": [
            {"ObjectIdentifier": oid, "Value": values[member]}
            for oid, member in (given | further).items()
        ]
    }


def member_of(subject: Mapping[str, Any], member: str) -> str:
    """Return a member of an ASN1Subject, standard or custom; empty where it has none."""
    oid = _OIDS[member].dotted_string
    custom = {one["ObjectIdentifier"]: one["Value"] for one in subject.get("CustomAttributes", ())}
    return str(subject.get(member) or custom.get(oid, ""))


def attribute(member: str, value: str) -> x509.NameAttribute[str]:
    """Return a member of an ASN1Subject as an attribute of a name.

    Raises:
        ValueError: a sentence; the value does not fit (RFC 5280, Appendix A.1, upper bounds).
    """
    longest = _LONGEST.get(member, _USUAL)
    if len(value) > longest:
        raise ValueError(f"at most {longest} characters; this has {len(value)}")
    if member == "Country" and not (len(value) == 2 and value.isascii() and value.isalpha()):
        raise ValueError("a country is named by its two letters, such as DE (ISO 3166-1)")
    if member in {"SerialNumber", "DistinguishedNameQualifier"} and not _PRINTABLE.fullmatch(value):
        raise ValueError("only letters without accents, digits, blanks and '()+,-./:=? are allowed")
    if member == EMAIL and not _MAILBOX.fullmatch(value):
        raise ValueError("an e-mail address is written as name@example.com, in ASCII")
    return x509.NameAttribute(_OIDS[member], value)


def readable(name: x509.Name) -> str:
    """Return a name for people, most specific part first: `CN=Sub, O=Lab, C=DE`.

    Control characters are escaped and very long names shortened, so that a hostile certificate
    cannot forge lines of a log or flood a window.
    """
    if not name.rdns:
        return "(empty name)"
    general_last = list(name.rdns)[::-1]
    general_last.sort(key=_common_name_first)
    return visible(", ".join(rdn.rfc4514_string(_SHORT) for rdn in general_last))


def common_name(name: x509.Name) -> str:
    """Return the last common name, or else the whole name as `readable` gives it."""
    values = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return visible(str(values[-1].value)) if values else readable(name)


def visible(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """Return text with control characters escaped, cut after `longest` characters."""
    cut = text if len(text) <= longest else text[:longest] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)


def _common_name_first(rdn: x509.RelativeDistinguishedName) -> bool:
    return not rdn.get_attributes_for_oid(NameOID.COMMON_NAME)
