"""What is signed with what: a frozen recipe that cannot break a standard.

Owns the checks between keys, certificate chains, format and digest. Must not know files or
requests; public keys are handed in, so that a recipe can be remembered without asking the key
service.
"""

import base64
import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cryptography import x509

from workbench.base.errors import Refused
from workbench.base.sites import Site
from workbench.crypto.keys import public_from_der, spec_of
from workbench.pki.names import common_name
from workbench.pki.parse import UNREADABLE, facts
from workbench.pki.purposes import Purpose
from workbench.signing.algorithms import Plan, allowed_digests, plan
from workbench.signing.certificates import load, public_bytes
from workbench.signing.chains import meant_for
from workbench.signing.formats.base import ALL_SPECS, Format
from workbench.signing.formats.registry import (
    Value,
    advice,
    check_keys,
    check_list,
    make_format,
    output_name,
)
from workbench.signing.formats.timestamp import is_authority

__all__ = ["CHECKSUMS", "Credential", "Recipe", "make_recipe", "public_bytes"]

CHECKSUMS: Final = ("SHA-256", "SHA-384", "SHA-512")
"""Digests of which a list of checksums can be."""

_CMS: Final = frozenset({"cms", "cades"})


@dataclass(frozen=True, slots=True)
class Credential:
    """A key, and the certificates that say whose it is.

    Attributes:
        key_id: the KMS key's id, ARN or alias.
        public_key: the key's public half (SubjectPublicKeyInfo, DER).
        chain: certificates in DER, the signer's own first; empty for formats without.
    """

    key_id: str
    public_key: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def spec(self) -> str:
        """The AWS key spec; raises `Refused` for a key AWS KMS has not."""
        return spec_of(public_from_der(self.public_key))

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values, for the vault."""
        return {
            "key": self.key_id,
            "public": base64.b64encode(self.public_key).decode(),
            "chain": [base64.b64encode(certificate).decode() for certificate in self.chain],
        }

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> "Credential":
        """Return the credential of `to_record`."""
        chain = tuple(base64.b64decode(certificate) for certificate in record["chain"])
        return Credential(record["key"], base64.b64decode(record["public"]), chain)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How files are signed.

    Attributes:
        key_id: the KMS key's id, ARN or alias.
        public_key: the key's public half as the key service gives it (SubjectPublicKeyInfo, DER).
        chain: certificates in DER, the signer's own first, then its issuers; a root may be among
            them and is left out of the signature. Empty where the format has none.
        digest: digest of the files and of the signed attributes; empty takes each key's usual one.
        replace_existing: whether a signature file that exists may be replaced.
        folder: where signatures are written; None means beside each file.
        pss: for RSA keys, PSS or PKCS#1 v1.5; None takes the format's usual.
        kind: name of the format.
        options: what is chosen about the format, by name.
        others: further keys that sign with the first.
        stamper: the timestamp authority's key, or None for no timestamps.
        checksums: sign one list of checksums, by this digest, instead of each file; or empty.
        name: what the recipe is called; empty for none.
        site: where its keys are; None for the vault's home Region.
        spec: the AWS key spec, from the public key.
        form: the format with its choices.

    Raises:
        Refused: a standard forbids it, or certificate and key do not belong together.
    """

    key_id: str
    public_key: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    digest: str = ""
    replace_existing: bool = False
    folder: Path | None = None
    pss: bool | None = None
    kind: str = "cms"
    options: tuple[tuple[str, Value], ...] = ()
    others: tuple[Credential, ...] = ()
    stamper: Credential | None = None
    checksums: str = ""
    name: str = ""
    site: Site | None = None
    spec: str = field(init=False)
    form: Format = field(init=False, repr=False, compare=False)
    _plan: Plan | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check everything that can be checked without the key."""
        object.__setattr__(self, "spec", spec_of(public_from_der(self.public_key)))
        object.__setattr__(self, "_plan", self._planned())
        form = make_format(self.kind, dict(self.options), self.digest, pss=self.pss)
        object.__setattr__(self, "form", form)
        check_keys(form, self.specs, self.digest)
        if not self.digest and not self.others:
            object.__setattr__(self, "digest", next(iter(form.traits.digests(self.spec)), ""))
        if form.traits.certificate == "none":
            object.__setattr__(self, "chain", ())
        for one in self.credentials:
            _check_chain(one, needed=form.traits.certificate == "needed")
        if len({one.public_key for one in self.credentials}) != 1 + len(self.others):
            raise Refused("The same key is to sign twice.", "Choose different keys.")
        _check_meant(form, self.credentials)
        self._check_stamper()
        check_list(form, self.checksums)
        if self.checksums and self.checksums not in CHECKSUMS:
            raise Refused(
                f"There are no lists of checksums with {self.checksums!r}.",
                f"Choose {' or '.join(CHECKSUMS)}.",
            )

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate; raises `Refused` where there is none."""
        if not self.chain:
            raise Refused("The recipe has no certificate.", "Choose another format.")
        return load(self.chain[0])

    @property
    def plan(self) -> Plan:
        """How the key signs in CMS; raises `Refused` for other formats."""
        if self._plan is None:
            raise Refused(f"{self.form.title} is no CMS.", "Choose a CMS format.")
        return self._plan

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Everybody who signs, the first key first."""
        return (Credential(self.key_id, self.public_key, self.chain), *self.others)

    @property
    def chains(self) -> tuple[tuple[bytes, ...], ...]:
        """The certificates of everybody who signs or stamps, DER, as far as they have any."""
        signers = (*self.credentials, *filter(None, [self.stamper]))
        return tuple(one.chain for one in signers if one.chain)

    @property
    def specs(self) -> tuple[str, ...]:
        """AWS key specs of everybody who signs."""
        return (self.spec, *(one.spec for one in self.others))

    @property
    def algorithm(self) -> str:
        """What signs, for people, such as `ML-DSA-65` or `P-256 and ML-DSA-65`."""
        if self._plan is not None and not self.others:
            return self._plan.name
        return " and ".join(ALL_SPECS.get(spec, spec) for spec in self.specs)

    @property
    def hashed(self) -> str:
        """Name of the digest that is noted of each file; empty where none is made."""
        return self.digest or self.form.traits.hashed

    @property
    def advice(self) -> str:
        """What to know before signing: who cannot check ML-DSA yet; or nothing."""
        return advice(self.form, self.specs)

    @property
    def is_plain_cms(self) -> bool:
        """Whether it makes detached CMS by one key, of which all but a few bytes never changes."""
        alone = self.kind == "cms" and not self.others and self.stamper is None
        return alone and dict(self.options).get("detached", True) is True

    def output(self, path: str, relative: str = "") -> str:
        """Return where the signature of a file goes.

        Args:
            path: the file.
            relative: its path below what was dropped, so that equal names in different subfolders
                stay apart.
        """
        if self.folder is not None:
            inside = relative or os.path.split(path)[1]
            path = os.path.join(self.folder, inside)  # noqa: PTH118 - a Path would cost 4 µs a file
        return output_name(self.form, path)

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values, for the vault."""
        return {
            **self.credentials[0].to_record(),
            "digest": self.digest,
            "replace": self.replace_existing,
            "folder": None if self.folder is None else str(self.folder),
            "pss": self.pss,
            "format": self.kind,
            "options": dict(self.options),
            "others": [one.to_record() for one in self.others],
            "stamper": None if self.stamper is None else self.stamper.to_record(),
            "checksums": self.checksums,
            "name": self.name,
        } | ({} if self.site is None else {"site": self.site.to_record()})

    @staticmethod
    def from_record(record: Mapping[str, Any]) -> "Recipe":
        """Return the recipe of `to_record`; raises `Refused` as the constructor does.

        Records of before there were formats are those of plain CMS.
        """
        first = Credential.from_record(record)
        stamper, site = record.get("stamper"), record.get("site")
        return Recipe(
            key_id=first.key_id,
            public_key=first.public_key,
            chain=first.chain,
            digest=record["digest"],
            replace_existing=record["replace"],
            folder=None if record["folder"] is None else Path(record["folder"]),
            pss=record["pss"],
            kind=record.get("format", "cms"),
            options=tuple(sorted(record.get("options", {}).items())),
            others=tuple(Credential.from_record(one) for one in record.get("others", ())),
            stamper=None if stamper is None else Credential.from_record(stamper),
            checksums=record.get("checksums", ""),
            name=record.get("name", ""),
            site=None if site is None else Site.from_record(site),
        )

    def _planned(self) -> Plan | None:
        """Return how the first key signs in CMS; raises `Refused` where a standard forbids it."""
        if self.kind not in _CMS:
            return None
        allowed = allowed_digests(self.spec)
        digest = self.digest
        if not digest or (self.others and digest not in allowed):
            digest = next(iter(allowed), "")
        return plan(self.spec, digest, pss=bool(self.pss))

    def _check_stamper(self) -> None:
        if self.stamper is None:
            return
        if not self.form.traits.stamps:
            raise Refused(f"{self.form.title} has no place for timestamps.", "Choose a CMS format.")
        _check_chain(self.stamper, needed=True)
        _check_authority(self.stamper)


