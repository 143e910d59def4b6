"""Certificate profiles that the user keeps by name: made from a template or a certificate.

Owns the table `profiles` and the JSON form in which profiles are exported and imported. A kept
profile is used like a template, under the ARN `arn:aws:acm-pca:::profile/NAME/V1`.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, ObjectIdentifier

from workbench.pki.addresses import Addresses
from workbench.pki.parse import Facts
from workbench.pki.rules import bits
from workbench.pki.templates import KEY_USAGE_BITS, OWN_TEMPLATES, Template
from workbench.vault.vault import Vault

_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,63}")
_FORMAT: Final = "key-workbench certificate profile 1"
_LONGEST_TEXT: Final = 64 * 1024
_MOST: Final = 100
_LONGEST_EXTENSION: Final = 16 * 1024

_DERIVED: Final = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.CRL_DISTRIBUTION_POINTS,
        ExtensionOID.AUTHORITY_INFORMATION_ACCESS,
        ExtensionOID.SIGNED_CERTIFICATE_TIMESTAMPS,
        ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
    }
)
"""Extensions that a profile has fields for, or that belong to one certificate and not to others."""


class UnfitProfile(ValueError):
    """A profile that cannot be used; the text is a sentence."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A named profile, in plain values.

    Attributes:
        name: letters, digits, dot, dash and underscore; at most 64.
        description: what it is for.
        ca: whether it makes CA certificates.
        path_length: CA certificates allowed below, or None for any number.
        basic_critical: whether basicConstraints is critical.
        key_usage: names of asserted bits; empty leaves the extension to the request.
        extended_key_usage: object identifiers; empty leaves the extension to the request.
        extended_critical: whether extendedKeyUsage is critical.
        self_signed: whether it is for a root's own certificate.
        passes_api: whether ApiPassthrough is heeded.
        passes_csr: whether extensions of the CSR are heeded.
        days: validity that is suggested.
        extensions: further extensions: object identifier, critical, DER in hexadecimal.
        revocation: AUTHORITY: where a status is asked for is said as the CA is set up; NONE:
            nothing is said; OWN: the addresses below.
        crl_addresses: of revocation lists.
        ocsp_addresses: of OCSP responders.
        issuer_addresses: of the issuer's certificate.
    """

    name: str
    description: str = ""
    ca: bool = False
    path_length: int | None = None
    basic_critical: bool = False
    key_usage: tuple[str, ...] = ()
    extended_key_usage: tuple[str, ...] = ()
    extended_critical: bool = False
    self_signed: bool = False
    passes_api: bool = True
    passes_csr: bool = False
    days: int = 365
    extensions: tuple[tuple[str, bool, str], ...] = ()
    revocation: str = "AUTHORITY"
    crl_addresses: tuple[str, ...] = ()
    ocsp_addresses: tuple[str, ...] = ()
    issuer_addresses: tuple[str, ...] = ()

    @property
    def addresses(self) -> Addresses:
        """The addresses it names."""
        return Addresses(self.crl_addresses, self.ocsp_addresses, self.issuer_addresses)

    def template(self) -> Template:
        """Return it as a template."""
        return Template(
            self.name,
            ca=self.ca,
            key_usage=frozenset(self.key_usage),
            path_length=self.path_length,
            extended_key_usage=tuple(ObjectIdentifier(oid) for oid in self.extended_key_usage),
            extended_critical=self.extended_critical,
            self_signed=self.self_signed,
            basic_critical=self.basic_critical,
            api=self.passes_api,
            csr=self.passes_csr,
            own=True,
            extras=tuple((oid, crit, bytes.fromhex(der)) for oid, crit, der in self.extensions),
            pointers=None if self.revocation == "AUTHORITY" else self.addresses.extensions(),
        )

    def named(self, name: str) -> "Profile":
        """Return it under another name.

        Raises:
            UnfitProfile: the name cannot be used.
        """
        profile = replace(self, name=name)
        _check(profile)
        return profile

    def to_json(self) -> str:
        """Return the form in which it is kept, exported and imported."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=2)

    @classmethod
    def from_json(cls, text: str) -> "Profile":
        """Read an exported profile; nothing in it is taken on trust.

        Raises:
            UnfitProfile: it is none, or says something impossible.
        """
        if len(text) > _LONGEST_TEXT:
            raise UnfitProfile(f"A profile has at most {_LONGEST_TEXT >> 10} KiB.")
        try:
            given = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UnfitProfile("The file is not JSON.") from error
        if not isinstance(given, dict) or given.pop("format", None) != _FORMAT:
            raise UnfitProfile("The file is not a certificate profile of Key Workbench.")
        return cls.from_values(given)

    @classmethod
    def from_values(cls, given: Mapping[str, Any]) -> "Profile":
        """Make a profile of plain values.

        Raises:
            UnfitProfile: a value is missing, unknown or impossible.
        """
        unknown = set(given) - {field.name for field in fields(cls)}
        if unknown:
            raise UnfitProfile(f"Unknown in a profile: {', '.join(sorted(map(str, unknown)))}.")
        _check_types(given)
        profile = cls(
            **{
                **given,
                **{name: tuple(given.get(name, ())) for name in _TEXTS},
                "extensions": tuple(tuple(item) for item in given.get("extensions", ())),
            }
        )
        _check(profile)
        return profile

    @classmethod
    def from_template(cls, name: str, template: Template, days: int = 365) -> "Profile":
        """Make a profile that says what a template says.

        Raises:
            UnfitProfile: the name cannot be used.
        """
        profile = cls(
            name=name,
            ca=template.ca,
            path_length=template.path_length,
            basic_critical=template.basic_critical,
            key_usage=tuple(bit for bit in KEY_USAGE_BITS if bit in template.key_usage),
            extended_key_usage=tuple(oid.dotted_string for oid in template.extended_key_usage),
            extended_critical=template.extended_critical,
            self_signed=template.self_signed,
            passes_api=template.api,
            passes_csr=template.csr,
            days=days,
            extensions=tuple((oid, crit, der.hex()) for oid, crit, der in template.extras),
        )
        _check(profile)
        return profile

    @classmethod
    def from_certificate(cls, name: str, known: Facts) -> "Profile":
        """Make a profile that would give a certificate the same usages and policies.

        Names, keys, identifiers and addresses of the certificate are left out.

        Raises:
            UnfitProfile: the name cannot be used.
        """
        certificate = known.certificate
        purposes = known.purposes
        basic = next((e for e in known.extensions if e.value is known.basic), None)
        eku = next((e for e in known.extensions if e.value is purposes), None)
        asserted = bits(known)
        profile = cls(
            name=name,
            ca=known.ca,
            path_length=known.basic.path_length if known.basic else None,
            basic_critical=bool(basic and basic.critical),
            key_usage=tuple(bit for bit in KEY_USAGE_BITS if bit in asserted),
            extended_key_usage=tuple(oid.dotted_string for oid in purposes or ()),
            extended_critical=bool(eku and eku.critical),
            self_signed=known.self_issued and known.ca,
            days=max(1, (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days),
            extensions=tuple(_extra(e) for e in known.extensions if e.oid not in _DERIVED),
        )
        _check(profile)
        return profile


def _extra(extension: x509.Extension[Any]) -> tuple[str, bool, str]:
    return extension.oid.dotted_string, extension.critical, extension.value.public_bytes().hex()


_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "name": str, "description": str, "ca": bool, "path_length": (int, type(None)),
    "basic_critical": bool, "key_usage": (list, tuple), "extended_key_usage": (list, tuple),
    "extended_critical": bool, "self_signed": bool, "passes_api": bool, "passes_csr": bool,
    "days": int, "extensions": (list, tuple), "revocation": str, "crl_addresses": (list, tuple),
    "ocsp_addresses": (list, tuple), "issuer_addresses": (list, tuple),
}  # fmt: skip
_TEXTS: Final = (
    "key_usage", "extended_key_usage", "crl_addresses", "ocsp_addresses", "issuer_addresses"
)  # fmt: skip


