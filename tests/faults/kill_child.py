"""What `test_kill.py` runs and kills: random operations, each acknowledged once it is durable.

Arguments: vault folder, keyring folder, seed, first operation's number. Acknowledgements are JSON
lines on standard output, written at once.
"""

import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from tests.fakes.folder_store import FolderStore
from tests.fakes.vaults import PASSPHRASE, Happening, powered
from workbench.audit.journal import Journal
from workbench.base.clock import SystemClock
from workbench.crypto.table import ENCRYPT_DECRYPT
from workbench.hsm.module import Module
from workbench.vault.vault import Vault

OPERATIONS = ("store", "store", "queue", "key", "rotate", "renew", "relock")
SPEC = "SYMMETRIC_DEFAULT"
ADD_MATERIAL = (
    "INSERT INTO materials (region, key_id, material_id, sequence, state, token, domain_key_id, "
    "record) VALUES ('us-west-2', ?, ?, 0, 'CURRENT', ?, ?, ?)"
)


class Worker:
    """Does one operation after another on an unlocked vault."""

    def __init__(self, vault: Vault, module: Module, journal: Journal) -> None:
        self.vault = vault
        self.module = module
        self.journal = journal
        self.passphrase = PASSPHRASE

    def do(self, operation: str, number: int) -> dict[str, Any]:
        """Carry out an operation; when it returns, it must survive anything."""
        extra: dict[str, Any] = getattr(self, operation)(number) or {}
        return {"operation": operation, "number": number, **extra}

    def store(self, number: int) -> None:
        with self.vault.transaction() as transaction:
            transaction.execute("INSERT INTO settings VALUES (?, 1)", (f"{number}",))
            self.journal.record(Happening("store", (), {"number": number}), durable=True)

    def queue(self, number: int) -> None:
        self.journal.record(Happening("queue", (), {"number": number}), durable=False)
        self.journal.flush()

    def key(self, number: int) -> dict[str, Any]:
        user = self.module.user()
        token = user.generate(f"{number}", SPEC, ENCRYPT_DECRYPT).token
        sealed = user.encrypt(token, b"text", b"")
        with self.vault.transaction() as transaction:
            transaction.execute(
                ADD_MATERIAL,
                (
                    f"{number}",
                    token.binding.material_id,
                    token.wrapped,
                    token.domain_key_id,
                    json.dumps({"spec": SPEC}),
                ),
            )
            self.journal.record(Happening("key", (), {"number": number}), durable=True)
        return {"sealed": sealed.hex()}

    def rotate(self, _: int) -> None:
        self.vault.rotate_domain_key()

    def renew(self, number: int) -> None:
        self.vault.change_passphrase(f"passphrase number {number}")
        # The old one again, so that whoever looks knows it; both steps are single file renames.
        self.vault.change_passphrase(PASSPHRASE)

    def relock(self, _: int) -> None:
        self.vault.lock()
        self.vault.unlock_with_keyring()


def main() -> None:
    """Work until killed."""
    folder, keyring, seed, first = sys.argv[1:]
    choose = random.Random(seed)
    module = powered()
    vault = Vault.open(Path(folder), module, FolderStore(Path(keyring)), SystemClock())
    vault.unlock_with_keyring()
    worker = Worker(vault, module, Journal(vault, SystemClock()))
    number = int(first)
    while True:
        done = worker.do(choose.choice(OPERATIONS), number)
        os.write(1, json.dumps(done).encode() + b"\n")
        number += 1


if __name__ == "__main__":
    main()
