"""Known answers for ML-DSA.

Signing is hedged (FIPS 204 §3.4), so it has no known answer: it is tested by verification, while
key generation from a seed and verification are compared with published values.
"""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mldsa import (
    MLDSA44PrivateKey,
    MLDSA65PrivateKey,
    MLDSA87PrivateKey,
)

from workbench.crypto import keys, signatures
from workbench.crypto.mldsa import compute_mu
from workbench.hsm.answers import mldsa_data
from workbench.hsm.answers.form import SelfTest

_ALGORITHM: Final = "ML_DSA_SHAKE_256"
_SEED: Final = b"\x2a" * 32
_MESSAGE: Final = b"Hello world"


@dataclass(frozen=True, slots=True)
class _Case:
    """A parameter set: Wycheproof, mldsa_*_sign_seed_test.json, tcId 1."""

    name: str
    kind: type[MLDSA44PrivateKey | MLDSA65PrivateKey | MLDSA87PrivateKey]
    public_sha256: str
    mu: bytes
    signature: bytes


_CASES: Final = (
    _Case(
        "ML-DSA-44", MLDSA44PrivateKey,
        "d87f8ca136ac1aa55e2d6c4521680efb3a378cbb9bc0bfb446e9c60893931ea3",
        bytes.fromhex(
            "0ba2d90bc4fa5877844e47f7563eefccf658f898eaf4197b2a9a89d3df683955"
            "c73a80895ac0a51cc9049d44cdc1d1c550ef3870c1126afdb3d52ee057cbbcdd"
        ),
        mldsa_data.SIGNATURE_44,
    ),
    _Case(
        "ML-DSA-65", MLDSA65PrivateKey,
        "b7acce2ddb11f8cc1aa46e2bafac6eacfa2b732ef192bd636ad8d3a56d649c66",
        bytes.fromhex(
            "de30bd32395e1998bcdae79ad419cec6ea9e9a903fdc552c6e9801208174d80a"
            "9d2f3902a144e62f89d6e505cc9c69fb01de013fc1d0204ee4dcf5fcc25f1378"
        ),
        mldsa_data.SIGNATURE_65,
    ),
    _Case(
        "ML-DSA-87", MLDSA87PrivateKey,
        "d43128fa8a8c785c1d44c9e7db538dbf9dd88fe6c8ad911a344bcec1017c6d54",
        bytes.fromhex(
            "00d86c57be5399a1841b734bbdc6ad234218ec65376768f844bec76cd3585696"
            "d6e648ec8a069bd929f2be80051679f2b8bec414f715261148f42eddaf3a9b43"
        ),
        mldsa_data.SIGNATURE_87,
    ),
)  # fmt: skip


def _generate(case: _Case, seed: bytes) -> bool:
    public = case.kind.from_seed_bytes(seed).public_key()
    return sha256(public.public_bytes_raw()).hexdigest() == case.public_sha256


def _verify(case: _Case, signature: bytes) -> bool:
    public = case.kind.from_seed_bytes(_SEED).public_key()
    raw = signatures.verify(public, _ALGORITHM, _MESSAGE, signatures.RAW, signature)
    return raw and signatures.verify(public, _ALGORITHM, case.mu, signatures.EXTERNAL_MU, signature)


def _sign(case: _Case, message: bytes) -> bool:
    private = case.kind.from_seed_bytes(_SEED)
    raw = signatures.signer(private, _ALGORITHM, signatures.RAW)(message)
    external = signatures.signer(private, _ALGORITHM, signatures.EXTERNAL_MU)(case.mu)
    return all(
        signatures.verify(private.public_key(), _ALGORITHM, _MESSAGE, signatures.RAW, signature)
        for signature in (raw, external)
    )


def _mu(case: _Case, message: bytes) -> bool:
    public = keys.public_to_der(case.kind.from_seed_bytes(_SEED).public_key())
    return compute_mu(public, message) == case.mu


SELF_TESTS: Final = tuple(
    test
    for case in _CASES
    for test in (
        SelfTest(
            f"{case.name} key generation", "FIPS 204 §5.1", _SEED, partial(_generate, case)
        ),
        SelfTest(
            f"{case.name} verification", "FIPS 204 §5.3", case.signature, partial(_verify, case)
        ),
        SelfTest(f"{case.name} signing", "FIPS 204 §5.2", _MESSAGE, partial(_sign, case)),
        SelfTest(
            f"{case.name} message representative", "FIPS 204 §6.2", _MESSAGE, partial(_mu, case)
        ),
    )
)  # fmt: skip
"""In the order they run."""
