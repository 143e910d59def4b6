"""Real vaults in temporary folders: the keyring and the cost of Argon2id are stood in for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.secrets import MemoryStore
from workbench.base.clock import Clock, SystemClock
from workbench.hsm.module import Module
from workbench.hsm.officer import Argon2Cost
from workbench.vault.vault import Vault

QUICK = Argon2Cost(memory_kib=64, iterations=1, lanes=1)
PASSPHRASE = "correct horse battery staple"


def powered() -> Module:
    """Return a module ready for work."""
    module = Module()
    module.power_on()
    return module


def new_vault(
    directory: Path,
    secrets: MemoryStore | None = None,
    clock: Clock | None = None,
    module: Module | None = None,
) -> Vault:
    """Create a vault that `PASSPHRASE` opens, and return it unlocked."""
    vault, _ = Vault.create(
        directory,
        module or powered(),
        secrets,
        clock or SystemClock(),
        passphrase=PASSPHRASE,
        cost=QUICK,
    )
    return vault


def reopened(
    directory: Path, secrets: MemoryStore | None = None, clock: Clock | None = None
) -> Vault:
    """Open a vault and return it unlocked by `PASSPHRASE`."""
    vault = Vault.open(directory, powered(), secrets, clock or SystemClock())
    try:
        vault.unlock_with_passphrase(PASSPHRASE)
    except BaseException:
        vault.close()
        raise
    return vault


@dataclass
class Happening:
    """An event as the journal wants it."""

    name: str = "Sign"
    resources: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        return {"eventName": self.name, **self.details}
