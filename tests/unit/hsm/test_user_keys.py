"""The user: making and importing keys of every spec, and what tokens are bound to."""

import dataclasses

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from workbench.base.errors import IntegrityError, Locked, Refused
from workbench.crypto import keys
from workbench.crypto.table import KEY_SPECS, Family
from workbench.hsm.core import Core
from workbench.hsm.handles import Handle, HandleCache
from workbench.hsm.module import Module
from workbench.hsm.officer import Officer
from workbench.hsm.states import Service
from workbench.hsm.tokens import unwrap_key, wrap_key
from workbench.hsm.user import Attributes, KeyBinding, KeyToken, User

SUPPORTED = [spec for spec in KEY_SPECS.values() if spec.supported]
SMALL = [spec for spec in SUPPORTED if spec.family is not Family.RSA or spec.bits == 2048]
USES = [(spec.name, usage) for spec in SMALL for usage in spec.usages]


def core_of(user: User) -> Core:
    return user._core


def unwrapped(user: User, token: KeyToken) -> tuple[Attributes, bytes]:
    return unwrap_key(token, core_of(user).domain_keys.keys[token.domain_key_id])


@pytest.mark.parametrize(("spec", "usage"), USES)
def test_a_key_of_every_spec_and_usage(user: User, spec: str, usage: str) -> None:
    made = user.generate("key", spec, usage)
    known = KEY_SPECS[spec]
    attributes, material = unwrapped(user, made.token)
    assert attributes == Attributes(usage, sensitive=True, extractable=False)
    assert made.token.binding.spec == spec
    assert len(bytes.fromhex(made.token.binding.material_id)) == 32
    assert material not in made.token.wrapped
    if not known.asymmetric:
        assert made.public_key is None
        assert len(material) * 8 == known.bits
        return
    assert made.public_key is not None
    public = keys.public_from_der(made.public_key)
    assert keys.spec_of(public) == spec
    assert keys.public_to_der(keys.private_from_der(material, known).public_key()) == (
        made.public_key
    )


@pytest.mark.parametrize("bits", [3072, 4096])
def test_large_rsa_keys(user: User, bits: int) -> None:
    made = user.generate("key", f"RSA_{bits}", "SIGN_VERIFY")
    assert made.public_key is not None
    public = load_der_public_key(made.public_key)
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == bits


