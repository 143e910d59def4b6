"""Private keys that are elsewhere: `cryptography` key classes whose `sign` calls a KMS client.

`cryptography`'s X.509, CSR, CRL and OCSP builders accept any subclass of its private-key classes,
so certificates are built by them while the key stays in its module. There is no key material in
these objects: whatever would export it raises.
"""

import hashlib
from functools import lru_cache
from typing import Any, Final, NoReturn, Self

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa, utils
from cryptography.utils import Buffer

from workbench.base.errors import Refused
from workbench.crypto.mldsa import compute_mu
from workbench.pki.algorithms import Digest
from workbench.pki.clients import KmsClient

RAW_LIMIT: Final = 4096
"""Bytes KMS's Sign takes as MessageType RAW."""

ExternalKey = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | mldsa.MLDSA44PrivateKey
    | mldsa.MLDSA65PrivateKey
    | mldsa.MLDSA87PrivateKey
)
"""What `external_key` returns; each is one of the classes of this module."""


class _Remote:
    """What all external keys share: the client, the key's name there, its public half."""

    def __init__(self, kms: KmsClient, key_id: str, spki: bytes, public: Any) -> None:
        self._kms = kms
        self._key_id = key_id
        self._spki = spki
        self._public = public

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._key_id}>"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def public_key(self) -> Any:
        """Return the public half."""
        return self._public

    def private_bytes(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: the key cannot leave its module."""
        self._no_export()

    def private_bytes_raw(self) -> NoReturn:
        """Refuse: the key cannot leave its module."""
        self._no_export()

    def private_numbers(self) -> NoReturn:
        """Refuse: the key cannot leave its module."""
        self._no_export()

    def _no_export(self) -> NoReturn:
        raise Refused(
            f"The private key {self._key_id} cannot leave its module.",
            "Use it through the Sign operation.",
        )

    def _not_for(self, what: str) -> NoReturn:
        raise Refused(f"The signing key {self._key_id} cannot {what}.", "Use a key made for that.")

    def _sign(self, algorithm: str, message: bytes, message_type: str) -> bytes:
        answer = self._kms.sign(
            KeyId=self._key_id,
            Message=message,
            MessageType=message_type,
            SigningAlgorithm=algorithm,
        )
        return bytes(answer["Signature"])

    def _sign_hashed(self, algorithm: str, message: bytes, digest: hashes.HashAlgorithm) -> bytes:
        if len(message) <= RAW_LIMIT:
            return self._sign(algorithm, message, "RAW")
        return self._sign(algorithm, hashlib.new(digest.name, message).digest(), "DIGEST")


class ExternalRsaKey(_Remote, rsa.RSAPrivateKey):
    """An RSA signing key in KMS: PKCS#1 v1.5 and PSS with SHA-2 (RFC 8017 §8)."""

    @property
    def key_size(self) -> int:
        """The modulus's length in bits."""
        return int(self._public.key_size)

    def decrypt(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: a signing key."""
        self._not_for("decrypt")

    def sign(
        self,
        data: bytes,
        padding: padding.AsymmetricPadding,
        algorithm: utils.Prehashed | hashes.HashAlgorithm | utils.NoDigestInfo,
    ) -> bytes:
        """Sign through KMS.

        Raises:
            Refused: KMS has no such scheme: another digest, or a PSS salt of another length.
        """
        if not isinstance(algorithm, hashes.SHA256 | hashes.SHA384 | hashes.SHA512):
            self._not_for("sign with a digest other than SHA-256, SHA-384 and SHA-512")
        return self._sign_hashed(
            f"RSASSA_{self._scheme(padding, algorithm)}_SHA_{algorithm.digest_size * 8}",
            bytes(data),
            algorithm,
        )

    def _scheme(self, chosen: padding.AsymmetricPadding, digest: hashes.HashAlgorithm) -> str:
        if isinstance(chosen, padding.PKCS1v15):
            return "PKCS1_V1_5"
        lengths = {digest.digest_size, padding.PSS.DIGEST_LENGTH}
        # cryptography offers no public way to read the salt length back.
        if not isinstance(chosen, padding.PSS) or chosen._salt_length not in lengths:  # noqa: SLF001
            self._not_for("sign with this padding: PSS needs a salt as long as the digest")
        return "PSS"


class ExternalEcKey(_Remote, ec.EllipticCurvePrivateKey):
    """An ECDSA key in KMS, signing with its curve's own digest (FIPS 186-5 §6)."""

    @property
    def curve(self) -> ec.EllipticCurve:
        """The curve."""
        curve: ec.EllipticCurve = self._public.curve
        return curve

    @property
    def key_size(self) -> int:
        """The curve's field size in bits."""
        return self.curve.key_size

    def exchange(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: a signing key."""
        self._not_for("agree on keys")

    def sign(
        self,
        data: Buffer,
        signature_algorithm: ec.EllipticCurveSignatureAlgorithm,
    ) -> bytes:
        """Sign through KMS.

        Raises:
            Refused: the digest is not the one KMS ties to the curve.
        """
        digest = signature_algorithm.algorithm
        own = {256: 256, 384: 384, 521: 512}.get(self.key_size)
        if not isinstance(digest, hashes.SHA256 | hashes.SHA384 | hashes.SHA512) or (
            digest.digest_size * 8 != own
        ):
            self._not_for(f"sign with a digest other than SHA-{own}")
        return self._sign_hashed(f"ECDSA_SHA_{own}", bytes(data), digest)


class ExternalEd25519Key(_Remote, ed25519.Ed25519PrivateKey):
    """An Ed25519 key in KMS (RFC 8032 §5.1); it has no digest form, so messages end at 4 KiB."""

    def sign(self, data: Buffer) -> bytes:
        """Sign through KMS.

        Raises:
            Refused: the message is longer than KMS takes.
        """
        message = bytes(data)
        if len(message) > RAW_LIMIT:
            self._not_for(f"sign more than {RAW_LIMIT} bytes, and this is {len(message)} bytes")
        return self._sign("ED25519_SHA_512", message, "RAW")


class _MlDsa(_Remote):
    """ML-DSA (FIPS 204 §5.2) through KMS; longer messages go as their representative mu."""

    def sign(self, data: Buffer, context: Buffer | None = None) -> bytes:
        """Sign through KMS."""
        message = bytes(data)
        text = bytes(context or b"")
        if len(message) <= RAW_LIMIT and not text:
            return self._sign("ML_DSA_SHAKE_256", message, "RAW")
        return self.sign_mu(compute_mu(self._spki, message, text))

    def sign_mu(self, mu: Buffer) -> bytes:
        """Sign a 64-byte message representative (FIPS 204 algorithm 7, line 6)."""
        return self._sign("ML_DSA_SHAKE_256", bytes(mu), "EXTERNAL_MU")


class ExternalMlDsa44Key(_MlDsa, mldsa.MLDSA44PrivateKey):
    """An ML-DSA-44 key in KMS."""


class ExternalMlDsa65Key(_MlDsa, mldsa.MLDSA65PrivateKey):
    """An ML-DSA-65 key in KMS."""


class ExternalMlDsa87Key(_MlDsa, mldsa.MLDSA87PrivateKey):
    """An ML-DSA-87 key in KMS."""


_KINDS: Final = (
    (rsa.RSAPublicKey, ExternalRsaKey),
    (ec.EllipticCurvePublicKey, ExternalEcKey),
    (ed25519.Ed25519PublicKey, ExternalEd25519Key),
    (mldsa.MLDSA44PublicKey, ExternalMlDsa44Key),
    (mldsa.MLDSA65PublicKey, ExternalMlDsa65Key),
    (mldsa.MLDSA87PublicKey, ExternalMlDsa87Key),
)


def external_key(kms: KmsClient, key_id: str) -> ExternalKey:
    """Return a private-key object that signs with a KMS key.

    Args:
        kms: boto3-shaped KMS client.
        key_id: key id, ARN or alias of an asymmetric key for SIGN_VERIFY.

    Raises:
        Refused: the key is not for signing, or of a kind X.509 has no place for.
        botocore.exceptions.ClientError: KMS refused.
    """
    answer = kms.get_public_key(KeyId=key_id)
    if answer.get("KeyUsage") != "SIGN_VERIFY":
        raise Refused(
            f"The key {key_id} is for {answer.get('KeyUsage')}, not for signing.",
            "Choose a key whose usage is SIGN_VERIFY.",
        )
    return _from_spki(kms, key_id, bytes(answer["PublicKey"]))


def known_external_key(kms: KmsClient, key_id: str, spki: bytes) -> ExternalKey:
    """Return what `external_key` returns, when the public key (SPKI DER) is known already."""
    return _from_spki(kms, key_id, spki)


@lru_cache(maxsize=64)
def _public_key(spki: bytes) -> object:
    return serialization.load_der_public_key(spki)


def _from_spki(kms: KmsClient, key_id: str, spki: bytes) -> ExternalKey:
    public = _public_key(spki)
    for kind, external in _KINDS:
        if isinstance(public, kind):
            made: ExternalKey = external(kms, key_id, spki, public)
            return made
    raise Refused(
        f"The key {key_id} is of a kind that cannot sign certificates or requests.",
        "Choose an RSA, NIST elliptic-curve, Ed25519 or ML-DSA key.",
    )


def default_digest(key: ExternalKey) -> Digest | None:
    """Return the digest a CSR is signed with by a key: the curve's own, SHA-256 for RSA."""
    if isinstance(key, rsa.RSAPrivateKey):
        return hashes.SHA256()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        sizes: dict[int, Digest] = {384: hashes.SHA384(), 521: hashes.SHA512()}
        return sizes.get(key.key_size, hashes.SHA256())
    return None
