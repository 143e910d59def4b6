"""The KMS service as one thing the assembly can put behind a door."""

from collections.abc import Callable

from workbench.api.calls import Operations
from workbench.api.door import Recorder
from workbench.base.identifiers import Place
from workbench.hsm.module import Module
from workbench.kms.encryption import Encryption
from workbench.kms.keys import Keys
from workbench.kms.login import Login
from workbench.kms.lookup import Finder
from workbench.kms.replicas import Replicas
from workbench.kms.rotation import Rotations
from workbench.kms.signatures import Signatures
from workbench.kms.store import Stores
from workbench.kms.tags import Names
from workbench.kms.worker import Worker
from workbench.vault.vault import Vault


class RegionalKms:
    """AWS KMS in one Region.

    Attributes:
        finder: finds its keys.
        rotations: its keys' material over time.
    """

    def __init__(self, stores: Stores, hsm: Login, place: Place, wake: Callable[[], None]) -> None:
        self.finder = Finder(stores, place)
        self.rotations = Rotations(self.finder, hsm, wake)
        self._parts = (
            Keys(self.finder, hsm),
            Names(self.finder),
            Encryption(self.finder, hsm),
            Signatures(self.finder, hsm),
            self.rotations,
            Replicas(self.finder, wake),
        )

    def operations(self) -> Operations:
        """Return every operation for the door."""
        return {name: op for part in self._parts for name, op in part.operations().items()}


class KmsService:
    """AWS KMS over one vault and one module, in as many Regions as are asked for.

    Args:
        vault: where records are kept.
        module: the HSM module; KMS logs in to it as user.
        place: partition and account of ARNs; its Region is the one a vault's owner works in.
        recorder: the journal, for what happens without a request.
        wake: has `worker.run_due` called soon, after the transaction that asked for it.
    """

    def __init__(
        self,
        vault: Vault,
        module: Module,
        place: Place,
        recorder: Recorder,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._stores = Stores(vault)
        self._hsm = Login(module, vault)
        self._place = place
        self._vault = vault
        self._wake = wake
        self._regions: dict[str, RegionalKms] = {}
        self.worker = Worker(
            vault, self._stores, lambda name: self.region(name).rotations, recorder, place
        )

    def region(self, name: str) -> RegionalKms:
        """Return the service of a Region."""
        found = self._regions.get(name)
        if found is None:
            place = self._place.elsewhere(name)
            made = RegionalKms(self._stores, self._hsm, place, self._soon)
            found = self._regions.setdefault(name, made)
        return found

    def _soon(self) -> None:
        """Wake the worker once the transaction that is open has committed."""
        with self._vault.transaction() as transaction:
            transaction.after_commit(self._wake)

    def operations(self) -> Operations:
        """Return every operation of the owner's Region for the door."""
        return self.region(self._place.region).operations()
