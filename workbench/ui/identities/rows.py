"""What is shown of users, roles and root. Knows neither services nor Qt; values are immutable."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

ROOT: Final = "root"
USER: Final = "user"
ROLE: Final = "role"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class IdentityRow:
    """One identity as the table shows it.

    Attributes:
        arn: its ARN.
        kind: `ROOT`, `USER` or `ROLE`.
        name: without path.
        path: `/` or `/…/`.
        id: AWS's unique id; of root its account.
        created: when; None for root.
        description: a role's.
    """

    arn: str
    kind: str
    name: str
    path: str = "/"
    id: str = ""
    created: datetime | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class Identities:
    """Everybody one may see.

    Attributes:
        rows: root first, then users, then roles, each by name.
        problems: why there may be more.
    """

    rows: tuple[IdentityRow, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AccessKeyRow:
    """A long-term access key; never its secret.

    Attributes:
        id: `AKIA…`.
        active: whether it may sign.
        created: when.
        used: when it last signed, or None.
        where: service and Region of that, in words; empty if never.
    """

    id: str
    active: bool
    created: datetime | None
    used: datetime | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class HeldPolicy:
    """A policy that an identity has from elsewhere.

    Attributes:
        name: its name.
        text: indented JSON.
        arn: of a managed policy; empty for one embedded in a group.
        group: the group it comes from; empty if it is attached to the identity itself.
    """

    name: str
    text: str
    arn: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What hangs on one identity; a part that may not be read is None, and `problems` says why.

    Attributes:
        row: whose.
        policies: inline policies, (name, indented JSON).
        attached: managed policies attached to it.
        through_groups: what a user has from its groups.
        groups: names of a user's groups.
        trust: a role's trust policy, indented; empty for others.
        tags: keys and values, sorted.
        keys: access keys of a user or root.
        used: when a role was last used.
        max_session: most seconds of a role's session; 0 for others.
        organization: of the root's account.
        problems: by the name of the part.
    """

    row: IdentityRow
    policies: Pairs | None = ()
    attached: tuple[HeldPolicy, ...] | None = ()
    through_groups: tuple[HeldPolicy, ...] | None = ()
    groups: tuple[str, ...] | None = ()
    trust: str = ""
    tags: Pairs | None = ()
    keys: tuple[AccessKeyRow, ...] | None = ()
    used: datetime | None = None
    max_session: int = 0
    organization: str = ""
    problems: tuple[tuple[str, str], ...] = ()

    def problem(self, part: str) -> str:
        """Return why a part is missing; empty if it is not."""
        return dict(self.problems).get(part, "")
