"""What the equivalent command lines are about, and how shells are told of it.

Owns quoting for a POSIX shell and the one OpenSSL command that checks a value with a public key.
Must not know formats.
"""

import base64
import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from workbench.base.sites import Site
from workbench.crypto.keys import public_from_der, spec_of
from workbench.pki.purposes import Purpose


@dataclass(frozen=True, slots=True)
class Line:
    """A command line.

    Attributes:
        tool: the program, such as `OpenSSL`.
        text: the line.
    """

    tool: str
    text: str


@dataclass(frozen=True, slots=True)
class Given:
    """What a line is about.

    Attributes:
        file: the signed file.
        signature: its signature.
        key_id: the signer's key in AWS KMS.
        public_key: its public half (SubjectPublicKeyInfo, DER).
        root: PEM file with the trusted roots, for formats with certificates.
        public_file: PEM file with the signers' public keys, for formats that are checked with keys.
        size: of the file in bytes: AWS KMS is given what is too long for RAW as a digest.
        site: where the key is; None for the vault's home Region.
        purpose: what the signers' certificates are meant for.
        others: public keys of those who signed with the first, in their order.
    """

    file: Path
    signature: Path
    key_id: str
    public_key: bytes
    root: Path = Path("root.pem")
    public_file: Path = Path("public.pem")
    size: int = 0
    site: Site | None = None
    purpose: Purpose = Purpose.CODE_SIGNING
    others: tuple[bytes, ...] = ()

    @property
    def spec(self) -> str:
        """The first key's AWS key spec; raises `Refused` for a key AWS KMS has not."""
        return spec_of(public_from_der(self.public_key))

    def beside(self, ending: str) -> str:
        """Return the name of a file beside the signature that a line makes, as a shell word."""
        return quoted(Path(f"{self.signature}.{ending}"))


def octal(data: bytes) -> str:
    """Return bytes as every shell's printf takes them."""
    return "".join(f"\\{byte:03o}" for byte in data)


def public_pem(public_key: bytes) -> str:
    """Return a public key as PEM, for `Given.public_file`."""
    text = base64.encodebytes(public_key).decode().replace("\n", "")
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join(("-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""))


def quoted(path: Path) -> str:
    """Return a path as one shell word."""
    raw = os.fsencode(path)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and text.isprintable():
        return shlex.quote(text)
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b"'\\" else f"\\x{byte:02x}"
        for byte in raw
    )
    return f"$'{escaped}'"


def check_value(algorithm: str, key: str, message: str, value: str) -> str:
    """Return the OpenSSL command that checks a signature value with a public key.

    Args:
        algorithm: AWS's SigningAlgorithm.
        key: shell word of the PEM file with the public key.
        message: shell word of the file that is signed; empty for standard input, which ECDSA and
            RSA are checked over as well.
        value: shell word of the file with the value, as AWS KMS encodes it.
    """
    if algorithm.startswith(("ECDSA", "RSA")):
        pss = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"
        more = pss if "_PSS_" in algorithm else ""
        line = f"openssl dgst -sha{algorithm[-3:]}{more} -verify {key} -signature {value} {message}"
        return line.rstrip()
    return f"openssl pkeyutl -verify -pubin -inkey {key} -rawin -in {message} -sigfile {value}"
