"""Whom a verification may believe: public keys and roots read from files, or the system's roots.

Owns the ways in which public keys are written down. Must not know signatures. Needs no vault.
"""

import contextlib
import re
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import pem
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    load_pem_public_key,
    load_ssh_public_key,
)

from workbench.base.errors import Refused, WorkbenchError
from workbench.base.files import fault, printable
from workbench.crypto.keys import PublicKey, public_from_der, public_to_der
from workbench.pki.documents import LARGEST_DOCUMENT, DocumentKind, read_document
from workbench.pki.names import readable
from workbench.pki.parse import LARGEST_INPUT, Malformed, facts, read_certificates
from workbench.pki.status import Evidence
from workbench.signing.formats.base import Broken, TrustedKey
from workbench.signing.formats.jose import read_jwk, strict_json
from workbench.signing.formats.minisign import read_public_file, shown_number
from workbench.signing.hashing import read_whole

_MOST_KEYS: Final = 1000
_OPTIONS: Final = {
    "valid-after": "starts", "valid-before": "ends", "namespaces": "namespaces",
}  # fmt: skip
_KEYS: Final = re.compile(
    rb"-----BEGIN (?:RSA )?PUBLIC KEY-----[^-]*-----END (?:RSA )?PUBLIC KEY-----"
)
"""SubjectPublicKeyInfo (RFC 7468 §13), and RSA keys as PKCS#1 has them (RFC 8017 §A.1.1)."""
_SSH: Final = (b"ssh-", b"ecdsa-sha2-", b"sk-")


def trusted_keys(path: Path) -> tuple[TrustedKey, ...]:
    """Read public keys from a file: PEM, DER, OpenSSH (`.pub`, allowed signers), minisign, JWK.

    Raises:
        EnvironmentFault: it cannot be read.
        Refused: there is no public key in it, or it is too large to hold some only.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_INPUT + 1)
    except OSError as error:
        raise fault(error, "read", path) from error
    if len(data) > LARGEST_INPUT:
        raise Refused(
            f"{printable(path.name)} is larger than the {LARGEST_INPUT >> 20} MiB read for "
            "public keys.",
            "Give a file that holds the public keys alone.",
        )
    return read_keys(data, printable(path.name))


def read_keys(data: bytes, name: str) -> tuple[TrustedKey, ...]:
    """Read public keys; a comment or common name that comes with one is its name.

    Args:
        data: the file.
        name: what to call keys without a name.

    Raises:
        Refused: there is no public key in it, or one that is private.
    """
    if b"PRIVATE KEY-----" in data:
        raise Refused(f"{name} holds a private key.", "Give the public key; keep this one secret.")
    readers = (_pem, _minisign, _json, _ssh, _der)
    for reader in readers:
        found = list(reader(data, name))
        if found:
            return tuple(found[:_MOST_KEYS])
    raise Refused(
        f"There is no public key in {name}.",
        "Give a PEM, DER, OpenSSH, minisign or JWK public key.",
    )


def revocation_documents(path: Path) -> Evidence:
    """Read revocation lists and OCSP responses from a file, PEM or DER.

    Raises:
        EnvironmentFault: it cannot be read.
        Refused: there is none in it.
    """
    data = read_whole(path, LARGEST_DOCUMENT)
    lists: list[bytes] = []
    answers: list[bytes] = []
    for der in _unarmoured(data or b""):
        with contextlib.suppress(Malformed):
            document = read_document(der)
            if document.kind is DocumentKind.LIST:
                lists.append(document.der)
            elif document.kind is DocumentKind.ANSWER:
                answers.append(document.der)
    if not lists and not answers:
        raise Refused(
            f"There is no revocation list or OCSP response in {printable(path.name)}.",
            "Give a CRL or an OCSP response, in PEM or DER.",
        )
    return Evidence(tuple(lists), tuple(answers))


def _unarmoured(data: bytes) -> list[bytes]:
    if b"-----BEGIN" not in data:
        return [data]
    try:
        return [inside for _, _, inside in pem.unarmor(data, multiple=True)]
    except ValueError:
        return []


def system_roots() -> tuple[bytes, ...]:
    """Return the root certificates that the operating system trusts for TLS, DER.

    They were chosen for web sites and not for signed files: believe them only when asked to.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    found = dict.fromkeys(context.get_ca_certs(binary_form=True))
    paths = ssl.get_default_verify_paths()
    if not found and paths.capath:
        for path in sorted(Path(paths.capath).glob("*.pem")):
            with contextlib.suppress(OSError, WorkbenchError):
                found |= dict.fromkeys(
                    one.der for one in read_certificates(path.read_bytes()) if one.der
                )
    return tuple(found)


