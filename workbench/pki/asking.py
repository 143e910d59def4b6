"""What a new certificate can be asked for with, and what is asked of the certificate service.

Owns the way from a person's choices to requests of `PreviewIssue` and `IssueCertificate`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cryptography import x509

from workbench.base.errors import Refused
from workbench.pki.alternative import alternative_name
from workbench.pki.clients import PairsClient
from workbench.pki.csr import sign_csr
from workbench.pki.external import external_key
from workbench.pki.names import (
    attribute,
    common_name,
    from_subject,
    member_of,
    to_subject,
)
from workbench.pki.pairs import NewPair, pair_key
from workbench.pki.profile_shelf import every_profile
from workbench.pki.resubject import other_subject
from workbench.pki.templates import OWN_TEMPLATES, TEMPLATES

CODE_SIGNING: Final = TEMPLATES["CodeSigningCertificate"].arn()
TLS_SERVER: Final = OWN_TEMPLATES["EndEntityServerAuthCertificate_SigningKey"].arn()
TLS_CLIENT: Final = OWN_TEMPLATES["EndEntityClientAuthCertificate_SigningKey"].arn()
TLS_BOTH: Final = OWN_TEMPLATES["EndEntityCertificate_SigningKey"].arn()
TIMESTAMPS: Final = OWN_TEMPLATES["TimeStampingCertificate"].arn()
EMAIL_PROTECTION: Final = OWN_TEMPLATES["EmailProtectionCertificate_SigningKey"].arn()
MDL_SIGNER: Final = OWN_TEMPLATES["MdlDocumentSignerCertificate"].arn()
OCSP: Final = OWN_TEMPLATES["OCSPResponderCertificate"].arn()
SUBORDINATE: Final = TEMPLATES["SubordinateCACertificate_PathLen0"].arn()

_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Issuer:
    """A CA that can issue.

    Attributes:
        arn: of the CA.
        name: its common name.
        algorithm: AWS Private CA's KeyAlgorithm.
        signing: AWS Private CA's SigningAlgorithm that it usually signs with.
        country: two letters, or empty.
        state: its state or province, or empty.
        left: whole days that its own certificate was still valid when it was read.
    """

    arn: str
    name: str
    algorithm: str
    signing: str = ""
    country: str = ""
    state: str = ""
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What certificates can be made from: a template or profile.

    Attributes:
        arn: of the template or profile.
        name: its name.
        days: the validity it suggests.
        ca: whether it makes CA certificates.
        subjects: whether they may have another subject than the request asks for.
    """

    arn: str
    name: str
    days: int
    ca: bool
    subjects: bool = True


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be chosen.

    Attributes:
        issuers: CAs that are active.
        keys: alias and key spec of keys that sign.
        profiles: the user's own profiles.
        templates: AWS's templates and the built-in profiles, but for those of roots.
        wrapping: aliases of the symmetric keys under which keys that can be exported are kept.
    """

    issuers: Sequence[Issuer]
    keys: Sequence[tuple[str, str]]
    profiles: Sequence[Made]
    templates: Sequence[Made] = ()
    wrapping: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What a person chose.

    Attributes:
        issuer: ARN of the CA.
        template: ARN of a template or profile.
        days: validity.
        key: id or alias of the key to certify; empty with a request.
        name: common name; with a request empty, unless it is to have another subject.
        others: names of the subject alternative name, as `alternative.alternative_name` reads them.
        csr: a certificate request as PEM, or empty.
        subject: ASN1Subject's members beside the common name, `names.EMAIL`, and values of other
            attributes by their object identifiers.
        signing: AWS Private CA's SigningAlgorithm; empty for the CA's usual one.
        wrapping: the KMS key under which a new key that can be exported is kept, or empty.
        pair_spec: KeyPairSpec of that new key.
    """

    issuer: str
    template: str
    days: int
    key: str = ""
    name: str = ""
    others: tuple[str, ...] = ()
    csr: str = ""
    subject: Mapping[str, str] = field(default_factory=dict)
    signing: str = ""
    wrapping: str = ""
    pair_spec: str = ""


def read_offer(kms: Any, acm_pca: Any, shelf: Any, now: datetime) -> Offered:
    """Ask which CAs, keys and profiles there are, and how long the CAs last from `now`.

    Raises:
        botocore.exceptions.ClientError: one of the services refused.
    """
    keys, wrapping = [], []
    for page in kms.get_paginator("list_aliases").paginate():
        for alias in page["Aliases"]:
            if "TargetKeyId" not in alias or alias["AliasName"].startswith("alias/aws/"):
                continue
            key = kms.describe_key(KeyId=alias["TargetKeyId"])["KeyMetadata"]
            if key["KeyState"] != "Enabled":
                continue
            if key["KeyUsage"] == "SIGN_VERIFY":
                keys.append((alias["AliasName"], key["KeySpec"]))
            elif key["KeySpec"] == "SYMMETRIC_DEFAULT" and "CustomKeyStoreId" not in key:
                wrapping.append(alias["AliasName"])
    profiles, templates = read_templates(shelf)
    return Offered(read_issuers(acm_pca, now), sorted(keys), profiles, templates, sorted(wrapping))


