"""The inventory of cryptography as a CycloneDX 1.6 bill of materials (CBOM).

Owns the mapping: algorithms, certificates and keys become cryptographic assets, and what stands on
what becomes the graph of dependencies. Public facts only. Source: ECMA-424 (CycloneDX 1.6),
cryptoProperties.
"""

from collections.abc import Iterable
from typing import Final

from cryptography import x509
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.crypto import (
    AlgorithmProperties,
    CertificateProperties,
    CryptoAssetType,
    CryptoFunction,
    CryptoPrimitive,
    CryptoProperties,
    RelatedCryptoMaterialProperties,
    RelatedCryptoMaterialSecuredBy,
    RelatedCryptoMaterialState,
    RelatedCryptoMaterialType,
)
from cyclonedx.output.json import JsonV1Dot6

from workbench.crypto.table import KEY_SPECS, Family, KeySpec
from workbench.pki.algorithms import key_summary, signature_name
from workbench.pki.migration import Kind, Row, Survey
from workbench.pki.names import readable
from workbench.pki.parse import facts

_PREFIX: Final = "keyworkbench"
_PRIMITIVES: Final = {
    Family.SYMMETRIC: CryptoPrimitive.AE,
    Family.MAC: CryptoPrimitive.MAC,
    Family.RSA: CryptoPrimitive.SIGNATURE,
    Family.ELLIPTIC: CryptoPrimitive.SIGNATURE,
    Family.EDWARDS: CryptoPrimitive.SIGNATURE,
    Family.ML_DSA: CryptoPrimitive.SIGNATURE,
    Family.ML_KEM: CryptoPrimitive.KEM,
}
_FUNCTIONS: Final = {
    CryptoPrimitive.AE: (CryptoFunction.ENCRYPT, CryptoFunction.DECRYPT),
    CryptoPrimitive.MAC: (CryptoFunction.TAG, CryptoFunction.VERIFY),
    CryptoPrimitive.SIGNATURE: (CryptoFunction.SIGN, CryptoFunction.VERIFY),
    CryptoPrimitive.KEM: (CryptoFunction.ENCAPSULATE, CryptoFunction.DECAPSULATE),
}
_STATES: Final = {
    "Enabled": RelatedCryptoMaterialState.ACTIVE,
    "Updating": RelatedCryptoMaterialState.ACTIVE,
    "Creating": RelatedCryptoMaterialState.PRE_ACTIVATION,
    "PendingImport": RelatedCryptoMaterialState.PRE_ACTIVATION,
    "Disabled": RelatedCryptoMaterialState.SUSPENDED,
    "Unavailable": RelatedCryptoMaterialState.SUSPENDED,
}
_PLAIN: Final = {"SYMMETRIC_DEFAULT": "AES-256-GCM"}


def as_cbom(survey: Survey, rows: Iterable[Row] | None = None) -> str:
    """Return a survey as CycloneDX 1.6 JSON.

    Args:
        survey: what was found.
        rows: those of its rows that are wanted; all if None.
    """
    wanted = survey.rows if rows is None else tuple(rows)
    made = _Inventory(survey, wanted)
    return str(JsonV1Dot6(made.bom).output_as_string(indent=2))


