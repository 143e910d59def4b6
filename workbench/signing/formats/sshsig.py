"""OpenSSH file signatures, as `ssh-keygen -Y sign` makes them.

Owns the armour, the blob and the bytes that are signed (OpenSSH PROTOCOL.sshsig §1-3; keys and
signature values by RFC 4253 §6.6, RFC 5656 §3.1, RFC 8332 §3, RFC 8709 §6). Must not know files.
"""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_public_key,
)

from workbench.base.errors import Refused
from workbench.base.files import printable
from workbench.crypto.digests import new_digest
from workbench.crypto.keys import PublicKey, public_from_der, public_to_der, spec_of
from workbench.signing.formats.base import (
    LARGEST_SIGNATURE,
    Broken,
    Content,
    Signing,
    Traits,
    Trust,
    require_spec,
)
from workbench.signing.formats.findings import Findings, check_key, check_signature, content_missing
from workbench.signing.formats.keys import matches, sign_message
from workbench.signing.verdict import Verdict

_BEGIN: Final = b"-----BEGIN SSH SIGNATURE-----"
_END: Final = b"-----END SSH SIGNATURE-----"
_MAGIC: Final = b"SSHSIG"
_VERSION: Final = 1
_LINE: Final = 70
_RULE: Final = "PROTOCOL.sshsig"
_HASHES: Final = {"SHA-512": "sha512", "SHA-256": "sha256"}
_SIGNATURE_NAMES: Final = {
    "ECC_NIST_P256": "ecdsa-sha2-nistp256",
    "ECC_NIST_P384": "ecdsa-sha2-nistp384",
    "ECC_NIST_P521": "ecdsa-sha2-nistp521",
    "ECC_NIST_EDWARDS25519": "ssh-ed25519",
    "RSA_2048": "rsa-sha2-512",
    "RSA_3072": "rsa-sha2-512",
    "RSA_4096": "rsa-sha2-512",
}
_ALGORITHMS: Final = {
    "ecdsa-sha2-nistp256": "ECDSA_SHA_256",
    "ecdsa-sha2-nistp384": "ECDSA_SHA_384",
    "ecdsa-sha2-nistp521": "ECDSA_SHA_512",
    "ssh-ed25519": "ED25519_SHA_512",
    "rsa-sha2-512": "RSASSA_PKCS1_V1_5_SHA_512",
    "rsa-sha2-256": "RSASSA_PKCS1_V1_5_SHA_256",
}


@dataclass(frozen=True, slots=True)
class SshBlob:
    """A signature taken apart.

    Attributes:
        public_key: SubjectPublicKeyInfo, DER.
        namespace: what the signature is for.
        reserved: kept for the future; signed.
        digest: digest of the content by name.
        kind: signature algorithm in SSH's naming.
        value: the signature value as AWS KMS encodes it.
    """

    public_key: bytes
    namespace: bytes
    reserved: bytes
    digest: str
    kind: str
    value: bytes

    def signed(self, digest: bytes) -> bytes:
        """Return the bytes that are signed (PROTOCOL.sshsig §3)."""
        return _signed(self.namespace, self.reserved, self.digest, digest)


