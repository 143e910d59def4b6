"""Distinguished names: AWS Private CA's ASN1Subject, X.509 names, and text for people.

Sources: AWS Private CA API Reference, ASN1Subject; RFC 5280 §4.1.2.4; RFC 4514.
"""

from collections.abc import Mapping
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
    standard = [
        x509.NameAttribute(oid, subject[member])
        for member, oid in ATTRIBUTES
        if subject.get(member)
    ]
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
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in cut)


def _common_name_first(rdn: x509.RelativeDistinguishedName) -> bool:
    return not rdn.get_attributes_for_oid(NameOID.COMMON_NAME)
