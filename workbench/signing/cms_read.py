"""A CMS signature taken apart, strictly (RFC 5652, RFC 9882).

Owns which structures are accepted: DER only, no two meanings. Every refusal names the rule. Must
not decide about trust; `verify` does, with `workbench.pki.validate`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, pem

from workbench.pki.parse import Facts, facts
from workbench.pki.parse import Malformed as NoCertificate
from workbench.signing import der
from workbench.signing.algorithms import DIGEST_BY_OID, ML_DSA, ML_DSA_DIGESTS
from workbench.signing.cms_build import (
    ALGORITHM_PROTECTION,
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    SIGNING_TIME,
)

LARGEST_SIGNATURE = 64 << 20
_NULL = b"\x05\x00"
_WHAT = "The signature"
_DEEPEST = 32


class Unacceptable(Exception):
    """A signature breaks a rule.

    Args:
        sentence: what is wrong and what to do.
        rule: standard and section.
    """

    def __init__(self, sentence: str, rule: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.rule = rule


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer of a signature, its rules checked.

    Attributes:
        certificate: the signer's, from the bag inside the signature, or None.
        named: how the signature names the signer, for people.
        digest: content digest by name.
        signature_oid: signature algorithm.
        parameters: its parameters' DER, or empty.
        message_digest: the signed digest of the content.
        signed: the bytes that are signed.
        signature: the signature value.
        signing_time: as claimed by the signer, or None.
    """

    certificate: Facts | None
    named: str
    digest: str
    signature_oid: str
    parameters: bytes
    message_digest: bytes
    signed: bytes
    signature: bytes
    signing_time: datetime | None


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature taken apart.

    Attributes:
        signers: at least one.
        certificates: every readable certificate inside, DER.
        content: the content where it is inside, else None.
    """

    signers: tuple[SignerInfo, ...]
    certificates: tuple[bytes, ...]
    content: bytes | None


def read_signature(data: bytes) -> Signature:
    """Take a `.p7s`, DER or PEM, apart.

    Raises:
        Unacceptable: it is no CMS signature, or breaks a rule.
    """
    whole = _unarmoured(data)
    if whole[:1] != b"\x30":
        raise _not_cms("It does not begin like one.")
    try:
        _check_der(der.read(whole, _WHAT), 0)
        info = cms.ContentInfo.load(whole, strict=True)
        if info["content_type"].dotted != SIGNED_DATA:
            raise _not_cms("It is another kind of CMS message.")
        signed_data = info["content"]
        _check_frame(signed_data)
        bag = tuple(_certificates(signed_data))
        signers = tuple(_signer(one, bag, signed_data) for one in signed_data["signer_infos"])
        content = _content(signed_data)
    except der.Malformed as error:
        raise Unacceptable(error.sentence, error.rule) from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise _not_cms("Its structure is not that of a CMS SignedData.") from error
    return Signature(signers, tuple(one.der for one in bag), content)


def _check_der(element: der.Element, depth: int) -> None:
    """Refuse anything inside that is not DER, however deep; asn1crypto reads BER as well."""
    if depth > _DEEPEST:
        raise der.Malformed(f"{_WHAT} is nested too deeply.", "X.690")
    if element.tag & 0x20:
        for child in der.children(element, _WHAT):
            _check_der(child, depth + 1)


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


def _check_frame(signed_data: Any) -> None:
    _check_versions(signed_data)
    if not len(signed_data["digest_algorithms"]):
        raise Unacceptable(
            "The signature lists no digest algorithm although it has a signer; it was altered or "
            "made by a faulty program.",
            "RFC 5652 §5.1",
        )
    if not len(signed_data["signer_infos"]):
        raise Unacceptable(
            "There is no signer in this file: it holds certificates only. Get the signature "
            "itself.",
            "RFC 5652 §5.1",
        )
    if signed_data["encap_content_info"]["content_type"].dotted != DATA:
        raise Unacceptable(
            "The signature is over a special kind of content, not over a plain file.",
            "RFC 5652 §5.2",
        )


def _check_versions(signed_data: Any) -> None:
    """Refuse version numbers other than those the content calls for (RFC 5652 §5.1, §5.3)."""
    versions = set()
    for info in signed_data["signer_infos"]:
        expected = 3 if info["sid"].name == "subject_key_identifier" else 1
        versions.add(expected)
        if int(info["version"]) != expected:
            raise _wrong_version("RFC 5652 §5.3")
    older = {choice.name for choice in signed_data["certificates"]} - {"certificate"}
    if int(signed_data["version"]) != max(versions, default=1) and not older:
        raise _wrong_version("RFC 5652 §5.1")


def _wrong_version(rule: str) -> Unacceptable:
    return Unacceptable(
        "A version number in the signature is not the one its content calls for; the signature "
        "was damaged or made by a faulty program. Get an undamaged copy.",
        rule,
    )


def _content(signed_data: Any) -> bytes | None:
    content = signed_data["encap_content_info"]["content"]
    return None if isinstance(content, core.Void) or content.native is None else content.native


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


def _signer(info: Any, bag: tuple[Facts, ...], signed_data: Any) -> SignerInfo:
    digest_oid = info["digest_algorithm"]["algorithm"].dotted
    known = DIGEST_BY_OID.get(digest_oid)
    if known is None:
        raise Unacceptable(
            f"The content digest {digest_oid} is unknown or too weak (SHA-1 and MD5 are not "
            "accepted). Have the file signed again with SHA-512.",
            "RFC 5754 §2",
        )
    digest = known.name
    listed = {one["algorithm"].dotted for one in signed_data["digest_algorithms"]}
    if digest_oid not in listed:
        raise Unacceptable(
            f"The signer's digest {digest} is not among the digests the signature announces.",
            "RFC 5652 §5.1",
        )
    signature_oid = info["signature_algorithm"]["algorithm"].dotted
    parameters = _parameters(info["signature_algorithm"])
    _check_algorithms(digest, signature_oid, info, parameters)
    attributes = _attributes(info)
    _check_attributes(attributes, digest, info)
    raw = info["signed_attrs"].dump()
    return SignerInfo(
        certificate=_certificate_of(info, bag),
        named=_named(info),
        digest=digest,
        signature_oid=signature_oid,
        parameters=parameters,
        message_digest=_one(attributes, MESSAGE_DIGEST, "messageDigest").native,
        signed=_signed_bytes(raw),
        signature=info["signature"].native,
        signing_time=_signing_time(attributes),
    )


def _signed_bytes(raw: bytes) -> bytes:
    """Return the attributes as received, under the SET OF tag they are signed with."""
    rule = "RFC 5652 §5.3, X.690 §11.6"
    der.sorted_set(der.read(raw, "The set of signed attributes"), "The signed attributes", rule)
    return bytes((der.SET,)) + raw[1:]


def _parameters(identifier: Any) -> bytes:
    parts = der.children(der.read(identifier.dump(), "The algorithm"), "The algorithm")
    return b"".join(bytes(part.raw) for part in parts[1:])


def _check_algorithms(digest: str, signature_oid: str, info: Any, parameters: bytes) -> None:
    ml_dsa = ML_DSA.get(signature_oid, ("", 0))[0]
    digest_parameters = _parameters(info["digest_algorithm"])
    if digest_parameters not in {b"", _NULL}:
        raise Unacceptable(
            f"The digest {digest} has parameters, which it must not have.", "RFC 5754 §2"
        )
    if digest.startswith("SHAKE") and digest_parameters:
        raise Unacceptable(
            f"{digest} is given with NULL parameters; they must be absent.", "RFC 8702 §3.1"
        )
    if not ml_dsa:
        return
    if digest not in ML_DSA_DIGESTS[ml_dsa]:
        allowed = " or ".join(ML_DSA_DIGESTS[ml_dsa])
        raise Unacceptable(
            f"{digest} is weaker than {ml_dsa}, so the signature is not accepted. Have the file "
            f"signed again with {allowed}.",
            "RFC 9882 §3.3",
        )
    if parameters or digest_parameters:
        what = ml_dsa if parameters else digest
        raise Unacceptable(
            f"{what} is given with parameters; with ML-DSA they must be absent.", "RFC 9882 §3"
        )


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


def _one(attributes: dict[str, list[Any]], kind: str, name: str) -> Any:
    values = attributes.get(kind)
    if values is None:
        raise Unacceptable(f"The signed attribute {name} is missing.", "RFC 5652 §11")
    if len(values) != 1:
        raise Unacceptable(
            f"The signed attribute {name} has {len(values)} values instead of one.",
            "RFC 5652 §11",
        )
    return values[0]


def _check_attributes(attributes: dict[str, list[Any]], digest: str, info: Any) -> None:
    if _one(attributes, CONTENT_TYPE, "contentType").dotted != DATA:
        raise Unacceptable(
            "The signed content type is not that of the signature.", "RFC 5652 §11.1"
        )
    stated = _one(attributes, MESSAGE_DIGEST, "messageDigest").native
    size = next(one.size for one in DIGEST_BY_OID.values() if one.name == digest)
    if not isinstance(stated, bytes) or len(stated) != size:
        raise Unacceptable(
            f"The signed digest has not the {size} bytes of {digest}.",
            "RFC 8702 §3.1" if digest == "SHAKE256" else "RFC 5652 §11.2",
        )
    if ALGORITHM_PROTECTION not in attributes:
        return
    protection = _one(attributes, ALGORITHM_PROTECTION, "CMSAlgorithmProtection")
    same = (
        protection["digest_algorithm"]["algorithm"].dotted
        == info["digest_algorithm"]["algorithm"].dotted
        and protection["signature_algorithm"]["algorithm"].dotted
        == info["signature_algorithm"]["algorithm"].dotted
    )
    if not same:
        raise Unacceptable(
            "The algorithms that were signed are not those the signature claims: someone changed "
            "them after signing.",
            "RFC 6211 §3",
        )


def _signing_time(attributes: dict[str, list[Any]]) -> datetime | None:
    if SIGNING_TIME not in attributes:
        return None
    moment = _one(attributes, SIGNING_TIME, "signingTime").native
    return moment if isinstance(moment, datetime) else None


def _certificate_of(info: Any, bag: tuple[Facts, ...]) -> Facts | None:
    sid = info["sid"]
    if sid.name == "subject_key_identifier":
        wanted = sid.chosen.native
        return next((one for one in bag if one.ski == wanted), None)
    issuer = sid.chosen["issuer"].dump()
    serial = sid.chosen["serial_number"].native
    return next(
        (one for one in bag if one.issuer == issuer and one.certificate.serial_number == serial),
        None,
    )


def _named(info: Any) -> str:
    sid = info["sid"]
    if sid.name == "subject_key_identifier":
        return f"the key identifier {sid.chosen.native.hex()}"
    name = sid.chosen["issuer"].human_friendly
    return f"serial number {sid.chosen['serial_number'].native:x} of {name}"
