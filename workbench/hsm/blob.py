"""The layout of ciphertexts of symmetric keys, byte for byte as AWS KMS's public ones look.

Owns that layout and its strict reading: exactly one encoding of each value is accepted. Must not
know keys.

| Bytes | Content                                                                             |
|-------|-------------------------------------------------------------------------------------|
| 0-4   | 01 02 02 00 78: constants of the layout                                             |
| 5-36  | material id                                                                         |
| 37    | 01                                                                                  |
| 38-53 | nonce from which the request's key is derived                                       |
| 54-57 | length of the rest, big-endian                                                      |
| 58-   | DER: CMS encryptedData (RFC 5652 §8) with aes256-GCM (RFC 5084 §3.2), 16-byte tag   |

AWS does not publish this layout; it was read from published ciphertexts. The inner plaintext of
AWS's is 11 bytes longer than the caller's, and so is ours: a constant that also ties the
ciphertext to its key, because a second key under which it decrypts would have to give it too.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workbench.base.errors import IntegrityError

NONCE_BYTES: Final = 16
INNER_PREFIX: Final = b"kwb-blob-v1"

_START: Final = bytes.fromhex("0102020078")
_MIDDLE: Final = b"\x01"
_MATERIAL_ID: Final = slice(5, 37)
_NONCE: Final = slice(38, 54)
_LENGTH: Final = slice(54, 58)
_HEADER_BYTES: Final = 54
_DER_START: Final = 58
_IV_BYTES: Final = 12
_TAG_BYTES: Final = 16
_MOST_SIZES: Final = 10_000

_ENCRYPTED_DATA_OID: Final = bytes.fromhex("06092a864886f70d010706")
_DATA_OID: Final = bytes.fromhex("06092a864886f70d010701")
_AES256_GCM_OID: Final = bytes.fromhex("060960864801650304012e")
_VERSION_0: Final = bytes.fromhex("020100")
_TAG_LENGTH_16: Final = bytes.fromhex("020110")


@dataclass(frozen=True, slots=True)
class Blob:
    """A ciphertext taken apart.

    Attributes:
        material_id: 64 hexadecimal digits.
        nonce: 16 bytes.
        iv: 12 bytes.
        sealed: ciphertext and tag.
        header: bytes 0-53, which are authenticated.
    """

    material_id: str
    nonce: bytes
    iv: bytes
    sealed: bytes
    header: bytes


def header(material_id: str, nonce: bytes) -> bytes:
    """Return bytes 0-53."""
    return _START + bytes.fromhex(material_id) + _MIDDLE + nonce


def join(head: bytes, iv: bytes, sealed: bytes) -> bytes:
    """Return the whole ciphertext from its header, IV and sealed bytes."""
    der = _der_prefix(iv, len(sealed)) + sealed
    return head + len(der).to_bytes(4) + der


def split(blob: bytes) -> Blob:
    """Take a ciphertext apart.

    Raises:
        IntegrityError: any byte differs from what `join` would have written, other than those of
            material id, nonce, IV and sealed bytes.
    """
    der = blob[_DER_START:]
    framed = (
        blob[:5] == _START
        and blob[37:38] == _MIDDLE
        and len(blob) > _DER_START
        and int.from_bytes(blob[_LENGTH]) == len(der)
    )
    parts = _split_der(der) if framed else None
    if parts is None:
        raise IntegrityError(
            "The ciphertext is not one that this program made, or it was damaged.",
            "Use an undamaged copy of the ciphertext.",
        )
    return Blob(blob[_MATERIAL_ID].hex(), blob[_NONCE], *parts, blob[:_HEADER_BYTES])


def blob_material_id(blob: bytes) -> str:
    """Return the material id that a ciphertext names; needs no key and proves nothing.

    Raises:
        IntegrityError: not a well-formed ciphertext.
    """
    return split(blob).material_id


def _split_der(der: bytes) -> tuple[bytes, bytes] | None:
    """Return IV and sealed bytes, or None unless `der` is exactly what `_der_prefix` begins."""
    size = _prefix_size(len(der))
    if size is None:
        return None
    before, after = _around_iv(len(der) - size)
    start = len(before)
    iv = der[start : start + _IV_BYTES]
    whole = der[:start] == before and der[start + _IV_BYTES : size] == after
    return (iv, der[size:]) if whole else None


@lru_cache(maxsize=_MOST_SIZES)
def _prefix_size(total: int) -> int | None:
    """Return how many of `total` bytes stand before the sealed ones; None if that cannot be."""
    shortest = sum(map(len, _around_iv(0))) + _IV_BYTES
    longest = sum(map(len, _around_iv(total))) + _IV_BYTES
    for size in range(shortest, longest + 1):
        sealed = total - size
        if sealed >= _TAG_BYTES and sum(map(len, _around_iv(sealed))) + _IV_BYTES == size:
            return size
    return None


def _der_prefix(iv: bytes, sealed_bytes: int) -> bytes:
    """Return the DER up to the sealed bytes, its lengths counting them."""
    before, after = _around_iv(sealed_bytes)
    return before + iv + after


@lru_cache(maxsize=_MOST_SIZES)
def _around_iv(sealed_bytes: int) -> tuple[bytes, bytes]:
    """Return the prefix's bytes before and after the IV: they depend on lengths alone."""
    after = _TAG_LENGTH_16 + _tag(0x80, sealed_bytes)
    parameters = _wrap(0x30, _wrap(0x04, bytes(_IV_BYTES)) + _TAG_LENGTH_16)
    algorithm = _wrap(0x30, _AES256_GCM_OID + parameters)
    content = _DATA_OID + algorithm + _tag(0x80, sealed_bytes)
    info = _tag(0x30, len(content) + sealed_bytes) + content
    data = _VERSION_0 + info
    data = _tag(0x30, len(data) + sealed_bytes) + data
    explicit = _ENCRYPTED_DATA_OID + _tag(0xA0, len(data) + sealed_bytes) + data
    whole = _tag(0x30, len(explicit) + sealed_bytes) + explicit
    return whole[: -len(after) - _IV_BYTES], after


def _wrap(tag: int, content: bytes) -> bytes:
    return _tag(tag, len(content)) + content


def _tag(tag: int, length: int) -> bytes:
    """Return tag and length in DER (X.690 §8.1.3, §10.1)."""
    if length < 0x80:
        return bytes([tag, length])
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets
