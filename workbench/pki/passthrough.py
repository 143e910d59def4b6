"""AWS Private CA's ApiPassthrough: from its structures to X.509 names and extensions.

Source: AWS Private CA API Reference, ApiPassthrough, Extensions, GeneralName; RFC 5280 §4.2.
"""

import base64
import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from asn1crypto import core
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, ObjectIdentifier

from workbench.pki.names import from_subject
from workbench.pki.templates import key_usage

Extra = tuple[ObjectIdentifier, bool, x509.ExtensionType]
"""An extension: its identifier, whether it is critical, its value."""

_PURPOSES: Final = {
    "SERVER_AUTH": ExtendedKeyUsageOID.SERVER_AUTH,
    "CLIENT_AUTH": ExtendedKeyUsageOID.CLIENT_AUTH,
    "CODE_SIGNING": ExtendedKeyUsageOID.CODE_SIGNING,
    "EMAIL_PROTECTION": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "TIME_STAMPING": ExtendedKeyUsageOID.TIME_STAMPING,
    "OCSP_SIGNING": ExtendedKeyUsageOID.OCSP_SIGNING,
    "SMART_CARD_LOGIN": ExtendedKeyUsageOID.SMARTCARD_LOGON,
    "DOCUMENT_SIGNING": ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),
    "CERTIFICATE_TRANSPARENCY": ExtendedKeyUsageOID.CERTIFICATE_TRANSPARENCY,
}

_BITS: Final = {
    "DigitalSignature": "digital_signature",
    "NonRepudiation": "content_commitment",
    "KeyEncipherment": "key_encipherment",
    "DataEncipherment": "data_encipherment",
    "KeyAgreement": "key_agreement",
    "KeyCertSign": "key_cert_sign",
    "CRLSign": "crl_sign",
    "EncipherOnly": "encipher_only",
    "DecipherOnly": "decipher_only",
}

_ACCESS: Final = {
    "CA_REPOSITORY": ObjectIdentifier("1.3.6.1.5.5.7.48.5"),
    "RESOURCE_PKI_MANIFEST": ObjectIdentifier("1.3.6.1.5.5.7.48.10"),
    "RESOURCE_PKI_NOTIFY": ObjectIdentifier("1.3.6.1.5.5.7.48.13"),
}


def subject_of(passed: Mapping[str, Any]) -> x509.Name | None:
    """Return the subject in an ApiPassthrough, or None.

    Raises:
        ValueError: a sentence; the subject is empty or mixes kinds of attributes.
    """
    subject = passed.get("Subject")
    return None if subject is None else from_subject(subject)


def extensions_of(passed: Mapping[str, Any]) -> list[Extra]:
    """Return the extensions in an ApiPassthrough in a fixed order.

    Raises:
        ValueError: a sentence; a value does not fit, or an extension comes twice.
    """
    made = list(_extensions(passed.get("Extensions", {})))
    seen: set[ObjectIdentifier] = set()
    for oid, _, _ in made:
        if oid in seen:
            raise ValueError(f"The extension {oid.dotted_string} is passed twice.")
        seen.add(oid)
    return made


def _extensions(given: Mapping[str, Any]) -> Iterator[Extra]:
    if "KeyUsage" in given:
        yield ExtensionOID.KEY_USAGE, True, usage_of(given["KeyUsage"])
    if "ExtendedKeyUsage" in given:
        yield ExtensionOID.EXTENDED_KEY_USAGE, False, _purposes(given["ExtendedKeyUsage"])
    if "SubjectAlternativeNames" in given:
        names = [general_name(one) for one in given["SubjectAlternativeNames"]]
        yield ExtensionOID.SUBJECT_ALTERNATIVE_NAME, False, x509.SubjectAlternativeName(names)
    if "CertificatePolicies" in given:
        policies = x509.CertificatePolicies([_policy(one) for one in given["CertificatePolicies"]])
        yield ExtensionOID.CERTIFICATE_POLICIES, False, policies
    for custom in given.get("CustomExtensions", ()):
        oid = identifier(custom["ObjectIdentifier"])
        value = base64.b64decode(custom["Value"])
        yield oid, custom.get("Critical", False), x509.UnrecognizedExtension(oid, value)


