"""AWS IAM and AWS STS as one thing the assembly can put behind the doors of every Region."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from workbench.api.calls import Operations
from workbench.base.identifiers import Place
from workbench.iam.access_keys import AccessKeys, root_key
from workbench.iam.attaching import Attachments
from workbench.iam.authorising import IamAuthoriser
from workbench.iam.credentials import Credentials
from workbench.iam.details import Details
from workbench.iam.directory import Directory
from workbench.iam.groups import Groups
from workbench.iam.inline import InlinePolicies
from workbench.iam.managed import ManagedPolicies
from workbench.iam.managed_store import ManagedStore
from workbench.iam.policy.statements import PolicyKind
from workbench.iam.ports import Decider
from workbench.iam.principals import Principals
from workbench.iam.records import AccessKey, Kind
from workbench.iam.roles import Roles
from workbench.iam.simulation import Simulation
from workbench.iam.store import IdentityStore
from workbench.iam.sts import StsService
from workbench.iam.unique_ids import UniqueIds
from workbench.iam.users import Users
from workbench.vault.vault import Vault


class _Part(Protocol):
    """Some of the operations."""

    def operations(self) -> Operations:
        """Return what the door registers."""


class IamService:
    """The `iam` and `sts` services over one vault.

    Args:
        vault: where identities are kept.
        place: the vault's account and partition.
        deciders: by service prefix, as `kms`, who decides about that service's resources; looked
            up when a simulation asks, so that it may be filled later.
        lenient: whether policies may name users and roles that do not exist; see `UniqueIds`.

    Attributes:
        store: users, roles, access keys and the account's organization.
        credentials: who an access key acts as.
        principals: callers made from ARNs.
        ids: principals of stored policies.
        authoriser: decides about the requests of `iam` and `sts` themselves.
    """

    def __init__(
        self,
        vault: Vault,
        place: Place,
        deciders: Mapping[str, Decider],
        *,
        lenient: bool = False,
    ) -> None:
        self._vault = vault
        self._place = place
        self.store = IdentityStore(vault)
        self.ids = UniqueIds(self.store, vault, place, lenient=lenient)
        self.principals = Principals(self.store, place, self.ids)
        managed = ManagedStore(vault, self.store, place)
        self.credentials = Credentials(vault, self.store, self.principals, managed)
        self.authoriser = IamAuthoriser(self.principals, self.credentials)
        directory = Directory(self.store, place)
        self._parts: tuple[_Part, ...] = (
            Users(directory),
            Roles(directory, self.ids),
            Groups(directory),
            *(InlinePolicies(directory, kind) for kind in Kind),
            ManagedPolicies(directory, managed),
            *(Attachments(directory, managed, kind) for kind in Kind),
            AccessKeys(directory, self.credentials),
            Details(directory, self.ids, managed),
            Simulation(self.principals, self.credentials, deciders),
        )
        self._sts = StsService(self.principals)

    def operations(self) -> Operations:
        """Return the operations of botocore's `iam` model that are offered."""
        return {name: op for part in self._parts for name, op in part.operations().items()}

    def sts_operations(self) -> Operations:
        """Return the operations of botocore's `sts` model that are offered."""
        return self._sts.operations()

    def keep_ids(self) -> None:
        """Keep the principals of trust policies by their unique ids, which older versions did not.

        Raises:
            Locked: the vault is locked.
        """
        for arn in self.store.arns().values():
            role = self.store.identity(arn)
            if role is None or role.kind != Kind.ROLE:
                continue
            trust = self.ids.policy_found(role.trust, PolicyKind.TRUST)
            if trust != role.trust:
                self.store.save_identity(replace(role, trust=trust))

    def ensure_root_key(self, moment: datetime) -> AccessKey:
        """Return an active access key of the account root, the same each time.

        Args:
            moment: now, UTC: when it was made, if it has to be.

        Raises:
            Locked: the vault is locked.
            AwsError: LimitExceeded, when root has two keys and both are inactive.
        """
        with self._vault.transaction():
            return root_key(self.store, self._place.iam("root"), moment)
