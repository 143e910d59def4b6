"""Managed policies in the vault: documents with versions that users, roles and groups are given.

Owns the SQL of table `managed_policies`; values are immutable. Of AWS's own there is the one that
every account uses, `AdministratorAccess`.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final, Self

from workbench.base.identifiers import Place
from workbench.iam.records import Identity, Pairs
from workbench.iam.store import IdentityStore
from workbench.vault.vault import Vault

_RECORDS: Final = "SELECT record FROM managed_policies"
_BORN: Final = datetime(2015, 2, 6, 18, 39, 46, tzinfo=UTC)
_ADMINISTRATOR: Final = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
)


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One text of a managed policy; `number` is the n of its version id `vn`."""

    number: int
    text: str
    created: datetime

    @property
    def id(self) -> str:
        """AWS's version id."""
        return f"v{self.number}"


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A managed policy.

    Attributes:
        arn: its ARN, with its path.
        name: name without path.
        id: AWS's unique id, `ANPA…`.
        path: `/` or `/…/`.
        created: when, UTC.
        updated: when its last version was made, UTC.
        default: number of the version that counts.
        versions: those there are, oldest first.
        newest: the highest number ever given to a version.
        description: free text.
        tags: (key, value) in the order they were set.
    """

    arn: str
    name: str
    id: str
    path: str
    created: datetime
    updated: datetime
    default: int
    versions: tuple[PolicyVersion, ...]
    newest: int = 1
    description: str = ""
    tags: Pairs = ()

    @property
    def account(self) -> str:
        """The twelve-digit account it belongs to; `aws` for AWS's own."""
        return self.arn.split(":", 5)[4]

    @property
    def text(self) -> str:
        """The document that counts."""
        return next(one.text for one in self.versions if one.number == self.default)

    def version(self, version_id: str) -> PolicyVersion | None:
        """Return a version by AWS's id, or None."""
        return next((one for one in self.versions if one.id == version_id), None)

    def to_json(self) -> str:
        """Return its record for the vault."""
        return json.dumps(asdict(self), default=datetime.isoformat, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what `to_json` wrote."""
        record = json.loads(text)
        for name in ("created", "updated"):
            record[name] = datetime.fromisoformat(record[name])
        record["tags"] = tuple((key, value) for key, value in record["tags"])
        record["versions"] = tuple(
            PolicyVersion(one["number"], one["text"], datetime.fromisoformat(one["created"]))
            for one in record["versions"]
        )
        return cls(**record)


class ManagedStore:
    """Reads and writes managed policies.

    Args:
        vault: where they are kept.
        identities: told to forget what follows from them when one changes.
        place: the vault's partition.
    """

    def __init__(self, vault: Vault, identities: IdentityStore, place: Place) -> None:
        self._vault = vault
        self._identities = identities
        arn = f"arn:{place.partition}:iam::aws:policy/AdministratorAccess"
        only = PolicyVersion(1, _ADMINISTRATOR, _BORN)
        made = ManagedPolicy(
            arn, "AdministratorAccess", "ANPAIWMBCKSKIEE64ZLYK", "/", _BORN, _BORN, 1, (only,)
        )
        self.of_aws = {arn: made}

    def policy(self, arn: str) -> ManagedPolicy | None:
        """Return a managed policy by ARN, or None."""
        rows = self._vault.read(f"{_RECORDS} WHERE arn = ?", (arn,))
        return ManagedPolicy.from_json(str(rows[0][0])) if rows else self.of_aws.get(arn)

    def named(self, account: str, name: str) -> ManagedPolicy | None:
        """Return an account's policy by its name, in any letter case, or None."""
        wanted = name.lower()
        return next((one for one in self.policies(account) if one.name.lower() == wanted), None)

    def policies(self, account: str) -> list[ManagedPolicy]:
        """Return an account's own policies by name."""
        found = [ManagedPolicy.from_json(str(row[0])) for row in self._vault.read(_RECORDS)]
        return sorted((one for one in found if one.account == account), key=lambda one: one.name)

    def save(self, policy: ManagedPolicy) -> None:
        """Insert or replace a policy."""
        self._write(
            "INSERT OR REPLACE INTO managed_policies(arn, record) VALUES(?, ?)",
            (policy.arn, policy.to_json()),
        )

    def delete(self, arn: str) -> None:
        """Remove a policy."""
        self._write("DELETE FROM managed_policies WHERE arn = ?", (arn,))

    def policies_of(self, identity: Identity) -> Pairs:
        """Return every policy that counts for a user or role, as (name, JSON text).

        Its own by their names, managed ones by their ARNs; of a user also those of its groups, with
        the group's name before theirs.
        """
        found = self._hanging_on(identity)
        for arn in identity.groups:
            group = self._identities.identity(arn)
            if group is not None:
                found += tuple(
                    (f"{group.name}/{name}", text) for name, text in self._hanging_on(group)
                )
        return found

    def _hanging_on(self, identity: Identity) -> Pairs:
        managed = (self.policy(arn) for arn in identity.attached)
        return identity.policies + tuple((one.arn, one.text) for one in managed if one is not None)

    def _write(self, sql: str, parameters: tuple[str, ...]) -> None:
        with self._vault.transaction() as transaction:
            transaction.execute(sql, parameters)
            transaction.after_commit(self._identities.forget)
