"""Names of a subject alternative name, read from what people type.

Source: RFC 5280 §4.2.1.6; AWS Private CA API Reference, GeneralName, whose kinds are all read but
EdiPartyName.
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Final

from cryptography import x509

from workbench.base.errors import Refused
from workbench.pki.names import EMAIL, attribute
from workbench.pki.passthrough import general_name


def alternative_name(text: str) -> x509.GeneralName:
    """Read one name of a subject alternative name (RFC 5280 §4.2.1.6).

    A DNS name, IP address, e-mail address or URI tells by itself what it is. With its kind before
    a colon it may be any: `dns`, `ip`, `email`, `uri`, `rid:1.2.3` (registered id),
    `dir:CN=Name,O=House` (RFC 4514), `upn:name@house` and `other:1.2.3=text` (other names).

    Raises:
        Refused: it is none of them.
    """
    kind, colon, value = text.partition(":")
    try:
        if colon and kind.lower() in _KINDS:
            return _KINDS[kind.lower()](value.strip())
        return _plain_name(text)
    except (ValueError, UnicodeError) as error:
        raise Refused(
            f"“{text[:60]}” is no DNS name, address, e-mail address or URI, nor another name with "
            "its kind before a colon.",
            "Correct it.",
        ) from error


def contact_name(text: str) -> x509.GeneralName:
    """Read the e-mail address or URI of an issuer (ISO/IEC 18013-5 Annex B.1.2).

    Raises:
        Refused: it is neither.
    """
    made = alternative_name(text)
    if isinstance(made, x509.RFC822Name | x509.UniformResourceIdentifier):
        return made
    raise Refused(f"“{text[:60]}” is no e-mail address or URI.", "Correct it.")


def _plain_name(text: str) -> x509.GeneralName:
    kind = text.partition(":")[0]
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    if _URI.fullmatch(text) and ("://" in text or kind.lower() == "urn"):
        return x509.UniformResourceIdentifier(text)
    if "@" in text:
        return _mail(text)
    return _host(text)


def _mail(text: str) -> x509.GeneralName:
    attribute(EMAIL, text)
    return x509.RFC822Name(text)


def _host(text: str) -> x509.GeneralName:
    host = text.encode("idna").decode() if not text.startswith("*.") else text
    if any(letter.isspace() or letter in "/:,;=" for letter in host) or not host:
        raise ValueError
    return x509.DNSName(host)


def _uri(text: str) -> x509.GeneralName:
    if not _URI.fullmatch(text):
        raise ValueError
    return x509.UniformResourceIdentifier(text)


def _other(text: str) -> x509.GeneralName:
    oid, _, value = text.partition("=")
    if not value:
        raise ValueError
    return general_name({"OtherName": {"TypeId": oid.strip(), "Value": value}})


def _directory(text: str) -> x509.GeneralName:
    name = x509.Name.from_rfc4514_string(text)
    if not name.rdns:
        raise ValueError
    return x509.DirectoryName(name)


_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+")
_UPN: Final = "1.3.6.1.4.1.311.20.2.3"
_KINDS: Final[Mapping[str, Callable[[str], x509.GeneralName]]] = {
    "dns": _host,
    "ip": lambda text: x509.IPAddress(ipaddress.ip_address(text)),
    "email": _mail,
    "uri": _uri,
    "rid": lambda text: general_name({"RegisteredId": text}),
    "dir": _directory,
    "upn": lambda text: _other(f"{_UPN}={text}"),
    "other": _other,
}
