"""The same check, or the same signature, by other people's tools: lines that can be pasted.

Owns the command lines for every format that common tools know. Lines are for a POSIX shell.
"""

import base64
import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from workbench.crypto.keys import public_from_der, spec_of
from workbench.signing.algorithms import RAW_LIMIT
from workbench.signing.formats.base import Format
from workbench.signing.formats.minisign import Minisign, public_file
from workbench.signing.formats.raw import RawSignature
from workbench.signing.formats.sshsig import Sshsig, public_line


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
        root: PEM file with the trusted root, for formats with certificates.
        public_file: PEM file with the public key, for raw signatures.
    """

    file: Path
    signature: Path
    key_id: str
    public_key: bytes
    root: Path = Path("root.pem")
    public_file: Path = Path("public.pem")


def openssl_verify_command(file: Path, signature: Path, root: Path) -> str:
    """Return the OpenSSL (3.5 or newer for ML-DSA) command that verifies a detached signature.

    Args:
        file: the signed file.
        signature: its `.p7s`.
        root: PEM file with the trusted root.

    Returns:
        A line for a POSIX shell; names with undecodable bytes are given in `$'…'` form.
    """
    words = [
        "openssl", "cms", "-verify", "-inform", "DER", "-in", quoted(signature),
        "-content", quoted(file), "-CAfile", quoted(root), "-purpose", "codesign",
        "-binary", "-out", "/dev/null",
    ]  # fmt: skip
    return " ".join(words)


def verify_lines(form: Format, given: Given) -> tuple[Line, ...]:
    """Return lines that verify a signature with other tools; empty where none knows the format."""
    maker = _VERIFY.get(form.name)
    return () if maker is None else maker(form, given)


def sign_lines(form: Format, given: Given, size: int) -> tuple[Line, ...]:
    """Return lines by which the AWS CLI makes the same signature; empty where it cannot.

    Args:
        form: the format; the AWS CLI makes raw signatures only.
        given: the file, its key and where the signature goes.
        size: of the file in bytes: what is too long for RAW is given as a digest.
    """
    if not isinstance(form, RawSignature):
        return ()
    algorithm = form.algorithm(_spec(given))
    file, kind, before = quoted(given.file), "RAW", ""
    if size > RAW_LIMIT:
        if not algorithm.startswith(("ECDSA", "RSA")):
            return ()  # neither Ed25519 nor ML-DSA takes a digest
        digest = quoted(Path(f"{given.signature}.dgst"))
        before = f"openssl dgst -sha{algorithm[-3:]} -binary -out {digest} {file} && "
        file, kind = digest, "DIGEST"
    line = (
        f"{before}aws kms sign --key-id {shlex.quote(given.key_id)} --message fileb://{file} "
        f"--message-type {kind} --signing-algorithm {algorithm} --query Signature --output text "
        f"| base64 -d > {quoted(given.signature)}"
    )
    return (Line("AWS CLI", line),)


def checksum_line(listed: Path) -> str:
    """Return the line that checks the files of a list of checksums, such as `SHA256SUMS`."""
    program = f"{listed.name.removesuffix('SUMS').lower()}sum"
    return f"cd {quoted(listed.parent)} && {program} -c {quoted(Path(listed.name))}"


def _cms(form: Format, given: Given) -> tuple[Line, ...]:
    if getattr(form, "detached", True):
        line = openssl_verify_command(given.file, given.signature, given.root)
    else:
        line = (
            f"openssl cms -verify -inform DER -in {quoted(given.signature)} "
            f"-CAfile {quoted(given.root)} -purpose codesign -binary -out /dev/null"
        )
    return (Line("OpenSSL", line),)


def _timestamp(_form: Format, given: Given) -> tuple[Line, ...]:
    line = (
        f"openssl ts -verify -in {quoted(given.signature)} -data {quoted(given.file)} "
        f"-CAfile {quoted(given.root)}"
    )
    return (Line("OpenSSL", line),)


def _sshsig(form: Format, given: Given) -> tuple[Line, ...]:
    namespace = form.namespace if isinstance(form, Sshsig) else "file"
    signer = f"signer {public_line(given.public_key)}"
    allowed = quoted(Path(f"{given.signature}.allowed"))
    line = (
        f"echo {shlex.quote(signer)} > {allowed} && ssh-keygen -Y verify -f {allowed} -I signer "
        f"-n {shlex.quote(namespace)} -s {quoted(given.signature)} < {quoted(given.file)}"
    )
    return (Line("OpenSSH", line),)


def _minisign(form: Format, given: Given) -> tuple[Line, ...]:
    number = bytes.fromhex(form.number) if isinstance(form, Minisign) else b""
    key = public_file(given.public_key, number).split(b"\n")[1].decode()
    line = f"minisign -Vm {quoted(given.file)} -x {quoted(given.signature)} -P {shlex.quote(key)}"
    return (Line("minisign", line),)


def _raw(form: Format, given: Given) -> tuple[Line, ...]:
    algorithm = form.algorithm(_spec(given)) if isinstance(form, RawSignature) else ""
    key, file, value = (quoted(one) for one in (given.public_file, given.file, given.signature))
    if algorithm.startswith(("ECDSA", "RSA")):
        pss = " -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"
        more = pss if "_PSS_" in algorithm else ""
        line = f"openssl dgst -sha{algorithm[-3:]}{more} -verify {key} -signature {value} {file}"
    else:
        line = f"openssl pkeyutl -verify -pubin -inkey {key} -rawin -in {file} -sigfile {value}"
    aws = (
        f"aws kms verify --key-id {shlex.quote(given.key_id)} --message fileb://{file} "
        f"--message-type RAW --signing-algorithm {algorithm} --signature fileb://{value}"
    )
    return Line("OpenSSL", line), Line("AWS CLI", aws)


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


def _spec(given: Given) -> str:
    return spec_of(public_from_der(given.public_key))


_VERIFY: Final[Mapping[str, Callable[[Format, Given], tuple[Line, ...]]]] = MappingProxyType(
    {
        "cms": _cms,
        "cades": _cms,
        "timestamp": _timestamp,
        "sshsig": _sshsig,
        "minisign": _minisign,
        "raw": _raw,
    }
)
