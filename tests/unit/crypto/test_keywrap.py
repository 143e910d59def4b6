"""Unwrapping of key material; the wrapping is done here by the library's own primitives."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from workbench.base.errors import Refused
from workbench.crypto import encryption, keywrap

OAEP = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
HYBRID = ("RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256")
MATERIAL = b"key material of 33 bytes in total"


@pytest.fixture(scope="module")
def private() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def wrap(
    private: rsa.RSAPrivateKey, algorithm: str, aes_bytes: int = 32, material: bytes = MATERIAL
) -> bytes:
    if algorithm in OAEP:
        return encryption.encrypt(private.public_key(), algorithm, material)
    oaep = algorithm.replace("RSA_AES_KEY_WRAP", "RSAES_OAEP")
    head = encryption.encrypt(private.public_key(), oaep, b"a" * aes_bytes)
    return head + aes_key_wrap_with_padding(b"a" * aes_bytes, material)


@pytest.mark.parametrize("algorithm", OAEP + HYBRID)
def test_round_trip(private: rsa.RSAPrivateKey, algorithm: str) -> None:
    assert keywrap.unwrap(private, algorithm, wrap(private, algorithm)) == MATERIAL


@pytest.mark.parametrize("algorithm", HYBRID)
@pytest.mark.parametrize("aes_bytes", [16, 24])
def test_shorter_aes_keys(private: rsa.RSAPrivateKey, algorithm: str, aes_bytes: int) -> None:
    assert keywrap.unwrap(private, algorithm, wrap(private, algorithm, aes_bytes)) == MATERIAL


def test_the_names_are_aws_ones() -> None:
    assert keywrap.ALGORITHMS == OAEP + HYBRID


@pytest.mark.parametrize("algorithm", ["RSAES_PKCS1_V1_5", "SM2PKE", ""])
def test_another_algorithm(private: rsa.RSAPrivateKey, algorithm: str) -> None:
    with pytest.raises(Refused, match="not wrapped with"):
        keywrap.unwrap(private, algorithm, b"\0" * 256)


@pytest.mark.parametrize("algorithm", OAEP + HYBRID)
def test_every_failure_says_the_same(private: rsa.RSAPrivateKey, algorithm: str) -> None:
    """No part of the answer tells the padding from the wrapped key or the length."""
    whole = wrap(private, algorithm)
    other = OAEP[0] if algorithm != OAEP[0] else OAEP[1]
    bad = {
        "empty": b"",
        "one byte": b"x",
        "short": whole[:-1],
        "long": whole + b"x",
        "first block only": whole[:255],
        "another algorithm": wrap(private, other),
        "another key": wrap(rsa.generate_private_key(65537, 2048), algorithm),
        "first byte": bytes([whole[0] ^ 1]) + whole[1:],
        "last byte": whole[:-1] + bytes([whole[-1] ^ 1]),
        "not below the modulus": b"\xff" * 256 + whole[256:],
    }
    if algorithm in HYBRID:
        bad["no AES key length"] = (
            encryption.encrypt(
                private.public_key(), algorithm.replace("RSA_AES_KEY_WRAP", "RSAES_OAEP"), b"a" * 31
            )
            + whole[256:]
        )
        bad["only the AES key"] = whole[:256]
        bad["half a block"] = whole[: 256 + 8]
    said = set()
    for name, wrapped in bad.items():
        with pytest.raises(keywrap.UnwrapError) as caught:
            keywrap.unwrap(private, algorithm, wrapped)
        assert caught.value.__cause__ is None, name
        assert caught.value.__suppress_context__ or caught.value.__context__ is None, name
        said.add(str(caught.value))
    assert len(said) == 1
