"""What is stored about identities and access keys.

Owns their form in the vault; must not know AWS's answers about them. Values are immutable.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Self

ACTIVE: Final = "Active"
INACTIVE: Final = "Inactive"

Pairs = tuple[tuple[str, str], ...]


class Kind(StrEnum):
    """The kinds of identity, as ARNs name them; nobody acts as a group."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Identity:
    """A user, a role or a group.

    Attributes:
        arn: its ARN, with its path.
        kind: user, role or group.
        name: name without path.
        id: AWS's unique id, `AIDA…`, `AROA…` or `AGPA…`.
        created: when, UTC.
        path: `/` or `/…/`.
        tags: (key, value) in the order they were set.
        policies: inline policies, (name, JSON text), by name.
        trust: a role's trust policy, JSON text.
        description: a role's free text.
        max_session: most seconds a role's session may last.
        last_used: when its credentials last signed a request, or None.
        last_region: where that was.
        attached: ARNs of the managed policies attached to it.
        groups: ARNs of the groups a user is in.
    """

    arn: str
    kind: str
    name: str
    id: str
    created: datetime
    path: str = "/"
    tags: Pairs = ()
    policies: Pairs = ()
    trust: str = ""
    description: str = ""
    max_session: int = 3600
    last_used: datetime | None = None
    last_region: str = ""
    attached: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        """The twelve-digit account it belongs to."""
        return self.arn.split(":", 5)[4]

    def to_json(self) -> str:
        """Return its record for the vault."""
        return _dump(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what `to_json` wrote."""
        record = _load(text)
        for name in ("tags", "policies"):
            record[name] = _pairs(record[name])
        for name in ("attached", "groups"):
            record[name] = tuple(record.get(name, ()))
        return cls(**record)


@dataclass(frozen=True, slots=True)
class Session:
    """What a temporary access key carries.

    Attributes:
        token: session token; a secret.
        expires: when it ends, UTC.
        name: role session name; empty for GetSessionToken's.
        policies: session policies, JSON texts.
        tags: session tags, (key, value), inherited ones included.
        transitive: keys of those that pass to the next role in a chain.
        source_identity: what AssumeRole or an earlier session of the chain set, or empty.
    """

    token: str = field(repr=False)
    expires: datetime
    name: str = ""
    policies: tuple[str, ...] = ()
    tags: Pairs = ()
    transitive: tuple[str, ...] = ()
    source_identity: str = ""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A long-term or temporary access key.

    Attributes:
        id: `AKIA…` or `ASIA…`.
        owner: ARN of the user, role or account root it acts as.
        secret: secret access key.
        created: when, UTC.
        status: Active or Inactive.
        last_used: when it last signed a request, or None.
        last_service: service of that request, as `kms`.
        last_region: Region of that request.
        session: of a temporary key.
    """

    id: str
    owner: str
    secret: str = field(repr=False)
    created: datetime
    status: str = ACTIVE
    last_used: datetime | None = None
    last_service: str = ""
    last_region: str = ""
    session: Session | None = None

    @property
    def account(self) -> str:
        """The twelve-digit account it belongs to."""
        return self.owner.split(":", 5)[4]

    def to_json(self) -> str:
        """Return its record for the vault, without id, owner and secret."""
        record = asdict(self)
        for name in ("id", "owner", "secret"):
            del record[name]
        return _dump(record)

    @classmethod
    def from_row(cls, row: tuple[Any, ...]) -> Self:
        """Return the key of a row (id, owner, secret, record)."""
        key_id, owner, secret, text = row
        record = _load(text)
        session = record.pop("session")
        if session is not None:
            session["expires"] = datetime.fromisoformat(session["expires"])
            session["policies"] = tuple(session["policies"])
            session["tags"] = _pairs(session["tags"])
            session["transitive"] = tuple(session["transitive"])
            session = Session(**session)
        return cls(id=key_id, owner=owner, secret=secret, session=session, **record)


def _pairs(value: list[list[str]]) -> Pairs:
    return tuple((name, text) for name, text in value)


def _dump(record: dict[str, Any]) -> str:
    return json.dumps(record, default=datetime.isoformat, separators=(",", ":"))


def _load(text: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(text)
    for name in ("created", "last_used"):
        if record[name] is not None:
            record[name] = datetime.fromisoformat(record[name])
    return record
