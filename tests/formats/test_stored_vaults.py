"""A vault written by every released version opens with this one, and nothing in it is lost."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.secrets import MemoryStore
from tests.fakes.vaults import powered
from tests.formats.make_vault import KEYS
from workbench.audit.journal import Journal
from workbench.base.clock import SystemClock
from workbench.hsm.module import Module
from workbench.hsm.tokens import KeyBinding, KeyToken
from workbench.vault.migrations import MIGRATIONS
from workbench.vault.vault import Vault

HERE = Path(__file__).parent
STORED = sorted(path.parent for path in HERE.glob("*/expected.json"))


@pytest.fixture(params=STORED, ids=lambda folder: folder.name)
def stored(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


def check(vault: Vault, module: Module, expected: dict[str, Any]) -> None:
    assert vault.key_slots.vault_id == expected["vault_id"]
    assert vault.read("PRAGMA user_version") == [(len(MIGRATIONS),)]
    assert vault.read("SELECT value FROM settings WHERE name = 'text'") == [("Schlüssel",)]
    tokens, public = {}, {}
    for key_id, material_id, domain_key_id, wrapped, public_key in vault.read(
        "SELECT key_id, material_id, domain_key_id, token, public_key FROM materials"
    ):
        binding = KeyBinding(key_id, material_id, KEYS[key_id][0])
        tokens[key_id] = KeyToken(binding, domain_key_id, wrapped)
        public[key_id] = public_key
    user = module.user()
    ciphertext, mac = (bytes.fromhex(expected[name]) for name in ("ciphertext", "mac"))
    assert user.decrypt(tokens["symmetric"], ciphertext, b"aad") == b"text"
    assert user.verify_mac(tokens["hmac"], "HMAC_SHA_256", b"text", mac)
    for key_id, algorithm in (("ed25519", "ED25519_SHA_512"), ("mldsa", "ML_DSA_SHAKE_256")):
        signature = user.sign(tokens[key_id], algorithm, b"text", "RAW")
        assert user.verify(public[key_id], algorithm, b"text", "RAW", signature)
    journal = Journal(vault, SystemClock())
    report = journal.verify()
    assert [report.size, report.root.hex()] == expected["journal"]
    assert report.problems == ()
    assert [event["number"] for event in journal.lookup(resource="arn")] == [4, 3, 2, 1, 0]
    journal.close()


def test_there_is_one_for_this_version() -> None:
    assert HERE / f"vault-{len(MIGRATIONS)}" in STORED


@pytest.mark.parametrize("way", ["keyring", "passphrase", "backup"])
def test_it_opens_and_everything_is_there(stored: Path, tmp_path: Path, way: str) -> None:
    expected = json.loads((stored / "expected.json").read_text("utf-8"))
    store = MemoryStore()
    store.kept = {name: bytes.fromhex(value) for name, value in expected["keyring"].items()}
    if way == "backup":
        Vault.restore(stored / "backup", tmp_path / "vault")
    else:
        shutil.copytree(stored / "vault", tmp_path / "vault")
        (tmp_path / "vault").chmod(0o700)
        for path in (tmp_path / "vault").iterdir():
            path.chmod(0o600)
    module = powered()
    vault = Vault.open(tmp_path / "vault", module, store, SystemClock())
    if way == "keyring":
        vault.unlock_with_keyring()
    else:
        vault.unlock_with_passphrase(expected["passphrase"])
    assert vault.warnings == ()
    check(vault, module, expected)
    assert [finding for finding in vault.health() if not finding.passed] == []
    vault.close()
