import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.vaults import PASSPHRASE, new_vault, powered
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault, IntegrityError, Locked
from workbench.crypto.table import ENCRYPT_DECRYPT
from workbench.hsm.module import Module
from workbench.hsm.tokens import KeyBinding, KeyToken
from workbench.hsm.user import User
from workbench.vault import domain_keys
from workbench.vault.database import Transaction
from workbench.vault.vault import Vault

SPEC = "SYMMETRIC_DEFAULT"


@pytest.fixture
def module() -> Module:
    return powered()


@pytest.fixture
def vault(tmp_path: Path, module: Module) -> Iterator[Vault]:
    vault = new_vault(tmp_path / "v", module=module)
    yield vault
    vault.close()


def make(vault: Vault, user: User, key_id: str) -> bytes:
    """Make a key, store its token as kms does, and return a ciphertext under it."""
    token = user.generate(key_id, SPEC, ENCRYPT_DECRYPT).token
    with vault.transaction() as transaction:
        transaction.execute(
            "INSERT INTO materials VALUES ('us-west-2', ?, ?, 0, 'CURRENT', ?, ?, NULL, ?)",
            (
                key_id,
                token.binding.material_id,
                token.wrapped,
                token.domain_key_id,
                json.dumps({"spec": SPEC}),
            ),
        )
    return user.encrypt(token, key_id.encode(), b"aad")


def tokens(vault: Vault) -> dict[str, KeyToken]:
    rows = vault.read("SELECT key_id, material_id, domain_key_id, token FROM materials")
    return {
        key_id: KeyToken(KeyBinding(key_id, material_id, SPEC), domain_key_id, wrapped)
        for key_id, material_id, domain_key_id, wrapped in rows
    }


def test_rotation_wraps_every_token_anew_and_old_ones_still_open(
    vault: Vault, module: Module
) -> None:
    user = module.user()
    sealed = {key_id: make(vault, user, key_id) for key_id in ("a", "b", "c")}
    with vault.transaction() as transaction:
        transaction.execute(
            "INSERT INTO materials VALUES "
            "('us-west-2', 'd', 'expired', 0, 'X', NULL, NULL, NULL, '{}')"
        )
    before = tokens(vault)
    assert vault.rotate_domain_key() == 3
    after = tokens(vault)
    assert vault.read("SELECT count(*), total(active) FROM domain_keys") == [(2, 1.0)]
    for key_id, blob in sealed.items():
        assert after[key_id].domain_key_id != before[key_id].domain_key_id
        assert after[key_id].wrapped != before[key_id].wrapped
        assert user.decrypt(after[key_id], blob, b"aad") == key_id.encode()
        assert user.decrypt(before[key_id], blob, b"aad") == key_id.encode()

    vault.lock()
    vault.unlock_with_passphrase(PASSPHRASE)
    user = module.user()
    for key_id, blob in sealed.items():
        assert user.decrypt(after[key_id], blob, b"aad") == key_id.encode()
    make(vault, user, "e")
    assert tokens(vault)["e"].domain_key_id == after["a"].domain_key_id


def test_a_failing_rotation_changes_nothing_in_file_or_module(
    vault: Vault, module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = module.user()
    sealed = {key_id: make(vault, user, key_id) for key_id in ("a", "b", "c")}
    before = tokens(vault)
    execute = Transaction.execute
    left = [4]

    def fill_the_disk(self: Transaction, *arguments: object) -> object:
        left[0] -= 1
        if left[0] == 0:
            raise EnvironmentFault("The disk is full.", "Free some space.")
        return execute(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Transaction, "execute", fill_the_disk)
    with pytest.raises(EnvironmentFault, match="disk is full"):
        vault.rotate_domain_key()
    monkeypatch.undo()
    assert tokens(vault) == before
    assert vault.read("SELECT count(*), total(active) FROM domain_keys") == [(1, 1.0)]
    for key_id, blob in sealed.items():
        assert user.decrypt(before[key_id], blob, b"aad") == key_id.encode()
    # New keys are wrapped under what is stored, not under the key that was abandoned.
    sealed["d"] = make(vault, user, "d")
    vault.lock()
    vault.unlock_with_passphrase(PASSPHRASE)
    assert module.user().decrypt(tokens(vault)["d"], sealed["d"], b"aad") == b"d"
    assert vault.rotate_domain_key() == 4


def test_a_damaged_token_stops_the_rotation(vault: Vault, module: Module) -> None:
    make(vault, module.user(), "a")
    with vault.transaction() as transaction:
        transaction.execute("UPDATE materials SET token = zeroblob(length(token))")
    with pytest.raises(IntegrityError, match="key a"):
        vault.rotate_domain_key()
    assert vault.read("SELECT count(*) FROM domain_keys") == [(1,)]


def test_a_locked_vault_leaves_nothing_in_the_module(vault: Vault, module: Module) -> None:
    user = module.user()
    blob = make(vault, user, "a")
    token = tokens(vault)["a"]
    vault.lock()
    for session in (user, module.user()):
        with pytest.raises(Locked):
            session.decrypt(token, blob, b"aad")
    with pytest.raises(Locked):
        module.officer().database_key()


def test_a_vault_without_its_domain_keys_does_not_open(
    vault: Vault, module: Module, tmp_path: Path
) -> None:
    with vault.transaction() as transaction:
        transaction.execute("DELETE FROM domain_keys")
    (finding,) = (found for found in vault.health() if found.subject == "domain keys")
    assert not finding.passed
    vault.close()
    opened = Vault.open(tmp_path / "v", powered(), None, SystemClock())
    with pytest.raises(Exception, match="backup"):
        opened.unlock_with_passphrase(PASSPHRASE)
    assert opened.locked
    opened.close()


def test_the_active_key_is_loaded_last(vault: Vault) -> None:
    for _ in range(3):
        vault.rotate_domain_key()
    assert vault._database is not None
    stored = domain_keys.stored(vault._database)
    ((active,),) = vault.read("SELECT id FROM domain_keys WHERE active = 1")
    assert len(stored) == 4
    assert stored[-1].domain_key_id == active
