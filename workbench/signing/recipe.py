"""What is signed with what: a frozen recipe that cannot break a standard.

Owns the checks between key, certificate chain and digest. Must not know files or requests; the
public key is handed in, so that a recipe can be remembered without asking the key service.
"""

import base64
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der, spec_of
from workbench.pki.names import common_name
from workbench.signing.algorithms import Plan, allowed_digests, plan


@dataclass(frozen=True, slots=True)
class Recipe:
    """How files are signed.

    Attributes:
        key_id: the KMS key's id, ARN or alias.
        public_key: the key's public half as the key service gives it (SubjectPublicKeyInfo, DER).
        chain: certificates in DER, the signer's own first, then its issuers; a root may be among
            them and is left out of the signature.
        digest: digest of the files and of the signed attributes; empty takes the key's usual one.
        replace_existing: whether a signature file that exists may be replaced.
        folder: where signatures are written; None means beside each file.
        pss: for RSA keys, PSS instead of PKCS#1 v1.5.
        spec: the AWS key spec, from the public key.
        plan: the algorithms that follow from all that.

    Raises:
        Refused: a standard forbids it, or certificate and key do not belong together.
    """

    key_id: str
    public_key: bytes = field(repr=False)
    chain: tuple[bytes, ...] = field(repr=False)
    digest: str = ""
    replace_existing: bool = False
    folder: Path | None = None
    pss: bool = False
    spec: str = field(init=False)
    plan: Plan = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check everything that can be checked without the key."""
        spec = spec_of(public_from_der(self.public_key))
        object.__setattr__(self, "spec", spec)
        if not self.digest:
            object.__setattr__(self, "digest", next(iter(allowed_digests(spec)), ""))
        object.__setattr__(self, "plan", plan(spec, self.digest, pss=self.pss))
        certificates = [_load(certificate) for certificate in self.chain]
        if not certificates:
            raise Refused(
                "The recipe has no certificate.", "Choose a certificate that was issued to the key."
            )
        self._check_signer(certificates[0])
        for below, above in itertools.pairwise(certificates):
            if below.issuer != above.subject:
                raise Refused(
                    f"In the chain “{common_name(above.subject)}” follows "
                    f"“{common_name(below.subject)}” but did not issue it.",
                    "Give the chain from the signer's certificate upwards.",
                )

    @property
    def certificate(self) -> x509.Certificate:
        """The signer's certificate."""
        return _load(self.chain[0])

    def to_record(self) -> dict[str, Any]:
        """Return it as JSON values, for the vault."""
        return {
            "key": self.key_id,
            "public": base64.b64encode(self.public_key).decode(),
            "chain": [base64.b64encode(certificate).decode() for certificate in self.chain],
            "digest": self.digest,
            "replace": self.replace_existing,
            "folder": None if self.folder is None else str(self.folder),
            "pss": self.pss,
        }

    @staticmethod
    def from_record(record: dict[str, Any]) -> "Recipe":
        """Return the recipe of `to_record`; raises `Refused` as the constructor does."""
        return Recipe(
            key_id=record["key"],
            public_key=base64.b64decode(record["public"]),
            chain=tuple(base64.b64decode(certificate) for certificate in record["chain"]),
            digest=record["digest"],
            replace_existing=record["replace"],
            folder=None if record["folder"] is None else Path(record["folder"]),
            pss=record["pss"],
        )

    def _check_signer(self, certificate: x509.Certificate) -> None:
        name = common_name(certificate.subject)
        if public_bytes(certificate) != self.public_key:
            raise Refused(
                f"The certificate “{name}” belongs to another key than {self.key_id}.",
                "Choose the certificate that was issued to this key.",
            )
        try:
            usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        except x509.ExtensionNotFound:
            return
        except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
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
    """Ask the key service for the public key and return the recipe.

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


def public_bytes(certificate: x509.Certificate) -> bytes:
    """Return a certificate's SubjectPublicKeyInfo, or nothing where the key cannot be read."""
    try:
        return certificate.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, UnsupportedAlgorithm):
        return b""


def _load(certificate: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(certificate)
    except ValueError as error:
        raise Refused(
            "A certificate of the chain cannot be read.", "Get it again from where it was issued."
        ) from error
