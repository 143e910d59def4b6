"""Ed25519ph: Ed25519 with a SHA-512 prehash and an empty context (RFC 8032 §5.1, FIPS 186-5 §7.8).

`cryptography` does not offer it, so the signing itself is PyCryptodome's, which is imported when it
is first wanted: it takes 80 ms, and few keys are used so. Keys stay those of `cryptography`
everywhere else. Must not know tokens or requests.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519


def sign(key: ed25519.Ed25519PrivateKey, message: bytes) -> bytes:
    """Return the signature of a message, 64 bytes; the prehash is done here."""
    from Cryptodome.Hash import SHA512  # noqa: PLC0415 - as said above
    from Cryptodome.Signature import eddsa  # noqa: PLC0415 - as said above

    seed = key.private_bytes(
        serialization.Encoding.Raw,
        serialization.PrivateFormat.Raw,
        serialization.NoEncryption(),
    )
    private = eddsa.import_private_key(seed)
    return bytes(eddsa.new(private, "rfc8032").sign(SHA512.new(message)))


def verify(key: ed25519.Ed25519PublicKey, signature: bytes, message: bytes) -> None:
    """Accept a valid signature of a message.

    Raises:
        InvalidSignature: it is not valid.
    """
    from Cryptodome.Hash import SHA512  # noqa: PLC0415 - as said above
    from Cryptodome.Signature import eddsa  # noqa: PLC0415 - as said above

    public = eddsa.import_public_key(
        key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    )
    try:
        eddsa.new(public, "rfc8032").verify(SHA512.new(message), signature)
    except ValueError:
        raise InvalidSignature from None
