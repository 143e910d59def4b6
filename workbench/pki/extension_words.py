"""Certificate extensions in words: a title, and labels with values.

Source: RFC 5280 §4.2, and the RFCs named at each function.
"""

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import (
    AuthorityInformationAccessOID,
    ExtensionOID,
    ObjectIdentifier,
    OCSPExtensionOID,
    SubjectInformationAccessOID,
)

from workbench.pki import extension_more as more
from workbench.pki.extension_more import RAW_TITLES, raw_words
from workbench.pki.names import readable
from workbench.pki.purposes import PURPOSE_WORDS

Rows = list[tuple[str, str]]

_TITLES: Final = {
    ExtensionOID.BASIC_CONSTRAINTS: "Basic constraints",
    ExtensionOID.KEY_USAGE: "Key usage",
    ExtensionOID.EXTENDED_KEY_USAGE: "Extended key usage",
    ExtensionOID.SUBJECT_KEY_IDENTIFIER: "Subject key identifier",
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER: "Authority key identifier",
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME: "Subject alternative name",
    ExtensionOID.ISSUER_ALTERNATIVE_NAME: "Issuer alternative name",
    ExtensionOID.CRL_DISTRIBUTION_POINTS: "CRL distribution points",
    ExtensionOID.FRESHEST_CRL: "Freshest CRL",
    ExtensionOID.CRL_NUMBER: "CRL number",
    ExtensionOID.DELTA_CRL_INDICATOR: "Delta CRL indicator",
    ExtensionOID.ISSUING_DISTRIBUTION_POINT: "Issuing distribution point",
    OCSPExtensionOID.NONCE: "OCSP nonce",
    ExtensionOID.AUTHORITY_INFORMATION_ACCESS: "Authority information access",
    ExtensionOID.SUBJECT_INFORMATION_ACCESS: "Subject information access",
    ExtensionOID.CERTIFICATE_POLICIES: "Certificate policies",
    ExtensionOID.POLICY_CONSTRAINTS: "Policy constraints",
    ExtensionOID.INHIBIT_ANY_POLICY: "Inhibit anyPolicy",
    ExtensionOID.NAME_CONSTRAINTS: "Name constraints",
    ExtensionOID.OCSP_NO_CHECK: "OCSP no check",
    ExtensionOID.TLS_FEATURE: "TLS feature",
    ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS: "Signed certificate timestamps",
    ExtensionOID.SIGNED_CERTIFICATE_TIMESTAMPS: "Signed certificate timestamps",
    ExtensionOID.PRECERT_POISON: "Precertificate poison",
    ExtensionOID.PRIVATE_KEY_USAGE_PERIOD: "Private key usage period",
    ExtensionOID.MS_CERTIFICATE_TEMPLATE: "Certificate template (Microsoft)",
}

_USAGES: Final = (
    ("digital_signature", "digital signature"),
    ("content_commitment", "content commitment (non-repudiation)"),
    ("key_encipherment", "key encipherment"),
    ("data_encipherment", "data encipherment"),
    ("key_agreement", "key agreement"),
    ("key_cert_sign", "certificate signing"),
    ("crl_sign", "CRL signing"),
)

_ACCESS: Final = {
    AuthorityInformationAccessOID.OCSP: "OCSP responder",
    AuthorityInformationAccessOID.CA_ISSUERS: "Issuer's certificate",
    SubjectInformationAccessOID.CA_REPOSITORY: "What the CA issued",
    x509.ObjectIdentifier("1.3.6.1.5.5.7.48.3"): "Timestamping service",
}

_TEXT_NAMES: Final[dict[type[x509.GeneralName], str]] = {
    x509.DNSName: "DNS name",
    x509.RFC822Name: "E-mail address",
    x509.UniformResourceIdentifier: "URI",
}

_ANY_POLICY: Final = "2.5.29.32.0"


def title_of(extension: x509.Extension[Any]) -> str:
    """Return what an extension is called, its object identifier if it is not known."""
    return title_for(extension.oid)


