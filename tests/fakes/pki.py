"""A bench of vault, module, door, KMS and PKI, without the floors above them."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.fakes.secrets import MemoryStore
from workbench.api.calls import Caller
from workbench.api.client import Client
from workbench.api.door import Door
from workbench.api.models import aws_model, own_model
from workbench.audit.journal import Journal
from workbench.base.clock import TravelClock
from workbench.base.identifiers import Place
from workbench.hsm.module import Module
from workbench.hsm.officer import Argon2Cost
from workbench.kms.data_pairs import SERVICE as PAIRS
from workbench.kms.data_pairs import data_pairs_model
from workbench.kms.service import KmsService
from workbench.pki.limits import Limits
from workbench.pki.quickstart import Hierarchy, HierarchyRequest, create_code_signing_hierarchy
from workbench.pki.service import PkiService
from workbench.pki.shelf import SERVICE, shelf_model
from workbench.vault.vault import Vault


@dataclass
class PkiBench:
    """Clients over one vault."""

    kms: Any
    pca: Any
    shelf: Any
    vault: Vault
    journal: Journal
    clock: TravelClock
    place: Place
    service: PkiService
    pairs: Any = None

    def hierarchy(self, alias: str, algorithm: str = "ML_DSA_65", **more: Any) -> Hierarchy:
        """Make a hierarchy."""
        request = HierarchyRequest(alias=alias, algorithm=algorithm, **more)
        return create_code_signing_hierarchy(
            self.kms, self.pca, self.shelf, request, lambda _what, _share: None
        )

    def close(self) -> None:
        """End journal and vault."""
        self.journal.close()
        self.vault.close()


def make_pki_bench(
    directory: Path,
    clock: TravelClock | None = None,
    limits: Limits | None = None,
    delay: timedelta = timedelta(),
) -> PkiBench:
    """Create a vault in `directory` with the services of this floor."""
    clock = clock or TravelClock()
    place = Place()
    module = Module()
    module.power_on()
    cost = Argon2Cost(memory_kib=64, iterations=1, lanes=1)
    vault, _ = Vault.create(
        directory, module, MemoryStore(), clock, passphrase="a passphrase for tests", cost=cost
    )
    journal = Journal(vault, clock)
    door = Door(place, clock, journal, vault.transaction, lambda: None)
    owner = Caller.owner(place)
    kms_model, pca_model = aws_model("kms"), aws_model("acm-pca")
    kms = KmsService(vault, module, place, journal, journal)
    door.register(kms_model, kms.operations())
    pairs_model = own_model(data_pairs_model(), PAIRS)
    door.register(pairs_model, kms.region(place.region).pairs.operations())
    kms_client = Client(door, kms_model, owner)
    pairs = Client(door, pairs_model, owner)
    pki = PkiService(
        vault,
        kms_client,
        limits=limits,
        pairs_as=lambda _caller, _region: pairs,
        delay=delay,
    )
    door.register(pca_model, pki.operations())
    shelf = own_model(shelf_model(), SERVICE)
    door.register(shelf, pki.shelf_operations())
    return PkiBench(
        kms_client,
        Client(door, pca_model, owner),
        Client(door, shelf, owner),
        vault,
        journal,
        clock,
        place,
        pki,
        pairs,
    )