def _check_types(given: Mapping[str, Any]) -> None:
    if "name" not in given:
        raise UnfitProfile("The profile has no name.")
    for name, value in given.items():
        kinds = _TYPES[name]
        if not isinstance(value, kinds) or (isinstance(value, bool) and kinds is not bool):
            raise UnfitProfile(f"The profile's {name} is of the wrong kind.")
    if not all(isinstance(text, str) for name in _TEXTS for text in given.get(name, ())):
        raise UnfitProfile("Usages and addresses are given as text.")
    for item in given.get("extensions", ()):
        kinds_of = [type(part) for part in item] if isinstance(item, list | tuple) else []
        if kinds_of != [str, bool, str]:
            raise UnfitProfile("An extension is an identifier, a critical flag and hexadecimal.")


def wrong_name(name: str) -> str:
    """Return in a sentence what is wrong with a profile's name; empty if nothing is."""
    if _NAME.fullmatch(name) and name not in OWN_TEMPLATES:
        return ""
    return (
        "A profile's name has 1 to 64 letters, digits, dots, dashes or underscores, and is "
        "not that of a built-in profile."
    )


def _check(profile: Profile) -> None:
    wrong = wrong_name(profile.name)
    if wrong:
        raise UnfitProfile(wrong)
    if len(profile.description) > 1000 or not 1 <= profile.days <= 36_500:
        raise UnfitProfile("A profile's description is too long, or its days are not 1 to 36500.")
    if set(profile.key_usage) - set(KEY_USAGE_BITS):
        raise UnfitProfile(f"Key usages are: {', '.join(KEY_USAGE_BITS)}.")
    only = {"encipher_only", "decipher_only"} & set(profile.key_usage)
    if only and "key_agreement" not in profile.key_usage:
        raise UnfitProfile("encipher_only and decipher_only mean nothing without key_agreement.")
    length = profile.path_length
    if length is not None and (not profile.ca or not 0 <= length <= 100):
        raise UnfitProfile("A path length is 0 to 100, and only a CA's certificate has one.")
    if profile.self_signed and not profile.ca:
        raise UnfitProfile("A self-signed certificate is made for root CAs only.")
    _check_addresses(profile)
    _check_extensions(profile)


