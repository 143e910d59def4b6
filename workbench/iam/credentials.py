"""Who an access key acts as, and which policies an identity has: what each request asks.

Owns callers made from access keys, cached until an identity changes or the vault locks, and when
keys were last used. Must not know signatures: the wire compares them.
"""

import contextlib
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar

from workbench.api.calls import Caller
from workbench.base.errors import EnvironmentFault
from workbench.iam.managed_store import ManagedStore
from workbench.iam.principals import Principals
from workbench.iam.records import ACTIVE, AccessKey, Kind, Pairs
from workbench.iam.store import IdentityStore
from workbench.vault.vault import Vault

_MOST_CACHED: Final = 50_000
_BETWEEN_WRITES: Final = timedelta(minutes=1)

T = TypeVar("T")
Use = tuple[str, str, datetime, str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """An access key that may sign.

    Attributes:
        secret: secret access key.
        caller: whom it acts as.
        session_token: what a temporary key's requests must carry, else empty; compare it in
            constant time.
        expires: when a temporary key ends, UTC; it may have passed. None for others.
    """

    secret: str = field(repr=False)
    caller: Caller
    session_token: str = field(default="", repr=False)
    expires: datetime | None = None


class Credentials:
    """Answers for access keys and identities. Thread-safe.

    Args:
        vault: writes the last uses before it locks.
        store: identities and access keys.
        principals: makes callers.
        managed: managed policies.
    """

    def __init__(
        self, vault: Vault, store: IdentityStore, principals: Principals, managed: ManagedStore
    ) -> None:
        self._vault = vault
        self._managed = managed
        self._store = store
        self._principals = principals
        self._found: dict[str, Found] = {}
        self._policies: dict[str, Pairs] = {}
        self._uses: dict[str, Use] = {}
        self._lock = threading.Lock()
        self._written: datetime | None = None
        store.on_forget(self._forget)
        vault.before_lock(self.write_uses)

    def find(self, access_key_id: str) -> Found | None:
        """Return an access key by its id; None if there is none, or it is inactive.

        Raises:
            Locked: the vault is locked.
        """
        cache = self._found
        try:
            return cache[access_key_id]
        except KeyError:
            found = self._find(access_key_id)
            # Ids nobody was given are not kept: whoever guesses could fill the memory with them.
            if found is not None:
                self._keep(cache, access_key_id, found)
            return found

    def policies_of(self, arn: str) -> Pairs:
        """Return what counts for a user or role as (name, JSON text); nothing if unknown.

        See `ManagedStore.policies_of`.

        Raises:
            Locked: the vault is locked.
        """
        cache = self._policies
        try:
            return cache[arn]
        except KeyError:
            identity = self._store.identity(arn)
            policies = () if identity is None else self._managed.policies_of(identity)
            self._keep(cache, arn, policies)
            return policies

    def policies_for(self, caller: Caller) -> Pairs:
        """Return the identity policies of a caller: those it brings along, or its identity's."""
        if caller.policies is None:
            return self.policies_of(caller.identity)
        return tuple((f"policy {n}", text) for n, text in enumerate(caller.policies, start=1))

    def acting(self, arn: str) -> Caller:
        """Return who a person at the window acts as: root, a user, or a session of a role.

        Raises:
            NotFound: the vault knows no such identity.
        """
        return self._principals.acting(arn)

    def used(self, access_key_id: str, moment: datetime, service: str, region: str) -> None:
        """Note that a key signed a request; written to the vault once a minute at most.

        Raises:
            Locked: the vault is locked.
        """
        key = self._store.access_key(access_key_id)
        if key is None:
            return
        with self._lock:
            self._uses[access_key_id] = (access_key_id, key.owner, moment, service, region)
            written = self._written
            if written is not None and abs(moment - written) < _BETWEEN_WRITES:
                return
            self._written = moment
        # A full disk must not refuse a request that writes nothing; the journal will tell of it.
        with contextlib.suppress(EnvironmentFault):
            self.write_uses()

    def last_use(self, key: AccessKey) -> tuple[datetime | None, str, str]:
        """Return when, for which service and in which Region a key last signed a request."""
        with self._lock:
            use = self._uses.get(key.id)
        if use is not None:
            return use[2:]
        return key.last_used, key.last_service, key.last_region

    def write_uses(self) -> None:
        """Write the uses noted since the last time.

        Raises:
            Locked, EnvironmentFault: the vault could not be written; they are forgotten.
        """
        with self._lock:
            uses, self._uses = self._uses, {}
        if uses:
            self._store.note_uses(uses.values())

    def _find(self, access_key_id: str) -> Found | None:
        key = self._store.access_key(access_key_id)
        if key is None or key.status != ACTIVE:
            return None
        caller = self._caller(key)
        if caller is None:
            return None
        if key.session is None:
            return Found(key.secret, caller)
        return Found(key.secret, caller, key.session.token, key.session.expires)

    def _caller(self, key: AccessKey) -> Caller | None:
        if key.owner.endswith(":root"):
            return self._principals.root(key.owner, key.id)
        identity = self._store.identity(key.owner)
        if identity is None:
            return None
        if identity.kind == Kind.USER:
            return self._principals.user(identity, key.id)
        if key.session is None:
            return None
        session = key.session
        return self._principals.session(
            identity,
            session.name,
            tags=session.tags,
            policies=session.policies,
            access_key_id=key.id,
        )

    def _forget(self) -> None:
        self._found, self._policies = {}, {}

    def _keep(self, cache: dict[str, T], name: str, value: T) -> None:
        if self._vault.in_transaction:  # what it read may yet be rolled back
            return
        if len(cache) >= _MOST_CACHED:
            cache.clear()
        cache[name] = value
