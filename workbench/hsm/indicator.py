"""Which services are "approved": done with an algorithm that a FIPS 140-3 module may claim.

Owns that judgement, after SP 800-140C and SP 800-140D. It is about algorithms; this module is not
validated, so it says what could be claimed and not what is. Must not know keys or requests.

Not approved here: Argon2id (SP 800-132 knows PBKDF2 only), exporting data key pairs (PKCS#12
authenticates by a key derivation of its own), random bytes for the caller (they come from the
operating system, not from an SP 800-90A generator inside the module), RSA-OAEP with SHA-1, and the
curve secp256k1 (SP 800-186 appendix H allows it for blockchains only).
"""

from types import MappingProxyType
from typing import Final

from workbench.crypto.table import KEY_SPECS, Family
from workbench.hsm.states import Service

_NOT_APPROVED_SPECS: Final = frozenset({"ECC_SECG_P256K1"})
_NOT_APPROVED_SERVICES: Final = frozenset(
    {Service.STRETCH, Service.GENERATE_RANDOM, Service.EXPORT_PAIR}
)

_SIGNING: Final = frozenset(name for spec in KEY_SPECS.values() for name in spec.signing)
_MACS: Final = frozenset(name for spec in KEY_SPECS.values() for name in spec.mac)
_OAEP: Final = frozenset({"RSAES_OAEP_SHA_256"})
_SYMMETRIC: Final = frozenset({"SYMMETRIC_DEFAULT"})
_SPECS: Final = frozenset(name for name, spec in KEY_SPECS.items() if spec.supported)
_RSA: Final = frozenset(n for n, spec in KEY_SPECS.items() if spec.family is Family.RSA)
# SP 800-56B allows key transport with SHA-1 in OAEP no more than RSA_ENCRYPT above.
_WRAPPING: Final = frozenset({"RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"})

_ALGORITHMS: Final = MappingProxyType(
    {
        Service.SIGN: _SIGNING,
        Service.VERIFY: _SIGNING,
        Service.ENCRYPT: _SYMMETRIC,
        Service.DECRYPT: _SYMMETRIC,
        Service.RSA_ENCRYPT: _OAEP,
        Service.RSA_DECRYPT: _OAEP,
        Service.MAC: _MACS,
        Service.VERIFY_MAC: _MACS,
        Service.AGREE: frozenset({"ECDH"}),
        Service.ENCAPSULATE: frozenset({"ML_KEM"}),
        Service.DECAPSULATE: frozenset({"ML_KEM"}),
        Service.GENERATE: _SPECS,
        Service.IMPORT_MATERIAL: _SPECS,
        Service.GENERATE_WRAPPING: _RSA,
        Service.IMPORT_WRAPPED: _WRAPPING,
        Service.DATA_KEY_PAIR: _SPECS,
        Service.SIGN_WITH_PAIR: _SIGNING,
    }
)


def approved(service: Service, algorithm: str, spec: str = "") -> bool:
    """Return whether a service with that algorithm counts as approved.

    Args:
        service: what was done.
        algorithm: AWS's name of the signing, encryption, MAC, agreement or encapsulation
            algorithm; for making and importing keys the key spec, for importing wrapped ones the
            wrapping algorithm; otherwise ignored.
        spec: the key's spec where it matters: AWS names ECDSA on P-256 and on secp256k1 alike.
    """
    if service in _NOT_APPROVED_SERVICES or _NOT_APPROVED_SPECS & {algorithm, spec}:
        return False
    known = _ALGORITHMS.get(service)
    return known is None or algorithm in known