@pytest.mark.parametrize(
    ("spec", "usage", "words"),
    [
        ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE", "no ML-KEM-512. Choose ML_KEM_768"),
        ("SM2", "SIGN_VERIFY", "no key spec 'SM2'"),
        ("RSA_2048", "KEY_AGREEMENT", "cannot be made for KEY_AGREEMENT. Choose SIGN_VERIFY or"),
        ("ECC_SECG_P256K1", "KEY_AGREEMENT", "Choose SIGN_VERIFY."),
    ],
)
def test_what_cannot_be_made_is_said(user: User, spec: str, usage: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        user.generate("key", spec, usage)
    with pytest.raises(Refused, match=words):
        user.import_material("key", spec, usage, b"")


@pytest.mark.parametrize(
    ("spec", "usage"), [(spec, usage) for spec, usage in USES if KEY_SPECS[spec].asymmetric]
)
def test_pairs_are_imported(user: User, spec: str, usage: str) -> None:
    private = keys.generate(KEY_SPECS[spec])
    der = keys.private_to_der(private)
    made = user.import_material("key", spec, usage, der)
    assert made.public_key == keys.public_to_der(private.public_key())
    assert unwrapped(user, made.token) == (Attributes(usage), der)


def test_a_pair_of_another_spec_is_not_imported(user: User) -> None:
    der = keys.private_to_der(ec.generate_private_key(ec.SECP384R1()))
    with pytest.raises(Refused, match="not one for ECC_NIST_P256"):
        user.import_material("key", "ECC_NIST_P256", "SIGN_VERIFY", der)
    with pytest.raises(Refused, match="not a readable private key"):
        user.import_material("key", "ECC_NIST_P256", "SIGN_VERIFY", der[:-1])


def test_raw_keys_are_imported(user: User) -> None:
    made = user.import_material("key", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", b"k" * 32)
    assert unwrapped(user, made.token) == (Attributes("ENCRYPT_DECRYPT"), b"k" * 32)
    for size in (0, 16, 31, 33):
        with pytest.raises(Refused, match=f"{size} bytes; SYMMETRIC_DEFAULT needs 32"):
            user.import_material("key", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", b"k" * size)
    with pytest.raises(Refused, match="32 bytes; HMAC_512 needs 64 to 128"):
        user.import_material("key", "HMAC_512", "GENERATE_VERIFY_MAC", b"k" * 32)


def test_the_material_id_belongs_to_key_and_material(user: User) -> None:
    def material_id(key_id: str, material: bytes) -> str:
        made = user.import_material(key_id, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", material)
        return made.token.binding.material_id

    first = material_id("key", b"k" * 32)
    assert first == material_id("key", b"k" * 32)
    assert len({first, material_id("key", b"j" * 32), material_id("kex", b"k" * 32)}) == 3


def test_another_vault_gives_another_material_id(user: User) -> None:
    other = Module()
    other.power_on()
    officer = other.officer()
    officer.create_vault_key()
    officer.create_domain_key()
    ids = {
        session.import_material("key", "HMAC_256", "GENERATE_VERIFY_MAC", b"k" * 32)
        .token.binding.material_id
        for session in (user, other.user())
    }  # fmt: skip
    assert len(ids) == 2


def made_token(user: User) -> KeyToken:
    return user.generate("key", "HMAC_256", "GENERATE_VERIFY_MAC").token


def rebound(token: KeyToken, **changes: str) -> KeyToken:
    return dataclasses.replace(token, binding=dataclasses.replace(token.binding, **changes))


@pytest.mark.parametrize("loaded", [False, True], ids=["cold", "loaded"])
def test_a_token_is_bound_to_its_names(user: User, *, loaded: bool) -> None:
    token = made_token(user)
    if loaded:
        user.mac(token, "HMAC_SHA_256", b"")
    swapped = dataclasses.replace(
        token, binding=KeyBinding("ke", "y" + token.binding.material_id, "HMAC_256")
    )
    for forged in (
        rebound(token, key_id="other"),
        rebound(token, material_id="00" * 32),
        rebound(token, spec="HMAC_384"),
        swapped,
    ):
        with pytest.raises(IntegrityError, match="token of key"):
            user.mac(forged, f"HMAC_SHA_{forged.binding.spec[-3:]}", b"")


def test_a_token_is_bound_to_its_domain_key(officer: Officer, user: User) -> None:
    token = made_token(user)
    second = officer.create_domain_key()
    with pytest.raises(IntegrityError, match="token of key"):
        user.mac(
            dataclasses.replace(token, domain_key_id=second.domain_key_id), "HMAC_SHA_256", b""
        )


@pytest.mark.parametrize("loaded", [False, True], ids=["cold", "loaded"])
def test_every_changed_byte_of_a_token_is_noticed(user: User, *, loaded: bool) -> None:
    token = made_token(user)
    if loaded:
        user.mac(token, "HMAC_SHA_256", b"")
    for position in range(len(token.wrapped)):
        changed = bytearray(token.wrapped)
        changed[position] ^= 0x80
        with pytest.raises(IntegrityError):
            user.mac(dataclasses.replace(token, wrapped=bytes(changed)), "HMAC_SHA_256", b"")
    for size in (0, 11, 12, 27, 28, len(token.wrapped) - 1):
        with pytest.raises(IntegrityError):
            user.mac(dataclasses.replace(token, wrapped=token.wrapped[:size]), "HMAC_SHA_256", b"")
    assert user.mac(token, "HMAC_SHA_256", b"")


def test_attributes_travel_in_the_token(user: User) -> None:
    core = core_of(user)
    active, key = core.domain_keys.wrapping()
    binding = KeyBinding("key", "00" * 32, "HMAC_256")
    for sensitive in (False, True):
        for extractable in (False, True):
            attributes = Attributes("GENERATE_VERIFY_MAC", sensitive, extractable)
            token = wrap_key(binding, attributes, b"k" * 32, active, key)
            assert unwrap_key(token, key) == (attributes, b"k" * 32)


def test_a_token_of_an_unknown_spec_says_so(user: User) -> None:
    binding = KeyBinding("key", "00" * 32, "ML_DSA_99")
    token = wrap_key(binding, Attributes("SIGN_VERIFY"), b"", *core_of(user).domain_keys.wrapping())
    with pytest.raises(IntegrityError, match="unknown spec 'ML_DSA_99'"):
        user.sign(token, "ML_DSA_SHAKE_256", b"", "RAW")


def test_without_domain_keys_everything_is_locked(module: Module) -> None:
    module.officer().create_vault_key()
    user = module.user()
    with pytest.raises(Locked):
        made_token(user)
    with pytest.raises(Locked):
        user.mac(KeyToken(KeyBinding("k", "00", "HMAC_256"), "d", b""), "HMAC_SHA_256", b"")


def test_handles_are_cached_and_the_oldest_goes_first(user: User) -> None:
    cache = HandleCache(capacity=2)
    tokens = [made_token(user) for _ in range(3)]
    handles = [Handle(token, *unwrapped(user, token)) for token in tokens]
    cache.put(handles[0], cache.generation)
    cache.put(handles[1], cache.generation)
    assert cache.get(tokens[0]) is handles[0]
    cache.put(handles[2], cache.generation)
    assert len(cache) == 2
    assert cache.get(tokens[1]) is None
    assert cache.get(tokens[0]) is handles[0]
    assert cache.get(dataclasses.replace(tokens[2])) is handles[2]


def test_a_key_loaded_across_a_lock_is_not_kept(user: User) -> None:
    cache = HandleCache()
    token = made_token(user)
    before = cache.generation
    cache.clear()
    cache.put(Handle(token, *unwrapped(user, token)), before)
    assert len(cache) == 0


def test_a_loaded_key_is_used_again(user: User) -> None:
    token = made_token(user)
    assert user._load(token, Service.MAC) is user._load(token, Service.MAC)


def test_random_bytes(user: User) -> None:
    assert len(user.generate_random(1024)) == 1024
    assert user.generate_random(32) != user.generate_random(32)
    for size in (0, -1):
        with pytest.raises(Refused, match="at least one"):
            user.generate_random(size)


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P384", "ECC_NIST_EDWARDS25519"])
def test_a_data_key_pair_leaves_in_the_clear(user: User, spec: str) -> None:
    private, public = user.data_key_pair(spec)
    key = keys.private_from_der(private, KEY_SPECS[spec])
    assert keys.public_to_der(key.public_key()) == public


def test_a_data_key_pair_is_a_pair(user: User) -> None:
    with pytest.raises(Refused, match="not a key pair"):
        user.data_key_pair("HMAC_256")
