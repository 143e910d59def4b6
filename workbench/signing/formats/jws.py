"""JSON Web Signatures over files: compact, flattened and general, detached or not.

Owns signing (RFC 7515 §5.1, RFC 7797) and the order of the questions in verifying. A detached
payload is read in constant memory. Must not know claims; `jwt` does.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der, spec_of
from workbench.crypto.table import KEY_SPECS
from workbench.signing.certificates import without_roots
from workbench.signing.formats import jws_read
from workbench.signing.formats.base import Broken, BytesContent, Content, Signing, Traits, Trust
from workbench.signing.formats.findings import (
    Findings,
    check_chain,
    check_signature,
    content_missing,
    read_signer,
)
from workbench.signing.formats.jose import (
    SPECS,
    JoseAlgorithm,
    algorithm_for,
    as_jose,
    check_media_type,
    compact_json,
    encode,
    encode_pieces,
    family_name,
    jose_matches,
    rsa_digests,
    strict_json,
    thumbprint,
)
from workbench.signing.formats.jws_read import Jws, JwsSignature, is_jws, read_jws
from workbench.signing.formats.keys import RunningMessage
from workbench.signing.verdict import Verdict

FORMS: Final = ("compact", "flattened", "general")
_DIGEST_BITS: Final = {"SHA-256": 256, "SHA-384": 384, "SHA-512": 512}


@dataclass(frozen=True, slots=True)
class JsonWebSignature:
    """JSON Web Signatures.

    Attributes:
        form: `compact`, `flattened` or `general` (RFC 7515 §7).
        detached: whether the content stays outside (RFC 7515 Appendix F).
        unencoded: whether the content is signed as it is and not in base64url (RFC 7797); faster,
            but fewer programs know it.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        digest: for RSA keys: `SHA-256`, `SHA-384` or `SHA-512`.
        typ: media type of the whole, or empty.
        certificates: whether the signer's chain is put into the header.
        header: the protected header word for word, as JSON; empty has it made. Its `alg` must be
            the key's.

    Raises:
        Refused: the choices contradict each other or a standard.
    """

    name: ClassVar[str] = "jws"
    title: ClassVar[str] = "JSON Web Signature"
    suffix: ClassVar[str] = ".jws"
    standard: ClassVar[str] = "RFC 7515"
    traits: ClassVar[Traits] = Traits("used", 16, digests=rsa_digests)
    specs: ClassVar[frozenset[str]] = SPECS
    peer_limits: ClassVar[str] = (
        "Few JOSE programs know ML-DSA (RFC 9964) yet; for the others choose the general form and "
        "sign with an ECDSA key as well."
    )

    form: str = field(default="compact", metadata={"values": FORMS})
    detached: bool = True
    unencoded: bool = False
    pss: bool = True
    digest: str = "SHA-256"
    typ: str = ""
    certificates: bool = True
    header: str = ""

    def __post_init__(self) -> None:
        """Check the choices."""
        if self.form not in FORMS:
            raise Refused(f"There is no JWS form {self.form!r}.", f"Choose {' or '.join(FORMS)}.")
        if self.digest not in _DIGEST_BITS:
            raise Refused(
                f"JWS has no RSA signatures with {self.digest!r}.",
                f"Choose {' or '.join(_DIGEST_BITS)}.",
            )
        if self.unencoded and self.form == "compact" and not self.detached:
            raise Refused(
                "The compact form cannot hold content that is not encoded (RFC 7797 §5.2).",
                "Choose a detached signature, or the flattened form.",
            )

        check_media_type(self.typ, "RFC 7515 §4.1.9")

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the signature; raises as `Format.sign`."""
        return self.sign_all(kms, [signing], content)

    def sign_all(self, kms: Any, signers: Sequence[Signing], content: Content) -> bytes:
        """Return one JWS by several keys; more than one need the general form.

        Raises:
            Refused: as `sign`, or several signers in a form for one.
        """
        if not signers or (len(signers) > 1 and self.form != "general"):
            raise Refused(f"The {self.form} form has one signature.", "Choose the general form.")
        inside = None if self.detached else BytesContent(content.whole(), content.name)
        made = self._signatures(kms, signers, inside or content)
        payload = None if inside is None else self._payload(inside.data)
        if self.form == "compact":
            text = f"{made[0]['protected']}.{payload or ''}.{made[0]['signature']}"
            return text.encode()
        members: dict[str, Any] = {"signatures": made}
        if self.form == "flattened":
            members = {**made[0]}
        # The content comes last, so that the beginning says what it is.
        if payload is not None:
            members["payload"] = payload
        return compact_json(members) + b"\n"

    def algorithm(self, spec: str) -> JoseAlgorithm:
        """Return what a key of a spec signs with; raises `Refused` where there is nothing."""
        return algorithm_for(spec, pss=self.pss, bits=_DIGEST_BITS[self.digest])

    def sniff(self, head: bytes) -> bool:
        """Whether it begins like a JWS."""
        return is_jws(head)

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check every signature; raises as `Format.verify`."""
        found = Findings()
        check_jws(found, signature, content, trust)
        return found.verdict()

    def _signatures(
        self, kms: Any, signers: Sequence[Signing], content: Content
    ) -> list[dict[str, str]]:
        """Sign with every key; the content is read once."""
        headers: list[str] = []
        algorithms: list[JoseAlgorithm] = []
        for signing in signers:
            algorithm = self.algorithm(signing.spec)
            header = self.header.encode() or compact_json(self._header(signing, algorithm.name))
            if self.header:
                _check_own_header(header, algorithm.name, unencoded=self.unencoded)
            headers.append(encode(header))
            algorithms.append(algorithm)
        running = [
            RunningMessage(signing, algorithm.kms)
            for signing, algorithm in zip(signers, algorithms, strict=True)
        ]
        for one, protected in zip(running, headers, strict=True):
            one.update(f"{protected}.".encode())
        pieces = content.pieces() if self.unencoded else encode_pieces(content.pieces())
        for piece in pieces:
            for one in running:
                one.update(piece)
        values = [one.sign(kms) for one in running]
        return [
            {"protected": protected, "signature": encode(as_jose(signing.spec, algorithm, value))}
            for protected, signing, algorithm, value in zip(
                headers, signers, algorithms, values, strict=True
            )
        ]

    def _header(self, signing: Signing, algorithm: str) -> dict[str, Any]:
        header: dict[str, Any] = {"alg": algorithm, "kid": thumbprint(signing.public_key)}
        if self.typ:
            header["typ"] = self.typ
        if signing.chain and self.certificates:
            header["x5c"] = [_base64(one) for one in without_roots(signing.chain)]
        if self.unencoded:
            header |= {"b64": False, "crit": ["b64"]}
        return header

    def _payload(self, data: bytes) -> str:
        if not self.unencoded:
            return encode(data)
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise Refused(
                "Content that is not UTF-8 text can only be signed unencoded if it is detached "
                "(RFC 7797 §5.3).",
                "Choose a detached signature.",
            ) from error


def check_jws(
    found: Findings, signature: bytes, content: Content | None, trust: Trust
) -> Jws | None:
    """Check every signature of a JWS.

    Args:
        found: where the answers go.
        signature: the JWS in any serialisation.
        content: what a detached JWS is over; where the payload is inside, it must be the same.
        trust: whom to believe.

    Returns:
        The JWS, or None where it is malformed.
    """
    try:
        parsed = read_jws(signature)
    except Broken as error:
        found.broken("Signature file", error)
        return None
    found.ok("Signature file", "It is a well-formed JSON Web Signature.", "RFC 7515 §5.2")
    if parsed.payload is None and content is None:
        content_missing(found, "RFC 7515 Appendix F")
        return None
    if parsed.payload is not None and content is not None:
        _check_same(found, parsed.payload, content)
    over: Content | None = content
    if parsed.payload is not None:
        over = BytesContent(parsed.payload, "the content inside")
    assert over is not None
    several = len(parsed.signatures) > 1
    for number, one in enumerate(parsed.signatures, start=1):
        single = Findings()
        _check_one(single, one, over, trust)
        single.families |= {KEY_SPECS[spec].family for spec in one.algorithm.specs}
        found.take(single, f"Signature {number}: " if several else "")
    return parsed


def _check_same(found: Findings, payload: bytes, content: Content) -> None:
    (given,) = content.digests([hashlib.sha256()])
    found.judge(
        "Content",
        f"The content inside is {content.name}.",
        f"The content inside is not {content.name}.",
        "RFC 7515 §5.2",
        "Get the file that was signed, or look at the content inside.",
        good=hmac.compare_digest(given, hashlib.sha256(payload).digest()),
    )


def _check_one(found: Findings, one: JwsSignature, content: Content, trust: Trust) -> None:
    found.algorithm = one.algorithm.name
    if one.certificates:
        _check_with_certificate(found, one, content, trust)
        return
    fitting = [key for key in trust.usable() if _spec(key.public_key) in one.algorithm.specs]
    found.signer = jws_read.shown_header(one) or "an unknown key"
    if not fitting:
        found.need("key", f"the public key of {found.signer}")
        kinds = ", ".join(sorted({family_name(key.public_key) for key in trust.usable()}))
        found.failed(
            "Trusted key",
            f"The signature claims {one.algorithm.name}, and no trusted key is of that kind"
            + (f"; the trusted ones are {kinds}." if kinds else "."),
            "RFC 8725 §3.1",
            "Get the signer's public key from a source you trust and add it.",
        )
        return
    holder = next(
        (
            key
            for key in fitting
            if jose_matches(key.public_key, one.algorithm, one.signed(content.pieces()), one.value)
        ),
        None,
    )
    check_signature(found, content, "RFC 7515 §5.2", good=holder is not None)
    if holder is not None:
        found.signer = holder.name
        found.ok("Trusted key", f"The key belongs to {holder.name}.")


def _check_with_certificate(
    found: Findings, one: JwsSignature, content: Content, trust: Trust
) -> None:
    signer = read_signer(found, one.certificates[0], "RFC 7515 §4.1.6")
    if signer is None:
        return
    good = jose_matches(signer.spki, one.algorithm, one.signed(content.pieces()), one.value)
    check_signature(found, content, "RFC 7515 §5.2", good=good)
    _check_thumbprint(found, one)
    check_chain(found, one.certificates[0], one.certificates[1:], trust)


def _check_thumbprint(found: Findings, one: JwsSignature) -> None:
    stated = one.header.get("x5t#S256")
    if stated is None:
        return
    found.judge(
        "Certificate thumbprint",
        "The header names the certificate it brings.",
        "The header names another certificate than it brings.",
        "RFC 7515 §4.1.8",
        "Get an undamaged copy of the signature.",
        good=stated == encode(hashlib.sha256(one.certificates[0]).digest()),
    )


def _check_own_header(header: bytes, algorithm: str, *, unencoded: bool) -> None:
    """Refuse a word-for-word header that would not be accepted back."""
    try:
        stated = strict_json(header, "The header")
        read = read_jws(f"{encode(header)}..AA".encode())
    except Broken as error:
        raise Refused(f"The header cannot be used: {error.message}", "Correct it.") from error
    if stated["alg"] != algorithm:
        raise Refused(
            f"The header says another algorithm than the key's, {algorithm}.", "Correct it."
        )
    if read.signatures[0].encoded is unencoded:
        raise Refused("The header and the choice of encoding disagree.", "Correct one of them.")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _spec(public_key: bytes) -> str:
    try:
        return spec_of(public_from_der(public_key))
    except Refused:
        return ""
