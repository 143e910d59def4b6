"""The accept decision of a kept library on a path that is already built.

`cryptography`'s verifier decides where it knows the algorithms and extensions of the path, else
`pyhanko-certvalidator`, in a process that is killed when it takes too long. Neither is given more
than the path's own certificates, so that neither builds paths; whatever they raise means no.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
)

from workbench.pki.algorithms import ML_DSA_OIDS
from workbench.pki.judge_process import JUDGE
from workbench.pki.names import visible
from workbench.pki.parse import UNREADABLE, Facts
from workbench.pki.purposes import Purpose, allows

_EC: Final = "1.2.840.10045.2.1"
_KNOWN_KEYS: Final = ML_DSA_OIDS | {"1.2.840.113549.1.1.1"}
_UNCOMPARED: Final = (x509.DirectoryName, x509.UniformResourceIdentifier)
_KNOWN_CURVES: Final = frozenset({"secp256r1", "secp384r1", "secp521r1"})

POLICY_EXTENSIONS: Final = frozenset(
    {
        ExtensionOID.POLICY_CONSTRAINTS,
        ExtensionOID.POLICY_MAPPINGS,
        ExtensionOID.INHIBIT_ANY_POLICY,
    }
)
"""What makes certificate policies count (RFC 5280 §6.1.3 to §6.1.5)."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a library decided.

    Attributes:
        accepted: whether it accepts the path.
        library: its name.
        reason: its own words when it does not.
    """

    accepted: bool
    library: str
    reason: str = ""


def judge(path: tuple[Facts, ...], moment: datetime, purpose: Purpose) -> Opinion:
    """Return a library's decision on a path, leaf first, whose last certificate is trusted."""
    if all(_known_to_cryptography(one) for one in path) and not _self_issued_below_a_limit(path):
        return _by_cryptography(path, moment, purpose)
    return _by_certvalidator(path, moment, purpose)


def _known_to_cryptography(one: Facts) -> bool:
    if not _known_key(one):
        return False
    for extension in one.extensions:
        if extension.oid in POLICY_EXTENSIONS:
            return False
        if extension.critical and extension.oid == ExtensionOID.CERTIFICATE_POLICIES:
            return False
        if isinstance(extension.value, x509.NameConstraints) and _other_names(extension.value):
            return False
    return True


def _self_issued_below_a_limit(path: tuple[Facts, ...]) -> bool:
    """Whether a path needs that self-issued certificates do not count (RFC 5280 §6.1.4 (l)).

    cryptography counts them, and so refuses the roll-over of a CA with a path length.
    """
    limited = any(one.basic is not None and one.basic.path_length is not None for one in path[1:])
    return limited and any(one.self_issued for one in path[1:-1])


def _known_key(one: Facts) -> bool:
    oid = one.certificate.public_key_algorithm_oid.dotted_string
    if oid != _EC:
        return oid in _KNOWN_KEYS
    try:
        key = one.certificate.public_key()
    except UNREADABLE:
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _KNOWN_CURVES


def _other_names(constraints: x509.NameConstraints) -> bool:
    """Whether constraints are on names that cryptography does not compare."""
    subtrees = (*(constraints.permitted_subtrees or ()), *(constraints.excluded_subtrees or ()))
    return any(isinstance(item, _UNCOMPARED) for item in subtrees)


def _by_cryptography(path: tuple[Facts, ...], moment: datetime, purpose: Purpose) -> Opinion:
    try:
        verifier = (
            PolicyBuilder()
            .store(Store([path[-1].certificate]))
            .time(moment)
            .max_chain_depth(len(path))
            .extension_policies(ca_policy=_ca_policy(purpose), ee_policy=_leaf_policy(purpose))
            .build_client_verifier()
        )
        verifier.verify(path[0].certificate, [one.certificate for one in path[1:-1]])
    except Exception as error:  # noqa: BLE001 - whatever a verifier raises on hostile input is a no
        return Opinion(accepted=False, library="cryptography", reason=visible(str(error), 200))
    return Opinion(accepted=True, library="cryptography")


def _ca_policy(purpose: Purpose) -> ExtensionPolicy:
    def basic(policy: Policy, certificate: x509.Certificate, value: x509.BasicConstraints) -> None:
        del policy, certificate
        if not value.ca:
            raise ValueError("an issuer is not a CA")

    def usage(policy: Policy, certificate: x509.Certificate, value: x509.KeyUsage | None) -> None:
        del policy, certificate
        if value is not None and not value.key_cert_sign:
            raise ValueError("an issuer lacks keyCertSign")

    return (
        ExtensionPolicy.permit_all()
        .require_present(x509.BasicConstraints, Criticality.AGNOSTIC, basic)
        .may_be_present(x509.KeyUsage, Criticality.AGNOSTIC, usage)
        .may_be_present(
            x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _Purposes(purpose, ca=True).check
        )
    )


def _leaf_policy(purpose: Purpose) -> ExtensionPolicy:
    return ExtensionPolicy.permit_all().may_be_present(
        x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _Purposes(purpose, ca=False).check
    )


class _Purposes:
    def __init__(self, purpose: Purpose, *, ca: bool) -> None:
        self._purpose = purpose
        self._ca = ca

    def check(
        self, policy: Policy, certificate: x509.Certificate, value: x509.ExtendedKeyUsage | None
    ) -> None:
        del policy, certificate
        named = None if value is None else frozenset(oid.dotted_string for oid in value)
        if not allows(named, self._purpose, ca=self._ca):
            raise ValueError("extendedKeyUsage does not allow the purpose")


def _by_certvalidator(path: tuple[Facts, ...], moment: datetime, purpose: Purpose) -> Opinion:
    reason = JUDGE.reason([one.der for one in path], moment, purpose)
    return Opinion(not reason, "pyhanko-certvalidator", reason)
