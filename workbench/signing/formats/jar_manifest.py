"""Manifests and signature files of JARs, and the archives they stand in.

Owns reading and writing them and the limits on archives. Must not know keys or certificates.

Source: JAR File Specification (Java SE 21), "JAR Manifest" and "Signature File".
"""

import base64
import binascii
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from workbench.pki.names import visible
from workbench.signing.algorithms import DIGESTS
from workbench.signing.formats.base import Broken

SPECIFICATION: Final = "JAR File Specification"
MANIFEST: Final = "META-INF/MANIFEST.MF"
STRONG: Final = ("SHA-256", "SHA-384", "SHA-512")
"""Digests that count; SHA-1 and MD5 can be forged."""

BLOCKS: Final = ("RSA", "EC", "DSA")
"""Suffixes of signature blocks; Java looks at the suffix only to find them."""

_RELATED: Final = re.compile(
    r"META-INF/(?:MANIFEST\.MF|SIG-[^/]*|[^/]*\.(?:SF|RSA|EC|DSA))", re.IGNORECASE
)
_LINE: Final = 72
_MOST_ENTRIES: Final = 65_535
_MOST_BYTES: Final = 1 << 30
_LARGEST_MANIFEST: Final = 16 << 20
_LOCAL: Final = struct.Struct("<4s2xH18xHH")
_LOCAL_MARK: Final = b"PK\3\4"
_DESCRIPTOR_MARK: Final = b"PK\7\b"
_HAS_DESCRIPTOR: Final = 0x08
_NEXT: Final = "Get an undamaged copy of the archive."


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a manifest or signature file.

    Attributes:
        name: the entry it is about; empty for the main section.
        attributes: its headers, by name in lower case.
        raw: its bytes, the blank line at its end included.
    """

    name: str
    attributes: Mapping[str, str]
    raw: bytes = field(repr=False)

    def digests(self, suffix: str = "-Digest") -> dict[str, bytes]:
        """Return the strong digests it states, by digest; what is not base64 counts as wrong."""
        found = {}
        for name in STRONG:
            stated = self.attributes.get(f"{name}{suffix}".lower())
            if stated is None:
                continue
            try:
                found[name] = base64.b64decode(stated, validate=True)
            except binascii.Error:
                found[name] = b""
        return found


def parse_manifest(data: bytes, what: str) -> tuple[Section, dict[str, Section]]:
    """Take a manifest or signature file apart.

    Args:
        data: its bytes.
        what: what it is, to begin a sentence with.

    Returns:
        The main section, and the others by name.

    Raises:
        Broken: it is malformed, or has a section twice.
    """
    blocks = list(_blocks(data))
    if not blocks:
        raise Broken(f"{what} is empty.", SPECIFICATION, _NEXT)
    main, *others = (_section(raw, what) for raw in blocks)
    named: dict[str, Section] = {}
    for one in others:
        if not one.name or one.name in named:
            raise Broken(
                f"{what} has a section without a name, or two for {visible(one.name, 80)!r}.",
                SPECIFICATION,
                _NEXT,
            )
        named[one.name] = one
    return main, named


def _blocks(data: bytes) -> Iterator[bytes]:
    """Yield sections with the blank lines that end them."""
    for found in re.finditer(rb"(?:[^\r\n]+(?:\r\n|\n|\r|\Z))+(?:\r\n|\n|\r)*", data):
        yield found[0]


def _section(raw: bytes, what: str) -> Section:
    joined = re.sub(rb"(?:\r\n|\n|\r) ", b"", raw)
    attributes: dict[str, str] = {}
    for line in re.split(rb"\r\n|\n|\r", joined.rstrip(b"\r\n")):
        try:
            header, separator, value = line.decode().partition(": ")
        except UnicodeDecodeError as error:
            raise Broken(f"{what} is not UTF-8.", SPECIFICATION, _NEXT) from error
        if not separator or not re.fullmatch(r"[A-Za-z0-9][\w-]{0,69}", header, re.ASCII):
            raise Broken(f"{what} has a line that is no header.", SPECIFICATION, _NEXT)
        if header.lower() in attributes:
            raise Broken(f"{what} has a header twice.", SPECIFICATION, _NEXT)
        attributes[header.lower()] = value
    return Section(attributes.get("name", ""), attributes, raw)


def header(name: str, value: str) -> bytes:
    """Return a header, cut into lines of at most 72 bytes."""
    line = f"{name}: {value}".encode()
    lines = [line[: _LINE - 2]]
    rest = line[_LINE - 2 :]
    while rest:
        lines.append(b" " + rest[: _LINE - 3])
        rest = rest[_LINE - 3 :]
    return b"\r\n".join(lines) + b"\r\n"


def digest_of(name: str, data: bytes) -> bytes:
    """Return a digest."""
    running = DIGESTS[name].start()
    running.update(data)
    return running.digest()


def stated(name: str, data: bytes) -> str:
    """Return a digest as manifests state it."""
    return base64.b64encode(digest_of(name, data)).decode()


@dataclass(frozen=True, slots=True)
class Archive:
    """A JAR, its limits checked.

    Attributes:
        zip: the open archive.
        entries: what can be signed, in order, directories left out.
        related: entries that belong to signatures, by name in capitals.
    """

    zip: zipfile.ZipFile = field(repr=False)
    entries: tuple[zipfile.ZipInfo, ...]
    related: Mapping[str, zipfile.ZipInfo]

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        """Return an entry's content.

        Raises:
            Broken: it is damaged or longer than stated.
        """
        try:
            with self.zip.open(entry) as stream:
                data = stream.read(entry.file_size + 1)
        except (OSError, EOFError, ValueError, RuntimeError, NotImplementedError, zlib.error,
                zipfile.BadZipFile) as error:  # fmt: skip
            raise Broken(
                f"The entry {visible(entry.filename, 80)} is damaged, encrypted or packed in an "
                "unknown way.",
                SPECIFICATION,
                _NEXT,
            ) from error
        if len(data) != entry.file_size:
            raise Broken("An entry is longer than the archive says.", SPECIFICATION, _NEXT)
        return data

    def manifest(self) -> bytes | None:
        """Return the manifest, or None if there is none; raises as `read`."""
        return self.small(MANIFEST)

    def small(self, name: str) -> bytes | None:
        """Return a manifest or signature file by name; raises `Broken` if it is too large."""
        entry = self.related.get(name.upper())
        if entry is None:
            return None
        if entry.file_size > _LARGEST_MANIFEST:
            raise Broken(f"{visible(name, 80)} is too large.", SPECIFICATION, _NEXT)
        return self.read(entry)


def open_archive(data: bytes) -> Archive:
    """Open a JAR.

    Raises:
        Broken: it is no ZIP archive, or one with duplicate names or too much in it.
    """
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except (OSError, ValueError, KeyError, IndexError, NotImplementedError,
            zipfile.BadZipFile) as error:  # fmt: skip
        raise Broken("It is not a JAR: not a ZIP archive.", SPECIFICATION, _NEXT) from error
    infos = opened.infolist()
    names = [info.filename for info in infos]
    related = [info for info in infos if _RELATED.fullmatch(info.filename)]
    if len(infos) > _MOST_ENTRIES or sum(info.file_size for info in infos) > _MOST_BYTES:
        raise Broken(
            f"The archive has over {_MOST_ENTRIES} entries or unpacks to over "
            f"{_MOST_BYTES >> 30} GiB.",
            "the limits here",
            "Check it with jarsigner.",
        )
    _check_gapless(data, opened)
    capitals = {info.filename.upper(): info for info in related}
    if not all(names):
        raise Broken("The archive has an entry without a name.", SPECIFICATION, _NEXT)
    if len(set(names)) != len(names) or len(capitals) != len(related):
        raise Broken(
            "The archive has two entries of one name, so programs may see different ones.",
            SPECIFICATION,
            "Do not rely on it.",
        )
    entries = tuple(
        info for info in infos if not info.is_dir() and not _RELATED.fullmatch(info.filename)
    )
    return Archive(opened, entries, capitals)


def _check_gapless(data: bytes, opened: zipfile.ZipFile) -> None:
    """Refuse bytes that belong to no entry: a program that reads from the front sees others.

    Raises:
        Broken: something stands before, between or behind the entries.
    """
    at = 0
    for info in sorted(opened.infolist(), key=lambda one: one.header_offset):
        if info.header_offset != at:
            raise _hidden()
        at = _end(data, info)
    if at != opened.start_dir:
        raise _hidden()


def _end(data: bytes, info: zipfile.ZipInfo) -> int:
    """Return where an entry ends, its descriptor included (APPNOTE 4.3.7, 4.3.9)."""
    start = info.header_offset
    if len(data) < start + _LOCAL.size:
        raise _hidden()
    mark, flags, name, extra = _LOCAL.unpack_from(data, start)
    if mark != _LOCAL_MARK:
        raise _hidden()
    end: int = start + _LOCAL.size + name + extra + info.compress_size
    if not flags & _HAS_DESCRIPTOR:
        return end
    packed = struct.pack("<L", info.CRC)
    for width in ("<LL", "<QQ"):
        sizes = struct.pack(width, info.compress_size, info.file_size)
        for descriptor in (_DESCRIPTOR_MARK + packed + sizes, packed + sizes):
            if data.startswith(descriptor, end):
                return end + len(descriptor)
    raise _hidden()


def _hidden() -> Broken:
    return Broken(
        "The archive has bytes that belong to none of its entries, so programs may see different "
        "ones.",
        SPECIFICATION,
        "Do not rely on it.",
    )