def identifier(text: str) -> ObjectIdentifier:
    """Return an object identifier.

    Raises:
        ValueError: a sentence; it is none.
    """
    try:
        return ObjectIdentifier(text)
    except ValueError as error:
        raise ValueError(f"{text} is not an object identifier.") from error


def usage_of(given: Mapping[str, bool]) -> x509.KeyUsage:
    """Return AWS's KeyUsage as the extension.

    Raises:
        ValueError: a sentence; no bit is asserted (RFC 5280 §4.2.1.3), or encipherOnly or
            decipherOnly without keyAgreement.
    """
    names = frozenset(bit for member, bit in _BITS.items() if given.get(member))
    if not names:
        raise ValueError("KeyUsage asserts nothing.")
    if names & {"encipher_only", "decipher_only"} and "key_agreement" not in names:
        raise ValueError("EncipherOnly and DecipherOnly mean nothing without KeyAgreement.")
    return key_usage(names)


def access_of(given: list[dict[str, Any]]) -> x509.SubjectInformationAccess:
    """Return AWS's SubjectInformationAccess as the extension.

    Raises:
        ValueError: a sentence; a method or location does not fit.
    """
    made = []
    for one in given:
        method = one["AccessMethod"]
        _one_of(method, "AccessMethod")
        known = _ACCESS.get(method.get("AccessMethodType", ""))
        oid = known or identifier(method["CustomObjectIdentifier"])
        made.append(x509.AccessDescription(oid, general_name(one["AccessLocation"])))
    return x509.SubjectInformationAccess(made)


def _purposes(given: list[dict[str, str]]) -> x509.ExtendedKeyUsage:
    made = []
    for one in given:
        _one_of(one, "ExtendedKeyUsage")
        known = _PURPOSES.get(one.get("ExtendedKeyUsageType", ""))
        made.append(known or identifier(one["ExtendedKeyUsageObjectIdentifier"]))
    return x509.ExtendedKeyUsage(list(dict.fromkeys(made)))


def _policy(given: Mapping[str, Any]) -> x509.PolicyInformation:
    qualifiers: list[str | x509.UserNotice] = [
        one["Qualifier"]["CpsUri"] for one in given.get("PolicyQualifiers", ())
    ]
    return x509.PolicyInformation(identifier(given["CertPolicyId"]), qualifiers or None)


def _one_of(given: Mapping[str, Any], what: str) -> None:
    if len(given) != 1:
        raise ValueError(f"{what} has {len(given)} members; it takes exactly one.")


def general_name(given: Mapping[str, Any]) -> x509.GeneralName:
    """Return AWS's GeneralName as X.509's.

    Raises:
        ValueError: a sentence; it has not exactly one member, or its value does not fit.
    """
    _one_of(given, "GeneralName")
    kind, value = next(iter(given.items()))
    if kind == "EdiPartyName":
        raise ValueError("EdiPartyName is not offered.")
    try:
        return _KINDS[kind](value)
    except ValueError as error:
        raise ValueError(f"{kind}: {error}") from error


def _other(given: Mapping[str, str]) -> x509.OtherName:
    text = core.UTF8String(given["Value"]).dump()
    return x509.OtherName(identifier(given["TypeId"]), text)


_KINDS: Final[Mapping[str, Callable[[Any], x509.GeneralName]]] = {
    "OtherName": _other,
    "Rfc822Name": x509.RFC822Name,
    "DnsName": x509.DNSName,
    "DirectoryName": lambda given: x509.DirectoryName(from_subject(given)),
    "UniformResourceIdentifier": x509.UniformResourceIdentifier,
    "IpAddress": lambda given: x509.IPAddress(ipaddress.ip_address(given)),
    "RegisteredId": lambda given: x509.RegisteredID(identifier(given)),
}
