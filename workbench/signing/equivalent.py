"""The same check, or the same signature, by other people's tools: lines that can be pasted.

Owns the command lines for every format that common tools know. Lines are for a POSIX shell.
"""

import hashlib
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from workbench.base.errors import NotFound
from workbench.base.sites import Site
from workbench.crypto.keys import MLDSAPublicKey, public_from_der
from workbench.crypto.table import KEY_SPECS, Family
from workbench.pki.parse import facts, pem
from workbench.pki.purposes import PURPOSE_OIDS, Purpose
from workbench.signing.algorithms import RAW_LIMIT
from workbench.signing.chains import chain_for_key
from workbench.signing.equivalent_messages import MESSAGE_LINES
from workbench.signing.equivalent_words import (
    Given,
    Line,
    check_value,
    octal,
    public_pem,
    quoted,
)
from workbench.signing.formats.base import Format
from workbench.signing.formats.minisign import Minisign, public_file
from workbench.signing.formats.raw import RawSignature
from workbench.signing.formats.sshsig import Sshsig, public_line
from workbench.signing.recipe import Recipe

__all__ = ["Given", "Line", "public_pem", "quoted", "sign_lines", "trust_file", "verify_lines"]

_OPENSSL_PURPOSES: Final[Mapping[Purpose, str]] = MappingProxyType(
    {
        Purpose.CODE_SIGNING: "codesign",
        Purpose.EMAIL_PROTECTION: "smimesign",
        Purpose.TIME_STAMPING: "timestampsign",
        Purpose.SERVER_AUTH: "sslserver",
        Purpose.CLIENT_AUTH: "sslclient",
        Purpose.OCSP_SIGNING: "ocsphelper",
    }
)
"""What `-purpose` calls it; OpenSSL has no word for the others, documents' among them."""

_WHY_NONE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "mdoc": "No single command checks a mobile document: every data element has a digest of "
        "its own. Programs for readers do, and libraries such as pycose.",
        "timestamp": "OpenSSL's ts command checks timestamps by RSA and ECDSA keys only.",
        "pades": "pdfsig checks signatures by RSA and ECDSA keys only.",
        "authenticode": "osslsigncode checks signatures by RSA and ECDSA keys only.",
        "jar": "jarsigner knows no ML-DSA.",
    }
)


def openssl_verify_command(
    file: Path, signature: Path, root: Path, purpose: Purpose = Purpose.CODE_SIGNING
) -> str:
    """Return the OpenSSL (3.5 or newer for ML-DSA) command that verifies a detached signature.

    Args:
        file: the signed file.
        signature: its `.p7s`.
        root: PEM file with the trusted root.
        purpose: what the signer's certificate must be meant for; where OpenSSL has no word for
            that, any.

    Returns:
        A line for a POSIX shell; names with undecodable bytes are given in `$'…'` form.
    """
    words = [
        "openssl", "cms", "-verify", "-inform", "DER", "-in", quoted(signature),
        "-content", quoted(file), "-CAfile", quoted(root), "-purpose",
        _OPENSSL_PURPOSES.get(purpose, "any"), "-binary", "-out", "/dev/null",
    ]  # fmt: skip
    return " ".join(words)


def verify_lines(form: Format, given: Given) -> tuple[Line, ...]:
    """Return lines that verify a signature with other tools.

    Empty where none knows the format, or the format with a key of this kind; `why_none` says why.
    """
    maker = _VERIFY.get(form.name)
    return () if maker is None else maker(form, given)


def why_none(form: Format) -> str:
    """Return why no common tool verifies a signature, where there are no `verify_lines`."""
    return _WHY_NONE.get(form.name, f"No common tool checks this: {form.title}.")


def checked_by_key(recipe: Recipe) -> bool:
    """Whether the lines trust the signers' public keys, and not their roots."""
    return not recipe.chain or recipe.form.name in MESSAGE_LINES


def purpose_of(recipe: Recipe) -> Purpose:
    """Return what the certificates of a recipe's signers are all meant for, in OpenSSL's words.

    Code signing where all are for that, e-mail protection where none forbids it, else any.
    """
    signers = [facts(one.chain[0]).purposes for one in recipe.credentials if one.chain]
    for purpose, unsaid in ((Purpose.CODE_SIGNING, False), (Purpose.EMAIL_PROTECTION, True)):
        oid = PURPOSE_OIDS[purpose]
        if signers and all(unsaid if one is None else oid in one for one in signers):
            return purpose
    return Purpose.ANY


def sign_lines(form: Format, given: Given) -> tuple[Line, ...]:
    """Return lines by which the AWS CLI makes the same signature; empty where it cannot.

    It makes raw signatures alone; the programs for other formats want the private key, which does
    not leave the vault. Ed25519 takes no more than `RAW_LIMIT` bytes and no digest.
    """
    if not isinstance(form, RawSignature):
        return ()
    algorithm = form.algorithm(given.spec)
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
    """Return the PEM file that the lines name: every signer's root, or public key.

    Args:
        kms: boto3-shaped KMS client.
        shelf: client of the certificate collection.
        recipe: how it was signed.

    Raises:
        NotFound: a chain does not reach a root in the collection.
        botocore ClientError: a key cannot be asked for.
    """
    if checked_by_key(recipe):
        return "".join(public_pem(one.public_key) for one in recipe.credentials)
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
        line = openssl_verify_command(given.file, given.signature, given.root, given.purpose)
    else:
        # That something inside is signed says nothing yet about the file.
        word, inside = _OPENSSL_PURPOSES.get(given.purpose, "any"), given.beside("content")
        line = (
            f"openssl cms -verify -inform DER -in {quoted(given.signature)} "
            f"-CAfile {quoted(given.root)} -purpose {word} -binary -out {inside} "
            f"&& cmp {inside} {quoted(given.file)}"
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
    if given.spec.startswith("ML_DSA"):
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
    algorithm = form.algorithm(given.spec) if isinstance(form, RawSignature) else ""
    key, file, value = (quoted(one) for one in (given.public_file, given.file, given.signature))
    lines = [Line("OpenSSL", check_value(algorithm, key, file, value))]
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
            f"{{ printf '{octal(_mu_prefix(given.public_key))}'; cat {file}; }} "
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


def _classical(given: Given) -> bool:
    """Whether the key is an RSA or ECDSA key, which the older programs know."""
    return KEY_SPECS[given.spec].family in {Family.RSA, Family.ELLIPTIC}


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
        **MESSAGE_LINES,
    }
)
