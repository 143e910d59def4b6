"""Second eyes on certificates and revocation lists: pkilint, where it is installed.

It is an optional dependency (the extra `lint`); without it `available` is False and nothing is
found. Imported when first asked, because that takes a quarter of a second.
Source: pkilint checks RFC 5280, RFC 8813 and RFC 9881 among others.
"""

import importlib.util
from dataclasses import dataclass
from functools import cache
from typing import Any


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing pkilint says.

    Attributes:
        severity: ERROR, WARNING, NOTICE or INFO; FATAL when it could not read the document.
        code: pkilint's name of the finding, such as `pkix.key_usage_value_prohibited_for_ec`.
        message: its words, or empty.
    """

    severity: str
    code: str
    message: str


def available() -> bool:
    """Whether pkilint is installed."""
    return importlib.util.find_spec("pkilint") is not None


def lint_certificate(der: bytes) -> tuple[LintFinding, ...]:
    """Return what pkilint finds in a certificate; nothing where it is not installed."""
    return _run(_certificates, der)


def lint_crl(der: bytes) -> tuple[LintFinding, ...]:
    """Return what pkilint finds in a revocation list; nothing where it is not installed."""
    return _run(_lists, der)


def _run(tools: Any, der: bytes) -> tuple[LintFinding, ...]:
    if not available():
        return ()
    load, validator = tools()
    try:
        results = validator.validate(load(der, "document").root)
    except Exception as error:  # noqa: BLE001 - on hostile input it raises what it likes
        return (LintFinding("FATAL", "unreadable", type(error).__name__),)
    return tuple(
        LintFinding(found.finding.severity.name, str(found.finding.code), str(found.message or ""))
        for result in results
        for found in result.finding_descriptions
    )


@cache
def _certificates() -> tuple[Any, Any]:
    from pkilint import loader  # noqa: PLC0415 - optional and slow
    from pkilint.pkix import certificate, extension, name  # noqa: PLC0415

    validator = certificate.create_pkix_certificate_validator_container(
        certificate.create_decoding_validators(
            name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS
        ),
        [
            certificate.create_issuer_validator_container([]),
            certificate.create_validity_validator_container(),
            certificate.create_subject_validator_container([]),
            certificate.create_extensions_validator_container([]),
            certificate.create_spki_validator_container([]),
        ],
    )
    return loader.RFC5280CertificateDocumentLoader().load_der_document, validator


@cache
def _lists() -> tuple[Any, Any]:
    from pkilint import loader, pkix  # noqa: PLC0415 - optional and slow
    from pkilint.pkix import crl, extension, name  # noqa: PLC0415

    validator = crl.create_pkix_crl_validator_container(
        [
            pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
            pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
        ],
        [
            crl.create_issuer_validator_container([]),
            crl.create_validity_validator_container([]),
            crl.create_extensions_validator_container([]),
        ],
    )
    return loader.RFC5280CertificateListDocumentLoader().load_der_document, validator
