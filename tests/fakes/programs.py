"""Windows programs to sign: the least that is one, of 32 and of 64 bits."""

import struct

CODE = b"\x31\xc0\xc3"


def program(*, bits: int = 64, tail: bytes = b"", directories: int = 16) -> bytes:
    """Return a PE image with one section; `tail` is appended as installers do."""
    wide = bits == 64
    start, aligned = 0x80, 0x200
    dos = b"MZ" + bytes(0x3A) + struct.pack("<I", start)
    coff = struct.pack(
        "<4sHHIIIHH", b"PE\0\0", 0x8664 if wide else 0x14C, 1, 0, 0, 0,
        (112 if wide else 96) + 8 * directories, 0x22 if wide else 0x102,
    )  # fmt: skip
    head = struct.pack("<HBBIIIII", 0x20B if wide else 0x10B, 14, 0, aligned, 0, 0, 0x1000, 0x1000)
    head += struct.pack("<Q", 0x140000000) if wide else struct.pack("<II", 0x2000, 0x400000)
    head += struct.pack(
        "<IIHHHHHHIIIIHH", 0x1000, aligned, 6, 0, 0, 0, 6, 0, 0, 0x2000, aligned, 0, 3, 0x8160
    )
    sizes = (0x100000, 0x1000, 0x100000, 0x1000)
    head += struct.pack("<4Q" if wide else "<4I", *sizes)
    head += struct.pack("<II", 0, directories) + bytes(8 * directories)
    section = struct.pack(
        "<8sIIIIIIHHI", b".text", len(CODE), 0x1000, aligned, aligned, 0, 0, 0, 0, 0x60000020
    )
    headers = (dos.ljust(start, b"\0") + coff + head + section).ljust(aligned, b"\0")
    return headers + CODE.ljust(aligned, b"\xcc") + tail
