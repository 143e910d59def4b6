"""Mobile driving licences and other mobile documents: what an issuer signs, and its checking.

Owns IssuerSigned and the mobile security object (ISO/IEC 18013-5:2021 §9.1.2.4, §9.1.2.5, §9.3.1):
data elements are signed by digest, so that a holder can show some without the others. Must not know
the exchange with a reader, nor device authentication.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from workbench.base.errors import Refused
from workbench.base.files import printable
from workbench.crypto.keys import public_to_der
from workbench.pki.parse import Malformed, facts
from workbench.pki.purposes import Purpose
from workbench.signing.formats.base import (
    Broken,
    BytesContent,
    Content,
    Signing,
    Traits,
    Trust,
    require_spec,
)
from workbench.signing.formats.cbor import embedded, read_cbor, tagged, untagged, write_cbor
from workbench.signing.formats.cose import Sign1, check_sign1, read_sign1, sign1
from workbench.signing.formats.findings import Findings
from workbench.signing.formats.jose import decode, jwk, read_jwk, strict_json
from workbench.signing.verdict import Verdict

DOCUMENT_TYPE: Final = "org.iso.18013.5.1.mDL"
SIGNER_PURPOSE: Final = "1.0.18013.5.1.2"
_MSO: Final = "ISO/IEC 18013-5 §9.1.2.4"
_ITEM: Final = "ISO/IEC 18013-5 §8.3.2.1.2.2"
_DIGESTS: Final = "ISO/IEC 18013-5 §9.1.2.5"
_INSPECTION: Final = "ISO/IEC 18013-5 §9.3.1"
_HASHES: Final[Mapping[str, Callable[..., Any]]] = MappingProxyType(
    {"SHA-256": hashlib.sha256, "SHA-384": hashlib.sha384, "SHA-512": hashlib.sha512}
)
_SALT: Final = 32
_SHORTEST_SALT: Final = 16
_MOST_ELEMENTS: Final = 10_000
_FULL_DATE: Final = 1004
_TEXT_DATE: Final = 0
_DATES: Final = frozenset({"birth_date", "issue_date", "expiry_date"})
_BYTES: Final = frozenset({"portrait", "signature_usual_mark"})
_CURVES: Final = {"P-256": 1, "P-384": 2, "P-521": 3, "Ed25519": 6}


@dataclass(frozen=True, slots=True)
class IssuerSigned:
    """What an issuer handed over, taken apart.

    Attributes:
        items: per name space, the encoded data elements with their tag, as they are hashed.
        message: the signature.
        security: the mobile security object.
    """

    items: dict[str, tuple[bytes, ...]] = field(repr=False)
    message: Sign1
    security: "SecurityObject"


@dataclass(frozen=True, slots=True)
class SecurityObject:
    """A mobile security object.

    Attributes:
        document: the document type.
        digest: digest of the elements by name.
        digests: per name space, digests by id.
        signed: when it was signed.
        starts: when it becomes valid.
        ends: when it ends.
    """

    document: str
    digest: str
    digests: dict[str, dict[int, bytes]] = field(repr=False)
    signed: datetime
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class MobileDocument:
    """Mobile documents, made from a description in JSON.

    The description has `nameSpaces`, an object of objects of data elements, and `deviceKey`, the
    holder's public key as a JWK. Of an mDL's elements the dates become full dates and the pictures,
    given in base64, byte strings.

    Attributes:
        document: the document type.
        digest: `SHA-256`, `SHA-384` or `SHA-512`.
        days: how long the security object is valid.

    Raises:
        Refused: the digest is another, or the days are no number that a document has.
    """

    name: ClassVar[str] = "mdoc"
    title: ClassVar[str] = "Mobile document (mDL)"
    suffix: ClassVar[str] = ".mdoc"
    standard: ClassVar[str] = "ISO/IEC 18013-5"
    traits: ClassVar[Traits] = Traits(
        "needed",
        encloses=True,
        digests=lambda _spec: tuple(_HASHES),
        purpose=Purpose.MDL_SIGNING,
        demands=("document",),
        takes="the description of a document",
    )
    specs: ClassVar[frozenset[str]] = frozenset(
        {
            "ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "ECC_NIST_EDWARDS25519",
            "ML_DSA_44", "ML_DSA_65", "ML_DSA_87",
        }
    )  # fmt: skip
    peer_limits: ClassVar[str] = (
        "ISO/IEC 18013-5 has no ML-DSA profile: readers will refuse the document, so use it for "
        "trials only and an ECDSA key for documents that are to be shown."
    )

    document: str = DOCUMENT_TYPE
    digest: str = "SHA-256"
    days: int = 30

    def __post_init__(self) -> None:
        """Check the choices."""
        if self.digest not in _HASHES:
            raise Refused(
                f"Mobile documents have no digest {self.digest!r}.",
                f"Choose {' or '.join(_HASHES)}.",
            )
        if not self.document or not 0 < self.days <= 3650:
            raise Refused(
                "A mobile document needs a type and is valid for 1 to 3,650 days.", "Correct it."
            )

    def sign(self, kms: Any, signing: Signing, content: Content) -> bytes:
        """Return IssuerSigned.

        Raises:
            Refused: the description is incomplete, the certificate is missing or ends before the
                document; and as `Format.sign`.
        """
        require_spec(self.title, self.specs, signing.spec)
        try:
            described = strict_json(content.whole(), "The description of the document")
            spaces = _described(described)
            device = _device_key(described.get("deviceKey"))
        except Broken as error:
            raise Refused(error.message, "Correct the description.") from error
        ends = signing.moment + timedelta(days=self.days)
        _check_signer(signing, ends)
        items, digests = _made(spaces, _HASHES[self.digest])
        security = write_cbor(
            {
                "version": "1.0",
                "digestAlgorithm": self.digest,
                "valueDigests": digests,
                "deviceKeyInfo": {"deviceKey": device},
                "docType": self.document,
                "validityInfo": {
                    "signed": _written(signing.moment),
                    "validFrom": _written(signing.moment),
                    "validUntil": _written(ends),
                },
            }
        )
        payload = write_cbor(tagged(24, security))
        message = sign1(kms, signing, payload)
        return write_cbor({"nameSpaces": items, "issuerAuth": read_cbor(message, "The message")})

    def sniff(self, head: bytes) -> bool:
        """Whether it begins like IssuerSigned."""
        named = b"\x6anameSpaces" in head[:12] or b"\x6aissuerAuth" in head[:12]
        return head[:1] in {b"\xa1", b"\xa2"} and named

    def verify(self, signature: bytes, content: Content | None, trust: Trust) -> Verdict:
        """Check validity, signature and then every data element; raises as `Format.verify`.

        The content is inside; what is given as `content` is not looked at.
        """
        del content
        found = Findings()
        try:
            given = read_issuer_signed(signature)
        except Broken as error:
            found.broken("Document", error)
            return found.verdict()
        found.digest, found.signing_time = given.security.digest, given.security.signed
        found.judge(
            "Document",
            f"It is a mobile document of the type {printable(given.security.document)}.",
            f"It is a document of the type {printable(given.security.document)}, not of "
            f"{printable(self.document)}.",
            _INSPECTION,
            "Ask for the right document.",
            good=given.security.document == self.document,
            demand="document",
        )
        _check_validity(found, given.security, trust.moment)
        _check_issuer(found, given, trust)
        for space, items in given.items.items():
            known = given.security.digests.get(space, {})
            seen: set[int] = set()
            for item in items:
                _check_item(found, item, known, seen, _HASHES[given.security.digest])
        return found.verdict()


def encoded_item(number: int, salt: bytes, identifier: str, value: object) -> bytes:
    """Return a data element as it is stored and hashed: IssuerSignedItemBytes.

    Args:
        number: its digest id.
        salt: at least 16 random bytes.
        identifier: its name.
        value: its value.
    """
    item = {
        "digestID": number,
        "random": salt,
        "elementIdentifier": identifier,
        "elementValue": value,
    }
    return write_cbor(tagged(24, write_cbor(item)))


def read_issuer_signed(data: bytes) -> IssuerSigned:
    """Take IssuerSigned apart, strictly.

    Raises:
        Broken: with the section that is broken.
    """
    whole = read_cbor(data, "The document")
    known = {"nameSpaces", "issuerAuth"}
    if not isinstance(whole, dict) or "issuerAuth" not in whole or not whole.keys() <= known:
        raise Broken("This is not what an issuer of mobile documents signs.", _ITEM)
    spaces = whole.get("nameSpaces", {})
    if not isinstance(spaces, dict):
        raise Broken("The name spaces of the document are malformed.", _ITEM)
    items = {}
    for space, listed in spaces.items():
        if not isinstance(space, str) or not isinstance(listed, list) or not listed:
            raise Broken("A name space of the document is malformed.", _ITEM)
        for one in listed:
            embedded(one, "A data element", _ITEM)
        items[space] = tuple(write_cbor(one) for one in listed)
    if sum(map(len, items.values())) > _MOST_ELEMENTS:
        raise Broken(f"The document has more than {_MOST_ELEMENTS} elements.", _ITEM)
    message = read_sign1(whole["issuerAuth"])
    if message.payload is None:
        raise Broken("The mobile security object is not inside the signature.", _MSO)
    return IssuerSigned(items, message, _security(message.payload))


def _security(payload: bytes) -> SecurityObject:
    inside = embedded(read_cbor(payload, "The signed content"), "The security object", _MSO)
    members = read_cbor(inside, "The security object")
    if not isinstance(members, dict) or members.get("version") not in ["1.0", "1.1"]:
        raise Broken("The mobile security object is of an unknown version.", _MSO)
    document, digest = members.get("docType"), members.get("digestAlgorithm")
    if not isinstance(document, str) or not isinstance(digest, str) or digest not in _HASHES:
        raise Broken("The mobile security object lacks its type or names a weak digest.", _MSO)
    info = members.get("validityInfo")
    if not isinstance(info, dict):
        raise Broken("The mobile security object says nothing of its validity.", _MSO)
    signed, starts, ends = (_read(info.get(name)) for name in ("signed", "validFrom", "validUntil"))
    digests = _digests(members.get("valueDigests"), _HASHES[digest]().digest_size)
    return SecurityObject(document, digest, digests, signed, starts, ends)


def _digests(given: object, size: int) -> dict[str, dict[int, bytes]]:
    if not isinstance(given, dict) or not given:
        raise Broken("The mobile security object has no digests.", _DIGESTS)
    for space, digests in given.items():
        if (
            not isinstance(space, str)
            or not isinstance(digests, dict)
            or not all(_is_number(number) for number in digests)
            or not all(isinstance(one, bytes) and len(one) == size for one in digests.values())
        ):
            raise Broken("The digests of the mobile security object are malformed.", _DIGESTS)
    return given


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31


def _check_validity(found: Findings, security: SecurityObject, moment: datetime) -> None:
    found.judge(
        "Validity",
        f"The document is valid until {security.ends:%Y-%m-%d %H:%M} UTC.",
        f"The document is valid only from {security.starts:%Y-%m-%d %H:%M} to "
        f"{security.ends:%Y-%m-%d %H:%M} UTC, and was signed {security.signed:%Y-%m-%d %H:%M}.",
        _INSPECTION,
        "Ask the holder to have it renewed.",
        good=security.signed <= security.starts <= moment <= security.ends,
    )


def _check_issuer(found: Findings, given: IssuerSigned, trust: Trust) -> None:
    payload = given.message.payload or b""
    over = BytesContent(payload, "the mobile security object")
    check_sign1(found, given.message, payload, over, trust)
    if not given.message.certificates:
        return
    try:
        signer = facts(given.message.certificates[0])
    except Malformed:
        return  # said already
    meant = {one.dotted_string for one in signer.purposes or ()}
    starts = signer.certificate.not_valid_before_utc
    ends = signer.certificate.not_valid_after_utc
    found.judge(
        "Document signer",
        "The certificate was issued for signing mobile documents.",
        "The certificate was not issued for signing mobile documents.",
        "ISO/IEC 18013-5 Annex B.1.4",
        "Do not accept the document.",
        good=SIGNER_PURPOSE in meant,
    )
    found.judge(
        "Signing date",
        "The certificate was valid when the document was signed.",
        "The certificate was not valid when the document was signed.",
        _INSPECTION,
        "Do not accept the document.",
        good=starts <= given.security.signed <= ends,
    )


def _check_item(
    found: Findings,
    item: bytes,
    known: Mapping[int, bytes],
    seen: set[int],
    digest: Callable[..., Any],
) -> None:
    """Check one data element against its digest, as a reader does in its last step."""
    try:
        number, name = _read_item(item)
    except Broken as error:
        found.broken("Data element", error)
        return
    good = number in known and number not in seen
    seen.add(number)
    expected = known.get(number, b"")
    found.judge(
        f"Element {name}",
        f"The data element {printable(name)} is the one that the issuer signed.",
        f"The data element {printable(name)} is not the one that the issuer signed.",
        _INSPECTION,
        "Do not accept this element.",
        good=hmac.compare_digest(digest(item).digest(), expected) and good,
    )


def _read_item(item: bytes) -> tuple[int, str]:
    inside = embedded(read_cbor(item, "A data element"), "A data element", _ITEM)
    members = read_cbor(inside, "A data element")
    wanted = {"digestID", "random", "elementIdentifier", "elementValue"}
    if not isinstance(members, dict) or set(members) != wanted:
        raise Broken("A data element has other members than it must have.", _ITEM)
    number, salt, name = (members[one] for one in ("digestID", "random", "elementIdentifier"))
    if not _is_number(number) or not isinstance(name, str):
        raise Broken("A data element has no number or no name.", _ITEM)
    if not isinstance(salt, bytes) or len(salt) < _SHORTEST_SALT:
        raise Broken("A data element has less than 16 random bytes.", _DIGESTS)
    return number, name


def _described(members: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    spaces = members.get("nameSpaces")
    if not isinstance(spaces, dict) or not spaces:
        raise Broken("The description has no “nameSpaces”.", _ITEM)
    for elements in spaces.values():
        if not isinstance(elements, dict) or not elements:
            raise Broken("A name space of the description has no elements.", _ITEM)
    return {
        space: {name: _value(name, value) for name, value in elements.items()}
        for space, elements in spaces.items()
    }


def _value(name: str, value: object) -> object:
    """Return an element's value as CBOR has it: ISO/IEC 18013-5 §7.2.1, table 5."""
    if name in _BYTES and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except ValueError as error:
            raise Broken(f"The element “{name}” is not base64.", _ITEM) from error
    if name in _DATES and isinstance(value, str):
        try:
            datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError as error:
            raise Broken(f"The element “{name}” is not a date.", _ITEM) from error
        return tagged(_FULL_DATE, value)
    if isinstance(value, dict):
        return {key: _value(key, one) for key, one in value.items()}
    if isinstance(value, list):
        return [_value("", one) for one in value]
    return value


