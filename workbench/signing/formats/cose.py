"""COSE_Sign1: one signature in CBOR.

Owns the message and what is signed (RFC 9052 §4.2, §4.4), algorithm numbers (RFC 9053 §2, RFC 8812
§2, RFC 9864 §2.1, RFC 9964 for ML-DSA) and certificate chains in headers (RFC 9360 §2). Must not
know payloads.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar, Final

import cbor2

from workbench.base.errors import Refused
from workbench.crypto.keys import public_from_der, spec_of
from workbench.crypto.table import KEY_SPECS
from workbench.signing.certificates import without_roots
from workbench.signing.formats.base import (
    Broken,
    BytesContent,
    Content,
    Signing,
    Traits,
    Trust,
    TrustedKey,
)
from workbench.signing.formats.cbor import read_cbor, tagged, write_cbor
from workbench.signing.formats.findings import (
    Findings,
    check_chain,
    check_signature,
    content_missing,
    read_signer,
)
from workbench.signing.formats.jose import (
    ALGORITHMS,
    SPECS,
    JoseAlgorithm,
    algorithm_for,
    check_media_type,
    family_name,
    jose_matches,
    jose_sign,
    rsa_256,
)
from workbench.signing.verdict import Verdict

SIGN1_TAG: Final = 18
_ALG: Final = 1
_CRIT: Final = 2
_CONTENT_TYPE: Final = 3
_KID: Final = 4
_X5CHAIN: Final = 33
_UNDERSTOOD: Final = frozenset({_ALG, _CONTENT_TYPE, _KID, _X5CHAIN})
_MOST_CERTIFICATES: Final = 16
_NUMBERS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "ES256": -7, "ES384": -35, "ES512": -36, "ES256K": -47, "EdDSA": -8,
        "PS256": -37, "PS384": -38, "PS512": -39, "RS256": -257, "RS384": -258, "RS512": -259,
        "ML-DSA-44": -48, "ML-DSA-65": -49, "ML-DSA-87": -50,
    }
)  # fmt: skip
_BY_NUMBER: Final[Mapping[int, JoseAlgorithm]] = MappingProxyType(
    {number: ALGORITHMS[name] for name, number in _NUMBERS.items()}
    | {  # fully specified, RFC 9864 §2.1
        -9: ALGORITHMS["ES256"], -51: ALGORITHMS["ES384"], -52: ALGORITHMS["ES512"],
        -19: ALGORITHMS["Ed25519"],
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sign1:
    """A COSE_Sign1 message taken apart, its headers checked.

    Attributes:
        protected: the protected header as it is signed.
        algorithm: what it claims to be made with.
        payload: the content inside, or None where it is detached.
        value: the signature value.
        certificates: the x5chain, DER, the signer's first.
        key_id: the key id, which is a hint and proves nothing.
    """

    protected: bytes
    algorithm: JoseAlgorithm
    payload: bytes | None = field(repr=False)
    value: bytes = field(repr=False)
    certificates: tuple[bytes, ...] = field(default=(), repr=False)
    key_id: bytes = b""

    def signed(self, payload: bytes, external: bytes = b"") -> bytes:
        """Return the Sig_structure over a payload (RFC 9052 §4.4)."""
        return write_cbor(["Signature1", self.protected, external, payload])


@dataclass(frozen=True, slots=True)
class CoseSign1:
    """COSE_Sign1 messages around or beside a file.

    Attributes:
        detached: whether the content stays outside.
        tagged: whether the message says by its tag what it is.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        content_type: media type of the content, or empty.
        certificates: whether the signer's chain is put into the header.
        external: hexadecimal digits of data that is signed with the content but not in the message;
            verification needs the same.

    Raises:
        Refused: the external data is not hexadecimal.
    """

    name: ClassVar[str] = "cose-sign1"
    title: ClassVar[str] = "COSE signature"
    suffix: ClassVar[str] = ".cose"
    standard: ClassVar[str] = "RFC 9052"
    traits: ClassVar[Traits] = Traits("used", digests=rsa_256, demands=("external",))
    specs: ClassVar[frozenset[str]] = SPECS
    peer_limits: ClassVar[str] = (
        "Few COSE programs know ML-DSA (RFC 9964) yet, and COSE_Sign1 has one signature: for the "
        "others sign with an ECDSA key as well, in a second message."
    )

    detached: bool = True
    tagged: bool = True
    pss: bool = True
    content_type: str = ""
    certificates: bool = True
    external: str = ""

    def __post_init__(self) -> None:
        """Check the choices."""
        try:
            bytes.fromhex(self.external)
        except ValueError as error:
            raise Refused("The external data is not hexadecimal.", "Correct it.") from error
        check_media_type(self.content_type, "RFC 9052 §3.1")

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return the message; raises as `Format.sign`."""
        return sign1(
            kms,
            signing if self.certificates else replace(signing, chain=()),
            content.whole(),
            detached=self.detached,
            pss=self.pss,
            protected=self._more,
            external=bytes.fromhex(self.external),
            tag=SIGN1_TAG if self.tagged else None,
        )

    def algorithm(self, spec: str) -> JoseAlgorithm:
        """Return what a key of a spec signs with; raises `Refused` where there is nothing."""
        return algorithm_for(spec, pss=self.pss)

    def header(self, spec: str) -> bytes:
        """Return the protected header of messages by a key of a spec, encoded."""
        return _header(self.algorithm(spec), self._more)

    @property
    def _more(self) -> dict[int, Any]:
        return {_CONTENT_TYPE: self.content_type} if self.content_type else {}

    def sniff(self, head: bytes) -> bool:
        """Whether it begins like a COSE_Sign1 message, tagged or not."""
        array = head[1:] if head[:1] == b"\xd2" else head
        if array[:1] != b"\x84" or len(array) < 4:
            return False
        first = array[1]
        at = 3 if first == 0x58 else 2
        return (first == 0x58 or 0x41 <= first <= 0x57) and 0xA1 <= array[at] <= 0xB7

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check a message; raises as `Format.verify`."""
        found = Findings()
        try:
            message = read_sign1(read_cbor(signature, "The COSE message"))
        except Broken as error:
            found.broken("Signature file", error)
            return found.verdict()
        found.ok("Signature file", "It is a well-formed COSE_Sign1 message.", "RFC 9052 §4.2")
        payload = message.payload
        if payload is None and content is None:
            return content_missing(found, "RFC 9052 §4.1")
        if content is not None:
            given = content.whole()
            if payload is not None:
                found.judge(
                    "Content",
                    f"The content inside is {content.name}.",
                    f"The content inside is not {content.name}.",
                    "RFC 9052 §4.1",
                    "Get the file that was signed, or look at the content inside.",
                    good=hmac.compare_digest(payload, given),
                )
            payload = given if payload is None else payload
        assert payload is not None
        over = content or BytesContent(payload, "the content inside")
        check_sign1(found, message, payload, over, trust, external=bytes.fromhex(self.external))
        # Only the verifier knows what was signed beside the content, or that nothing was.
        found.checks = [
            replace(one, demand="external") if one.name == "Signature" else one
            for one in found.checks
        ]
        return found.verdict()


def sign1(
    kms: Any,
    signing: Signing,
    payload: bytes,
    *,
    detached: bool = False,
    pss: bool = True,
    protected: Mapping[int, Any] | None = None,
    external: bytes = b"",
    tag: int | None = None,
) -> bytes:
    """Return a COSE_Sign1 message over a payload.

    Args:
        kms: boto3-shaped KMS client.
        signing: the key, and the chain that goes into the unprotected header (RFC 9360 §2).
        payload: the content.
        detached: whether it stays outside.
        pss: for RSA keys, PSS and not PKCS#1 v1.5.
        protected: further protected header parameters.
        external: what is signed with it but not in the message (RFC 9052 §4.3).
        tag: the tag of the whole, or None.

    Raises:
        Refused: COSE has no algorithm for the key.
        botocore ClientError: the key refused.
    """
    algorithm = algorithm_for(signing.spec, pss=pss)
    header = _header(algorithm, protected or {})
    message = Sign1(header, algorithm, None, b"")
    value = jose_sign(kms, signing, algorithm, message.signed(payload, external))
    unprotected: dict[int, Any] = {}
    if signing.chain:
        chain = without_roots(signing.chain)
        unprotected[_X5CHAIN] = chain[0] if len(chain) == 1 else chain
    array = [header, unprotected, None if detached else payload, value]
    return write_cbor(array if tag is None else tagged(tag, array))


def _header(algorithm: JoseAlgorithm, more: Mapping[int, Any]) -> bytes:
    return write_cbor({_ALG: _NUMBERS[algorithm.name], **more})


def signature_head() -> bytes:
    """Return how a Sig_structure begins, up to the protected header (RFC 9052 §4.4)."""
    return write_cbor(["Signature1", b"", b"", b""])[:-3]


def read_sign1(value: object) -> Sign1:
    """Take a COSE_Sign1 message apart.

    Args:
        value: what `read_cbor` returned.

    Raises:
        Broken: with the section that is broken.
    """
    if isinstance(value, cbor2.CBORTag) and value.tag == SIGN1_TAG:
        value = value.value
    if not isinstance(value, list) or len(value) != 4:
        raise Broken("This is not a COSE_Sign1 message.", "RFC 9052 §4.2")
    protected, unprotected, payload, signature = value
    if (
        not isinstance(protected, bytes)
        or not isinstance(unprotected, dict)
        or not isinstance(payload, bytes | None)
        or not isinstance(signature, bytes)
    ):
        raise Broken("A part of the COSE_Sign1 message is of the wrong type.", "RFC 9052 §4.2")
    header = read_cbor(protected, "The protected header")
    labels = [*unprotected, *(header if isinstance(header, dict) else ())]
    if not all(isinstance(one, int | str) and not isinstance(one, bool) for one in labels):
        raise Broken("A header parameter has a label that is none.", "RFC 9052 §3")
    if not isinstance(header, dict) or header.keys() & unprotected.keys():
        raise Broken(
            "The protected header is no map, or repeats a parameter of the unprotected one.",
            "RFC 9052 §3",
        )
    _check_critical(header, unprotected)
    number = header.get(_ALG)
    if not isinstance(number, int) or number not in _BY_NUMBER:
        raise Broken(
            "The protected header names no signature algorithm that is known here.",
            "RFC 9052 §3.1",
            "Check it with the program that made it.",
        )
    everything = {**unprotected, **header}
    key_id = everything.get(_KID, b"")
    if not isinstance(key_id, bytes):
        raise Broken("The key id is not a byte string.", "RFC 9052 §3.1")
    return Sign1(
        protected, _BY_NUMBER[number], payload, signature, _certificates(everything), key_id
    )


def _check_critical(header: dict[Any, Any], unprotected: dict[Any, Any]) -> None:
    if _CRIT in unprotected:
        raise Broken("The list of critical parameters is not protected.", "RFC 9052 §3.1")
    if _CRIT not in header:
        return
    critical = header[_CRIT]
    if not isinstance(critical, list) or not critical:
        raise Broken("The list of critical parameters is malformed.", "RFC 9052 §3.1")
    for label in critical:
        if not isinstance(label, int | str) or label not in _UNDERSTOOD or label not in header:
            raise Broken(
                "A header parameter is critical and missing or not understood here.",
                "RFC 9052 §3.1",
                "Check it with the program that made it.",
            )


def _certificates(header: dict[Any, Any]) -> tuple[bytes, ...]:
    if _X5CHAIN not in header:
        return ()
    given = header[_X5CHAIN]
    chain = [given] if isinstance(given, bytes) else given
    if (
        not isinstance(chain, list)
        or not 0 < len(chain) <= _MOST_CERTIFICATES
        or not all(isinstance(one, bytes) for one in chain)
    ):
        raise Broken("The certificate chain in the header is malformed.", "RFC 9360 §2")
    return tuple(chain)


def check_sign1(
    found: Findings,
    message: Sign1,
    payload: bytes,
    over: Content,
    trust: Trust,
    *,
    external: bytes = b"",
) -> None:
    """Check a message's signature, and the key or chain behind it.

    Args:
        found: where the answers go.
        message: the message.
        payload: what it is over.
        over: the same, for its name.
        trust: whom to believe.
        external: what was signed with it.
    """
    found.algorithm = message.algorithm.name
    # The algorithm matches the key's kind, or the signature is none.
    families = {KEY_SPECS[spec].family for spec in message.algorithm.specs}
    signed = message.signed(payload, external)
    if message.certificates:
        _check_with_certificate(found, message, signed, over, trust)
        found.families |= families
        return
    fitting = [key for key in trust.usable() if _fits(key, message.algorithm)]
    found.signer = f"the key id {message.key_id.hex()}" if message.key_id else "an unknown key"
    if not fitting:
        found.need("key", f"the public key of {found.signer}")
        kinds = ", ".join(sorted({family_name(key.public_key) for key in trust.usable()}))
        found.failed(
            "Trusted key",
            f"The message claims {message.algorithm.name}, and no trusted key is of that kind"
            + (f"; the trusted ones are {kinds}." if kinds else "."),
            "RFC 9053 §2",
            "Get the signer's public key from a source you trust and add it.",
        )
        return
    value = message.value
    holder = next(
        (one for one in fitting if jose_matches(one.public_key, message.algorithm, signed, value)),
        None,
    )
    check_signature(found, over, "RFC 9052 §4.4", good=holder is not None)
    if holder is not None:
        found.signer = holder.name
        found.families |= families
        found.ok("Trusted key", f"The key belongs to {holder.name}.")


def _fits(key: TrustedKey, algorithm: JoseAlgorithm) -> bool:
    try:
        return spec_of(public_from_der(key.public_key)) in algorithm.specs
    except Refused:
        return False


def _check_with_certificate(
    found: Findings, message: Sign1, signed: bytes, over: Content, trust: Trust
) -> None:
    signer = read_signer(found, message.certificates[0], "RFC 9360 §2")
    if signer is None:
        return
    good = jose_matches(signer.spki, message.algorithm, signed, message.value)
    check_signature(found, over, "RFC 9052 §4.4", good=good)
    check_chain(found, message.certificates[0], message.certificates[1:], trust)
