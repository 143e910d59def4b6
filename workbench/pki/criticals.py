"""Which extensions of a CA's certificate and of those above it AWS Private CA takes as critical.

A CA of AWS enforces what it takes, and refuses what it would have to ignore.
Source: AWS Private CA API Reference, ImportCertificateAuthorityCertificate, "Enforcement of
Critical Constraints".
"""

from typing import Final

from cryptography.x509.oid import ExtensionOID

from workbench.pki.extension_words import title_for
from workbench.pki.names import common_name
from workbench.pki.parse import Facts

TAKEN: Final = frozenset(
    {
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.CERTIFICATE_POLICIES,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.INHIBIT_ANY_POLICY,
        ExtensionOID.ISSUER_ALTERNATIVE_NAME,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.NAME_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_DIRECTORY_ATTRIBUTES,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.SUBJECT_INFORMATION_ACCESS,
    }
)
"""Extensions that may be critical; basicConstraints must be."""


def wrong_criticals(one: Facts) -> str:
    """Return why AWS refuses a CA's certificate for what is critical in it, or nothing."""
    name = common_name(one.certificate.subject)
    for extension in one.extensions:
        if extension.critical and extension.oid not in TAKEN:
            return (
                f"“{name}” has the critical extension {title_for(extension.oid)}, which AWS "
                "Private CA does not enforce and so does not take. Have it issued without, or "
                "with the extension not critical where its standard allows that."
            )
        if extension.oid == ExtensionOID.BASIC_CONSTRAINTS and not extension.critical:
            return (
                f"The basic constraints of “{name}” are not critical, as they must be in a CA's "
                "certificate (RFC 5280 §4.2.1.9). Have it issued anew."
            )
    return ""
