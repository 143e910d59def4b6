from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from tests.fakes.vaults import PASSPHRASE, new_vault
from workbench.vault.health import Finding
from workbench.vault.location import VaultFiles
from workbench.vault.vault import Vault


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = new_vault(tmp_path / "v")
    yield vault
    vault.close()


def finding(vault: Vault, subject: str) -> Finding:
    (found,) = (finding for finding in vault.health() if finding.subject == subject)
    return found


def test_files_that_others_can_read_are_named(vault: Vault) -> None:
    assert finding(vault, "permissions").passed
    VaultFiles(vault.directory).slots.chmod(0o644)
    found = finding(vault, "permissions")
    assert not found.passed
    assert "slots.json" in found.detail
    assert "vault.db" not in found.detail


def test_damaged_slots_are_told_while_the_vault_is_still_open(vault: Vault) -> None:
    path = VaultFiles(vault.directory).slots
    path.write_bytes(path.read_bytes()[:-1])
    found = finding(vault, "key slots")
    assert not found.passed
    assert "damaged" in found.detail
    vault.lock()
    assert not finding(vault, "key slots").passed


def test_a_material_without_its_domain_key_is_told(vault: Vault) -> None:
    assert finding(vault, "references").passed
    database = vault._database
    assert database is not None
    writer: apsw.Connection = database._writer
    writer.pragma("foreign_keys", "off")
    with vault.transaction() as transaction:
        transaction.execute(
            "INSERT INTO materials VALUES "
            "('us-west-2', 'k', 'm', 0, 'CURRENT', x'00', 'lost', NULL, '{}')"
        )
    found = finding(vault, "references")
    assert not found.passed
    assert "1 materials" in found.detail


def test_a_broken_index_is_told(vault: Vault) -> None:
    assert finding(vault, "database pages").passed
    with vault.transaction() as transaction:
        transaction.execute("INSERT INTO journal VALUES (0, '{\"eventName\": \"a\"}', x'00')")
        transaction.execute("PRAGMA writable_schema = on")
        transaction.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'eventName', 'eventNone') "
            "WHERE name = 'journal_names'"
        )
    vault.lock()
    vault.unlock_with_passphrase(PASSPHRASE)
    found = finding(vault, "database pages")
    assert not found.passed
    assert "journal_names" in found.detail
