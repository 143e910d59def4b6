"""What a dropped thing is, by its content and not by its name."""

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from asn1crypto import core

from workbench.base.files import printable
from workbench.signing import der
from workbench.signing.cms_build import SIGNED_DATA
from workbench.signing.formats.registry import FORMATS, detect, signed_name

_HEAD_BYTES = 4096
_LONG_HEAD_BYTES = 256 << 10
"""JSON, plain or in base64url, says only behind a chain of certificates what it is."""
_LONG_HEADS = (b"{", b"ey", b"ew")
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 #]{1,40})-----\s*\Z")
_BEFORE_PEM = (b"#", b"subject=", b"issuer=", b"Bag Attributes", b"Key Attributes", b" ", b"\t")
"""What lines before PEM begin with, where it is not text that merely quotes some."""
_KEY_BEGINNINGS = (
    b"\x02\x01\x00\x30",  # PKCS#8, RFC 5208
    b"\x02\x01\x01\x30",  # PKCS#8 with a public key, RFC 5958
    b"\x02\x01\x00\x02",  # PKCS#1, RFC 8017
    b"\x02\x01\x01\x04",  # elliptic curve, RFC 5915
)
_ANSWER = b"\x0a\x01\x00\xa0"  # a successful OCSP response, RFC 6960
_CONTAINER = b"\x02\x01\x03\x30"  # PKCS#12, RFC 7292
_SSH_ARMOUR = b"SSH SIGNATURE"
_PASSWORD_BASED = core.ObjectIdentifier("1.2.840.113549.1.5.13").dump()
_SIGNED_DATA_OID = core.ObjectIdentifier(SIGNED_DATA).dump()
_MAGIC = (
    (b"%PDF-", "PDF document"),
    (b"MZ", "Windows program (PE)"),
    (b"\x7fELF", "Linux program (ELF)"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"\x1f\x8b", "gzip archive"),
    (b"\xfd7zXZ\x00", "xz archive"),
    (b"!<arch>\n", "Debian package or static library"),
    (b"\xed\xab\xee\xdb", "RPM package"),
    (b"\x89PNG", "PNG picture"),
)


_KEY = "Private key"
_DATABASE = b"SQLite format 3\x00"


class Kind(StrEnum):
    """What something is, as far as it matters here."""

    CMS = "signature"
    SIGNATURE = "signature in another format"
    CERTIFICATE = "certificate"
    CSR = "certificate request"
    PRIVATE_KEY = "private key"
    STATUS = "revocation list or OCSP response"
    DATABASE = "database"
    FOLDER = "folder"
    FILE = "file"
    MISSING = "missing"


_SIGNED_THINGS = (
    (b"\xa0\x03\x02\x01", (Kind.CERTIFICATE, "Certificate (DER)")),
    (b"\x02\x01\x00\x30", (Kind.CSR, "Certificate request (DER)")),
    (b"\x02\x01\x01\x30", (Kind.STATUS, "Revocation list (DER)")),
)
"""How what is signed begins, and what it is then."""

IMPORTABLE = frozenset({Kind.CERTIFICATE, Kind.CSR, Kind.PRIVATE_KEY, Kind.STATUS, Kind.DATABASE})
"""Kinds that the collection takes in; a database may be XCA's."""
SIGNABLE = frozenset({Kind.FILE, Kind.FOLDER, Kind.CSR, Kind.DATABASE})
"""Kinds that may be meant to be signed."""
SIGNATURES = frozenset({Kind.CMS, Kind.SIGNATURE})
"""Kinds of signatures, all of which can be verified."""

_CMS = frozenset({"cms", "cades"})
_ALONE = frozenset(form.title for form in FORMATS.values() if form.traits.alone)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """One thing looked at.

    Attributes:
        path: where it is.
        kind: what it is.
        title: the same for people, a little more exact.
        size: bytes; 0 for folders.
    """

    path: Path
    kind: Kind
    title: str
    size: int = 0

    @property
    def alone(self) -> bool:
        """Whether it is a signature to which no other file belongs."""
        return self.kind in SIGNATURES and self.title in _ALONE


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What can be done with things dropped together.

    Attributes:
        pairs: files with their signatures.
        signatures: signatures whose file was not dropped.
        files: files and folders to sign.
        certificates: what the collection takes in: certificates, requests, lists, private keys.
        others: what nothing can be done with, its title saying why.
    """

    pairs: tuple[tuple[Path, Path], ...]
    signatures: tuple[Path, ...]
    files: tuple[Sniffed, ...]
    certificates: tuple[Path, ...]
    others: tuple[Sniffed, ...]


def sniff(path: Path) -> Sniffed:
    """Look at the first bytes of something; never fails."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return Sniffed(path, Kind.FOLDER, "Folder")
        if not stat.S_ISREG(status.st_mode):
            return Sniffed(path, Kind.MISSING, "Special file without content")
        with path.open("rb") as stream:
            head = stream.read(_HEAD_BYTES)
            if head.lstrip().startswith(_LONG_HEADS):
                head += stream.read(_LONG_HEAD_BYTES)
    except OSError as error:
        return Sniffed(path, Kind.MISSING, f"Cannot be read: {error.strerror}")
    kind, title = _kind(head)
    return Sniffed(path, kind, title, status.st_size)


