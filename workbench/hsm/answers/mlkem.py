"""Known answers for ML-KEM.

Encapsulation is randomised and is tested by decapsulation; key generation from a seed,
decapsulation and implicit rejection are compared with published values.
"""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM1024PrivateKey

from workbench.crypto import kem
from workbench.hsm.answers import mlkem_data
from workbench.hsm.answers.form import SelfTest

# cryptography-vectors, kat_MLKEM_*.rsp, count 0: d || z, the same for both parameter sets.
_SEED: Final = bytes.fromhex(
    "6dbbc4375136df3b07f7c70e639e223e177e7fd53b161b3f4d57791794f12624"
    "f696484048ec21f96cf50a56d0759c448f3779752f0383d37449690694cf7a68"
)


@dataclass(frozen=True, slots=True)
class _Case:
    """A parameter set."""

    name: str
    kind: type[MLKEM768PrivateKey | MLKEM1024PrivateKey]
    public_sha256: str
    ciphertext: bytes
    shared: str
    rejected: bytes
    rejection: str


_CASES: Final = (
    _Case(
        "ML-KEM-768", MLKEM768PrivateKey,
        "4bec4730f26273c6319ef7387dd4758315240a9394cd89264b148b9113060b61",
        mlkem_data.CIPHERTEXT_768,
        "b408d5d115713f0a93047dbbea832e4340787686d59a9a2d106bd662ba0aa035",
        mlkem_data.REJECTED_768,
        "e7bcf899feb5db69d11741a8838ecfee253e80b76d6a35af46e220e81dc41daf",
    ),
    _Case(
        "ML-KEM-1024", MLKEM1024PrivateKey,
        "b6dff88f25fef3b0bbee12f9c5fe8174c6df6f300e0d975419cef692759d6906",
        mlkem_data.CIPHERTEXT_1024,
        "23f211b84a6ee20c8c29f6e5314c91b414e940513d380add17bd724ab3a13a52",
        mlkem_data.REJECTED_1024,
        "247d3fed8cacdb06bde637c749fee689a2cc0a1425e9c5b8ec90192ef4bda180",
    ),
)  # fmt: skip


def _generate(case: _Case, d: bytes) -> bool:
    public = case.kind.from_seed_bytes(d + _SEED[32:]).public_key()
    return sha256(public.public_bytes_raw()).hexdigest() == case.public_sha256


def _encapsulate(case: _Case, d: bytes) -> bool:
    """Encapsulate for the known key and decapsulate with the key of the seed `d`."""
    shared, ciphertext = kem.encapsulate(case.kind.from_seed_bytes(_SEED).public_key())
    return kem.decapsulate(case.kind.from_seed_bytes(d + _SEED[32:]), ciphertext) == shared


def _decapsulate(case: _Case, ciphertext: bytes) -> bool:
    return kem.decapsulate(case.kind.from_seed_bytes(_SEED), ciphertext).hex() == case.shared


def _reject(case: _Case, ciphertext: bytes) -> bool:
    return kem.decapsulate(case.kind.from_seed_bytes(_SEED), ciphertext).hex() == case.rejection


SELF_TESTS: Final = tuple(
    test
    for case in _CASES
    for test in (
        SelfTest(
            f"{case.name} key generation", "FIPS 203 §7.1", _SEED[:32], partial(_generate, case)
        ),
        SelfTest(
            f"{case.name} encapsulation", "FIPS 203 §7.2", _SEED[:32],
            partial(_encapsulate, case),
        ),
        SelfTest(
            f"{case.name} decapsulation", "FIPS 203 §7.3", case.ciphertext,
            partial(_decapsulate, case),
        ),
        SelfTest(
            f"{case.name} implicit rejection", "FIPS 203 §6.3", case.rejected,
            partial(_reject, case),
        ),
    )
)  # fmt: skip
"""In the order they run."""
