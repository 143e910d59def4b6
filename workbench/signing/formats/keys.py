"""Signing and checking messages of any length under AWS's algorithm names.

Owns the choice of message type: RAW up to 4,096 bytes, then a digest or the message representative
of ML-DSA, both computed here in constant memory. Must not know formats or files.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from workbench.base.errors import Refused
from workbench.crypto.digests import Digest, new_digest
from workbench.crypto.keys import public_from_der, spec_of
from workbench.crypto.mldsa import MuHash, compute_mu
from workbench.crypto.signatures import verify
from workbench.crypto.table import KEY_SPECS, Family
from workbench.signing.algorithms import RAW_LIMIT
from workbench.signing.formats.base import Signing

LARGEST_UNHASHED: Final = 256 << 20
"""Most bytes of a message that Ed25519, which cannot be given a digest, is checked over."""

Message = bytes | Iterable[bytes]

_COORDINATES: Final = {"P-256": 32, "P-384": 48, "P-521": 66, "secp256k1": 32}


def sign_message(kms: Any, signing: Signing, algorithm: str, message: Message) -> bytes:
    """Have the key sign a message.

    Args:
        kms: boto3-shaped KMS client.
        signing: the key.
        algorithm: AWS's SigningAlgorithm.
        message: whole or in pieces.

    Raises:
        Refused: the message is too long for a key that can only be given it whole.
        botocore ClientError: the key refused.
    """
    head, rest = _begin(message)
    kind, given = "RAW", head
    if rest is not None:
        pieces = chain((head,), rest)
        kind = _pre_hash(algorithm)
        if not kind:
            raise _too_long()
        given = _representative(signing.public_key, algorithm, pieces)
    return sign_exactly(kms, signing, algorithm, given, kind)


class RunningMessage:
    """A message that comes in pieces, for signing what several keys sign over one reading.

    Args:
        signing: the key.
        algorithm: AWS's SigningAlgorithm.
    """

    def __init__(self, signing: Signing, algorithm: str) -> None:
        self._signing = signing
        self._algorithm = algorithm
        self._head = bytearray()
        self._running: Digest | MuHash | None = None

    def update(self, piece: bytes) -> None:
        """Add a piece; raises `Refused` where a key must be given the message whole."""
        if self._running is None:
            self._head += piece
            if len(self._head) <= RAW_LIMIT:
                return
            piece = bytes(self._head)
            self._running = self._begun()
        self._running.update(piece)

    def sign(self, kms: Any) -> bytes:
        """Have the key sign the whole; raises as `sign_message`."""
        running = self._running
        if running is None:
            return sign_exactly(kms, self._signing, self._algorithm, bytes(self._head), "RAW")
        kind = _pre_hash(self._algorithm)
        return sign_exactly(kms, self._signing, self._algorithm, running.digest(), kind)

    def _begun(self) -> Digest | MuHash:
        kind = _pre_hash(self._algorithm)
        if not kind:
            raise _too_long()
        if kind == "DIGEST":
            return new_digest(f"SHA-{self._algorithm[-3:]}")
        return MuHash(self._signing.public_key)


def _too_long() -> Refused:
    return Refused(
        f"An Ed25519 key in a key service signs at most {RAW_LIMIT} bytes at once.",
        "Choose a key of another kind, or a format that signs a digest of the file.",
    )


def sign_exactly(kms: Any, signing: Signing, algorithm: str, message: bytes, kind: str) -> bytes:
    """Have the key sign a message of a message type: RAW, DIGEST or EXTERNAL_MU."""
    answer = kms.sign(
        KeyId=signing.key_id, Message=message, MessageType=kind, SigningAlgorithm=algorithm
    )
    return bytes(answer["Signature"])


def matches(public_key: bytes, algorithm: str, message: Message, signature: bytes) -> bool:
    """Return whether a signature is the key's over a message.

    Args:
        public_key: SubjectPublicKeyInfo, DER.
        algorithm: AWS's SigningAlgorithm.
        message: whole or in pieces.
        signature: as AWS KMS encodes it.

    Raises:
        Refused: key and algorithm do not go together, or an Ed25519 message is over
            `LARGEST_UNHASHED` bytes.
    """
    kind = _pre_hash(algorithm)
    pieces = (message,) if isinstance(message, bytes) else message
    given = (
        _representative(public_key, algorithm, pieces)
        if kind
        else b"".join(_bounded(pieces, LARGEST_UNHASHED))
    )
    try:
        return verify(public_from_der(public_key), algorithm, given, kind or "RAW", signature)
    except ValueError:
        return False  # a length that no signature of the algorithm has


def family_of(public_key: bytes) -> Family:
    """Return what kind of key a SubjectPublicKeyInfo holds; raises `Refused`."""
    return KEY_SPECS[spec_of(public_from_der(public_key))].family


def fixed_size(spec: str) -> int:
    """Return how many bytes r and s have each in `to_fixed`; 0 for keys that have neither."""
    return _COORDINATES.get(KEY_SPECS[spec].curve, 0)


def to_fixed(spec: str, signature: bytes) -> bytes:
    """Return r and s of an ECDSA signature one after the other (RFC 7518 §3.4, RFC 9053 §2.1)."""
    size = fixed_size(spec)
    r, s = decode_dss_signature(signature)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


def from_fixed(spec: str, signature: bytes) -> bytes | None:
    """Return the DER form of a signature of `to_fixed`, or None if its length is another."""
    size = fixed_size(spec)
    if len(signature) != 2 * size:
        return None
    r, s = (int.from_bytes(part, "big") for part in (signature[:size], signature[size:]))
    return encode_dss_signature(r, s)


def _begin(message: Message) -> tuple[bytes, Iterator[bytes] | None]:
    """Return a message that fits into RAW, or its beginning and the rest."""
    if isinstance(message, bytes):
        return message, None if len(message) <= RAW_LIMIT else iter(())
    held: list[bytes] = []
    size = 0
    pieces = iter(message)
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > RAW_LIMIT:
            return b"".join(held), pieces
    return b"".join(held), None


def _pre_hash(algorithm: str) -> str:
    if algorithm == "ML_DSA_SHAKE_256":
        return "EXTERNAL_MU"
    return "" if algorithm.startswith("ED25519") else "DIGEST"


def _representative(public_key: bytes, algorithm: str, pieces: Iterable[bytes]) -> bytes:
    if algorithm == "ML_DSA_SHAKE_256":
        return compute_mu(public_key, pieces)
    digest: Digest = new_digest(f"SHA-{algorithm[-3:]}")
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def _bounded(pieces: Iterable[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Refused(
                f"The content has more than {most >> 20} MiB; an Ed25519 signature over it cannot "
                "be checked here.",
                "Check it with the program that made it.",
            )
        yield piece