class _Inventory:
    """Makes components once each, and the dependencies between them."""

    def __init__(self, survey: Survey, rows: tuple[Row, ...]) -> None:
        self._survey = survey
        self._made: dict[str, Component] = {}
        self.bom = Bom()
        self.bom.metadata.timestamp = survey.moment
        subject = Component(name="Key Workbench vault", type=ComponentType.APPLICATION,
                            bom_ref=f"{_PREFIX}:vault")  # fmt: skip
        self.bom.metadata.component = subject
        keys = [self._key(row) for row in rows if row.kind is Kind.KEY]
        held = {row.spki_hash: f"key:{row.id}" for row in rows if row.kind is Kind.KEY}
        certificates = [self._certificate(row, held) for row in rows if row.kind is not Kind.KEY]
        for row in rows:
            self._depend_on_issuers(row)
        self.bom.register_dependency(subject, [*keys, *certificates])

    def _add(self, component: Component) -> Component:
        self._made[str(component.bom_ref.value)] = component
        self.bom.components.add(component)
        return component

    def _algorithm(self, name: str, spec: KeySpec | None) -> Component:
        reference = f"algorithm:{name}"
        if reference in self._made:
            return self._made[reference]
        primitive = _PRIMITIVES[spec.family] if spec else CryptoPrimitive.SIGNATURE
        properties = AlgorithmProperties(
            primitive=primitive,
            parameter_set_identifier=_parameters(name, spec),
            curve=(spec.curve or None) if spec else None,
            crypto_functions=_FUNCTIONS[primitive],
            classical_security_level=spec.strength if spec else None,
            nist_quantum_security_level=spec.category if spec else None,
        )
        return self._add(
            Component(
                name=name,
                type=ComponentType.CRYPTOGRAPHIC_ASSET,
                bom_ref=reference,
                crypto_properties=CryptoProperties(
                    asset_type=CryptoAssetType.ALGORITHM, algorithm_properties=properties
                ),
            )
        )

    def _key(self, row: Row) -> Component:
        spec = KEY_SPECS.get(row.spec)
        algorithm = self._algorithm(_plain(row.spec), spec)
        secret = spec is None or not spec.asymmetric
        properties = RelatedCryptoMaterialProperties(
            type=RelatedCryptoMaterialType.SECRET_KEY
            if secret
            else RelatedCryptoMaterialType.PRIVATE_KEY,
            id=row.id,
            state=_STATES.get(row.state),
            algorithm_ref=algorithm.bom_ref,
            creation_date=row.created,
            size=spec.bits if spec and secret else None,
            secured_by=RelatedCryptoMaterialSecuredBy(mechanism="HSM"),
        )
        component = self._add(
            Component(
                name=row.name,
                type=ComponentType.CRYPTOGRAPHIC_ASSET,
                bom_ref=f"key:{row.id}",
                properties=_judgement(row),
                crypto_properties=CryptoProperties(
                    asset_type=CryptoAssetType.RELATED_CRYPTO_MATERIAL,
                    related_crypto_material_properties=properties,
                ),
            )
        )
        self.bom.register_dependency(component, [algorithm])
        return component

    def _certificate(self, row: Row, held: dict[str, str]) -> Component:
        certificate = facts(self._survey.certificates[row.id]).certificate
        signature = self._signature(certificate)
        key = self._public_key(certificate, row, held)
        component = self._add(
            Component(
                name=row.name,
                type=ComponentType.CRYPTOGRAPHIC_ASSET,
                bom_ref=f"certificate:{row.id}",
                properties=_judgement(row),
                crypto_properties=CryptoProperties(
                    asset_type=CryptoAssetType.CERTIFICATE,
                    certificate_properties=CertificateProperties(
                        subject_name=readable(certificate.subject),
                        issuer_name=readable(certificate.issuer),
                        not_valid_before=certificate.not_valid_before_utc,
                        not_valid_after=certificate.not_valid_after_utc,
                        signature_algorithm_ref=signature.bom_ref,
                        subject_public_key_ref=key.bom_ref,
                        certificate_format="X.509",
                    ),
                ),
            )
        )
        self.bom.register_dependency(component, [signature, key])
        return component

    def _signature(self, certificate: x509.Certificate) -> Component:
        name = signature_name(certificate)
        return self._algorithm(name, KEY_SPECS.get(name.replace("-", "_")))

    def _public_key(
        self, certificate: x509.Certificate, row: Row, held: dict[str, str]
    ) -> Component:
        mine = self._made.get(held.get(row.spki_hash, ""))
        if mine is not None:
            return mine
        reference = f"public-key:{row.spki_hash}"
        if reference in self._made:
            return self._made[reference]
        summary = key_summary(certificate)
        algorithm = self._algorithm(summary.name, KEY_SPECS.get(summary.spec))
        component = self._add(
            Component(
                name=f"Public key of {row.name}",
                type=ComponentType.CRYPTOGRAPHIC_ASSET,
                bom_ref=reference,
                crypto_properties=CryptoProperties(
                    asset_type=CryptoAssetType.RELATED_CRYPTO_MATERIAL,
                    related_crypto_material_properties=RelatedCryptoMaterialProperties(
                        type=RelatedCryptoMaterialType.PUBLIC_KEY,
                        id=row.spki_hash,
                        algorithm_ref=algorithm.bom_ref,
                        size=summary.bits or None,
                    ),
                ),
            )
        )
        self.bom.register_dependency(component, [algorithm])
        return component

    def _depend_on_issuers(self, row: Row) -> None:
        mine = self._made.get(f"certificate:{row.id}")
        above = [
            self._made[f"certificate:{name}"]
            for name in self._survey.issuers.get(row.id, ())
            if f"certificate:{name}" in self._made
        ]
        if mine is not None and above:
            self.bom.register_dependency(mine, above)


def _plain(spec: str) -> str:
    return _PLAIN.get(spec, spec.replace("_", "-") if spec.startswith("ML_") else spec)


def _parameters(name: str, spec: KeySpec | None) -> str | None:
    if spec is None:
        return None
    digits = name.rpartition("-")[2] if spec.name.startswith("ML_") else ""
    return digits or str(spec.bits)


def _judgement(row: Row) -> list[Property]:
    values = {
        "quantum-vulnerable": "true" if row.vulnerable else "false",
        "urgency": row.urgency.name.lower(),
        "dependent-certificates": str(len(row.dependants)),
    }
    if row.until is not None:
        values["trusted-until"] = row.until.isoformat()
    return [Property(name=f"{_PREFIX}:{name}", value=value) for name, value in values.items()]