def title_for(oid: ObjectIdentifier) -> str:
    """Return what extensions with an object identifier are called; see `title_of`."""
    text = oid.dotted_string
    return _TITLES.get(oid) or RAW_TITLES.get(text, f"Extension {text}")


def rows_of(extension: x509.Extension[Any]) -> Rows:
    """Return an extension's content in words; of an unknown one its bytes in hexadecimal."""
    for kind, words in _WORDS:
        if isinstance(extension.value, kind):
            return words(extension.value)
    value = extension.value
    raw = value.value if isinstance(value, x509.UnrecognizedExtension) else value.public_bytes()
    known = raw_words(extension.oid.dotted_string, raw)
    if known is not None:
        return known
    return [("Object identifier", extension.oid.dotted_string), ("Bytes", raw.hex(" "))]


def general_name(name: x509.GeneralName) -> tuple[str, str]:
    """Return the kind and the text of a general name (RFC 5280 §4.2.1.6)."""
    if isinstance(name, x509.DirectoryName):
        return "Directory name", readable(name.value)
    if isinstance(name, x509.IPAddress):
        network = isinstance(name.value, ipaddress.IPv4Network | ipaddress.IPv6Network)
        return ("IP network" if network else "IP address"), str(name.value)
    if isinstance(name, x509.RegisteredID):
        return "Registered ID", name.value.dotted_string
    if isinstance(name, x509.OtherName):
        return f"Other name {name.type_id.dotted_string}", name.value.hex(" ")
    return _TEXT_NAMES.get(type(name), "Name"), str(name.value)


def _basic(value: x509.BasicConstraints) -> Rows:
    if not value.ca:
        return [("Certificate authority", "no")]
    length = value.path_length
    limit = "any number of" if length is None else str(length)
    return [("Certificate authority", "yes"), ("CAs allowed below", limit)]


def _usage(value: x509.KeyUsage) -> Rows:
    names = [words for attribute, words in _USAGES if getattr(value, attribute)]
    if value.key_agreement:
        names += ["encipher only"] * value.encipher_only + ["decipher only"] * value.decipher_only
    return [("Allowed", ", ".join(names) or "nothing")]


def _purposes(value: x509.ExtendedKeyUsage) -> Rows:
    return [("Purpose", PURPOSE_WORDS.get(oid.dotted_string, oid.dotted_string)) for oid in value]


def _subject_key(value: x509.SubjectKeyIdentifier) -> Rows:
    return [("Key identifier", value.digest.hex(":").upper())]


def _authority_key(value: x509.AuthorityKeyIdentifier) -> Rows:
    rows: Rows = []
    if value.key_identifier is not None:
        rows.append(("Key identifier", value.key_identifier.hex(":").upper()))
    rows += [general_name(name) for name in value.authority_cert_issuer or ()]
    if value.authority_cert_serial_number is not None:
        rows.append(("Issuer's serial number", f"{value.authority_cert_serial_number:x}"))
    return rows


def _names(value: x509.SubjectAlternativeName | x509.IssuerAlternativeName) -> Rows:
    return [general_name(name) for name in value]


def _distribution(value: x509.CRLDistributionPoints | x509.FreshestCRL) -> Rows:
    rows: Rows = []
    for point in value:
        rows += [general_name(name) for name in point.full_name or ()]
        if point.relative_name is not None:
            rows.append(("Relative to the issuer", _relative(point.relative_name)))
        rows += [("CRL issuer", text) for _, text in map(general_name, point.crl_issuer or ())]
        if point.reasons:
            rows.append(("Reasons", ", ".join(sorted(reason.value for reason in point.reasons))))
    return rows


def _issuing_point(value: x509.IssuingDistributionPoint) -> Rows:
    """Return which certificates a list speaks of (RFC 5280 §5.2.5)."""
    rows: Rows = [general_name(name) for name in value.full_name or ()]
    if value.relative_name is not None:
        rows.append(("Relative to the issuer", _relative(value.relative_name)))
    only = (
        ("end-entity certificates", value.only_contains_user_certs),
        ("certificates of CAs", value.only_contains_ca_certs),
        ("attribute certificates", value.only_contains_attribute_certs),
    )
    rows += [("Speaks only of", words) for words, said in only if said]
    if value.only_some_reasons:
        reasons = sorted(reason.value for reason in value.only_some_reasons)
        rows.append(("Speaks only of reasons", ", ".join(reasons)))
    if value.indirect_crl:
        rows.append(("Certificates of other issuers", "may be listed"))
    return rows


