"""Certificate revocation lists: built by `cryptography`, signed by the CA's key in KMS.

Source: RFC 5280 §5. Entries carry their reason unless it is unspecified (§5.3.1); partitions carry
a critical issuing distribution point (§5.2.5).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from workbench.pki.algorithms import digest_of
from workbench.pki.external import ExternalKey
from workbench.pki.issue import authority_key_identifier, pss_padding
from workbench.pki.parse import Facts
from workbench.pki.revocations import Revocation

REASONS: Final = {
    "UNSPECIFIED": x509.ReasonFlags.unspecified,
    "KEY_COMPROMISE": x509.ReasonFlags.key_compromise,
    "CERTIFICATE_AUTHORITY_COMPROMISE": x509.ReasonFlags.ca_compromise,
    "AFFILIATION_CHANGED": x509.ReasonFlags.affiliation_changed,
    "SUPERSEDED": x509.ReasonFlags.superseded,
    "CESSATION_OF_OPERATION": x509.ReasonFlags.cessation_of_operation,
    "PRIVILEGE_WITHDRAWN": x509.ReasonFlags.privilege_withdrawn,
    "A_A_COMPROMISE": x509.ReasonFlags.aa_compromise,
}
"""AWS's RevocationReason → CRLReason."""

_REASON_OF: Final[dict[str, list[x509.Extension[x509.ExtensionType]]]] = {
    name: [x509.Extension(x509.CRLReason.oid, critical=False, value=x509.CRLReason(reason))]
    if name != "UNSPECIFIED"
    else []
    for name, reason in REASONS.items()
}
"""The extensions of an entry; without a reason none (RFC 5280 §5.3.1)."""


def build_crl(
    issuer: Facts,
    key: ExternalKey,
    signing_algorithm: str,
    entries: Iterable[Revocation],
    number: int,
    period: tuple[datetime, datetime],
    address: str = "",
) -> bytes:
    """Build and sign a list.

    Args:
        issuer: the CA's certificate.
        key: the CA's key.
        signing_algorithm: AWS's SigningAlgorithm.
        entries: what it lists.
        number: cRLNumber, larger than the last one's.
        period: thisUpdate and nextUpdate.
        address: for a partition where it is found, as its certificates say; empty for a
            complete list.

    Returns:
        DER.

    Raises:
        Refused: the key cannot sign so long a list (Ed25519 beyond 4 KiB).
        botocore.exceptions.ClientError: KMS refused.
    """
    extensions = [
        x509.Extension(x509.AuthorityKeyIdentifier.oid, False, authority_key_identifier(issuer)),
        x509.Extension(x509.CRLNumber.oid, False, x509.CRLNumber(number)),
    ]
    if address:
        extensions.append(x509.Extension(x509.IssuingDistributionPoint.oid, True, _point(address)))
    # The builder copies its list with every entry that is added: a long one goes in at once.
    builder = x509.CertificateRevocationListBuilder(
        issuer.certificate.subject, *period, extensions, [_entry(one) for one in entries]
    )
    digest = digest_of(signing_algorithm)
    crl = builder.sign(key, digest, rsa_padding=pss_padding(signing_algorithm))
    return crl.public_bytes(serialization.Encoding.DER)


def _entry(one: Revocation) -> x509.RevokedCertificate:
    # All at once: the builder copies itself with everything that is added, here 100,000 times.
    moment = one.revoked.astimezone(UTC).replace(tzinfo=None)
    return x509.RevokedCertificateBuilder(one.serial, moment, _REASON_OF[one.reason]).build()


def _point(address: str) -> x509.IssuingDistributionPoint:
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(address)],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
