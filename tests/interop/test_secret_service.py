"""The vault's keyring slot and anchor in a real Secret Service (GNOME Keyring over D-Bus)."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.vaults import PASSPHRASE, QUICK, powered
from workbench.base.clock import SystemClock
from workbench.base.errors import EnvironmentFault
from workbench.vault.secret_store import KeyringStore
from workbench.vault.vault import Vault

NAME = "tests of Key Workbench"


@pytest.fixture
def store(secret_service: str) -> Iterator[KeyringStore]:
    assert secret_service
    store = KeyringStore()
    store.delete(NAME)
    yield store
    store.delete(NAME)


def test_secrets_survive_any_bytes_and_are_replaced_and_deleted(store: KeyringStore) -> None:
    assert store.describe().startswith("Secret Service")
    assert store.get(NAME) is None
    store.set(NAME, bytes(range(256)))
    assert store.get(NAME) == bytes(range(256))
    assert KeyringStore().get(NAME) == bytes(range(256))
    store.set(NAME, b"")
    assert store.get(NAME) == b""
    store.delete(NAME)
    store.delete(NAME)
    assert store.get(NAME) is None


def test_a_vault_opens_by_the_real_keyring(store: KeyringStore, tmp_path: Path) -> None:
    vault, _ = Vault.create(
        tmp_path / "v", powered(), store, SystemClock(), passphrase=PASSPHRASE, cost=QUICK
    )
    assert vault.warnings == ()
    vault.close()
    shutil.copytree(tmp_path / "v", tmp_path / "old")
    vault = Vault.open(tmp_path / "v", powered(), KeyringStore(), SystemClock())
    vault.unlock_with_keyring()
    assert vault.anchor is not None
    assert vault.warnings == ()
    with vault.transaction() as transaction:
        transaction.execute("INSERT INTO settings VALUES ('a', 1)")
    vault.close()

    vault = Vault.open(tmp_path / "old", powered(), KeyringStore(), SystemClock())
    vault.unlock_with_keyring()
    assert "older copy" in vault.warnings[0]
    name = f"vault {vault.key_slots.vault_id} anchor"
    vault.key_slots.remove_keyring()
    vault.lock()
    vault.unlock_with_passphrase(PASSPHRASE)
    vault.close()
    store.delete(name)


def test_a_session_without_a_service_says_so(
    secret_service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert secret_service
    store = KeyringStore()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    with pytest.raises(EnvironmentFault, match=r"keyring \(Secret Service.*recovery passphrase"):
        store.get(NAME)
