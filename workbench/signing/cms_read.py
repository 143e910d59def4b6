"""A CMS signature taken apart, strictly (RFC 5652, RFC 9882).

Owns which structures are accepted: DER only, no two meanings. Every refusal names the rule. Must
not decide about trust; `verify` does, with `workbench.pki.validate`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, pem

from workbench.pki.names import visible
from workbench.pki.parse import Facts, facts
from workbench.pki.parse import Malformed as NoCertificate
from workbench.pki.status import Evidence
from workbench.signing import der
from workbench.signing.cms_build import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_TIME,
)
from workbench.signing.cms_frame import check_signed_data, check_signer
from workbench.signing.cms_rules import (
    Unacceptable,
    check_algorithms,
    check_attributes,
    digest_of,
    one_value,
    parameters_of,
)

__all__ = ["LARGEST_SIGNATURE", "Signature", "SignerInfo", "Unacceptable", "read_signature"]

LARGEST_SIGNATURE = 64 << 20
_WHAT = "The signature"
_DEEPEST = 32
_MOST_VALUES = 200_000
_MOST_SIGNERS = 16
_MOST_EVIDENCE = 64
_OCSP = "1.3.6.1.5.5.7.16.2"
_CONSTRUCTED = 0x20
_UNIVERSAL_BELOW = 0x40


@dataclass(frozen=True, slots=True)
class SignerName:
    """How a signature names its signer's certificate (RFC 5652 §5.3).

    Attributes:
        text: the same for people.
        issuer: issuer's DER, with `serial`.
        serial: serial number.
        key_identifier: subject key identifier, where that is the name.
    """

    text: str
    issuer: bytes = b""
    serial: int = 0
    key_identifier: bytes | None = None

    def find(self, certificates: Iterable[Facts]) -> Facts | None:
        """Return the certificate that is meant, if it is among these."""
        if self.key_identifier is not None:
            return next((one for one in certificates if one.ski == self.key_identifier), None)
        return next(
            (
                one
                for one in certificates
                if one.issuer == self.issuer and one.certificate.serial_number == self.serial
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer of a signature, its rules checked.

    Attributes:
        certificate: the signer's, from the bag inside the signature, or None.
        name: how the signature names the signer.
        digest: content digest by name.
        signature_oid: signature algorithm.
        parameters: its parameters' DER, or empty.
        message_digest: the signed digest of the content.
        signed: the bytes that are signed: the attributes under the tag SET OF.
        as_received: the same under the tag they have in the file, which is not signed.
        signature: the signature value.
        signing_time: as claimed by the signer, or None.
        unsigned: the unsigned attributes as they are in the file, or nothing.
    """

    certificate: Facts | None
    name: SignerName
    digest: str
    signature_oid: str
    parameters: bytes
    message_digest: bytes
    signed: bytes
    as_received: bytes
    signature: bytes
    signing_time: datetime | None
    unsigned: bytes = b""

    @property
    def named(self) -> str:
        """How the signature names the signer, for people."""
        return self.name.text


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature taken apart.

    Attributes:
        signers: at least one.
        certificates: every readable certificate inside, DER.
        content: the content where it is inside, else None.
        evidence: revocation lists and OCSP answers inside (RFC 5652 §10.2.1, RFC 5940).
    """

    signers: tuple[SignerInfo, ...]
    certificates: tuple[bytes, ...]
    content: bytes | None
    evidence: Evidence = field(default=Evidence(), repr=False)


def read_signature(data: bytes, content_type: str = DATA) -> Signature:
    """Take a `.p7s`, DER or PEM, apart.

    Args:
        data: the signature.
        content_type: what it must be over; a plain file unless said otherwise.

    Raises:
        Unacceptable: it is no CMS signature, or breaks a rule.
    """
    whole = _unarmoured(data)
    if whole[:1] != b"\x30":
        raise _not_cms("It does not begin like one.")
    try:
        frame = der.read(whole, _WHAT)
        check_der(frame)
        info = cms.ContentInfo.load(whole, strict=True)
        if info["content_type"].dotted != SIGNED_DATA:
            raise _not_cms("It is another kind of CMS message.")
        check_signed_data(frame)
        signed_data = info["content"]
        _check_frame(signed_data, content_type)
        bag = tuple(_certificates(signed_data))
        signers = tuple(
            _signer(one, bag, signed_data, content_type) for one in signed_data["signer_infos"]
        )
        content = _content(signed_data)
        evidence = _evidence(signed_data)
    except der.Malformed as error:
        raise Unacceptable(error.sentence, error.rule) from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise _not_cms("Its structure is not that of a CMS SignedData.") from error
    return Signature(signers, tuple(one.der for one in bag), content, evidence)


def read_countersignature(
    data: bytes, known: Iterable[Facts], *, typed: bool = False
) -> SignerInfo:
    """Take a countersignature apart: a SignerInfo over a signature value (RFC 5652 §11.4).

    Args:
        data: the attribute's value.
        known: certificates among which its signer's is looked for.
        typed: whether it may say that it is over plain data, as Authenticode's older timestamps do
            and RFC 5652 §11.1 forbids.

    Raises:
        Unacceptable: it breaks a rule.
    """
    try:
        frame = der.read(data, "The counter-signature")
        check_der(frame)
        check_signer(frame)
        info = cms.SignerInfo.load(data, strict=True)
        _check_signer_version(info)
        digest = digest_of(info)
        check_algorithms(digest, info)
        attributes = _attributes(info)
        stated = DATA if typed and CONTENT_TYPE in attributes else ""
        check_attributes(attributes, digest, info, stated)
        return _taken_apart(info, digest.name, attributes, tuple(known))
    except der.Malformed as error:
        raise Unacceptable(error.sentence, error.rule) from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Unacceptable("A counter-signature is malformed.", "RFC 5652 §11.4") from error


def check_der(whole: der.Element) -> None:
    """Refuse anything inside that is not DER, however deep; asn1crypto reads BER as well."""
    waiting = [(whole, 0)]
    count = 0
    while waiting:
        element, depth = waiting.pop()
        tag = element.tag
        if tag < _UNIVERSAL_BELOW and tag & _CONSTRUCTED and tag not in {der.SEQUENCE, der.SET}:
            raise der.Malformed(
                f"A value in the signature (tag 0x{tag:02x}) is in pieces, as BER allows and DER "
                "does not. Get the signature in DER.",
                "X.690 §10.2",
            )
        if not tag & _CONSTRUCTED:
            continue
        parts = der.children(element, _WHAT)
        count += len(parts)
        if depth >= _DEEPEST or count > _MOST_VALUES:
            raise der.Malformed(
                "The signature has more parts than any signature needs. Choose the signature file "
                "that belongs to the file.",
                "RFC 5652 §3",
            )
        waiting.extend((part, depth + 1) for part in parts)


def _unarmoured(data: bytes) -> bytes:
    if not data:
        raise _not_cms("It is empty.")
    if data.lstrip()[:5] != b"-----":
        return data
    try:
        _, _, inside = pem.unarmor(data)
    except ValueError as error:
        raise _not_cms("Its PEM text is damaged.") from error
    return bytes(inside)


def _not_cms(detail: str) -> Unacceptable:
    return Unacceptable(
        f"This is not a CMS signature (.p7s). {detail} Choose the signature file that belongs to "
        "the file.",
        "RFC 5652 §3",
    )


def _check_frame(signed_data: Any, content_type: str) -> None:
    _check_versions(signed_data, 1 if content_type == DATA else 3)
    if not len(signed_data["digest_algorithms"]):
        raise Unacceptable(
            "The signature lists no digest algorithm although it has a signer; it was altered or "
            "made by a faulty program.",
            "RFC 5652 §5.1",
        )
    if len(signed_data["signer_infos"]) > _MOST_SIGNERS:
        raise Unacceptable(
            f"The signature has more than {_MOST_SIGNERS} signers. Choose the signature file that "
            "belongs to the file.",
            "RFC 5652 §5.1",
        )
    if not len(signed_data["signer_infos"]):
        raise Unacceptable(
            "There is no signer in this file: it holds certificates only. Get the signature "
            "itself.",
            "RFC 5652 §5.1",
        )
    if signed_data["encap_content_info"]["content_type"].dotted != content_type:
        raise Unacceptable(
            "The signature is over a special kind of content, not over a plain file.",
            "RFC 5652 §5.2",
        )


def _check_versions(signed_data: Any, least: int) -> None:
    """Refuse version numbers other than those the content calls for (RFC 5652 §5.1, §5.3)."""
    versions = {least}
    for info in signed_data["signer_infos"]:
        versions.add(_check_signer_version(info))
    older = {choice.name for choice in signed_data["certificates"]} - {"certificate"}
    if int(signed_data["version"]) != max(versions) and not older:
        raise _wrong_version("RFC 5652 §5.1")


def _check_signer_version(info: Any) -> int:
    """Return a signer's version number, or refuse another than its name calls for."""
    expected = 3 if info["sid"].name == "subject_key_identifier" else 1
    if int(info["version"]) != expected:
        raise _wrong_version("RFC 5652 §5.3")
    return expected