def _check_authority(one: Credential) -> None:
    if not is_authority(one.chain[0]):
        raise Refused(
            "The certificate of the timestamp authority is not for timestamping alone "
            "(RFC 3161 §2.3).",
            "Issue a timestamping certificate to its key.",
        )


def _check_meant(form: Format, signers: Sequence[Credential]) -> None:
    """Refuse signers for a format whose standard names the only certificates that may sign."""
    for one in signers:
        if form.traits.purpose is Purpose.TIME_STAMPING:
            _check_authority(one)
        elif form.traits.purpose is Purpose.MDL_SIGNING and not meant_for(
            facts(one.chain[0]), Purpose.MDL_SIGNING
        ):
            raise Refused(
                "The certificate of the key was not issued for signing mobile documents "
                "(ISO/IEC 18013-5 Annex B).",
                "Issue a document signer certificate to the key.",
            )


def make_recipe(
    client: Any,
    key_id: str,
    chain: tuple[bytes, ...],
    digest: str = "",
    *,
    replace_existing: bool = False,
    folder: Path | None = None,
    pss: bool = False,
) -> Recipe:
    """Ask the key service for the public key and return the recipe of plain CMS signatures.

    Args:
        client: a boto3-shaped KMS client.
        key_id: the key's id, ARN or alias.
        chain: certificates in DER, the signer's own first.
        digest: empty takes the key's usual one.
        replace_existing: whether existing signature files may be replaced.
        folder: where signatures are written; None means beside each file.
        pss: for RSA keys, PSS instead of PKCS#1 v1.5.

    Raises:
        Refused: as `Recipe`.
        botocore.exceptions.ClientError: the key service refused.
    """
    public_key = bytes(client.get_public_key(KeyId=key_id)["PublicKey"])
    return Recipe(
        key_id=key_id,
        public_key=public_key,
        chain=chain,
        digest=digest,
        replace_existing=replace_existing,
        folder=folder,
        pss=pss,
    )


