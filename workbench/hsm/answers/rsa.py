"""Known answers for RSA: OAEP, PSS and PKCS#1 v1.5."""

from functools import cache, partial
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from workbench.crypto import encryption, keys, signatures
from workbench.crypto.table import KEY_SPECS
from workbench.hsm.answers import rsa_data
from workbench.hsm.answers.form import SelfTest

_MESSAGE: Final = b"known answer"
_ZEROS: Final = bytes(20)  # the message of both Wycheproof vectors
_PSS: Final = "RSASSA_PSS_SHA_256"
_PKCS1: Final = "RSASSA_PKCS1_V1_5_SHA_256"


@cache
def _key() -> RSAPrivateKey:
    key = keys.private_from_der(rsa_data.PRIVATE_KEY, KEY_SPECS["RSA_2048"], authentic=True)
    assert isinstance(key, RSAPrivateKey)
    return key


def _decrypt(algorithm: str, expected: bytes, ciphertext: bytes) -> bool:
    return encryption.decrypt(_key(), algorithm, ciphertext) == expected


def _encrypt(algorithm: str, message: bytes) -> bool:
    ciphertext = encryption.encrypt(_key().public_key(), algorithm, message)
    return encryption.decrypt(_key(), algorithm, ciphertext) == _MESSAGE


def _verify(algorithm: str, message: bytes, signature: bytes) -> bool:
    return signatures.verify(_key().public_key(), algorithm, message, signatures.RAW, signature)


def _sign_pss(message: bytes) -> bool:
    return _verify(_PSS, _MESSAGE, signatures.signer(_key(), _PSS, signatures.RAW)(message))


def _sign_pkcs1(message: bytes) -> bool:
    signature = signatures.signer(_key(), _PKCS1, signatures.RAW)(message)
    return signature == rsa_data.PKCS1_SHA256


SELF_TESTS: Final = (
    SelfTest(
        "RSA-OAEP-SHA-256 decryption", "RFC 8017 §7.1", rsa_data.OAEP_SHA256,
        partial(_decrypt, "RSAES_OAEP_SHA_256", _ZEROS),
    ),
    SelfTest(
        "RSA-OAEP-SHA-256 encryption", "RFC 8017 §7.1", _MESSAGE,
        partial(_encrypt, "RSAES_OAEP_SHA_256"),
    ),
    SelfTest(
        "RSA-OAEP-SHA-1 decryption", "RFC 8017 §7.1", rsa_data.OAEP_SHA1,
        partial(_decrypt, "RSAES_OAEP_SHA_1", _MESSAGE),
    ),
    SelfTest(
        "RSA-PSS verification", "RFC 8017 §8.1", rsa_data.PSS_SHA256,
        partial(_verify, _PSS, _ZEROS),
    ),
    SelfTest("RSA-PSS signing", "RFC 8017 §8.1", _MESSAGE, _sign_pss),
    SelfTest(
        "RSA-PKCS1-v1_5 verification", "RFC 8017 §8.2", rsa_data.PKCS1_SHA256,
        partial(_verify, _PKCS1, _MESSAGE),
    ),
    SelfTest("RSA-PKCS1-v1_5 signing", "RFC 8017 §8.2", _MESSAGE, _sign_pkcs1),
)  # fmt: skip
"""In the order they run."""
