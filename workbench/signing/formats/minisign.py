"""Minisign signatures: Ed25519 over a file, and over a comment that is trusted with it.

Owns the four lines of a signature and the two of a public key, in minisign's published layout.
Both kinds are known: `ED` over BLAKE2b-512 of the file and the older `Ed` over the file itself.
Must not know files.
"""

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from workbench.base.errors import Refused
from workbench.base.files import printable
from workbench.crypto.keys import public_from_der, public_to_der
from workbench.crypto.table import Family
from workbench.signing.formats.base import Broken, Content, Signing, Traits, Trust, require_spec
from workbench.signing.formats.findings import Findings, check_signature, content_missing
from workbench.signing.formats.keys import matches, sign_message
from workbench.signing.verdict import Verdict

_UNTRUSTED: Final = b"untrusted comment: "
_TRUSTED: Final = b"trusted comment: "
_SPEC: Final = "ECC_NIST_EDWARDS25519"
_ALGORITHM: Final = "ED25519_SHA_512"
_PREHASHED: Final = b"ED"
_LEGACY: Final = b"Ed"
_LONGEST_COMMENT: Final = 1024
_LONGEST_LINE: Final = 8192
_NUMBER: Final = 8
_SIGNATURE: Final = 64
_TIME: Final = re.compile(r"(?:\A|\t)timestamp:([0-9]{1,11})(?:\t|\Z)")
_LAYOUT: Final = "minisign, signature format"
_GLOBAL: Final = "minisign, global signature"


@dataclass(frozen=True, slots=True)
class MinisignSignature:
    """A signature taken apart.

    Attributes:
        prehashed: whether it is over BLAKE2b-512 of the file and not the file itself.
        number: the key number, 8 bytes; it finds a key but proves nothing.
        value: the signature over the file.
        comment: the trusted comment.
        over_comment: the signature over `value` and `comment`.
    """

    prehashed: bool
    number: bytes
    value: bytes
    comment: bytes
    over_comment: bytes


@dataclass(frozen=True, slots=True)
class Minisign:
    """Minisign signatures.

    Attributes:
        comment: the trusted comment; empty takes the signing time.
        number: key number as 16 hexadecimal digits; empty takes one made from the public key.
        legacy: sign the file itself instead of its digest; up to 4,096 bytes.

    Raises:
        Refused: the comment is too long or has unprintable characters, or the number is another.
    """

    name: ClassVar[str] = "minisign"
    title: ClassVar[str] = "Minisign signature"
    suffix: ClassVar[str] = ".minisig"
    standard: ClassVar[str] = "minisign"
    traits: ClassVar[Traits] = Traits(hashed="BLAKE2b-512")
    specs: ClassVar[frozenset[str]] = frozenset({_SPEC})
    peer_limits: ClassVar[str] = (
        "Minisign knows Ed25519 only; add a CMS signature with ML-DSA beside it."
    )

    comment: str = ""
    number: str = ""
    legacy: bool = False

    def __post_init__(self) -> None:
        """Check the choices."""
        if len(self.comment) > _LONGEST_COMMENT or not _is_plain(self.comment):
            raise Refused(
                "The trusted comment is too long or has characters that are not plain ASCII.",
                f"Use one line of at most {_LONGEST_COMMENT} ASCII characters.",
            )
        if self.number and re.fullmatch(r"[0-9a-fA-F]{16}", self.number) is None:
            raise Refused("A minisign key number has 16 hexadecimal digits.", "Leave it empty.")

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signature file; raises as `Format.sign`."""
        require_spec(self.title, self.specs, signing.spec)
        if self.legacy:
            kind, value = _LEGACY, sign_message(kms, signing, _ALGORITHM, content.pieces())
        else:
            (digest,) = content.digests([hashlib.blake2b()])
            kind, value = _PREHASHED, sign_message(kms, signing, _ALGORITHM, digest)
        stamp = int(signing.moment.timestamp())
        comment = (
            self.comment or f"timestamp:{stamp}" + ("" if self.legacy else "\thashed")
        ).encode()
        number = bytes.fromhex(self.number) or key_number(signing.public_key)
        over = sign_message(kms, signing, _ALGORITHM, value + comment)
        return b"\n".join(
            (
                _UNTRUSTED + b"signature from a key in Key Workbench",
                base64.b64encode(kind + number + value),
                _TRUSTED + comment,
                base64.b64encode(over),
                b"",
            )
        )

    def sniff(self, head: bytes) -> bool:
        """Whether it has a comment line and a signature line."""
        lines = head.split(b"\n")
        prefixes = tuple(base64.b64encode(kind + b"\0")[:2] for kind in (_PREHASHED, _LEGACY))
        return lines[0].startswith(_UNTRUSTED) and any(
            len(line.strip()) == 100 and line.startswith(prefixes) for line in lines[1:2]
        )

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check a signature; raises as `Format.verify`."""
        found = Findings()
        try:
            parsed = read_minisign(signature)
        except Broken as error:
            found.broken("Signature file", error)
            return found.verdict()
        found.ok("Signature file", "It is a well-formed minisign signature.", _LAYOUT)
        found.algorithm = "Ed25519"
        found.digest = "BLAKE2b-512" if parsed.prehashed else ""
        found.signer = f"the key number {shown_number(parsed.number)}"
        if content is None:
            return content_missing(found, _LAYOUT)
        keys = [key for key in trust.usable() if _is_ed25519(key.public_key)]
        if not keys:
            found.need("key", f"the key number {shown_number(parsed.number)}")
            found.failed(
                "Trusted key",
                f"Nobody vouches for the key number {shown_number(parsed.number)}, and the "
                "signature does not hold the key.",
                _LAYOUT,
                "Get the signer's minisign public key from a source you trust and add it.",
            )
            return found.verdict()
        message = _message(found, parsed, content)
        signer = next(
            (key for key in keys if matches(key.public_key, _ALGORITHM, message, parsed.value)),
            None,
        )
        check_signature(found, content, _LAYOUT, good=signer is not None)
        if signer is None:
            return found.verdict()
        found.signer = signer.name
        found.families.add(Family.EDWARDS)
        found.ok("Trusted key", f"The key belongs to {signer.name}.")
        _check_comment(found, parsed, signer.public_key)
        return found.verdict()


