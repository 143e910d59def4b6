"""Users and roles in stored policies and grants, kept by their unique ids as AWS keeps them.

A policy is given and shown with ARNs and kept with ids. Once a user or role is deleted its id is
shown, which nobody has any more: whoever is made anew under the old name has another and is not
trusted. Only principals that the vault can know are exchanged; those of other accounts, services
and identity providers are kept as they are written, for nobody here can say whether they exist.

Source: IAM User Guide, "AWS JSON policy elements: Principal" (IAM role principals, IAM user
principals) and "IAM identifiers: Unique identifiers".
"""

import re
from typing import Final

from workbench.base.identifiers import Place
from workbench.iam.ids import PREFIXES
from workbench.iam.policy.documents import MalformedPolicy, PolicyKind, parse_policy
from workbench.iam.policy.principals import UNIQUE_ID
from workbench.iam.policy.renaming import renamed
from workbench.iam.records import Kind
from workbench.iam.store import IdentityStore
from workbench.vault.caching import cached
from workbench.vault.vault import Vault

_IDENTITY: Final = re.compile(r"arn:[a-z0-9-]+:iam::([0-9]{12}):(?:user|role)/.+")
_SESSION: Final = re.compile(r"arn:[a-z0-9-]+:sts::([0-9]{12}):assumed-role/([^/]+)/([^/]+)")


class UnknownPrincipal(Exception):
    """A principal of the vault's own account does not exist.

    Args:
        name: as it was given.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def next_step(self) -> str:
        """What to do about it."""
        if UNIQUE_ID.fullmatch(self.name):
            return (
                f"{self.name} is the unique id of a user or role that was deleted, or of none: "
                "take it out, or name whoever is meant by ARN."
            )
        return f"There is no {self.name}: create the user or role first, or correct its name."


class AsWritten:
    """Keeps principals as they are written, where nothing is known of users and roles."""

    def kept(self, name: str) -> str:
        """Return what a principal is kept as.

        Args:
            name: an ARN or whatever else a policy may name.

        Raises:
            UnknownPrincipal: the vault's own account has no such user or role.
        """
        return name

    def found(self, name: str) -> str:
        """Return what a principal is kept as if it exists, else the name."""
        return name

    def shown(self, name: str) -> str:
        """Return the ARN of whom a kept principal is, or the id of one that was deleted."""
        return name

    def policy_kept(self, text: str) -> str:
        """Return a valid policy as it is kept; raises as `kept`."""
        return text

    def policy_found(self, text: str, kind: PolicyKind) -> str:
        """Return a policy as it is kept, unknown principals, and no policy, as they are written."""
        del kind
        return text

    def policy_shown(self, text: str) -> str:
        """Return a kept policy as it is shown and evaluated."""
        return text


class UniqueIds(AsWritten):
    """Exchanges ARNs and unique ids. Thread-safe.

    Args:
        store: the identities.
        vault: where they are kept.
        place: the vault's account.
        lenient: whether users and roles of it that do not exist are kept as they are written, and
            trusted by name once they do. For vaults that are thrown away only.
    """

    def __init__(
        self, store: IdentityStore, vault: Vault, place: Place, *, lenient: bool = False
    ) -> None:
        self._store = store
        self._vault = vault
        self._place = place
        self._lenient = lenient
        self._policies: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._arns: list[dict[str, str]] = []
        store.on_forget(self._forget)

    def kept(self, name: str) -> str:
        """As `AsWritten.kept`."""
        kept = self.found(name)
        if kept != name or self._lenient or not self._is_ours(name):
            return kept
        if self.shown(name) == name:
            raise UnknownPrincipal(name)
        return name  # a unique id that somebody has

    def found(self, name: str) -> str:
        """As `AsWritten.found`."""
        return cached(self._vault, self._names, name, self._read)

    def _read(self, name: str) -> str:
        session = _SESSION.fullmatch(name)
        if session is not None:
            account, role_name, session_name = session.groups()
            role = self._store.named(account, Kind.ROLE, role_name)
            if role is None or role.name != role_name:
                return name
            return f"{role.id}:{session_name}"
        if not _IDENTITY.fullmatch(name):
            return name
        identity = self._store.identity(name)
        return name if identity is None else identity.id

    def shown(self, name: str) -> str:
        """As `AsWritten.shown`."""
        if not UNIQUE_ID.fullmatch(name):
            return name
        unique, _, session = name.partition(":")
        arn = self._known().get(unique)
        if arn is None:
            return name
        if not session:
            return arn
        _, partition, _, _, account, resource = arn.split(":", 5)
        role = resource.rpartition("/")[2]
        return f"arn:{partition}:sts::{account}:assumed-role/{role}/{session}"

    def policy_kept(self, text: str) -> str:
        """As `AsWritten.policy_kept`."""
        return renamed(text, self.kept)

    def policy_found(self, text: str, kind: PolicyKind) -> str:
        """As `AsWritten.policy_found`."""
        try:
            parse_policy(text, kind)
        except MalformedPolicy:
            return text
        return renamed(text, self.found)

    def policy_shown(self, text: str) -> str:
        """As `AsWritten.policy_shown`; the same object until an identity changes."""
        return cached(self._vault, self._policies, text, self._show)

    def _show(self, text: str) -> str:
        return renamed(text, self.shown) if any(map(text.__contains__, PREFIXES)) else text

    def _known(self) -> dict[str, str]:
        """Return the ARNs of all users and roles by their unique ids."""
        if self._vault.in_transaction:
            return self._store.arns()
        # A new list after each change: whoever read old ones meanwhile keeps them in the old list.
        kept = self._arns
        if not kept:
            kept.append(self._store.arns())
        return kept[0]

    def _is_ours(self, name: str) -> bool:
        """Whether a name that stands for nobody should stand for somebody of the own account."""
        if UNIQUE_ID.fullmatch(name):
            return True
        match = _IDENTITY.fullmatch(name) or _SESSION.fullmatch(name)
        return match is not None and match[1] == self._place.account

    def _forget(self) -> None:
        self._policies, self._names, self._arns = {}, {}, []
