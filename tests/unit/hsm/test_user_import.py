"""Key material that comes in wrapped: it is opened inside the module and nowhere else."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from workbench.base.errors import IntegrityError, Refused
from workbench.crypto import encryption, keys
from workbench.crypto.table import KEY_SPECS
from workbench.hsm import pairwise
from workbench.hsm.module import Module
from workbench.hsm.officer import Officer
from workbench.hsm.states import ModuleState
from workbench.hsm.user import Generated, KeyToken, UnwrapError, User

MAC = ("HMAC_256", "GENERATE_VERIFY_MAC")
MATERIAL = b"m" * 32
OAEP = "RSAES_OAEP_SHA_256"
HYBRID = "RSA_AES_KEY_WRAP_SHA_256"


@pytest.fixture
def wrapping(user: User) -> Generated:
    return user.generate_wrapping("key", "wrapping", "RSA_2048")


def public(made: Generated) -> rsa.RSAPublicKey:
    assert made.public_key is not None
    key = load_der_public_key(made.public_key)
    assert isinstance(key, rsa.RSAPublicKey)
    return key


def wrap(made: Generated, material: bytes) -> bytes:
    head = encryption.encrypt(public(made), OAEP, b"a" * 32)
    return head + aes_key_wrap_with_padding(b"a" * 32, material)


def test_a_wrapping_key_has_a_name_of_its_own(user: User, wrapping: Generated) -> None:
    binding = wrapping.token.binding
    assert (binding.key_id, binding.material_id, binding.spec) == ("key", "wrapping", "RSA_2048")
    assert public(wrapping).key_size == 2048


def test_wrapped_material_becomes_the_same_key_as_plain_material(
    user: User, wrapping: Generated
) -> None:
    sealed = encryption.encrypt(public(wrapping), OAEP, MATERIAL)
    made = user.import_wrapped("key", *MAC, wrapping.token, OAEP, sealed)
    plain = user.import_material("key", *MAC, MATERIAL)
    assert made.token.binding == plain.token.binding
    assert made.public_key is None
    tag = user.mac(made.token, "HMAC_SHA_256", b"message")
    assert user.verify_mac(plain.token, "HMAC_SHA_256", b"message", tag)


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P521", "ECC_SECG_P256K1", "ML_DSA_87"])
def test_pairs(user: User, wrapping: Generated, spec: str) -> None:
    private = keys.generate(KEY_SPECS[spec])
    sealed = wrap(wrapping, keys.private_to_der(private))
    made = user.import_wrapped("key", spec, "SIGN_VERIFY", wrapping.token, HYBRID, sealed)
    assert made.public_key == keys.public_to_der(private.public_key())


@pytest.mark.parametrize(
    ("spec", "least", "most"),
    [("HMAC_224", 28, 64), ("HMAC_256", 32, 64), ("HMAC_384", 48, 128), ("HMAC_512", 64, 128)],
)
def test_hmac_keys_have_a_range_of_lengths(user: User, spec: str, least: int, most: int) -> None:
    for size in (least, most):
        user.import_material("key", spec, "GENERATE_VERIFY_MAC", b"k" * size)
    for size in (0, least - 1, most + 1):
        with pytest.raises(Refused, match=f"{size} bytes; {spec} needs {least} to {most}"):
            user.import_material("key", spec, "GENERATE_VERIFY_MAC", b"k" * size)


def test_material_of_another_kind_is_told_from_material_that_does_not_unwrap(
    user: User, wrapping: Generated
) -> None:
    with pytest.raises(Refused, match="31 bytes"):
        user.import_wrapped("key", *MAC, wrapping.token, HYBRID, wrap(wrapping, MATERIAL[:-1]))
    with pytest.raises(Refused, match="not a readable private key"):
        user.import_wrapped(
            "key", "RSA_2048", "SIGN_VERIFY", wrapping.token, HYBRID, wrap(wrapping, MATERIAL)
        )
    with pytest.raises(UnwrapError):
        user.import_wrapped("key", *MAC, wrapping.token, HYBRID, b"x" * 296)


def test_only_wrapping_keys_unwrap_and_they_do_nothing_else(
    user: User, wrapping: Generated
) -> None:
    ordinary = user.generate("key", "RSA_2048", "ENCRYPT_DECRYPT")
    sealed = encryption.encrypt(public(ordinary), OAEP, MATERIAL)
    with pytest.raises(Refused, match="is for ENCRYPT_DECRYPT, not for UNWRAP_MATERIAL"):
        user.import_wrapped("key", *MAC, ordinary.token, OAEP, sealed)
    sealed = encryption.encrypt(public(wrapping), OAEP, MATERIAL)
    with pytest.raises(Refused, match="is for UNWRAP_MATERIAL, not for ENCRYPT_DECRYPT"):
        user.rsa_decrypt(wrapping.token, OAEP, sealed)
    with pytest.raises(Refused, match="UNWRAP_MATERIAL"):
        user.generate("key", "RSA_2048", "UNWRAP_MATERIAL")


def test_a_wrapping_key_is_bound_to_its_key(user: User, wrapping: Generated) -> None:
    sealed = encryption.encrypt(public(wrapping), OAEP, MATERIAL)
    with pytest.raises(Refused, match="not made for the key other"):
        user.import_wrapped("other", *MAC, wrapping.token, OAEP, sealed)
    forged = dataclasses.replace(
        wrapping.token, binding=dataclasses.replace(wrapping.token.binding, key_id="other")
    )
    with pytest.raises(IntegrityError, match="token of key other"):
        user.import_wrapped("other", *MAC, forged, OAEP, sealed)


def test_a_wrapping_key_is_not_kept_loaded(module: Module, user: User, wrapping: Generated) -> None:
    sealed = encryption.encrypt(public(wrapping), OAEP, MATERIAL)
    user.import_wrapped("key", *MAC, wrapping.token, OAEP, sealed)
    assert len(module._core.handles) == 0


def test_a_wrapping_key_is_rewrapped_with_the_others(
    officer: Officer, user: User, wrapping: Generated
) -> None:
    officer.create_domain_key()
    token: KeyToken = officer.rewrap(wrapping.token)
    assert token.domain_key_id != wrapping.token.domain_key_id
    sealed = encryption.encrypt(public(wrapping), OAEP, MATERIAL)
    made = user.import_wrapped("key", *MAC, token, OAEP, sealed)
    assert made.token.domain_key_id == token.domain_key_id


def test_what_is_no_wrapping_key_or_algorithm(user: User, wrapping: Generated) -> None:
    for spec in ("ECC_NIST_P256", "SYMMETRIC_DEFAULT", "ML_KEM_768", "RSA_1024"):
        with pytest.raises(Refused):
            user.generate_wrapping("key", "wrapping", spec)
    with pytest.raises(Refused, match="does not offer RSAES_PKCS1_V1_5"):
        user.import_wrapped("key", *MAC, wrapping.token, "RSAES_PKCS1_V1_5", b"x" * 256)


def test_a_wrapping_pair_that_fails_its_test_stops_the_module() -> None:
    module = Module(corrupt=pairwise.NAME)
    module.power_on()
    officer = module.officer()
    officer.create_vault_key()
    officer.create_domain_key()
    with pytest.raises(IntegrityError, match="failed its consistency test"):
        module.user().generate_wrapping("key", "wrapping", "RSA_2048")
    assert module.state is ModuleState.ERROR
