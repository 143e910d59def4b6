"""Name constraints: does a certificate bear a name that a CA above it may not certify?

What is not understood counts as violated. Source: RFC 5280 §4.2.1.10 and §6.1.3 (b), (c).
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from workbench.pki.extension_words import general_name
from workbench.pki.parse import Facts

_MOST_COMPARISONS: Final = 100_000
_HOST: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+\.?")
"""A common name that clients may take for a host's, where no alternative name says one."""


def violation(constraints: x509.NameConstraints, below: Facts) -> str:
    """Return the name of a certificate that breaks constraints, in words; empty if none does."""
    permitted = tuple(constraints.permitted_subtrees or ())
    excluded = tuple(constraints.excluded_subtrees or ())
    names = _names(below)
    if len(names) * (len(permitted) + len(excluded)) > _MOST_COMPARISONS:
        return "too many names to compare"
    for name in names:
        if any(_within(name, subtree) is not False for subtree in _of_kind(name, excluded)):
            return f"{_words(name)}, which is excluded"
        allowed = list(_of_kind(name, permitted))
        if allowed and not any(_within(name, subtree) for subtree in allowed):
            return f"{_words(name)}, which is not among what is permitted"
    return ""


def _words(name: x509.GeneralName) -> str:
    kind, text = general_name(name)
    return f"the {kind} {text}"


def _names(below: Facts) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = []
    extension = below.extension(x509.SubjectAlternativeName)
    if extension is not None:
        names += list(extension)
    subject = below.certificate.subject
    if subject.rdns:
        names.append(x509.DirectoryName(subject))
    if not below.ca and not any(isinstance(name, x509.DNSName) for name in names):
        names += [
            x509.DNSName(str(attribute.value))
            for attribute in subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            if _HOST.fullmatch(str(attribute.value))
        ]
    if not any(isinstance(name, x509.RFC822Name) for name in names):
        names += [
            x509.RFC822Name(str(attribute.value))
            for attribute in subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
            if str(attribute.value).isascii()
        ]
    return names


def _of_kind(
    name: x509.GeneralName, subtrees: Iterable[x509.GeneralName]
) -> Iterable[x509.GeneralName]:
    return (one for one in subtrees if type(one) is type(name))


def _within(name: x509.GeneralName, subtree: x509.GeneralName) -> bool | None:
    """Whether a name is in a subtree of its kind; None if that is not understood."""
    compare = _COMPARISONS.get(type(name))
    return None if compare is None else compare(name.value, subtree.value)


def _dns(name: str, base: str) -> bool:
    host, under = name.lower().rstrip("."), base.lower()
    if under.startswith("."):
        return host.endswith(under)
    return not under or host == under or host.endswith(f".{under}")


def _mail(name: str, base: str) -> bool:
    local, _, host = name.rpartition("@")
    if "@" in base:
        base_local, _, base_host = base.rpartition("@")
        return local == base_local and host.lower() == base_host.lower()
    return _host(host, base)


def _host(host: str, base: str) -> bool:
    """Compare a host of an address: a leading dot means any host below, else this one."""
    found, under = host.lower(), base.lower()
    return found.endswith(under) if under.startswith(".") else found == under


def _uri(name: str, base: str) -> bool:
    try:
        host = urlsplit(name).hostname
    except ValueError:
        host = None
    return host is not None and _host(host, base)


def _address(name: Any, base: Any) -> bool:
    if not isinstance(name, ipaddress.IPv4Address | ipaddress.IPv6Address):
        return False
    return name.version == base.version and name in base


def _directory(name: x509.Name, base: x509.Name) -> bool:
    mine, under = _folded(name), _folded(base)
    return mine[: len(under)] == under


def _folded(name: x509.Name) -> list[frozenset[tuple[str, str]]]:
    return [
        frozenset(
            (one.oid.dotted_string, " ".join(str(one.value).casefold().split())) for one in rdn
        )
        for rdn in name.rdns
    ]


_COMPARISONS: Final[dict[type[x509.GeneralName], Callable[[Any, Any], bool]]] = {
    x509.DNSName: _dns,
    x509.RFC822Name: _mail,
    x509.UniformResourceIdentifier: _uri,
    x509.IPAddress: _address,
    x509.DirectoryName: _directory,
}