def _wrong_version(rule: str) -> Unacceptable:
    return Unacceptable(
        "A version number in the signature is not the one its content calls for; the signature "
        "was damaged or made by a faulty program. Get an undamaged copy.",
        rule,
    )


def _content(signed_data: Any) -> bytes | None:
    content = signed_data["encap_content_info"]["content"]
    return None if isinstance(content, core.Void) or content.contents is None else bytes(content)


def _certificates(signed_data: Any) -> Iterator[Facts]:
    bag = signed_data["certificates"]
    if isinstance(bag, core.Void):
        return
    for choice in bag:
        if choice.name != "certificate":
            continue
        try:
            yield facts(choice.chosen.dump())
        except NoCertificate:
            continue


def _evidence(signed_data: Any) -> Evidence:
    """Return what is inside about revocation; nothing vouches for it but its own signatures."""
    inside = signed_data["crls"]
    if isinstance(inside, core.Void):
        return Evidence()
    lists: list[bytes] = []
    answers: list[bytes] = []
    for choice in list(inside)[:_MOST_EVIDENCE]:
        if choice.name == "crl":
            lists.append(bytes(choice.chosen.untag().dump()))
        elif choice.chosen["other_rev_info_format"].dotted == _OCSP:
            answers.append(bytes(choice.chosen["other_rev_info"].dump()))
    return Evidence(tuple(lists), tuple(answers))