@dataclass(frozen=True, slots=True)
class Sshsig:
    """OpenSSH signatures.

    Attributes:
        namespace: what the signature is for; `file`, or for instance `git` or an own
            `NAME@DOMAIN`. Verification demands the same.
        digest: `SHA-512` or `SHA-256`.

    Raises:
        Refused: the namespace is empty or unprintable, or the digest another.
    """

    name: ClassVar[str] = "sshsig"
    title: ClassVar[str] = "OpenSSH signature"
    suffix: ClassVar[str] = ".sig"
    standard: ClassVar[str] = _RULE
    traits: ClassVar[Traits] = Traits(digests=lambda _spec: tuple(_HASHES), demands=("namespace",))
    specs: ClassVar[frozenset[str]] = frozenset(_SIGNATURE_NAMES)
    peer_limits: ClassVar[str] = (
        "OpenSSH has no ML-DSA signatures yet; sign with an Ed25519 or ECDSA key for ssh-keygen, "
        "and add a CMS signature with ML-DSA beside it."
    )

    namespace: str = "file"
    digest: str = "SHA-512"

    def __post_init__(self) -> None:
        """Check the choices."""
        if not self.namespace or not self.namespace.isprintable():
            raise Refused(
                "An OpenSSH signature needs a namespace.", "Use “file”, or a name of your own."
            )
        if self.digest not in _HASHES:
            raise Refused(
                f"OpenSSH signatures have no digest {self.digest!r}.",
                f"Choose {' or '.join(_HASHES)}.",
            )

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the armoured signature; raises as `Format.sign`."""
        spec = signing.spec
        require_spec(self.title, self.specs, spec)
        kind = _SIGNATURE_NAMES[spec]
        namespace = self.namespace.encode()
        (digest,) = content.digests([new_digest(self.digest)])
        message = _signed(namespace, b"", self.digest, digest)
        value = sign_message(kms, signing, _ALGORITHMS[kind], message)
        blob = b"".join(
            (
                _MAGIC,
                struct.pack(">I", _VERSION),
                _string(ssh_blob(signing.public_key)),
                _string(namespace),
                _string(b""),
                _string(_HASHES[self.digest].encode()),
                _string(_string(kind.encode()) + _string(_to_ssh(kind, value))),
            )
        )
        text = base64.b64encode(blob)
        lines = [text[start : start + _LINE] for start in range(0, len(text), _LINE)]
        return b"\n".join((_BEGIN, *lines, _END, b""))

    def sniff(self, head: bytes) -> bool:
        """Whether it begins with the armour."""
        return head.startswith(_BEGIN)

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check a signature; raises as `Format.verify`."""
        found = Findings()
        try:
            blob = read_sshsig(signature)
        except Broken as error:
            found.broken("Signature file", error)
            return found.verdict()
        found.ok("Signature file", "It is a well-formed OpenSSH signature.", f"{_RULE} §2")
        found.algorithm, found.digest = blob.kind, blob.digest
        self._check_namespace(found, blob)
        if content is None:
            return content_missing(found, f"{_RULE} §1")
        (digest,) = content.digests([new_digest(blob.digest)])
        found.file_hash = digest.hex()
        good = matches(blob.public_key, _ALGORITHMS[blob.kind], blob.signed(digest), blob.value)
        check_signature(found, content, f"{_RULE} §3", good=good)
        namespace = blob.namespace.decode("utf-8", "replace")
        check_key(
            found, blob.public_key, trust, f"the key {fingerprint(blob.public_key)}", namespace
        )
        return found.verdict()

    def _check_namespace(self, found: Findings, blob: SshBlob) -> None:
        shown = printable(blob.namespace.decode("utf-8", "replace"))
        found.judge(
            "Namespace",
            f"The signature was made for the namespace {shown}.",
            f"The signature was made for the namespace {shown}, not for “{self.namespace}”.",
            f"{_RULE} §2",
            "Verify it for the namespace it was made for, if you expected that one.",
            good=hmac.compare_digest(blob.namespace, self.namespace.encode()),
            demand="namespace",
        )


def ssh_blob(public_key: bytes) -> bytes:
    """Return a public key in SSH's wire form; raises `Refused` where SSH has none."""
    return base64.b64decode(public_line(public_key).split()[1])


def public_line(public_key: bytes) -> str:
    """Return a public key as a line of `authorized_keys`: kind and base64.

    Raises:
        Refused: SSH has no form for such a key.
    """
    try:
        line = public_from_der(public_key).public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Refused("OpenSSH has no form for such a key.", "Choose an Ed25519 key.") from error
    return line.decode()


def fingerprint(public_key: bytes) -> str:
    """Return a public key's fingerprint as `ssh-keygen -l` shows it."""
    digest = new_digest("SHA-256")
    digest.update(ssh_blob(public_key))
    return "SHA256:" + base64.b64encode(digest.digest()).rstrip(b"=").decode()


def read_sshsig(data: bytes) -> SshBlob:
    """Take a signature apart, strictly.

    Raises:
        Broken: with the section that is broken.
    """
    reader = _Reader(_unarmoured(data))
    if reader.take(len(_MAGIC)) != _MAGIC:
        raise Broken("This is not an OpenSSH signature.", f"{_RULE} §2")
    version = struct.unpack(">I", reader.take(4))[0]
    if version != _VERSION:
        raise Broken(
            f"The OpenSSH signature has version {version}; only version {_VERSION} is known.",
            f"{_RULE} §2",
            "Have the file signed again by another program.",
        )
    key, namespace, reserved, hashed, value = (reader.string() for _ in range(5))
    reader.end()
    if not namespace:
        raise Broken("The OpenSSH signature has no namespace.", f"{_RULE} §2")
    digest = next((name for name, ssh in _HASHES.items() if ssh.encode() == hashed), None)
    if digest is None:
        raise Broken("The OpenSSH signature names an unknown digest.", f"{_RULE} §2")
    public = _public(key)
    kind, native = _value(value, spec_of(public))
    return SshBlob(public_to_der(public), namespace, reserved, digest, kind, native)