def _check_addresses(profile: Profile) -> None:
    addresses = profile.addresses
    if profile.revocation not in {"AUTHORITY", "NONE", "OWN"}:
        raise UnfitProfile("A profile's revocation is AUTHORITY, NONE or OWN.")
    if profile.revocation == "OWN" and not addresses.all:
        raise UnfitProfile("A profile that names its own addresses gives at least one.")
    if profile.revocation != "OWN" and addresses.all:
        raise UnfitProfile("A profile gives addresses only where it names its own.")
    wrong = addresses.problem()
    if wrong:
        raise UnfitProfile(wrong)


def _check_extensions(profile: Profile) -> None:
    if len(profile.extensions) > _MOST or len(profile.extended_key_usage) > _MOST:
        raise UnfitProfile(f"A profile has at most {_MOST} extensions and purposes.")
    try:
        for oid in profile.extended_key_usage:
            ObjectIdentifier(oid)
        known = [(ObjectIdentifier(oid), bytes.fromhex(der)) for oid, _, der in profile.extensions]
    except ValueError as error:
        raise UnfitProfile("An object identifier or hexadecimal text is malformed.") from error
    if len({oid for oid, _ in known} - _DERIVED) < len(known):
        raise UnfitProfile("An extension comes twice, or has a place of its own in a profile.")
    if not all(1 <= len(der) <= _LONGEST_EXTENSION for _, der in known):
        raise UnfitProfile("An extension is empty or too long.")


class ProfileStore:
    """The profiles in the vault, by name."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def get(self, name: str) -> Profile | None:
        """Return a profile, or None."""
        rows = self._vault.read("SELECT record FROM profiles WHERE name = ?", (name,))
        return Profile.from_json(str(rows[0][0])) if rows else None

    def all(self) -> list[Profile]:
        """Return every profile in the order of names."""
        rows = self._vault.read("SELECT record FROM profiles ORDER BY name")
        return [Profile.from_json(str(row[0])) for row in rows]

    def save(self, profile: Profile) -> None:
        """Keep a profile, replacing one of its name."""
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO profiles (name, record) VALUES (?, ?)",
                (profile.name, profile.to_json()),
            )

    def delete(self, name: str) -> None:
        """Forget a profile."""
        with self._vault.transaction() as transaction:
            transaction.execute("DELETE FROM profiles WHERE name = ?", (name,))
