"""An engine over a vault in a temporary folder, as the endpoint is given one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.vaults import new_vault, powered
from workbench.base.clock import TravelClock
from workbench.base.identifiers import Place
from workbench.engine import Engine
from workbench.hsm.module import Module
from workbench.serving.backend import EngineBackend
from workbench.vault.vault import Vault

PLACE = Place()


@dataclass
class Site:
    """An unlocked vault and its engine."""

    vault: Vault
    module: Module
    engine: Engine
    clock: TravelClock

    def backend(self, *, anybody: bool = False) -> EngineBackend:
        return EngineBackend(self.engine, PLACE, self.clock, anybody=anybody)


@contextmanager
def make_site(folder: Path) -> Iterator[Site]:
    """Make an engine over a new vault; `PASSPHRASE` of `tests.fakes.vaults` opens it."""
    clock, module = TravelClock(), powered()
    vault = new_vault(folder, clock=clock, module=module)
    engine = Engine(vault, module, PLACE, clock)
    try:
        yield Site(vault, module, engine, clock)
    finally:
        engine.stop()
        if not vault.locked:
            engine.journal.close()
        vault.close()