def _made(
    spaces: Mapping[str, Mapping[str, object]], digest: Callable[..., Any]
) -> tuple[dict[str, list[Any]], dict[str, dict[int, bytes]]]:
    """Return the data elements with fresh salts, and their digests."""
    items: dict[str, list[Any]] = {}
    digests: dict[str, dict[int, bytes]] = {}
    for space, elements in spaces.items():
        items[space], digests[space] = [], {}
        for number, (name, value) in enumerate(elements.items()):
            item = encoded_item(number, secrets.token_bytes(_SALT), name, value)
            items[space].append(read_cbor(item, "A data element"))
            digests[space][number] = digest(item).digest()
    return items, digests


def _device_key(given: object) -> dict[int, Any]:
    """Return the holder's public key as a COSE_Key (RFC 9053 §7)."""
    known = isinstance(given, dict) and isinstance(given.get("crv"), str)
    if not isinstance(given, dict) or not known or given["crv"] not in _CURVES or "d" in given:
        raise Broken("The description has no “deviceKey”, a public EC or OKP key.", _MSO)
    curve = _CURVES[given["crv"]]
    try:
        key = jwk(public_to_der(read_jwk(given)))
    except (ValueError, KeyError, TypeError, UnsupportedAlgorithm) as error:
        raise Broken("The “deviceKey” is no public key on its curve.", _MSO) from error
    x = decode(key["x"], "The device key")
    if key["kty"] == "OKP":
        return {1: 1, -1: curve, -2: x}
    return {1: 2, -1: curve, -2: x, -3: decode(key["y"], "The device key")}


def _check_signer(signing: Signing, ends: datetime) -> None:
    if not signing.chain:
        raise Refused(
            "A mobile document needs the certificate of its signer.",
            "Issue a document signer certificate to the key.",
        )
    certificate = x509.load_der_x509_certificate(signing.chain[0])
    if ends > certificate.not_valid_after_utc:
        raise Refused(
            "The document would be valid for longer than its signer's certificate.",
            f"Choose fewer days, up to {certificate.not_valid_after_utc:%Y-%m-%d}.",
        )


def _written(moment: datetime) -> Any:
    return tagged(_TEXT_DATE, f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z")


def _read(value: object) -> datetime:
    text = untagged(value, _TEXT_DATE, "A date of the security object", _MSO)
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise Broken("A date of the security object is malformed.", _MSO) from error
