"""The crypto officer: vault key, slots, domain keys, re-wrapping."""

import dataclasses

import pytest

from workbench.base.errors import IntegrityError, Locked, Refused
from workbench.crypto import aead, kdf
from workbench.crypto.encoding import pack
from workbench.hsm.module import Module
from workbench.hsm.officer import Argon2Cost, DomainKeyToken, Officer
from workbench.hsm.user import KeyBinding, KeyToken, User

SECRET = b"s" * 32
CONTEXT = b"slot 1"


def test_a_slot_opens_in_a_new_module(officer: Officer) -> None:
    token = officer.seal_vault_key(SECRET, CONTEXT)
    other = Module()
    other.power_on()
    session = other.officer()
    session.open_vault_key(token, SECRET, CONTEXT)
    assert session.database_key() == officer.database_key()
    assert len(session.database_key()) == 32


def test_the_database_key_is_not_the_vault_key(module: Module, officer: Officer) -> None:
    assert officer.database_key() != module._core.vault_key()


@pytest.mark.parametrize(("secret", "context"), [(b"t" * 32, CONTEXT), (SECRET, b"slot 2")])
def test_a_slot_stays_shut(officer: Officer, secret: bytes, context: bytes) -> None:
    token = officer.seal_vault_key(SECRET, CONTEXT)
    with pytest.raises(IntegrityError, match="key slot"):
        officer.open_vault_key(token, secret, context)


def test_every_changed_byte_of_a_slot_is_noticed(officer: Officer) -> None:
    token = officer.seal_vault_key(SECRET, CONTEXT)
    for position in range(len(token)):
        changed = bytearray(token)
        changed[position] ^= 1
        with pytest.raises(IntegrityError):
            officer.open_vault_key(bytes(changed), SECRET, CONTEXT)
    for size in range(len(token)):
        with pytest.raises(IntegrityError):
            officer.open_vault_key(token[:size], SECRET, CONTEXT)


def test_a_slot_with_another_length_inside_is_refused(officer: Officer) -> None:
    key = kdf.derive(SECRET, b"key slot", CONTEXT)
    token = aead.seal(key, b"short", pack(b"key slot 1", CONTEXT))
    with pytest.raises(IntegrityError, match="no vault key"):
        officer.open_vault_key(token, SECRET, CONTEXT)


def test_short_secrets_are_refused(officer: Officer) -> None:
    with pytest.raises(Refused, match="31 bytes"):
        officer.seal_vault_key(b"s" * 31, CONTEXT)
    with pytest.raises(Refused, match="31 bytes"):
        officer.open_vault_key(b"", b"s" * 31, CONTEXT)


def test_opening_again_is_harmless_but_another_vault_is_refused(officer: Officer) -> None:
    officer.open_vault_key(officer.seal_vault_key(SECRET, CONTEXT), SECRET, CONTEXT)
    other = Module()
    other.power_on()
    stranger = other.officer()
    stranger.create_vault_key()
    with pytest.raises(Refused, match="another vault"):
        officer.open_vault_key(stranger.seal_vault_key(SECRET, CONTEXT), SECRET, CONTEXT)


def test_one_vault_key_only(officer: Officer) -> None:
    with pytest.raises(Refused, match="already"):
        officer.create_vault_key()


def test_without_a_vault_key_everything_is_locked(module: Module) -> None:
    session = module.officer()
    token = KeyToken(KeyBinding("k", "00", "HMAC_256"), "d", b"")
    with pytest.raises(Locked):
        session.database_key()
    with pytest.raises(Locked):
        session.seal_vault_key(SECRET, CONTEXT)
    with pytest.raises(Locked):
        session.create_domain_key()
    with pytest.raises(Locked):
        session.load_domain_keys([DomainKeyToken("d", b"")])
    with pytest.raises(Locked):
        session.rewrap(token)


def test_a_session_that_ended_stores_nothing(module: Module, officer: Officer) -> None:
    epoch = officer._epoch
    module.lock()
    with pytest.raises(Locked):
        module._core.set_vault_key(b"k" * 32, epoch)
    assert not module._core.has_vault_key()


def test_a_passphrase_is_stretched(officer: Officer) -> None:
    cost = Argon2Cost(memory_kib=32, iterations=1, lanes=1)
    first = officer.derive_secret("passphrase", b"s" * 16, cost)
    assert len(first) == 32
    assert first == officer.derive_secret("passphrase", b"s" * 16, cost)
    assert first != officer.derive_secret("passphrase", b"t" * 16, cost)
    assert first != officer.derive_secret("Passphrase", b"s" * 16, cost)


def test_domain_keys_rotate(module: Module, officer: Officer, user: User) -> None:
    old = user.generate("k", "HMAC_256", "GENERATE_VERIFY_MAC").token
    tag = user.mac(old, "HMAC_SHA_256", b"m")
    second = officer.create_domain_key()
    assert user.mac(old, "HMAC_SHA_256", b"m") == tag
    new = officer.rewrap(old)
    assert new.domain_key_id == second.domain_key_id != old.domain_key_id
    assert new.binding == old.binding
    assert user.mac(new, "HMAC_SHA_256", b"m") == tag
    officer.load_domain_keys([second])
    assert user.mac(new, "HMAC_SHA_256", b"m") == tag
    with pytest.raises(IntegrityError, match="domain key"):
        user.mac(old, "HMAC_SHA_256", b"m")
    with pytest.raises(IntegrityError, match="domain key"):
        officer.rewrap(old)


def test_loading_makes_the_last_one_active(officer: Officer, user: User) -> None:
    first, second = officer.create_domain_key(), officer.create_domain_key()
    officer.load_domain_keys([second, first])
    token = user.generate("k", "HMAC_256", "GENERATE_VERIFY_MAC").token
    assert token.domain_key_id == first.domain_key_id


def test_a_changed_domain_key_is_noticed_and_nothing_is_lost(officer: Officer, user: User) -> None:
    good = officer.create_domain_key()
    token = user.generate("k", "HMAC_256", "GENERATE_VERIFY_MAC").token
    changed = dataclasses.replace(good, wrapped=good.wrapped[:-1] + b"\0\0")
    renamed = dataclasses.replace(good, domain_key_id="another")
    for bad in (changed, renamed):
        with pytest.raises(IntegrityError, match="domain key"):
            officer.load_domain_keys([good, bad])
    assert user.mac(token, "HMAC_SHA_256", b"m")
    with pytest.raises(Refused, match="no domain key"):
        officer.load_domain_keys([])
