"""Where a certificate's status and its issuer's certificate are found: addresses as extensions.

Source: RFC 5280 §4.2.1.13 and §4.2.2.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtensionOID, ObjectIdentifier

_MOST: Final = 10
_LONGEST: Final = 1024
_SCHEMES: Final = frozenset({"http", "https", "ldap"})


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses that certificates name.

    Attributes:
        lists: of revocation lists.
        responders: of OCSP responders.
        issuers: of the issuer's certificate.
    """

    lists: Sequence[str] = ()
    responders: Sequence[str] = ()
    issuers: Sequence[str] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every address."""
        return (*self.lists, *self.responders, *self.issuers)

    def problem(self) -> str:
        """Return in a sentence what is wrong with them; empty if nothing is."""
        if max(map(len, (self.lists, self.responders, self.issuers))) > _MOST:
            return f"A profile names at most {_MOST} addresses of a kind."
        return next(filter(None, map(wrong_with, self.all)), "")

    def extensions(self) -> tuple[tuple[str, bool, bytes], ...]:
        """Return the extensions that name them: object identifier, critical, DER."""
        made: list[x509.ExtensionType] = []
        if self.lists:
            made.append(x509.CRLDistributionPoints([_point(one) for one in self.lists]))
        access = [
            x509.AccessDescription(method, x509.UniformResourceIdentifier(one))
            for method, ones in (
                (AuthorityInformationAccessOID.OCSP, self.responders),
                (AuthorityInformationAccessOID.CA_ISSUERS, self.issuers),
            )
            for one in ones
        ]
        if access:
            made.append(x509.AuthorityInformationAccess(access))
        return tuple((one.oid.dotted_string, False, one.public_bytes()) for one in made)


def wrong_with(address: str) -> str:
    """Return in a sentence what is wrong with an address; empty if nothing is."""
    try:
        parts = urlsplit(address)
        fits = parts.scheme in _SCHEMES and bool(parts.hostname or parts.scheme == "ldap")
    except ValueError:
        fits = False
    plain = address.isascii() and address.isprintable() and " " not in address
    if fits and plain and len(address) <= _LONGEST:
        return ""
    return f"“{ascii(address[:60])[1:-1]}” is no address: it begins with http:, https: or ldap:."


def pointers_of(address: str) -> tuple[tuple[ObjectIdentifier, bool, x509.ExtensionType], ...]:
    """Return the extension of one revocation list's address, as `issue.Content` takes it."""
    value = x509.CRLDistributionPoints([_point(address)])
    return ((ExtensionOID.CRL_DISTRIBUTION_POINTS, False, value),)


def _point(address: str) -> x509.DistributionPoint:
    return x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)