def _trusted(key: object, name: str) -> Iterator[TrustedKey]:
    with contextlib.suppress(Refused, ValueError, UnsupportedAlgorithm):
        if isinstance(key, PublicKey):
            yield TrustedKey(name, public_to_der(key))


def _pem(data: bytes, name: str) -> Iterator[TrustedKey]:
    if b"-----BEGIN" not in data:
        return
    if b"-----BEGIN CERTIFICATE" in data:
        for one in read_certificates(data):
            with contextlib.suppress(Malformed):
                found = facts(one.der)
                yield TrustedKey(readable(found.certificate.subject), found.spki)
        return
    for part in _KEYS.findall(data):
        with contextlib.suppress(ValueError, UnsupportedAlgorithm):
            yield from _trusted(load_pem_public_key(part), name)


def _der(data: bytes, name: str) -> Iterator[TrustedKey]:
    with contextlib.suppress(Refused):
        yield from _trusted(public_from_der(data), name)


def _minisign(data: bytes, name: str) -> Iterator[TrustedKey]:
    with contextlib.suppress(Broken):
        number, public = read_public_file(data)
        yield TrustedKey(f"{name} (minisign {shown_number(number)})", public)


def _ssh(data: bytes, name: str) -> Iterator[TrustedKey]:
    """Read `kind base64 [comment]`, or allowed signers: `names [options] kind base64 [comment]`.

    Restrictions are kept (ssh-keygen(1), ALLOWED SIGNERS). A certification authority signs no
    files, and marked lines are known_hosts': neither is trusted as a signer.
    """
    for line in data.splitlines()[:_MOST_KEYS]:
        words = _words(line)
        place = next((n for n, word in enumerate(words) if word.startswith(_SSH)), -1)
        if place < 0 or place > 2 or len(words) < place + 2 or line.lstrip()[:1] in {b"#", b"@"}:
            continue
        who = b" ".join(words[place + 2 :]) if place == 0 else words[0].strip(b'"')
        with contextlib.suppress(ValueError, UnsupportedAlgorithm):
            limits = _limits(words[1] if place == 2 else b"")
            key = load_ssh_public_key(b" ".join(words[place : place + 2]))
            shown = printable(who.decode("utf-8", "replace"))[1:-1] or name
            yield from (replace(one, **limits) for one in _trusted(key, shown))


def _words(line: bytes) -> list[bytes]:
    """Return what blanks separate, where they do not stand within double quotes."""
    return re.findall(rb'(?:[^\s"]|"[^"]*"?)+', line)


def _limits(options: bytes) -> dict[str, Any]:
    """Return what allowed signers' options say of a key; raises `ValueError` if that is unknown."""
    found: dict[str, Any] = {}
    for option in re.findall(r'(?:[^,"]|"[^"]*"?)+', options.decode()):
        word, separator, value = option.partition("=")
        quoted = len(value) > 1 and value[0] == value[-1] == '"'
        value = value[1:-1] if quoted else value
        limit = _OPTIONS.get(word.lower())
        if limit is None or not separator or not value or limit in found:
            raise ValueError(word)
        found[limit] = tuple(value.split(",")) if limit == "namespaces" else _date(value)
    return found


def _date(text: str) -> datetime:
    """Read OpenSSH's YYYYMMDD[HHMM[SS]], local time unless a Z follows."""
    digits = text.removesuffix("Z")
    forms = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
    if not digits.isascii() or not digits.isdigit() or len(digits) not in forms:
        raise ValueError(text)
    zone = UTC if text.endswith("Z") else None
    return datetime.strptime(digits, forms[len(digits)]).replace(tzinfo=zone).astimezone(UTC)


def _json(data: bytes, name: str) -> Iterator[TrustedKey]:
    try:
        members = strict_json(data, "The key")
    except Broken:
        return
    listed = members.get("keys", [members])
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict):
            continue
        if "d" in one or "priv" in one or "k" in one:
            raise Refused(f"{name} holds a private key.", "Give the public key alone.")
        with contextlib.suppress(Broken, KeyError, TypeError, ValueError, UnsupportedAlgorithm):
            shown = str(one.get("kid", ""))
            yield from _trusted(read_jwk(one), shown if shown.isprintable() and shown else name)
