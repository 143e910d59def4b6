"""What a certificate may be meant for, and what its extensions must say for that.

Sources: RFC 5280 §4.2.1.3 and §4.2.1.12; RFC 3161 §2.3 for timestamping; ISO/IEC 18013-5 Annex B
for mobile driving licences; RFC 6960 §4.2.2.2 for OCSP; RFC 9336 for signing documents.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier


class Purpose(StrEnum):
    """What a chain is checked for."""

    CODE_SIGNING = "codeSigning"
    SERVER_AUTH = "serverAuth"
    CLIENT_AUTH = "clientAuth"
    EMAIL_PROTECTION = "emailProtection"
    TIME_STAMPING = "timeStamping"
    MDL_SIGNING = "mdlSigning"
    OCSP_SIGNING = "ocspSigning"
    DOCUMENT_SIGNING = "documentSigning"
    ANY = "any"


PURPOSE_OIDS: Final[Mapping[Purpose, ObjectIdentifier]] = MappingProxyType(
    {
        Purpose.CODE_SIGNING: ExtendedKeyUsageOID.CODE_SIGNING,
        Purpose.SERVER_AUTH: ExtendedKeyUsageOID.SERVER_AUTH,
        Purpose.CLIENT_AUTH: ExtendedKeyUsageOID.CLIENT_AUTH,
        Purpose.EMAIL_PROTECTION: ExtendedKeyUsageOID.EMAIL_PROTECTION,
        Purpose.TIME_STAMPING: ExtendedKeyUsageOID.TIME_STAMPING,
        Purpose.MDL_SIGNING: ObjectIdentifier("1.0.18013.5.1.2"),
        Purpose.OCSP_SIGNING: ExtendedKeyUsageOID.OCSP_SIGNING,
        Purpose.DOCUMENT_SIGNING: ObjectIdentifier("1.3.6.1.5.5.7.3.36"),
    }
)

ALSO_FOR: Final[Mapping[Purpose, frozenset[str]]] = MappingProxyType(
    {
        # RFC 9336 §1: what was used for documents before there was a purpose of their own, and
        # vendors' purposes for the same. A signer of code vouches for content no less.
        Purpose.DOCUMENT_SIGNING: frozenset(
            {
                ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
                ExtendedKeyUsageOID.CODE_SIGNING.dotted_string,
                "1.3.6.1.4.1.311.10.3.12",
                "1.2.840.113583.1.1.5",
            }
        )
    }
)
"""Other purposes that stand for one as well, by object identifier."""

PURPOSE_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ExtendedKeyUsageOID.CODE_SIGNING.dotted_string: "code signing",
        ExtendedKeyUsageOID.SERVER_AUTH.dotted_string: "TLS server authentication",
        ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string: "TLS client authentication",
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string: "e-mail protection",
        ExtendedKeyUsageOID.TIME_STAMPING.dotted_string: "timestamping",
        ExtendedKeyUsageOID.OCSP_SIGNING.dotted_string: "OCSP signing",
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string: "any purpose",
        "1.0.18013.5.1.2": "mobile driving licence document signing",
        "1.0.18013.5.1.6": "mobile driving licence reader authentication",
        "1.3.6.1.4.1.311.20.2.2": "smart card log-on",
        "1.3.6.1.5.5.7.3.17": "IPsec IKE",
        "1.3.6.1.5.5.7.3.36": "document signing",
        "1.3.6.1.4.1.311.10.3.12": "document signing (Microsoft)",
        "1.2.840.113583.1.1.5": "document signing (Adobe)",
    }
)
"""Extended key usages in words, by object identifier."""

STRICT: Final = frozenset(
    {
        Purpose.CODE_SIGNING,
        Purpose.TIME_STAMPING,
        Purpose.MDL_SIGNING,
        Purpose.OCSP_SIGNING,
    }
)
"""Purposes that must be named: neither absence nor anyExtendedKeyUsage stands for them."""

USAGE_FOR: Final[Mapping[Purpose, frozenset[str]]] = MappingProxyType(
    {
        Purpose.CODE_SIGNING: frozenset({"digital_signature"}),
        Purpose.TIME_STAMPING: frozenset({"digital_signature", "content_commitment"}),
        Purpose.MDL_SIGNING: frozenset({"digital_signature"}),
        Purpose.OCSP_SIGNING: frozenset({"digital_signature", "content_commitment"}),
        Purpose.CLIENT_AUTH: frozenset({"digital_signature", "key_agreement"}),
        Purpose.SERVER_AUTH: frozenset({"digital_signature", "key_encipherment", "key_agreement"}),
        Purpose.EMAIL_PROTECTION: frozenset(
            {"digital_signature", "content_commitment", "key_encipherment", "key_agreement"}
        ),
        Purpose.DOCUMENT_SIGNING: frozenset({"digital_signature", "content_commitment"}),
        Purpose.ANY: frozenset(),
    }
)
"""Key usages of which at least one must be asserted where keyUsage is present."""


def in_words(purpose: Purpose) -> str:
    """Return a purpose as people say it."""
    oid = PURPOSE_OIDS.get(purpose)
    return "any purpose" if oid is None else PURPOSE_WORDS[oid.dotted_string]


def standing_for(purpose: Purpose) -> frozenset[str]:
    """Return the extended key usages of which any names a purpose, by object identifier."""
    return ALSO_FOR.get(purpose, frozenset()) | {PURPOSE_OIDS[purpose].dotted_string}


def allows(purposes: frozenset[str] | None, purpose: Purpose, *, ca: bool = False) -> bool:
    """Whether an extendedKeyUsage, as dotted identifiers or None if absent, allows a purpose.

    A CA without the extension allows everything; a CA with it passes on only what it names.
    """
    if purpose is Purpose.ANY:
        return True
    if purposes is None:
        return ca or purpose not in STRICT
    if standing_for(purpose) & purposes:
        return True
    anything = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string in purposes
    return anything and (ca or purpose not in STRICT)
