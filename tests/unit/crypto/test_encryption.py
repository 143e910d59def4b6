"""RSA-OAEP, ECDH and ML-KEM at the level of key objects: what is refused."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey

from workbench.base.errors import IntegrityError, Refused
from workbench.crypto import agreement, encryption, kem, keys
from workbench.crypto.table import KEY_SPECS
from workbench.hsm.answers.rsa_data import PRIVATE_KEY

OAEP = "RSAES_OAEP_SHA_256"


def rsa_key() -> rsa.RSAPrivateKey:
    key = keys.private_from_der(PRIVATE_KEY, KEY_SPECS["RSA_2048"], authentic=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", OAEP])
def test_oaep(algorithm: str) -> None:
    key = rsa_key()
    first = encryption.encrypt(key.public_key(), algorithm, b"message")
    assert first != encryption.encrypt(key.public_key(), algorithm, b"message")
    assert encryption.decrypt(key, algorithm, first) == b"message"


def test_oaep_refusals() -> None:
    key = rsa_key()
    ciphertext = encryption.encrypt(key.public_key(), OAEP, b"message")
    with pytest.raises(IntegrityError, match="does not decrypt"):
        encryption.decrypt(key, "RSAES_OAEP_SHA_1", ciphertext)
    with pytest.raises(Refused, match="do not encrypt with RSAES_PKCS1"):
        encryption.encrypt(key.public_key(), "RSAES_PKCS1", b"")
    with pytest.raises(Refused, match="do not encrypt with RSAES_PKCS1"):
        encryption.decrypt(key, "RSAES_PKCS1", ciphertext)
    with pytest.raises(Refused, match="191 bytes"):
        encryption.encrypt(key.public_key(), OAEP, bytes(191))


def test_ecdh_with_another_kind_of_key() -> None:
    ours = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(Refused, match="not on the curve secp256r1"):
        agreement.agree(ours, keys.public_to_der(rsa_key().public_key()))
    peer = ec.generate_private_key(ec.SECP256R1())
    shared = agreement.agree(ours, keys.public_to_der(peer.public_key()))
    assert shared == agreement.agree(peer, keys.public_to_der(ours.public_key()))


def test_kem_with_another_key_gives_another_secret() -> None:
    ours, other = MLKEM768PrivateKey.generate(), MLKEM768PrivateKey.generate()
    shared, ciphertext = kem.encapsulate(ours.public_key())
    assert kem.decapsulate(ours, ciphertext) == shared
    assert kem.decapsulate(other, ciphertext) != shared
    with pytest.raises(IntegrityError, match="0 bytes"):
        kem.decapsulate(ours, b"")
