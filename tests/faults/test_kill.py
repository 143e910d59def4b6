"""SIGKILL at a random moment of random operations: nothing acknowledged is lost, nothing is half.

Each round starts a process that works on the same vault, reads its acknowledgements from a pipe,
kills it after a random number of them, and looks at what is there.
"""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.folder_store import FolderStore
from tests.fakes.vaults import PASSPHRASE, QUICK, powered
from tests.faults.kill_child import SPEC
from tests.faults.killing import killed
from workbench.audit.journal import Journal
from workbench.base.clock import SystemClock
from workbench.base.errors import WorkbenchError
from workbench.hsm.tokens import KeyBinding, KeyToken
from workbench.vault.vault import Vault

ROUNDS = 8
MOST_OPERATIONS = 50
CREATIONS = 3


def check(vault: Vault, module: Any, acknowledged: list[dict[str, Any]]) -> None:
    """Compare a reopened vault with everything acknowledged so far."""

    def numbers(operation: str) -> set[int]:
        return {done["number"] for done in acknowledged if done["operation"] == operation}

    journal = Journal(vault, SystemClock())
    events = journal.lookup(limit=100_000)
    assert journal.verify().problems == ()
    journal.close()

    def recorded(name: str) -> set[int]:
        return {event["number"] for event in events if event["eventName"] == name}

    assert numbers("store") <= recorded("store")
    assert numbers("queue") <= recorded("queue")
    assert numbers("key") <= recorded("key")
    # An operation and its event are both there or both not.
    assert recorded("store") == {int(row[0]) for row in vault.read("SELECT name FROM settings")}
    tokens = {
        key_id: KeyToken(KeyBinding(key_id, material_id, SPEC), domain_key_id, wrapped)
        for key_id, material_id, domain_key_id, wrapped in vault.read(
            "SELECT key_id, material_id, domain_key_id, token FROM materials"
        )
    }
    assert recorded("key") == {int(key_id) for key_id in tokens}
    user = module.user()
    for done in acknowledged:
        if done["operation"] == "key":
            sealed = bytes.fromhex(done["sealed"])
            assert user.decrypt(tokens[str(done["number"])], sealed, b"") == b"text"
    assert [finding for finding in vault.health() if not finding.passed] == []


@pytest.fixture(scope="module")
def seed() -> int:
    return random.SystemRandom().randrange(2**32)


def test_nothing_acknowledged_is_lost(tmp_path: Path, seed: int) -> None:
    print("seed", seed)  # noqa: T201 - shown when the test fails
    choose = random.Random(seed)
    store = FolderStore(tmp_path / "keyring")
    folder = tmp_path / "vault"
    vault, _ = Vault.create(
        folder, powered(), store, SystemClock(), passphrase=PASSPHRASE, cost=QUICK
    )
    vault.close()
    acknowledged: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        first = 1 + max((done["number"] for done in acknowledged), default=0) + 1
        arguments = [
            "-m",
            "tests.faults.kill_child",
            str(folder),
            str(tmp_path / "keyring"),
            str(choose.randrange(2**32)),
            str(first),
        ]
        count = choose.randrange(MOST_OPERATIONS)
        acknowledged += killed(arguments, count, choose.randrange(30_000))
        module = powered()
        vault = Vault.open(folder, module, store, SystemClock())
        vault.unlock_with_keyring()
        assert vault.warnings == ()
        check(vault, module, acknowledged)
        vault.close()
        left = {path.name for path in folder.iterdir()}
        assert left == {"vault.db", "slots.json", "vault.lock"}
    assert len(acknowledged) >= ROUNDS


CREATE = """
import sys
from pathlib import Path
from tests.fakes.vaults import new_vault
for n in range(1000):
    new_vault(Path(sys.argv[1]) / str(n)).close()
    print(n, flush=True)
"""


@pytest.mark.parametrize("attempt", range(CREATIONS))
def test_a_creation_cut_short_can_be_finished_or_repeated(
    tmp_path: Path, seed: int, attempt: int
) -> None:
    print("seed", seed)  # noqa: T201 - shown when the test fails
    choose = random.Random(seed + attempt)
    made = killed(["-c", CREATE, str(tmp_path)], choose.randrange(1, 6), choose.randrange(30_000))
    for folder in sorted(tmp_path.iterdir(), key=lambda path: int(path.name)):
        try:
            vault = Vault.open(folder, powered(), None, SystemClock())
        except WorkbenchError:
            assert int(folder.name) not in made
            vault, _ = Vault.create(folder, powered(), None, SystemClock(), cost=QUICK)
        else:
            vault.unlock_with_passphrase(PASSPHRASE)
        assert [finding for finding in vault.health() if not finding.passed] == []
        vault.close()
