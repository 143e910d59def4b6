"""The indicator of approved services."""

import pytest

from workbench.hsm.indicator import approved
from workbench.hsm.states import Service

S = Service


@pytest.mark.parametrize(
    ("service", "algorithm", "spec"),
    [
        (S.SIGN, "ML_DSA_SHAKE_256", "ML_DSA_65"),
        (S.SIGN, "ECDSA_SHA_256", "ECC_NIST_P256"),
        (S.VERIFY, "ED25519_SHA_512", "ECC_NIST_EDWARDS25519"),
        (S.ENCRYPT, "SYMMETRIC_DEFAULT", ""),
        (S.DECRYPT, "SYMMETRIC_DEFAULT", ""),
        (S.RSA_ENCRYPT, "RSAES_OAEP_SHA_256", "RSA_2048"),
        (S.RSA_DECRYPT, "RSAES_OAEP_SHA_256", "RSA_2048"),
        (S.MAC, "HMAC_SHA_224", "HMAC_224"),
        (S.VERIFY_MAC, "HMAC_SHA_512", "HMAC_512"),
        (S.AGREE, "ECDH", "ECC_NIST_P384"),
        (S.ENCAPSULATE, "ML_KEM", "ML_KEM_768"),
        (S.DECAPSULATE, "ML_KEM", "ML_KEM_1024"),
        (S.GENERATE, "ML_DSA_44", ""),
        (S.IMPORT_MATERIAL, "RSA_2048", ""),
        (S.GENERATE_WRAPPING, "RSA_4096", ""),
        (S.IMPORT_WRAPPED, "RSA_AES_KEY_WRAP_SHA_256", "ECC_NIST_P256"),
        (S.DATA_KEY_PAIR, "ECC_NIST_P521", ""),
        (S.SIGN_WITH_PAIR, "ECDSA_SHA_256", "ECC_NIST_P256"),
        (S.SHOW_STATUS, "", ""),
        (S.ZEROIZE, "", ""),
    ],
)
def test_approved(service: Service, algorithm: str, spec: str) -> None:
    assert approved(service, algorithm, spec)


@pytest.mark.parametrize(
    ("service", "algorithm", "spec"),
    [
        (S.SIGN, "ECDSA_SHA_256", "ECC_SECG_P256K1"),
        (S.GENERATE, "ECC_SECG_P256K1", ""),
        (S.SIGN, "SM2DSA", ""),
        (S.SIGN, "HMAC_SHA_256", ""),
        (S.RSA_ENCRYPT, "RSAES_OAEP_SHA_1", "RSA_2048"),
        (S.GENERATE_WRAPPING, "ECC_NIST_P256", ""),
        (S.IMPORT_WRAPPED, "RSAES_OAEP_SHA_1", "HMAC_256"),
        (S.IMPORT_WRAPPED, "RSA_AES_KEY_WRAP_SHA_256", "ECC_SECG_P256K1"),
        (S.STRETCH, "Argon2id", ""),
        (S.GENERATE_RANDOM, "", ""),
        (S.EXPORT_PAIR, "", "ECC_NIST_P256"),
        (S.GENERATE, "ML_KEM_512", ""),
    ],
)
def test_not_approved(service: Service, algorithm: str, spec: str) -> None:
    assert not approved(service, algorithm, spec)