def read_templates(shelf: Any) -> tuple[list[Made], list[Made]]:
    """Return the user's own profiles, and the other templates that are not for roots.

    Raises:
        botocore.exceptions.ClientError: the service refused.
    """
    profiles: list[Made] = []
    templates: list[Made] = []
    for one in every_profile(shelf):
        subjects = one["PassesApi"] or one["Kind"] == "AWS"  # AWS's have twins that pass it
        made = Made(
            one["Arn"], one["Name"], one["ValidityDays"], one["CertificateAuthority"], subjects
        )
        if not one["SelfSigned"]:
            (profiles if one["Kind"] == "KEPT" else templates).append(made)
    return profiles, templates


def read_issuers(acm_pca: Any, now: datetime) -> list[Issuer]:
    """Return the active CAs, by name, and how long they last from `now`.

    Raises:
        botocore.exceptions.ClientError: the service refused.
    """
    issuers: list[Issuer] = []
    for page in acm_pca.get_paginator("list_certificate_authorities").paginate():
        active = (one for one in page["CertificateAuthorities"] if one["Status"] == "ACTIVE")
        issuers.extend(_issuer(one, now) for one in active)
    return sorted(issuers, key=lambda one: one.name)


def _issuer(one: Mapping[str, Any], now: datetime) -> Issuer:
    made, ends = one["CertificateAuthorityConfiguration"], one.get("NotAfter")
    subject = made.get("Subject", {})
    return Issuer(
        one["Arn"],
        member_of(subject, "CommonName") or one["Arn"].rpartition("/")[2],
        made["KeyAlgorithm"],
        made["SigningAlgorithm"],
        member_of(subject, "Country"),
        member_of(subject, "State"),
        None if ends is None else (ends - now).days,
    )


def request_of(
    kms: Any, order: Order, pairs: PairsClient = None, pair: NewPair | None = None
) -> dict[str, Any]:
    """Return the members of a request; a key of the vault signs its certificate request for it.

    Args:
        kms: boto3-shaped KMS client.
        order: what is asked for.
        pairs: client of data key pairs, for a key that can be exported.
        pair: that key; see `pairs.make_pair`.

    Raises:
        Refused: a name cannot be used.
        botocore.exceptions.ClientError: KMS refused.
    """
    csr = order.csr
    if not csr:
        wrong = wrong_with_name(order.name)
        if wrong:
            raise Refused(wrong, "Change the name.")
        subject = _subject({**order.subject, "CommonName": order.name})
        names = [alternative_name(text) for text in order.others]
        extensions = [(x509.SubjectAlternativeName(names), False)] if names else []
        key = external_key(kms, order.key) if pair is None else pair_key(pairs, pair)
        csr = sign_csr(key, subject, ca=False, extensions=extensions)
    request = {
        "CertificateAuthorityArn": order.issuer,
        "Csr": csr.encode(),
        "TemplateArn": order.template,
        "Validity": {"Value": order.days, "Type": "DAYS"},
    }
    if pair is not None:
        request["ExportableKey"] = pair.members
    if order.csr and order.name:
        request |= other_subject(order.template, {**order.subject, "CommonName": order.name})
    return {**request, "SigningAlgorithm": order.signing} if order.signing else request


def _subject(values: Mapping[str, str]) -> x509.Name:
    try:
        return from_subject(to_subject(values))
    except ValueError as error:
        raise Refused(f"The subject cannot be used: {error}.", "Correct it.") from error


def wrong_with_name(name: str) -> str:
    """Return what is wrong with a common name (RFC 5280, upper bounds), or nothing."""
    if not name:
        return "Give it a name."
    if len(name) > _LONGEST_NAME:
        return f"A common name has at most {_LONGEST_NAME} characters; this has {len(name)}."
    return ""


def wrong_with_member(member: str, value: str) -> str:
    """Return what is wrong with a member of a subject, or nothing; without a value nothing is."""
    try:
        if value:
            attribute(member, value)
    except ValueError as error:
        words = str(error)
        return f"{words[:1].upper()}{words[1:]}."
    return ""


def request_name(pem: str) -> str:
    """Return whom a certificate request is for; empty where its name has no common name.

    Raises:
        Refused: it is no request, or its signature is not its key's (RFC 2986 §4.2).
    """
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        subject = request.subject
        genuine = request.is_signature_valid
    except Exception as error:
        raise Refused(
            "This is no certificate request that can be read.",
            "Give a PKCS#10 request in PEM: it begins with -----BEGIN CERTIFICATE REQUEST-----.",
        ) from error
    if not genuine:
        raise Refused(
            "The signature of the certificate request is not its key's.",
            "Ask for the request once more: whoever made it may not have the key.",
        )
    return common_name(subject)
