"""Windows executables as far as a signature needs them: what is hashed, and where it is kept.

Owns the few fields of the PE header that matter and the attribute certificate table. No kept
library does this without cryptography of its own (signify brings oscrypto; pefile reads far more
of hostile input than is needed). Must not know what a signature is.

Source: Microsoft PE Format, "Optional Header", "The Attribute Certificate Table (Image Only)";
Windows Authenticode Portable Executable Signature Format, "Calculating the PE Image Hash".
"""

import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from workbench.signing.formats.base import Broken

FORMAT: Final = "Microsoft PE Format"
AUTHENTICODE: Final = "Authenticode Portable Executable Signature Format"
_NEXT: Final = "Get an undamaged copy of the program."
_PE32, _PE32_PLUS = 0x10B, 0x20B
_OPTIONAL: Final = 24
_CHECKSUM: Final = 64
_SECURITY: Final = 4
_REVISION, _PKCS7 = 0x0200, 0x0002
_ENTRY: Final = struct.Struct("<IHH")
_ALIGNED: Final = 8


@dataclass(frozen=True, slots=True)
class Image:
    """A PE image.

    Attributes:
        data: all of the file.
        checksum: where the checksum stands.
        directory: where the directory entry of the certificate table stands.
        end: where the image ends and certificates begin.
    """

    data: bytes = field(repr=False)
    checksum: int
    directory: int
    end: int

    @property
    def signed(self) -> bool:
        """Whether there is a certificate table."""
        return self.end < len(self.data)

    def hashed(self) -> Iterator[memoryview]:
        """Yield what a signature is over: all but checksum, directory entry and certificates."""
        view = memoryview(self.data)
        yield view[: self.checksum]
        yield view[self.checksum + 4 : self.directory]
        yield view[self.directory + 8 : self.end]
        yield memoryview(bytes(-self.end % _ALIGNED))

    def signature(self) -> bytes:
        """Return the one signature in the certificate table, its padding taken off.

        Raises:
            Broken: there is another kind of entry, several, or something hidden behind it.
        """
        table = self.data[self.end :]
        size, revision, kind = _ENTRY.unpack_from(table) if len(table) >= 8 else (0, 0, 0)
        if (revision, kind) != (_REVISION, _PKCS7) or not 8 < size <= len(table):
            raise Broken("The certificate table has no signature.", FORMAT, _NEXT)
        if len(table) - size >= _ALIGNED or table[size:].strip(b"\0"):
            raise Broken(
                "Something stands behind the signature that it does not cover.",
                AUTHENTICODE,
                "Do not rely on the program.",
            )
        return table[8:size]

    def with_signature(self, signature: bytes) -> bytes:
        """Return the file with a signature in place of any that is there."""
        image = bytearray(self.data[: self.end] + bytes(-self.end % _ALIGNED))
        size = _ENTRY.size + len(signature) + -len(signature) % _ALIGNED
        struct.pack_into("<II", image, self.directory, len(image), size)
        image += _ENTRY.pack(size, _REVISION, _PKCS7) + signature
        image += bytes(-len(image) % _ALIGNED)
        struct.pack_into("<I", image, self.checksum, _sum(bytes(image), self.checksum))
        return bytes(image)


def read_image(data: bytes) -> Image:
    """Find what matters in a PE image.

    Raises:
        Broken: it is none, or its certificate table is not at the end.
    """
    try:
        (start,) = struct.unpack_from("<I", data, 0x3C)
        (magic,) = struct.unpack_from("<H", data, start + _OPTIONAL)
        (optional_size,) = struct.unpack_from("<H", data, start + 20)
        if data[:2] != b"MZ" or data[start : start + 4] != b"PE\0\0":
            raise _none()
        if magic not in (_PE32, _PE32_PLUS):
            raise _none()
        tables = start + _OPTIONAL + (96 if magic == _PE32 else 112)
        (count,) = struct.unpack_from("<I", data, tables - 4)
        directory = tables + 8 * _SECURITY
        offset, size = struct.unpack_from("<II", data, directory)
    except struct.error as error:
        raise _none() from error
    if count <= _SECURITY or directory + 8 > start + _OPTIONAL + optional_size:
        raise Broken("The program has no place for a signature.", FORMAT, "Sign it detached.")
    if not offset and not size:
        offset = len(data)
    elif offset % _ALIGNED or offset < directory + 8 or offset + size != len(data):
        raise Broken(
            "The certificate table is not at the end of the file, so something could be hidden "
            "behind it.",
            AUTHENTICODE,
            "Do not rely on the program.",
        )
    return Image(data, start + _OPTIONAL + _CHECKSUM, directory, offset)


def _none() -> Broken:
    return Broken("It is not a Windows program (PE).", FORMAT, "Choose another format.")


def _sum(image: bytes, checksum: int) -> int:
    """Return the image's checksum: the sum of its words, carries added back, plus its length."""
    cleared = image[:checksum] + bytes(4) + image[checksum + 4 :] + bytes(len(image) % 2)
    words = array("H", cleared)
    if sys.byteorder == "big":
        words.byteswap()
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total + len(image)
