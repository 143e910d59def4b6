"""Published vectors: ML-DSA and ML-KEM."""

import pytest
from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem

from tests.vectors.published import Wycheproof, counted, sample, wycheproof
from workbench.base.errors import IntegrityError, Refused
from workbench.crypto import kem, keys, signatures
from workbench.crypto.mldsa import compute_mu
from workbench.crypto.table import KEY_SPECS

ALGORITHM = "ML_DSA_SHAKE_256"
DSA: dict[int, type[keys.MLDSAPrivateKey]] = {
    44: mldsa.MLDSA44PrivateKey,
    65: mldsa.MLDSA65PrivateKey,
    87: mldsa.MLDSA87PrivateKey,
}
KEM: dict[int, type[keys.MLKEMPrivateKey]] = {
    768: mlkem.MLKEM768PrivateKey,
    1024: mlkem.MLKEM1024PrivateKey,
}


def verify_mu(public: keys.PublicKey, mu: bytes, signature: bytes) -> bool:
    return signatures.verify(public, ALGORITHM, mu, "EXTERNAL_MU", signature)


def check_signing(case: Wycheproof, number: int) -> None:
    """Signing is hedged: compare public key and mu, verify the vector's signature and our own."""
    private = DSA[number].from_seed_bytes(bytes.fromhex(case.group["privateSeed"]))
    public = private.public_key()
    assert public.public_bytes_raw().hex() == case.group["publicKey"], case.label
    spki = keys.public_to_der(public)
    if "privateKeyPkcs8" in case.group:
        der = bytes.fromhex(case.group["privateKeyPkcs8"])
        imported = keys.private_from_der(der, KEY_SPECS[f"ML_DSA_{number}"])
        assert keys.public_to_der(imported.public_key()) == spki, case.label
    mu = case.bytes("mu")
    if "msg" in case.test:
        computed = compute_mu(spki, case.bytes("msg"), case.bytes("ctx"))
        assert computed == (mu or computed), case.label
        mu = computed
    assert verify_mu(public, mu, case.bytes("sig")), case.label
    assert verify_mu(public, mu, signatures.signer(private, ALGORITHM, "EXTERNAL_MU")(mu))
    if "msg" in case.test and not case.test.get("ctx"):
        ours = signatures.signer(private, ALGORITHM, "RAW")(case.bytes("msg"))
        assert verify_mu(public, mu, ours), case.label


@pytest.mark.parametrize("number", DSA)
def test_wycheproof_ml_dsa_signing(number: int) -> None:
    cases = wycheproof(f"mldsa_{number}_sign_seed_test.json")
    for case in (case for case in cases if case.valid):
        check_signing(case, number)
    refused = [case for case in cases if not case.valid]
    assert refused
    for case in refused:
        with pytest.raises(Refused):
            refuse_signing(case, number)


def refuse_signing(case: Wycheproof, number: int) -> None:
    der = bytes.fromhex(case.group["privateKeyPkcs8"])
    private = keys.private_from_der(der, KEY_SPECS[f"ML_DSA_{number}"])
    compute_mu(keys.public_to_der(private.public_key()), case.bytes("msg"), case.bytes("ctx"))


def verdict(case: Wycheproof) -> bool:
    try:
        spki = bytes.fromhex(case.group["publicKeyDer"])
        mu = compute_mu(spki, case.bytes("msg"), case.bytes("ctx"))
        public = keys.public_from_der(spki)
        valid = verify_mu(public, mu, case.bytes("sig"))
        if not case.test.get("ctx"):
            raw = signatures.verify(public, ALGORITHM, case.bytes("msg"), "RAW", case.bytes("sig"))
            assert raw == valid, case.label
    except Refused:
        return False
    return valid


@pytest.mark.parametrize("number", DSA)
def test_wycheproof_ml_dsa_verification(number: int) -> None:
    cases = wycheproof(f"mldsa_{number}_verify_test.json")
    assert [case.label for case in cases if verdict(case) != case.valid] == []
    assert {case.valid for case in cases} == {True, False}


@pytest.mark.parametrize("number", DSA)
def test_ml_dsa_known_answers(number: int) -> None:
    for case in sample(counted(f"asymmetric/MLDSA/kat_MLDSA_{number}_det_pure.rsp"), 100):
        private = DSA[number].from_seed_bytes(bytes.fromhex(case["xi"]))
        public = private.public_key()
        assert public.public_bytes_raw().hex() == case["pk"]
        message, context = bytes.fromhex(case["msg"]), bytes.fromhex(case["ctx"])
        signature = bytes.fromhex(case["sm"])[: KEY_SPECS[f"ML_DSA_{number}"].signature_bytes]
        spki = keys.public_to_der(public)
        assert verify_mu(public, compute_mu(spki, message, context), signature)
        assert not verify_mu(public, compute_mu(spki, message, context + b"!"), signature)
        assert not verify_mu(public, compute_mu(spki, message), signature)


@pytest.mark.parametrize("number", KEM)
def test_wycheproof_ml_kem(number: int) -> None:
    cases = wycheproof(f"mlkem_{number}_test.json")
    for case in cases:
        if case.valid:
            private = KEM[number].from_seed_bytes(case.bytes("seed"))
            assert private.public_key().public_bytes_raw() == case.bytes("ek"), case.label
            assert kem.decapsulate(private, case.bytes("c")) == case.bytes("K"), case.label
        else:
            with pytest.raises((ValueError, IntegrityError)):
                kem.decapsulate(KEM[number].from_seed_bytes(case.bytes("seed")), case.bytes("c"))
    assert {case.valid for case in cases} == {True, False}


@pytest.mark.parametrize("number", KEM)
def test_ml_kem_known_answers(number: int) -> None:
    for case in sample(counted(f"asymmetric/MLKEM/kat_MLKEM_{number}.rsp"), 1000):
        private = KEM[number].from_seed_bytes(bytes.fromhex(case["d"] + case["z"]))
        assert private.public_key().public_bytes_raw().hex() == case["pk"]
        assert kem.decapsulate(private, bytes.fromhex(case["ct"])).hex() == case["ss"]
        assert kem.decapsulate(private, bytes.fromhex(case["ct_n"])).hex() == case["ss_n"]
        assert case["ss"] != case["ss_n"]
