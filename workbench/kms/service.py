"""The KMS service as one thing the assembly can put behind a door."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from workbench.api.calls import Operations
from workbench.api.door import Recorder
from workbench.base.clock import Clock, SystemClock
from workbench.base.identifiers import Place
from workbench.hsm.module import Module
from workbench.iam.policy.statements import PolicyKind
from workbench.iam.unique_ids import AsWritten
from workbench.kms.authorising import KmsAuthoriser, PoliciesOf
from workbench.kms.conditions import Nobody, People
from workbench.kms.data_pairs import DataPairs, DecryptAuthoriser
from workbench.kms.encryption import Encryption
from workbench.kms.grant_store import GrantStore
from workbench.kms.grants import Grants
from workbench.kms.importing import Imports
from workbench.kms.key_policies import KeyPolicies
from workbench.kms.key_store_backends import Backends
from workbench.kms.key_store_keys import StoreKeys
from workbench.kms.key_store_worker import KeyStoreWorker
from workbench.kms.key_stores import CustomKeyStores
from workbench.kms.keys import Keys
from workbench.kms.last_use import History, LastUse
from workbench.kms.limits import Limits
from workbench.kms.login import Login
from workbench.kms.lookup import Finder
from workbench.kms.managed import ManagedKeys
from workbench.kms.replicas import Replicas
from workbench.kms.rotation import Rotations
from workbench.kms.signatures import Signatures
from workbench.kms.store import Stores
from workbench.kms.tags import Names
from workbench.kms.worker import Worker
from workbench.vault.vault import Vault

SLOW_OPERATIONS: Final = frozenset(
    {
        "CreateKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GetParametersForImport",
        "ImportKeyMaterial",
    }
)
"""Operations that may make or check an RSA pair, which takes up to seconds of one core."""


def _no_policies(arn: str) -> tuple[tuple[str, str], ...]:
    del arn
    return ()


@dataclass(frozen=True)
class Options:
    """What a KMS may be given besides its vault.

    Attributes:
        policies_of: the identity policies of an ARN; without, only key policies and grants count.
        ids: the principals that policies and grants name; as written, without identities.
        clock: the time at which policies are tried out.
        people: knows unique ids and organizations.
        backends: what stands behind custom key stores, by type.
        limits: quotas.
        delay: how long Creating, Updating and a rotation on demand take at least.
    """

    policies_of: PoliciesOf = _no_policies
    ids: AsWritten = field(default_factory=AsWritten)
    clock: Clock = field(default_factory=SystemClock)
    people: People = field(default_factory=Nobody)
    backends: Backends = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    delay: timedelta = timedelta()


@dataclass(frozen=True)
class Surroundings:
    """What the Regions of one vault's KMS share.

    Attributes:
        vault: where records are kept.
        stores: the keys of all Regions.
        hsm: the session at the HSM module.
        history: what happened before.
        wake: has the background worker look at what is due, soon.
        options: the rest.
    """

    vault: Vault
    stores: Stores
    hsm: Login
    history: History
    wake: Callable[[], None]
    options: Options


class RegionalKms:
    """AWS KMS in one Region.

    Attributes:
        finder: finds its keys.
        rotations: its keys' material over time.
        authoriser: decides who may do what with its keys.
        pairs: uses data key pairs by their ciphertexts.
        pair_authoriser: decides who may: whoever may decrypt them.
    """

    def __init__(self, around: Surroundings, place: Place) -> None:
        hsm, wake, options = around.hsm, around.wake, around.options
        self.finder = Finder(around.stores, place)
        self.rotations = Rotations(self.finder, hsm, wake)
        grants = GrantStore(around.vault, place.region, options.ids)
        self.authoriser = KmsAuthoriser(
            self.finder,
            grants,
            options.policies_of,
            options.ids,
            options.clock,
            options.people,
            ManagedKeys(self.finder, hsm, around.vault).ensure,
        )
        policies = KeyPolicies(self.authoriser.would_allow, options.limits, options.ids)
        store_keys = StoreKeys(self.finder, hsm, options.backends)
        encryption = Encryption(self.finder, hsm, store_keys)
        self.pairs = DataPairs(encryption, hsm, place)
        self.pair_authoriser = DecryptAuthoriser(self.authoriser)
        self._parts = (
            Keys(self.finder, hsm, policies, store_keys),
            Names(self.finder, policies),
            Grants(self.finder, grants, options.ids),
            encryption,
            Signatures(self.finder, hsm),
            self.rotations,
            Imports(self.finder, hsm),
            Replicas(self.finder, policies, wake),
            CustomKeyStores(self.finder, options.backends, wake),
            LastUse(self.finder, around.history),
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
        history: the journal, for what happened before.
        wake: has `worker.run_due` called soon, after the transaction that asked for it.
        options: quotas and what else may be given.
    """

    def __init__(
        self,
        vault: Vault,
        module: Module,
        place: Place,
        recorder: Recorder,
        history: History,
        wake: Callable[[], None] = lambda: None,
        options: Options | None = None,
    ) -> None:
        self._vault = vault
        self._place = place
        self._wake = wake
        given = options or Options()
        stores = Stores(vault, given.limits)
        self._around = Surroundings(vault, stores, Login(module, vault), history, self._soon, given)
        self._regions: dict[str, RegionalKms] = {}
        self.worker = Worker(
            vault,
            stores,
            lambda name: self.region(name).rotations,
            recorder,
            place,
            KeyStoreWorker(vault, stores, given.backends),
            given.delay,
        )
        stores.on_expiry(self.worker.run_one)

    def regions(self) -> list[str]:
        """Return the Regions that have keys, in order."""
        return self._around.stores.regions()

    def region(self, name: str) -> RegionalKms:
        """Return the service of a Region."""
        found = self._regions.get(name)
        if found is None:
            made = RegionalKms(self._around, self._place.elsewhere(name))
            found = self._regions.setdefault(name, made)
        return found

    def _soon(self) -> None:
        """Wake the worker once the transaction that is open has committed."""
        with self._vault.transaction() as transaction:
            transaction.after_commit(self._wake)

    def keep_ids(self) -> None:
        """Keep the principals of policies and grants by unique ids, which older versions did not.

        Raises:
            Locked: the vault is locked.
        """
        ids, stores = self._around.options.ids, self._around.stores
        for region, record in stores.with_people():
            policy = ids.policy_found(record.policy, PolicyKind.RESOURCE)
            if policy != record.policy:
                stores.region(region).save_key(replace(record, policy=policy))
        for (region,) in self._vault.read("SELECT DISTINCT region FROM grants"):
            GrantStore(self._vault, str(region), ids).keep_ids()

    def operations(self) -> Operations:
        """Return every operation of the owner's Region for the door."""
        return self.region(self._place.region).operations()
