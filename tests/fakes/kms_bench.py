"""The KMS alone over a real vault and module, with back ends and quotas of one's choice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fakes.engine import QUICK
from tests.fakes.secrets import MemoryStore
from workbench.api.calls import Caller
from workbench.api.client import Client
from workbench.api.door import Door
from workbench.api.models import aws_model
from workbench.audit.journal import Journal
from workbench.base.clock import TravelClock
from workbench.base.identifiers import Place
from workbench.hsm.module import Module
from workbench.kms.key_store_backends import Backends
from workbench.kms.limits import Limits
from workbench.kms.service import KmsService, Options
from workbench.vault.vault import Vault


@dataclass
class KmsBench:
    """One account's KMS, acted on as its owner.

    Attributes:
        kms: the in-process client.
        service: what it talks to.
        module: its HSM.
        journal: what was recorded.
        vault: where everything is.
        clock: the time.
    """

    kms: Any
    service: KmsService
    module: Module
    journal: Journal
    vault: Vault
    clock: TravelClock

    def run_due(self) -> int:
        """Carry out what is due now."""
        return self.service.worker.run_due(self.clock.now())

    def region(self, name: str) -> Any:
        """Return a client of the KMS in another Region."""
        return _client(self.service, self.journal, self.vault, self.clock, name)

    def close(self) -> None:
        """End journal and vault."""
        self.journal.close()
        self.vault.close()


def make_kms_bench(
    directory: Path, backends: Backends | None = None, limits: Limits | None = None
) -> KmsBench:
    """Create a vault in `directory` with the KMS of one Region; nothing runs in the background."""
    clock, place = TravelClock(), Place()
    module = Module()
    module.power_on()
    vault, _ = Vault.create(
        directory, module, MemoryStore(), clock, passphrase="a passphrase for tests", cost=QUICK
    )
    journal = Journal(vault, clock)
    options = Options(clock=clock, backends=backends or {}, limits=limits or Limits())
    service = KmsService(vault, module, place, journal, journal, options=options)
    return KmsBench(_client(service, journal, vault, clock), service, module, journal, vault, clock)


def without_backends(bench: KmsBench) -> Any:
    """Return a client of the same vault's KMS with nothing behind its key stores."""
    service = KmsService(bench.vault, bench.module, Place(), bench.journal, bench.journal)
    return _client(service, bench.journal, bench.vault, bench.clock)


def _client(
    service: KmsService, journal: Journal, vault: Vault, clock: TravelClock, region: str = ""
) -> Client:
    place = Place().elsewhere(region) if region else Place()
    door = Door(place, clock, journal, vault.transaction, lambda: None)
    model = aws_model("kms")
    regional = service.region(place.region)
    door.register(model, regional.operations(), regional.authoriser)
    return Client(door, model, Caller.owner(place))