def _message(found: Findings, parsed: MinisignSignature, content: Content) -> bytes:
    if not parsed.prehashed:
        return content.whole()
    (digest,) = content.digests([hashlib.blake2b()])
    found.file_hash = digest.hex()
    return digest


def _check_comment(found: Findings, parsed: MinisignSignature, public_key: bytes) -> None:
    shown = printable(parsed.comment.decode())
    good = matches(public_key, _ALGORITHM, parsed.value + parsed.comment, parsed.over_comment)
    found.judge(
        "Trusted comment",
        f"The signer vouches for the comment {shown}.",
        f"The comment {shown} is not the signer's: it was changed after signing.",
        _GLOBAL,
        "Get an undamaged copy of the signature.",
        good=good,
    )
    stamp = _TIME.search(parsed.comment.decode())
    if good and stamp:
        found.signing_time = datetime.fromtimestamp(int(stamp[1]), UTC)


def key_number(public_key: bytes) -> bytes:
    """Return the key number that the workbench gives a key: it is made from the key alone."""
    return hashlib.blake2b(public_key, digest_size=_NUMBER).digest()


def shown_number(number: bytes) -> str:
    """Return a key number as minisign shows it: a little-endian number in hexadecimal."""
    return number[::-1].hex().upper()


def public_file(public_key: bytes, number: bytes = b"") -> bytes:
    """Return a public key as a minisign `.pub` file; raises `Refused` unless it is Ed25519."""
    require_spec(Minisign.title, Minisign.specs, _SPEC if _is_ed25519(public_key) else "another")
    key = public_from_der(public_key)
    assert isinstance(key, Ed25519PublicKey)
    number = number or key_number(public_key)
    return b"\n".join(
        (
            _UNTRUSTED + f"minisign public key {shown_number(number)}".encode(),
            base64.b64encode(_LEGACY + number + key.public_bytes_raw()),
            b"",
        )
    )


def read_public_file(data: bytes) -> tuple[bytes, bytes]:
    """Return key number and SubjectPublicKeyInfo of a `.pub` file.

    Raises:
        Broken: it is none.
    """
    lines = _lines(data, 2)
    inside = _decoded(lines[1], 2 + _NUMBER + 32)
    if not lines[0].startswith(_UNTRUSTED) or not inside.startswith(_LEGACY):
        raise Broken("This is not a minisign public key.", _LAYOUT, "Choose the .pub file.")
    key = Ed25519PublicKey.from_public_bytes(inside[-32:])
    return inside[2 : 2 + _NUMBER], public_to_der(key)


def read_minisign(data: bytes) -> MinisignSignature:
    """Take a signature apart, strictly.

    Raises:
        Broken: with what is broken.
    """
    lines = _lines(data, 4)
    if not lines[0].startswith(_UNTRUSTED) or not lines[2].startswith(_TRUSTED):
        raise Broken("This is not a minisign signature.", _LAYOUT)
    inside = _decoded(lines[1], 2 + _NUMBER + _SIGNATURE)
    kind = inside[:2]
    if kind not in {_PREHASHED, _LEGACY}:
        raise Broken("The minisign signature has an unknown algorithm.", _LAYOUT)
    comment = lines[2].removeprefix(_TRUSTED)
    try:
        comment.decode()
    except UnicodeDecodeError as error:
        raise Broken("The trusted comment is not UTF-8.", _LAYOUT) from error
    return MinisignSignature(
        prehashed=hmac.compare_digest(kind, _PREHASHED),
        number=inside[2 : 2 + _NUMBER],
        value=inside[2 + _NUMBER :],
        comment=comment,
        over_comment=_decoded(lines[3], _SIGNATURE),
    )


def _lines(data: bytes, count: int) -> list[bytes]:
    lines = data.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
    longest = max(len(line) for line in lines)
    if len(lines) != count or longest > _LONGEST_LINE or b"\r" in data.replace(b"\r\n", b""):
        raise Broken(
            f"This is not minisign's: it has {len(lines)} lines instead of {count}, or one that is "
            "too long.",
            _LAYOUT,
        )
    return lines


def _decoded(line: bytes, size: int) -> bytes:
    try:
        decoded = base64.b64decode(line, validate=True)
    except (ValueError, binascii.Error):
        decoded = b""
    if len(decoded) != size or base64.b64encode(decoded) != line:
        raise Broken("A line of minisign's is damaged.", _LAYOUT)
    return decoded


def _is_ed25519(public_key: bytes) -> bool:
    try:
        return isinstance(public_from_der(public_key), Ed25519PublicKey)
    except Refused:
        return False


def _is_plain(text: str) -> bool:
    return all(c == "\t" or " " <= c < "\x7f" for c in text)
