"""The same check, or the same signature, by other people's tools: lines that can be pasted.

Owns the command lines for every format that common tools know. Lines are for a POSIX shell.
"""

import base64
import hashlib
import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from workbench.base.errors import NotFound
from workbench.base.sites import Site
from workbench.crypto.keys import MLDSAPublicKey, public_from_der, spec_of
from workbench.crypto.table import KEY_SPECS, Family
from workbench.pki.parse import facts, pem
from workbench.signing.algorithms import RAW_LIMIT
from workbench.signing.chains import chain_for_key
from workbench.signing.formats.base import Format
from workbench.signing.formats.minisign import Minisign, public_file
from workbench.signing.formats.raw import RawSignature
from workbench.signing.formats.sshsig import Sshsig, public_line
from workbench.signing.recipe import Recipe


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
        public_file: PEM file with the public key, for raw signatures.
        size: of the file in bytes: AWS KMS is given what is too long for RAW as a digest.
        site: where the key is; None for the vault's home Region.
    """

    file: Path
    signature: Path
    key_id: str
    public_key: bytes
    root: Path = Path("root.pem")
    public_file: Path = Path("public.pem")
    size: int = 0
    site: Site | None = None


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
    """Return lines that verify a signature with other tools.

    Empty where none knows the format, or the format with a key of this kind: JWS, JWT, COSE, mobile
    documents, DSSE and in-toto have no standard program, only libraries.
    """
    maker = _VERIFY.get(form.name)
    return () if maker is None else maker(form, given)


def sign_lines(form: Format, given: Given) -> tuple[Line, ...]:
    """Return lines by which the AWS CLI makes the same signature; empty where it cannot.

    It makes raw signatures alone; the programs for other formats want the private key, which does
    not leave the vault. Ed25519 takes no more than `RAW_LIMIT` bytes and no digest.
    """
    if not isinstance(form, RawSignature):
        return ()
    algorithm = form.algorithm(_spec(given))
    message = _message(given, algorithm)
    if message is None:
        return ()
    line = (
        f"{message.before}aws kms sign {_key(given)} {message.words} "
        f"--signing-algorithm {algorithm} --query Signature --output text "
        f"| base64 -d > {quoted(given.signature)}"
    )
    return (Line("AWS CLI", line),)


def trust_file(kms: Any, shelf: Any, recipe: Recipe) -> str:
    """Return the PEM file that the lines name: every signer's root, or the public key.

    Args:
        kms: boto3-shaped KMS client.
        shelf: client of the certificate collection.
        recipe: how it was signed.

    Raises:
        NotFound: a chain does not reach a root in the collection.
        botocore ClientError: a key cannot be asked for.
    """
    if not recipe.chain:
        return public_pem(recipe.public_key)
    signers = [*recipe.credentials, *([recipe.stamper] if recipe.stamper else [])]
    roots = [chain_for_key(kms, shelf, one.key_id)[-1] for one in signers]
    if not all(facts(root).self_issued for root in roots):
        raise NotFound(
            "The root certificate of this chain is not in the vault.",
            "Import it in the Certificates pane.",
        )
    return "".join(pem(root) + "\n" for root in dict.fromkeys(roots))


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
    if not _classical(given):
        return ()  # openssl ts knows digests with RSA and ECDSA alone
    line = (
        f"openssl ts -verify -in {quoted(given.signature)} -data {quoted(given.file)} "
        f"-CAfile {quoted(given.root)}"
    )
    return (Line("OpenSSL", line),)


def _pades(_form: Format, given: Given) -> tuple[Line, ...]:
    """Without the chain: that, pdfsig looks up in a browser's store of certificates."""
    if not _classical(given):
        return ()
    return (Line("pdfsig", f"pdfsig -nocert {quoted(given.signature)}"),)


def _authenticode(_form: Format, given: Given) -> tuple[Line, ...]:
    if not _classical(given):
        return ()
    file, root = quoted(given.signature), quoted(given.root)
    line = f"osslsigncode verify -in {file} -CAfile {root} -TSA-CAfile {root}"
    return (Line("osslsigncode", line),)


def _jar(_form: Format, given: Given) -> tuple[Line, ...]:
    if _spec(given).startswith("ML_DSA"):
        return ()
    return (Line("jarsigner", f"jarsigner -verify -verbose -certs {quoted(given.signature)}"),)


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
    lines = [Line("OpenSSL", line)]
    message = _message(given, algorithm)
    if message is not None:
        aws = (
            f"{message.before}aws kms verify {_key(given)} {message.words} "
            f"--signing-algorithm {algorithm} --signature fileb://{value}"
        )
        lines.append(Line("AWS CLI", aws))
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class _Message:
    """How a file is handed to AWS KMS: what makes it fit, and the arguments."""

    before: str
    words: str


def _message(given: Given, algorithm: str) -> _Message | None:
    """Return how AWS KMS is given the file; None where it takes none of this size."""
    file = quoted(given.file)
    if given.size <= RAW_LIMIT:
        return _Message("", f"--message fileb://{file} --message-type RAW")
    if algorithm.startswith("ED25519"):
        return None
    if algorithm.startswith("ML_DSA"):
        made = quoted(Path(f"{given.signature}.mu"))
        before = (
            f"{{ printf '{_octal(_mu_prefix(given.public_key))}'; cat {file}; }} "
            f"| openssl dgst -shake256 -xoflen 64 -binary -out {made} && "
        )
        return _Message(before, f"--message fileb://{made} --message-type EXTERNAL_MU")
    made = quoted(Path(f"{given.signature}.dgst"))
    before = f"openssl dgst -sha{algorithm[-3:]} -binary -out {made} {file} && "
    return _Message(before, f"--message fileb://{made} --message-type DIGEST")


def _key(given: Given) -> str:
    """Return the AWS CLI's arguments that name the key, and where it is."""
    site = given.site or Site()
    named = {
        "--key-id": given.key_id,
        "--profile": site.profile,
        "--region": site.region,
        "--endpoint-url": site.endpoint,
    }
    return " ".join(f"{name} {shlex.quote(value)}" for name, value in named.items() if value)


def _mu_prefix(public_key: bytes) -> bytes:
    """Return what ML-DSA hashes before the message: tr, pure mode, no context (FIPS 204 §5.2)."""
    public = public_from_der(public_key)
    assert isinstance(public, MLDSAPublicKey)  # only such keys have the algorithm
    return hashlib.shake_256(public.public_bytes_raw()).digest(64) + b"\0\0"


def _octal(data: bytes) -> str:
    """Return bytes as every shell's printf takes them."""
    return "".join(f"\\{byte:03o}" for byte in data)


def _classical(given: Given) -> bool:
    """Whether the key is an RSA or ECDSA key, which the older programs know."""
    return KEY_SPECS[_spec(given)].family in {Family.RSA, Family.ELLIPTIC}


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
        "pades": _pades,
        "authenticode": _authenticode,
        "jar": _jar,
        "sshsig": _sshsig,
        "minisign": _minisign,
        "raw": _raw,
    }
)
