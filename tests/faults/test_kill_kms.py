"""SIGKILL while a whole bench is at work: what the clients answered is there afterwards.

As `test_kill.py` does for the vault alone, but through the clients and the signing queue: keys,
names, rotations, ciphertexts and signature files.
"""

import base64
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.engine import QUICK
from tests.fakes.folder_store import FolderStore
from tests.faults.kill_kms_child import context, plaintext
from tests.faults.killing import killed
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.signing.chains import trusted_roots
from workbench.signing.outputs import SUFFIX

ROUNDS = 7
LEAST, MOST = 5, 55


class Remembered:
    """Everything acknowledged so far, compared with a reopened bench."""

    def __init__(self, bench: Bench, acknowledged: list[dict[str, Any]], files: Path) -> None:
        self.bench = bench
        self.files = files
        self.all = acknowledged
        self.kms: Any = bench.kms
        self.revived = False
        self.states: dict[str, str] = {}
        for page in self.kms.get_paginator("list_keys").paginate():
            for entry in page["Keys"]:
                metadata = self.kms.describe_key(KeyId=entry["KeyId"])["KeyMetadata"]
                self.states[entry["KeyId"]] = metadata["KeyState"]

    def of(self, *operations: str) -> list[dict[str, Any]]:
        return [done for done in self.all if done["operation"] in operations]

    def check(self) -> None:
        """Check all but the files."""
        self._check_journal()
        self._check_keys()
        self._check_ciphertexts()
        assert [found for found in self.bench.vault.health() if not found.passed] == []

    def _check_journal(self) -> None:
        journal: Any = self.bench.journal
        assert journal.verify().problems == ()
        events = journal.lookup(limit=100_000)
        recorded = {event["requestID"] for event in events}
        assert {done["request"] for done in self.all if "request" in done} <= recorded
        # A key and the event of its creation are both there or both not.
        created = [event for event in events if event["eventName"] == "CreateKey"]
        assert len([event for event in created if "errorCode" not in event]) == len(self.states)

    def _check_keys(self) -> None:
        assert {done["key"] for done in self.all if "key" in done} <= self.states.keys()
        assert {self.states[done["key"]] for done in self.of("disable")} <= {
            "Disabled",
            "PendingDeletion",
        }
        assert {self.states[done["key"]] for done in self.of("schedule")} <= {"PendingDeletion"}
        pages = self.kms.get_paginator("list_aliases").paginate()
        aliases = {a["AliasName"]: a.get("TargetKeyId") for page in pages for a in page["Aliases"]}
        for done in self.of("alias"):
            assert aliases[done["alias"]] == done["key"]
        for done in self.of("tag"):
            tags = self.kms.list_resource_tags(KeyId=done["key"])["Tags"]
            name, value = f"tag {done['number']}", str(done["number"])
            assert {"TagKey": name, "TagValue": value} in tags
        described = {done["key"] for done in self.of("describe")}
        for key in described:
            text = self.kms.describe_key(KeyId=key)["KeyMetadata"]["Description"]
            last = max(done["number"] for done in self.of("describe") if done["key"] == key)
            assert int(text.removeprefix("described by ")) >= last
        rotated = Counter(done["key"] for done in self.of("rotate") if "key" in done)
        for key, count in rotated.items():
            assert len(self.kms.list_key_rotations(KeyId=key)["Rotations"]) >= count

    def _check_ciphertexts(self) -> None:
        for done in self.of("encrypt", "data_key", "rotate"):
            if "blob" not in done:
                continue
            try:
                answer = self.kms.decrypt(
                    CiphertextBlob=base64.b64decode(done["blob"]),
                    EncryptionContext=context(done["number"]),
                )
            except (
                self.kms.exceptions.DisabledException,
                self.kms.exceptions.KMSInvalidStateException,
            ):
                assert not self.revived
                continue  # tried again once its key is revived
            plain = done.get("plain")
            expected = plaintext(done["number"]) if plain is None else base64.b64decode(plain)
            assert answer["Plaintext"] == expected

    def revive(self) -> None:
        """Enable every key, and try every ciphertext."""
        for key, state in self.states.items():
            if state == "PendingDeletion":
                self.kms.cancel_key_deletion(KeyId=key)
            self.kms.enable_key(KeyId=key)
        self.revived = True
        self._check_ciphertexts()

    def check_files(self) -> None:
        """Every acknowledged signature is there, each that is there is whole, and nothing else."""
        found = {path for path in self.files.rglob("*") if path.is_file()}
        contents = {path for path in found if path.suffix == ".bin"}
        signatures = {path for path in found if path.suffix == SUFFIX}
        assert found == contents | signatures
        signed = {Path(name) for done in self.all for name in done.get("signed", ())}
        assert {Path(f"{path}{SUFFIX}") for path in signed} <= signatures
        roots = trusted_roots(self.bench.shelf)
        for signature in signatures:
            verdict = self.bench.verifier.verify(signature.with_suffix(""), signature, roots)
            assert verdict.valid, (signature, verdict.headline)


@pytest.fixture(scope="module")
def seed() -> int:
    return random.SystemRandom().randrange(2**32)


def test_nothing_that_a_client_answered_is_lost(tmp_path: Path, seed: int) -> None:
    print("seed", seed)  # noqa: T201 - shown when the test fails
    choose = random.Random(seed)
    files, keyring, folder = (tmp_path / name for name in ("files", "keyring", "vault"))
    files.mkdir()
    assembly = Assembly(secrets=FolderStore(keyring), cost=QUICK)
    bench, _ = assembly.create(folder, "correct horse battery staple")
    bench.close()
    acknowledged: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        first = 1 + max((done["number"] for done in acknowledged), default=0) + 1
        arguments = ["-m", "tests.faults.kill_kms_child"]
        arguments += [str(folder), str(keyring), str(files)]
        arguments += [str(choose.randrange(2**32)), str(first)]
        spin = choose.randrange(300_000)
        acknowledged += killed(arguments, choose.randrange(LEAST, MOST), spin)
        bench = assembly.open(folder)
        bench.vault.unlock_with_keyring()
        assert bench.vault.warnings == ()
        remembered = Remembered(bench, acknowledged, files)
        remembered.check()
        bench.close()
        left = {path.name for path in folder.iterdir()}
        assert left == {"vault.db", "slots.json", "vault.lock"}
    assert len(acknowledged) >= ROUNDS * LEAST
    assert remembered.of("encrypt", "data_key")
    bench = assembly.open(folder)
    bench.vault.unlock_with_keyring()
    remembered = Remembered(bench, acknowledged, files)
    remembered.revive()
    remembered.check_files()
    bench.close()
