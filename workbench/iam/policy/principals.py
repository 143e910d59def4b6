"""The Principal and NotPrincipal elements: who a statement of a resource policy speaks of.

Must not know statements or requests beyond who makes them.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
"""

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Protocol

SERVICE = "AWSService"
ROOT = "Root"
PROVIDED = frozenset({"WebIdentityUser", "SAMLUser"})
"""Kinds whom an identity provider vouches for; like a service they have no policies of their own.
"""

UNIQUE_ID = re.compile(r"(?:AIDA|AROA)[A-Z0-9]{17}(?::[\w+=,.@-]+)?", re.ASCII)
"""What a deleted user, role or session is shown as: `AIDA…`, `AROA…`, `AROA…:session`."""

_ACCOUNT = re.compile(r"[0-9]{12}|arn:[a-z0-9-]+:iam::([0-9]{12}):root")
_NAMED = re.compile(
    r"arn:[a-z0-9-]+:(?:iam::[0-9]{12}:(?:user|role)/[\w+=,.@/!-]+"
    r"|sts::[0-9]{12}:(?:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+))"
    rf"|{UNIQUE_ID.pattern}",
    re.ASCII,
)
_SERVICE = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PROVIDER = re.compile(
    r"arn:[a-z0-9-]+:iam::[0-9]{12}:(?:saml|oidc)-provider/\S+|[A-Za-z0-9.-]+\.[a-z]{2,}(?:/\S*)?"
)
_CANONICAL = re.compile(r"[0-9a-f]{64}")


class BadPrincipal(ValueError):
    """A value is no principal of its kind."""


class Requester(Protocol):
    """Who makes a request; `workbench.api.calls.Caller` is one."""

    @property
    def arn(self) -> str:
        """The principal's own ARN (a session's for an assumed role), or a service's name."""

    @property
    def account(self) -> str:
        """Its account, twelve digits."""

    @property
    def kind(self) -> str:
        """CloudTrail's identity type: Root, IAMUser, AssumedRole, AWSService, …."""

    @property
    def identity(self) -> str:
        """ARN of the user or role whose policies apply; the provider's for a federated login."""


class Reach(IntEnum):
    """How a statement names who asks; the higher, the more it counts for.

    Attributes:
        NONE: not at all.
        ACCOUNT: by the account: its identity policies are to decide.
        IDENTITY: as the role of a session, or as anyone.
        ITSELF: by its own ARN or name, or by the account whose root it is.
    """

    NONE = 0
    ACCOUNT = 1
    IDENTITY = 2
    ITSELF = 3


class Principals:
    """A Principal or NotPrincipal element, read and checked.

    Args:
        element: `*`, or principals by kind: AWS, Service, Federated, CanonicalUser.
        negated: whether it is NotPrincipal.

    Raises:
        BadPrincipal: a value is not of its kind.

    Attributes:
        named: ARNs of users, roles and sessions named; unique ids of those deleted.
        accounts: accounts named.
    """

    __slots__ = ("_everyone", "_federated", "_negated", "_services", "accounts", "named")

    def __init__(self, element: Mapping[str, Sequence[str]] | None, *, negated: bool) -> None:
        values = element or {"AWS": ("*",)}
        self._negated = negated
        aws = values.get("AWS", ())
        self._everyone = "*" in aws
        self.accounts = frozenset(a for a in map(_account, aws) if a)
        self.named = frozenset(_checked(v, _NAMED, "AWS") for v in aws if not _known(v))
        services = values.get("Service", ())
        self._services = frozenset(_checked(v, _SERVICE, "Service").lower() for v in services)
        federated = [_checked(v, _PROVIDER, "Federated") for v in values.get("Federated", ())]
        canonical = values.get("CanonicalUser", ())
        users = [_checked(v, _CANONICAL, "CanonicalUser") for v in canonical]
        self._federated = frozenset(federated + users)

    def reach(self, who: Requester) -> Reach:
        """Return how the element names `who`."""
        if self._negated:
            return Reach.NONE if self._spares(who) else Reach.ITSELF
        if who.kind == SERVICE or who.kind in PROVIDED:
            named = self._everyone or self._outsider(who)
            return Reach.ITSELF if named else Reach.NONE
        if who.arn in self.named or who.identity in self._federated:
            return Reach.ITSELF
        if self._everyone or who.identity in self.named:
            return Reach.IDENTITY
        if who.account not in self.accounts:
            return Reach.NONE
        return Reach.ITSELF if who.kind == ROOT else Reach.ACCOUNT

    def _outsider(self, who: Requester) -> bool:
        """Return whether a service, or an identity provider's user, is listed."""
        if who.kind == SERVICE:
            return who.arn.lower() in self._services
        return who.identity in self._federated

    def _spares(self, who: Requester) -> bool:
        """Return whether NotPrincipal lists all that `who` is: account, identity and session."""
        if self._everyone:
            return True
        if who.kind == SERVICE or who.kind in PROVIDED:
            return self._outsider(who)
        if who.account not in self.accounts:
            return False
        return who.kind == ROOT or (who.arn in self.named and who.identity in self.named)


def _known(value: str) -> bool:
    return value == "*" or bool(_account(value))


def _account(value: str) -> str:
    found = _ACCOUNT.fullmatch(value)
    return (found[1] or found[0]) if found else ""


def _checked(value: str, pattern: re.Pattern[str], kind: str) -> str:
    if not pattern.fullmatch(value):
        raise BadPrincipal(f"“{value}” is no principal of kind {kind}")
    return value
