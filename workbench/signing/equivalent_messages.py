"""Lines for signatures over more than the file, which OpenSSL checks once that is put together.

Owns, for JWS, JWT, COSE, DSSE and in-toto, how a POSIX shell builds what is signed and takes the
signature value out of its envelope. Signers are given by their public keys; certificates inside are
not looked at, nor is a copy of the file inside: a line says whether the file was signed. Envelopes
are those of the workbench: JSON without spaces, CBOR without detours.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from workbench.crypto.table import KEY_SPECS, Family
from workbench.signing.equivalent_words import Given, Line, check_value, octal, quoted
from workbench.signing.formats.base import Format
from workbench.signing.formats.cbor import byte_string_head
from workbench.signing.formats.cose import CoseSign1, signature_head
from workbench.signing.formats.dsse import KMS_ALGORITHMS, Dsse, InToto
from workbench.signing.formats.jws import JsonWebSignature
from workbench.signing.formats.jwt import JsonWebToken
from workbench.signing.formats.keys import fixed_size


def _jws(form: Format, given: Given) -> tuple[Line, ...]:
    if isinstance(form, JsonWebToken):
        form = JsonWebSignature(pss=form.pss)
    assert isinstance(form, JsonWebSignature)
    file, signature = quoted(given.file), quoted(given.signature)
    content = f"cat {file}" if form.unencoded else f"base64 < {file} | {_URL} | tr -d '=\\n'"
    lines = []
    for number, one in enumerate(_signers(given), start=1):
        protected, value = (_member(signature, name, number) for name in ("protected", "signature"))
        if form.form == "compact":
            protected, value = (f"cut -d. -f{place} {signature}" for place in (1, 3))
        made = f"{{ printf '%s.' \"$({protected})\"; {content}; }}"
        padding = "=" * (-_size(one) % 3)
        taken = f"{{ {value} | {_NOT_URL} | tr -d '\\n'; printf '{padding}'; }} | base64 -d"
        lines.append(_line(one, number, form.algorithm(one.spec).kms, made, _native(one, taken)))
    return tuple(lines)


def _cose(form: Format, given: Given) -> tuple[Line, ...]:
    """COSE_Sign1 (RFC 9052 §4.4): the header is taken from the message, the content is the file."""
    assert isinstance(form, CoseSign1)
    file, signature = quoted(given.file), quoted(given.signature)
    header = form.header(given.spec)
    before = len(byte_string_head(len(header))) + len(header)
    start = 1 + form.tagged
    external = bytes.fromhex(form.external)
    between = byte_string_head(len(external)) + external + byte_string_head(given.size)
    made = (
        f"{{ printf '{octal(signature_head())}'; tail -c +{start + 1} {signature} "
        f"| head -c {before}; printf '{octal(between)}'; cat {file}; }}"
    )
    taken = f"tail -c {_size(given)} {signature}"
    kms = form.algorithm(given.spec).kms
    return (_line(given, 1, kms, made, _native(given, taken)),)


def _dsse(form: Format, given: Given) -> tuple[Line, ...]:
    """DSSE's pre-authentication encoding; in-toto's is over the statement in the envelope."""
    file, signature = quoted(given.file), quoted(given.signature)
    assert isinstance(form, Dsse | InToto)
    before = f"kind=$({_member(signature, 'payloadType', 1)}) && "
    if isinstance(form, InToto):
        statement = given.beside("statement")
        before += (
            f"{_member(signature, 'payload', 1)} | base64 -d > {statement} && "
            f'grep -q "$(openssl dgst -sha256 -r {file} | cut -c1-64)" {statement} && '
        )
        file = statement
    made = (
        f'{{ printf \'DSSEv1 %d %s %d \' "${{#kind}}" "$kind" "$(wc -c < {file})"; cat {file}; }}'
    )
    lines = []
    for number, one in enumerate(_signers(given), start=1):
        hashed = form.tuf_digest and KEY_SPECS[one.spec].family is Family.ML_DSA
        # What The Update Framework's library has ML-DSA sign in place of the encoding.
        over = (
            f"{{ printf 'tuf\\001'; {made} | openssl dgst -sha512 -binary; }}" if hashed else made
        )
        taken = f"{_member(signature, 'sig', number)} | base64 -d"
        line = _line(one, number, KMS_ALGORITHMS[one.spec], over, f"{taken} > {_value(one)}")
        lines.append(replace(line, text=before + line.text))
    return tuple(lines)


def _line(one: Given, number: int, algorithm: str, made: str, value: str) -> Line:
    """Return the line for one signer.

    Args:
        one: what it is about; its key is the signer's.
        number: which signer it is, from 1.
        algorithm: AWS's SigningAlgorithm.
        made: command that writes what is signed.
        value: command that writes the signature value, as AWS KMS encodes it, to its file.
    """
    key, before = quoted(one.public_file), ""
    if one.others:
        # OpenSSL reads the first key of a file.
        own = one.beside(f"{number}.pem")
        before = f"awk '/BEGIN/ {{ n++ }} n == {number}' {key} > {own} && "
        key = own
    # Only what is hashed first can be piped; of the rest OpenSSL wants to know the size.
    message = "" if algorithm.startswith(("ECDSA", "RSA")) else one.beside("input")
    check = check_value(algorithm, key, message, _value(one))
    passed = f"{made} > {message} && {check}" if message else f"{made} | {check}"
    return Line("OpenSSL", f"{before}{value} && {passed}")


def _signers(given: Given) -> tuple[Given, ...]:
    """Return what is given once for each signer, each with its own key first."""
    keys = (given.public_key, *given.others)
    return tuple(replace(given, public_key=key) for key in keys)


def _native(one: Given, taken: str) -> str:
    """Return a command that writes a value as AWS KMS encodes it; ECDSA's is DER there."""
    size = fixed_size(one.spec)
    if not size:
        return f"{taken} > {_value(one)}"
    digits = size * 2
    return (
        f"{taken} | od -An -v -tx1 | tr -d ' \\n' | awk '{{ printf "
        '"asn1=SEQUENCE:v\\n[v]\\nr=INTEGER:0x%s\\ns=INTEGER:0x%s\\n", '
        f"substr($0, 1, {digits}), substr($0, {digits + 1}) }}' "
        f"| openssl asn1parse -genconf /dev/stdin -noout -out {_value(one)}"
    )


def _size(one: Given) -> int:
    """Return how many bytes a signature value has in JOSE and COSE."""
    return 2 * fixed_size(one.spec) or KEY_SPECS[one.spec].signature_bytes


def _value(one: Given) -> str:
    return one.beside("value")


def _member(file: str, name: str, number: int) -> str:
    """Return a command that writes the text of the number-th member of a name, from 1, in JSON."""
    return f'grep -o \'"{name}":"[^"]*"\' {file} | sed -n {number}p | cut -d\'"\' -f4'


_URL: Final = "tr '/+' '_-'"
_NOT_URL: Final = "tr '_-' '/+'"

MESSAGE_LINES: Final[Mapping[str, Callable[[Format, Given], tuple[Line, ...]]]] = MappingProxyType(
    {"jws": _jws, "jwt": _jws, "cose-sign1": _cose, "dsse": _dsse, "in-toto": _dsse}
)
"""Makers of the lines, by the format's name."""
