"""Which key material a symmetric ciphertext names, told from the ciphertext alone.

Knows the head of AWS's ciphertext blobs: a version, and the material's id in bytes 5 to 36.
Knows no Qt and no service; decrypts nothing.
"""

import base64
import binascii
from typing import Final

_HEADS: Final = (bytes.fromhex("0102010078"), bytes.fromhex("0102020078"))
"""Versions and kind of the blobs that AWS KMS makes for symmetric encryption keys."""
_ID: Final = slice(5, 37)
_SHORTEST: Final = 37
_LONGEST_TEXT: Final = 10_000
"""Characters: a blob holds 4,096 bytes of plaintext and a little more."""


def material_of(text: str) -> str:
    """Return the id of the material that a ciphertext in Base64 names; empty if it is none."""
    if not 48 <= len(text) <= _LONGEST_TEXT:
        return ""
    try:
        blob = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    if len(blob) < _SHORTEST or not blob.startswith(_HEADS):
        return ""
    return blob[_ID].hex()