def _kind(head: bytes) -> tuple[Kind, str]:
    if not head:
        return Kind.FILE, "Empty file"
    armour = _pem_label(head)
    if armour and armour != _SSH_ARMOUR:
        return _pem_kind(armour)
    form = detect(head)
    if form is not None and not form.traits.embeds:
        return Kind.CMS if form.name in _CMS else Kind.SIGNATURE, form.title
    if head.startswith(_DATABASE):
        return Kind.DATABASE, "SQLite database, XCA's perhaps"
    encoded = _der_kind(head)
    if encoded is not None:
        return encoded
    title = next((name for magic, name in _MAGIC if head.startswith(magic)), "File")
    return Kind.FILE, title


def _pem_label(head: bytes) -> bytes:
    """Return the label of PEM that a file begins with, after comments at most, or nothing."""
    for line in head.splitlines():
        begins = _PEM.match(line)
        if begins:
            return begins[1]
        if line.strip() and not line.startswith(_BEFORE_PEM):
            break
    return b""


def _pem_kind(label: bytes) -> tuple[Kind, str]:
    if b"PRIVATE KEY" in label:
        return Kind.PRIVATE_KEY, _KEY
    if label in {b"CMS", b"PKCS7"}:
        return Kind.CMS, "CMS signature (PEM)"
    if label in {b"CERTIFICATE", b"X509 CERTIFICATE", b"TRUSTED CERTIFICATE"}:
        return Kind.CERTIFICATE, "Certificate (PEM)"
    if label in {b"CERTIFICATE REQUEST", b"NEW CERTIFICATE REQUEST"}:
        return Kind.CSR, "Certificate request (PEM)"
    if label in {b"X509 CRL", b"OCSP RESPONSE"}:
        return Kind.STATUS, "Revocation list or OCSP response (PEM)"
    return Kind.FILE, "PEM text"


def _der_kind(head: bytes) -> tuple[Kind, str] | None:
    """Recognise DER by its frame: SEQUENCE, then what stands first inside, and inside that."""
    inner = _inside(head)
    innermost = _inside(inner)
    if inner.startswith(_SIGNED_DATA_OID):
        return Kind.CMS, "CMS signature"
    if inner.startswith(_CONTAINER):
        return Kind.PRIVATE_KEY, "PKCS#12 container"
    if inner.startswith(_KEY_BEGINNINGS) or innermost.startswith(_PASSWORD_BASED):
        return Kind.PRIVATE_KEY, _KEY
    if inner.startswith(_ANSWER):
        return Kind.STATUS, "OCSP response"
    found = (kind for begins, kind in _SIGNED_THINGS if innermost.startswith(begins))
    return next(found, None)


def _inside(data: bytes) -> bytes:
    """Return what begins inside a SEQUENCE, or nothing if it is none."""
    if len(data) < 2 or data[0] != der.SEQUENCE:
        return b""
    size = data[1]
    return data[2 + (size & 0x7F if size & 0x80 else 0) :]


def arrange(paths: Sequence[Path]) -> Arrangement:
    """Sort dropped things into what can be done with them; order does not matter."""
    things = [sniff(path) for path in paths]
    signatures = [thing.path for thing in things if thing.kind in SIGNATURES]
    files = [thing for thing in things if thing.kind in SIGNABLE]
    pairs = _pairs(files, [thing.path for thing in things if _needs_file(thing)])
    paired = {path for pair in pairs for path in pair}
    return Arrangement(
        pairs=tuple(pairs),
        signatures=tuple(path for path in signatures if path not in paired),
        files=tuple(thing for thing in files if thing.path not in paired),
        certificates=tuple(t.path for t in things if t.kind in IMPORTABLE),
        others=tuple(t for t in things if t.kind is Kind.MISSING),
    )


def _needs_file(thing: Sniffed) -> bool:
    return thing.kind in SIGNATURES and not thing.alone


def _pairs(files: Sequence[Sniffed], signatures: Sequence[Path]) -> list[tuple[Path, Path]]:
    by_name = {thing.path.name: thing.path for thing in files if thing.kind is not Kind.FOLDER}
    pairs = []
    for signature in signatures:
        name = signed_name(signature.name)
        if name in by_name:
            pairs.append((by_name[name], signature))
    plain = [thing.path for thing in files if thing.kind is not Kind.FOLDER]
    if not pairs and len(signatures) == 1 and len(plain) == 1:
        return [(plain[0], signatures[0])]
    return pairs


def describe(thing: Sniffed) -> str:
    """Return one line about a thing, its name made safe to show."""
    return f"{printable(thing.path.name)}: {thing.title}"
