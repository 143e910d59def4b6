"""The KMS service as one thing the assembly can put behind the door."""

from workbench.api.calls import Operations
from workbench.api.door import Recorder
from workbench.base.identifiers import Place
from workbench.hsm.module import Module
from workbench.kms.encryption import Encryption
from workbench.kms.keys import Keys
from workbench.kms.login import Login
from workbench.kms.lookup import Finder
from workbench.kms.rotation import Rotations
from workbench.kms.signatures import Signatures
from workbench.kms.store import KeyStore
from workbench.kms.tags import Names
from workbench.kms.worker import Worker
from workbench.vault.vault import Vault


class KmsService:
    """AWS KMS over one vault and one module.

    Args:
        vault: where records are kept.
        module: the HSM module; KMS logs in to it as user.
        place: partition, account and Region of ARNs.
        recorder: the journal, for what happens without a request.
    """

    def __init__(self, vault: Vault, module: Module, place: Place, recorder: Recorder) -> None:
        store = KeyStore(vault)
        hsm = Login(module, vault)
        finder = Finder(store, place)
        rotations = Rotations(finder, hsm)
        self._parts = (
            Keys(finder, hsm),
            Names(finder),
            Encryption(finder, hsm),
            Signatures(finder, hsm),
            rotations,
        )
        self.worker = Worker(vault, store, rotations, recorder, place)

    def operations(self) -> Operations:
        """Return every operation for the door."""
        return {name: op for part in self._parts for name, op in part.operations().items()}