def _relative(name: x509.RelativeDistinguishedName) -> str:
    return ", ".join(f"{one.rfc4514_attribute_name}={one.value!s}" for one in name)


def _access(value: x509.AuthorityInformationAccess | x509.SubjectInformationAccess) -> Rows:
    return [
        (
            _ACCESS.get(item.access_method, item.access_method.dotted_string),
            general_name(item.access_location)[1],
        )
        for item in value
    ]


def _policies(value: x509.CertificatePolicies) -> Rows:
    return [row for policy in value for row in _policy(policy)]


def _policy(policy: x509.PolicyInformation) -> Iterator[tuple[str, str]]:
    oid = policy.policy_identifier.dotted_string
    yield "Policy", "any policy" if oid == _ANY_POLICY else oid
    for qualifier in policy.policy_qualifiers or ():
        if isinstance(qualifier, str):
            yield "Practice statement", qualifier
            continue
        if qualifier.explicit_text:
            yield "Notice", qualifier.explicit_text
        if qualifier.notice_reference is not None:
            reference = qualifier.notice_reference
            numbers = ", ".join(map(str, reference.notice_numbers))
            yield "Notice of", f"{reference.organization or '(nobody named)'}, {numbers}"


def _name_constraints(value: x509.NameConstraints) -> Rows:
    rows: Rows = []
    for words, names in (
        ("Only", value.permitted_subtrees),
        ("Not", value.excluded_subtrees),
    ):
        for name in names or ():
            kind, text = general_name(name)
            rows.append((words, f"{kind} {text}"))
    return rows


def _policy_constraints(value: x509.PolicyConstraints) -> Rows:
    rows: Rows = []
    if value.require_explicit_policy is not None:
        rows.append(("Explicit policy required after", str(value.require_explicit_policy)))
    if value.inhibit_policy_mapping is not None:
        rows.append(("Policy mapping inhibited after", str(value.inhibit_policy_mapping)))
    return rows


def _no_check(_value: x509.OCSPNoCheck) -> Rows:
    return [("Revocation", "this responder's certificate need not be checked")]


_WORDS: Final[tuple[tuple[type[Any] | tuple[type[Any], ...], Callable[[Any], Rows]], ...]] = (
    (x509.BasicConstraints, _basic),
    (x509.KeyUsage, _usage),
    (x509.ExtendedKeyUsage, _purposes),
    (x509.SubjectKeyIdentifier, _subject_key),
    (x509.AuthorityKeyIdentifier, _authority_key),
    ((x509.SubjectAlternativeName, x509.IssuerAlternativeName), _names),
    ((x509.CRLDistributionPoints, x509.FreshestCRL), _distribution),
    ((x509.AuthorityInformationAccess, x509.SubjectInformationAccess), _access),
    (x509.CertificatePolicies, _policies),
    (x509.NameConstraints, _name_constraints),
    (x509.PolicyConstraints, _policy_constraints),
    (x509.OCSPNoCheck, _no_check),
    (x509.CRLNumber, more.list_number),
    (x509.DeltaCRLIndicator, more.delta),
    (x509.IssuingDistributionPoint, _issuing_point),
    (x509.OCSPNonce, more.nonce),
    (x509.TLSFeature, more.features),
    (x509.InhibitAnyPolicy, more.any_policy),
    (x509.PrecertPoison, more.poison),
    (x509.PrivateKeyUsagePeriod, more.key_period),
    (x509.MSCertificateTemplate, more.template),
    (
        (x509.PrecertificateSignedCertificateTimestamps, x509.SignedCertificateTimestamps),
        more.timestamps,
    ),
)