def _check_chain(credential: Credential, *, needed: bool) -> None:
    """Check that a chain is the key's and may sign; raises `Refused`."""
    certificates = [load(certificate) for certificate in credential.chain]
    if not certificates:
        if not needed:
            return
        raise Refused(
            "The recipe has no certificate.", "Choose a certificate that was issued to the key."
        )
    _check_signer(credential, certificates[0])
    for below, above in itertools.pairwise(certificates):
        if below.issuer != above.subject:
            raise Refused(
                f"In the chain “{common_name(above.subject)}” follows "
                f"“{common_name(below.subject)}” but did not issue it.",
                "Give the chain from the signer's certificate upwards.",
            )


def _check_signer(credential: Credential, certificate: x509.Certificate) -> None:
    name = common_name(certificate.subject)
    if public_bytes(certificate) != credential.public_key:
        raise Refused(
            f"The certificate “{name}” belongs to another key than {credential.key_id}.",
            "Choose the certificate that was issued to this key.",
        )
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    except UNREADABLE as error:
        raise Refused(
            f"The extensions of the certificate “{name}” cannot be read.",
            "Have it issued anew.",
        ) from error
    if not (usage.digital_signature or usage.content_commitment):
        raise Refused(
            f"The key usage of the certificate “{name}” does not allow signatures "
            "(RFC 5280 §4.2.1.3).",
            "Choose a certificate that was issued for signing.",
        )