def _unarmoured(data: bytes) -> bytes:
    body = data.removesuffix(b"\n")
    lines = body.replace(b"\r\n", b"\n").split(b"\n")
    if len(data) > LARGEST_SIGNATURE or len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
        raise Broken(
            "This is not an OpenSSH signature, or it is cut off or followed by something.",
            f"{_RULE} §1",
        )
    text = b"".join(lines[1:-1])
    try:
        blob = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Broken("The OpenSSH signature's base64 is damaged.", f"{_RULE} §1") from error
    if base64.b64encode(blob) != text:
        raise Broken("The OpenSSH signature's base64 has a second meaning.", "RFC 4648 §3.5")
    return blob


class _Reader:
    """SSH's data types, read one after the other (RFC 4251 §5)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        """Return the next bytes; raises `Broken` if there are not as many."""
        piece = self._data[self._at : self._at + size]
        if len(piece) != size:
            raise Broken("The OpenSSH signature is cut off.", "RFC 4251 §5")
        self._at += size
        return piece

    def string(self) -> bytes:
        """Return the next string."""
        return self.take(struct.unpack(">I", self.take(4))[0])

    def number(self) -> int:
        """Return the next positive mpint, which must be in the shortest form."""
        octets = self.string()
        number = int.from_bytes(octets, "big", signed=True)
        if number <= 0 or _mpint(number)[4:] != octets:
            raise Broken("A number in the OpenSSH signature is malformed.", "RFC 4251 §5")
        return number

    def end(self) -> None:
        """Raise `Broken` unless everything was read."""
        if self._at != len(self._data):
            raise Broken(
                "The OpenSSH signature has bytes at a place where none belong.", "RFC 4251 §5"
            )


def _public(key: bytes) -> PublicKey:
    """Read a public key; what is written back must be the same bytes."""
    line = b" ".join((_Reader(key).string(), base64.b64encode(key)))
    try:
        public = load_ssh_public_key(line)
        if (
            isinstance(public, PublicKey)
            and spec_of(public) in _SIGNATURE_NAMES
            and ssh_blob(public_to_der(public)) == key
        ):
            return public
    except (ValueError, TypeError, NotImplementedError, UnsupportedAlgorithm, Refused):
        pass  # said below, for every reason alike
    raise Broken(
        "The key inside the OpenSSH signature is damaged or of a kind that is not offered here.",
        "RFC 4253 §6.6",
        "Have the file signed with an Ed25519, ECDSA or RSA key.",
    )


def _value(value: bytes, spec: str) -> tuple[str, bytes]:
    reader = _Reader(value)
    kind, inner = reader.string().decode("latin-1"), reader.string()
    reader.end()
    allowed = {_SIGNATURE_NAMES[spec]} | ({"rsa-sha2-256"} if spec.startswith("RSA") else set())
    if kind not in allowed:
        raise Broken(
            f"The signature claims {printable(kind)}, which is weak or does not go with the key.",
            f"{_RULE} §3",
        )
    if not kind.startswith("ecdsa"):
        return kind, inner
    numbers = _Reader(inner)
    r, s = numbers.number(), numbers.number()
    numbers.end()
    return kind, encode_dss_signature(r, s)


def _to_ssh(kind: str, value: bytes) -> bytes:
    if not kind.startswith("ecdsa"):
        return value
    r, s = decode_dss_signature(value)
    return _mpint(r) + _mpint(s)


def _signed(namespace: bytes, reserved: bytes, name: str, digest: bytes) -> bytes:
    parts = (namespace, reserved, _HASHES[name].encode(), digest)
    return _MAGIC + b"".join(_string(part) for part in parts)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _mpint(number: int) -> bytes:
    return _string(number.to_bytes(number.bit_length() // 8 + 1, "big"))
