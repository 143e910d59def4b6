"""The layout of ciphertexts of keys in custom key stores.

Owns that layout and its strict reading. It begins as those of `workbench.hsm.blob` do, so that the
key is found by the material id in the same place; byte 2 tells them apart.

| Bytes | Content                                                       |
|-------|---------------------------------------------------------------|
| 0-4   | 01 02 04 00 78: constants of the layout                       |
| 5-36  | material id                                                   |
| 37    | 01                                                            |
| 38-41 | length of the rest, big-endian                                |
| 42-   | what the key store made of it, opaque                         |

Bytes 0-37 are authenticated by the key store together with the encryption context.
"""

from typing import Final

from workbench.base.errors import IntegrityError
from workbench.hsm.blob import blob_material_id as plain_material_id

_START: Final = bytes.fromhex("0102040078")
_MIDDLE: Final = b"\x01"
_HEADER_BYTES: Final = 38
_LENGTH: Final = slice(38, 42)
_CONTENT: Final = 42


def header(material_id: str) -> bytes:
    """Return bytes 0-37."""
    return _START + bytes.fromhex(material_id) + _MIDDLE


def join(material_id: str, content: bytes) -> bytes:
    """Return the whole ciphertext."""
    return header(material_id) + len(content).to_bytes(4) + content


def content(blob: bytes) -> bytes:
    """Return what the key store made.

    Raises:
        IntegrityError: `join` would not have written this.
    """
    framed = (
        of_key_store(blob)
        and blob[_HEADER_BYTES - 1 : _HEADER_BYTES] == _MIDDLE
        and len(blob) > _CONTENT
        and int.from_bytes(blob[_LENGTH]) == len(blob) - _CONTENT
    )
    if not framed:
        raise IntegrityError(
            "The ciphertext is not one of a custom key store, or it was damaged.",
            "Use an undamaged copy of the ciphertext.",
        )
    return blob[_CONTENT:]


def of_key_store(blob: bytes) -> bool:
    """Whether a ciphertext begins as those of custom key stores do."""
    return blob[: len(_START)] == _START


def blob_material_id(blob: bytes) -> str:
    """Return the material id that a ciphertext of any symmetric key names; proves nothing.

    Raises:
        IntegrityError: not a well-formed ciphertext.
    """
    if not of_key_store(blob):
        return plain_material_id(blob)
    content(blob)
    return blob[len(_START) : _HEADER_BYTES - 1].hex()
