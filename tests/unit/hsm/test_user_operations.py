"""The user: every operation with its key, beside the keys and inputs it must refuse."""

import threading

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from workbench.base.errors import IntegrityError, Refused
from workbench.crypto import keys
from workbench.crypto.mldsa import compute_mu
from workbench.crypto.table import KEY_SPECS
from workbench.hsm.user import Generated, User

SIGNING = [
    (spec.name, algorithm)
    for spec in KEY_SPECS.values()
    for algorithm in spec.signing
    if algorithm != "ED25519_PH_SHA_512" and spec.name not in {"RSA_3072", "RSA_4096"}
]


def made(user: User, spec: str, usage: str) -> Generated:
    return user.generate("key", spec, usage)


def public_of(pair: Generated) -> bytes:
    assert pair.public_key is not None
    return pair.public_key


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_sign_and_verify(user: User, spec: str, algorithm: str) -> None:
    pair = made(user, spec, "SIGN_VERIFY")
    signature = user.sign(pair.token, algorithm, b"message", "RAW")
    for key in (pair.token, public_of(pair)):
        assert user.verify(key, algorithm, b"message", "RAW", signature)
        assert not user.verify(key, algorithm, b"massage", "RAW", signature)
        assert not user.verify(key, algorithm, b"message", "RAW", signature[:-1])
        assert not user.verify(key, algorithm, b"message", "RAW", b"")


def test_the_library_accepts_what_the_module_signs(user: User) -> None:
    pair = made(user, "ML_DSA_65", "SIGN_VERIFY")
    public = load_der_public_key(public_of(pair))
    assert isinstance(public, mldsa.MLDSA65PublicKey)
    mu = compute_mu(public_of(pair), b"message")
    public.verify(user.sign(pair.token, "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU"), b"message")
    with pytest.raises(InvalidSignature):
        public.verify(user.sign(pair.token, "ML_DSA_SHAKE_256", mu, "RAW"), b"message")


def test_a_key_signs_only_if_made_for_it(user: User) -> None:
    rsa_key = made(user, "RSA_2048", "ENCRYPT_DECRYPT").token
    with pytest.raises(Refused, match="is for ENCRYPT_DECRYPT, not for SIGN_VERIFY"):
        user.sign(rsa_key, "RSASSA_PSS_SHA_256", b"", "RAW")
    with pytest.raises(Refused, match="is for ENCRYPT_DECRYPT, not for SIGN_VERIFY"):
        user.verify(rsa_key, "RSASSA_PSS_SHA_256", b"", "RAW", b"")
    curve = made(user, "ECC_NIST_P256", "SIGN_VERIFY").token
    with pytest.raises(Refused, match=r"does not offer ECDSA_SHA_384\. Choose ECDSA_SHA_256"):
        user.sign(curve, "ECDSA_SHA_384", b"", "RAW")
    with pytest.raises(Refused, match="not for KEY_AGREEMENT"):
        user.agree(curve, b"")