def _signer(info: Any, bag: tuple[Facts, ...], signed_data: Any, content_type: str) -> SignerInfo:
    digest = digest_of(info)
    listed = {one["algorithm"].dotted for one in signed_data["digest_algorithms"]}
    if digest.oid not in listed:
        raise Unacceptable(
            f"The signer's digest {digest.name} is not among the digests the signature announces.",
            "RFC 5652 §5.1",
        )
    check_algorithms(digest, info)
    attributes = _attributes(info)
    check_attributes(attributes, digest, info, content_type)
    return _taken_apart(info, digest.name, attributes, bag)


def _taken_apart(
    info: Any, digest: str, attributes: dict[str, list[Any]], bag: tuple[Facts, ...]
) -> SignerInfo:
    raw = info["signed_attrs"].dump()
    name = _signer_name(info)
    return SignerInfo(
        certificate=name.find(bag),
        name=name,
        digest=digest,
        signature_oid=info["signature_algorithm"]["algorithm"].dotted,
        parameters=parameters_of(info["signature_algorithm"]),
        message_digest=one_value(attributes, MESSAGE_DIGEST, "messageDigest").native,
        signed=_signed_bytes(raw),
        as_received=raw,
        signature=info["signature"].native,
        signing_time=_signing_time(attributes),
        unsigned=_unsigned(info),
    )


def _signed_bytes(raw: bytes) -> bytes:
    """Return the attributes as received, under the SET OF tag they are signed with."""
    rule = "RFC 5652 §5.3, X.690 §11.6"
    der.sorted_set(der.read(raw, "The set of signed attributes"), "The signed attributes", rule)
    return bytes((der.SET,)) + raw[1:]


def _attributes(info: Any) -> dict[str, list[Any]]:
    attributes = info["signed_attrs"]
    if isinstance(attributes, core.Void) or not len(attributes):
        raise Unacceptable(
            "The signature has no signed attributes, so it does not say what it is over. Have the "
            "file signed again with signed attributes.",
            "RFC 5652 §5.3",
        )
    found: dict[str, list[Any]] = {}
    for attribute in attributes:
        kind = attribute["type"].dotted
        if kind in found:
            raise Unacceptable(f"The signed attribute {kind} is there twice.", "RFC 5652 §5.3")
        found[kind] = list(attribute["values"])
    return found


def _unsigned(info: Any) -> bytes:
    attributes = info["unsigned_attrs"]
    return b"" if isinstance(attributes, core.Void) else bytes(attributes.dump())


def _signing_time(attributes: dict[str, list[Any]]) -> datetime | None:
    if SIGNING_TIME not in attributes:
        return None
    moment = one_value(attributes, SIGNING_TIME, "signingTime").native
    return moment if isinstance(moment, datetime) else None


def _signer_name(info: Any) -> SignerName:
    sid = info["sid"]
    if sid.name == "subject_key_identifier":
        identifier = sid.chosen.native
        return SignerName(f"the key identifier {identifier.hex()}", key_identifier=identifier)
    issuer, serial = sid.chosen["issuer"], sid.chosen["serial_number"].native
    shown = visible(f"serial number {serial:x} of {issuer.human_friendly}")
    return SignerName(shown, issuer=issuer.dump(), serial=serial)
