"""Keys that sign drafts and samples, and are thrown away: nobody is ever given what they sign.

They take the place of keys that are not made yet, so that a check sees the kind of key to come.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from workbench.pki.algorithms import OWN_KEY_SPEC_OF


@lru_cache(maxsize=16)
def throwaway_key(spec: str) -> Any:
    """Return a key of a kind, the same one each time.

    Args:
        spec: a KMS KeySpec.

    Raises:
        ValueError: keys of this kind cannot be certified.
    """
    if spec not in OWN_KEY_SPEC_OF.values():
        raise ValueError(f"{spec} is no key that can be certified.")
    if spec.startswith("RSA_"):
        return rsa.generate_private_key(65537, int(spec.removeprefix("RSA_")))
    return _GENERATORS[spec]()


_GENERATORS: Final[Mapping[str, Callable[[], Any]]] = {
    "ECC_NIST_P256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ECC_NIST_P384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ECC_NIST_P521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ECC_NIST_EDWARDS25519": ed25519.Ed25519PrivateKey.generate,
    "ML_DSA_44": mldsa.MLDSA44PrivateKey.generate,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey.generate,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey.generate,
}
