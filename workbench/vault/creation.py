"""Making a new vault: keys in the module, slots, and a first database.

Owns the steps; `workbench.vault.building` owns their order on disk.
"""

import contextlib
from datetime import datetime

from workbench.base.clock import Clock
from workbench.base.identifiers import new_uuid
from workbench.hsm.officer import Argon2Cost, Officer
from workbench.vault import building, domain_keys, slot_seals
from workbench.vault.database import Database
from workbench.vault.location import VaultFiles
from workbench.vault.secret_store import SecretStore
from workbench.vault.slots import Slots


def build(
    files: VaultFiles,
    officer: Officer,
    store: SecretStore | None,
    clock: Clock,
    passphrase: str | None,
    cost: Argon2Cost,
) -> tuple[Slots, str]:
    """Make the files of a vault whose key the module just made.

    Returns:
        The slots and the recovery passphrase.

    Raises:
        Refused: the passphrase is too short.
        EnvironmentFault: the keyring or the system refused; the keyring is as it was.
    """
    vault_id = new_uuid()
    slot, shown = slot_seals.seal_passphrase(officer, vault_id, passphrase, cost, clock)
    slots = Slots(vault_id, slot)
    with contextlib.ExitStack() as undo:
        if store is not None:
            keyring = slot_seals.seal_keyring(officer, vault_id, store, clock.now())
            undo.callback(slot_seals.forget_secret, store, vault_id, keyring)
            slots = Slots(vault_id, slot, keyring)
        _first_database(files, officer, vault_id, clock.now())
        building.finish(files, slots)
        undo.pop_all()
    return slots, shown


def _first_database(files: VaultFiles, officer: Officer, vault_id: str, now: datetime) -> None:
    building.create_private(files.building)
    database = Database(files.building, officer.database_key(), create=True)
    with contextlib.closing(database), database.transaction() as transaction:
        transaction.executemany(
            "INSERT INTO meta (name, value) VALUES (?, ?)",
            [("vault_id", vault_id), ("created", now.isoformat()), ("generation", 0)],
        )
        domain_keys.store(transaction, officer.create_domain_key(), now)