def test_symmetric_encryption(user: User) -> None:
    token = made(user, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token
    for size in (0, 1, 32, 80, 4096):
        blob = user.encrypt(token, b"x" * size, b"context")
        assert user.decrypt(token, blob, b"context") == b"x" * size
    assert user.encrypt(token, b"x", b"") != user.encrypt(token, b"x", b"")
    with pytest.raises(IntegrityError, match="another key or context"):
        user.decrypt(token, blob, b"contexu")


def test_every_changed_bit_of_a_ciphertext_is_noticed(user: User) -> None:
    token = made(user, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token
    blob = user.encrypt(token, b"plaintext", b"")
    for position in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(IntegrityError):
            user.decrypt(token, bytes(changed), b"")


def test_a_ciphertext_needs_its_own_material(user: User) -> None:
    first = made(user, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token
    second = made(user, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token
    with pytest.raises(IntegrityError, match="other key material"):
        user.decrypt(second, user.encrypt(first, b"x", b""), b"")


def test_rsa_encryption(user: User) -> None:
    token = made(user, "RSA_2048", "ENCRYPT_DECRYPT").token
    for algorithm, most in (("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)):
        ciphertext = user.rsa_encrypt(token, algorithm, b"x" * most)
        assert user.rsa_decrypt(token, algorithm, ciphertext) == b"x" * most
        with pytest.raises(Refused, match=f"at most {most}"):
            user.rsa_encrypt(token, algorithm, b"x" * (most + 1))
        for wrong in (ciphertext[:-1], ciphertext[:-1] + bytes([ciphertext[-1] ^ 1]), b""):
            with pytest.raises(IntegrityError, match="does not decrypt"):
                user.rsa_decrypt(token, algorithm, wrong)


def test_rsa_and_symmetric_keys_are_not_mixed(user: User) -> None:
    pair = made(user, "RSA_2048", "ENCRYPT_DECRYPT").token
    symmetric = made(user, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").token
    with pytest.raises(Refused, match="does not offer SYMMETRIC_DEFAULT"):
        user.encrypt(pair, b"", b"")
    with pytest.raises(Refused, match="does not offer SYMMETRIC_DEFAULT"):
        user.decrypt(pair, b"", b"")
    for algorithm in ("RSAES_OAEP_SHA_256", "SYMMETRIC_DEFAULT"):
        with pytest.raises(Refused, match=r"offer|not an RSA key"):
            user.rsa_encrypt(symmetric, algorithm, b"")
        with pytest.raises(Refused, match=r"offer|not an RSA key"):
            user.rsa_decrypt(symmetric, algorithm, b"")


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs(user: User, bits: int) -> None:
    token = made(user, f"HMAC_{bits}", "GENERATE_VERIFY_MAC").token
    algorithm = f"HMAC_SHA_{bits}"
    tag = user.mac(token, algorithm, b"message")
    assert len(tag) * 8 == bits
    assert user.verify_mac(token, algorithm, b"message", tag)
    for wrong in (tag[:-1], tag + b"\0", b"", bytes([tag[0] ^ 1]) + tag[1:]):
        assert not user.verify_mac(token, algorithm, b"message", wrong)
    assert not user.verify_mac(token, algorithm, b"massage", tag)
    other = "HMAC_SHA_256" if bits != 256 else "HMAC_SHA_512"
    with pytest.raises(Refused, match=f"does not offer {other}"):
        user.mac(token, other, b"")


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_agreement(user: User, spec: str) -> None:
    ours, theirs = made(user, spec, "KEY_AGREEMENT"), made(user, spec, "KEY_AGREEMENT")
    shared = user.agree(ours.token, public_of(theirs))
    assert shared == user.agree(theirs.token, public_of(ours))
    assert len(shared) == (KEY_SPECS[spec].bits + 7) // 8
    with pytest.raises(Refused, match="not for SIGN_VERIFY"):
        user.sign(ours.token, KEY_SPECS[spec].signing[0], b"", "RAW")
    other = keys.public_to_der(ec.generate_private_key(ec.SECP256K1()).public_key())
    with pytest.raises(Refused, match="not on the curve"):
        user.agree(ours.token, other)
    point = bytearray(public_of(theirs))
    point[-1] ^= 1
    with pytest.raises(Refused, match="not a valid public key"):
        user.agree(ours.token, bytes(point))


@pytest.mark.parametrize("spec", ["ML_KEM_768", "ML_KEM_1024"])
def test_encapsulation(user: User, spec: str) -> None:
    token = made(user, spec, "ENCAPSULATE_DECAPSULATE").token
    shared, ciphertext = user.encapsulate(token)
    assert len(shared) == 32
    assert user.decapsulate(token, ciphertext) == shared
    changed = user.decapsulate(token, ciphertext[:-1] + bytes([ciphertext[-1] ^ 1]))
    assert changed != shared
    for wrong in (b"", ciphertext[:-1], ciphertext + b"\0"):
        with pytest.raises(IntegrityError, match=f"{len(wrong)} bytes"):
            user.decapsulate(token, wrong)
    with pytest.raises(Refused, match="not for GENERATE_VERIFY_MAC"):
        user.mac(token, "HMAC_SHA_256", b"")


def test_threads_sign_with_the_same_key(user: User) -> None:
    pair = made(user, "ECC_NIST_P256", "SIGN_VERIFY")
    signatures: list[bytes] = []

    def work() -> None:
        signatures.extend(user.sign(pair.token, "ECDSA_SHA_256", b"m", "RAW") for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(signatures) == 200
    assert all(
        user.verify(pair.token, "ECDSA_SHA_256", b"m", "RAW", signature) for signature in signatures
    )
