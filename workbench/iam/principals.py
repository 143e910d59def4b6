"""Callers made from ARNs: of users, roles and their sessions, account roots, AWS services.

Owns which forms of principal there are and how a stored identity becomes a `Caller`. Source: IAM
User Guide, "AWS JSON policy elements: Principal".
"""

import re
from dataclasses import dataclass
from typing import Final

from workbench.api.calls import Caller
from workbench.base.errors import NotFound
from workbench.base.identifiers import Place
from workbench.iam.records import Identity, Kind, Pairs
from workbench.iam.store import IdentityStore
from workbench.iam.unique_ids import UniqueIds

SESSION: Final = "workbench"
"""Name of the role session a person at the window acts in."""

_IAM: Final = re.compile(
    r"arn:(aws[a-z-]*):iam::([0-9]{12}):(root|(user|role)/(?:[^*?]+/)?([^/*?]+))"
)
_STS: Final = re.compile(r"arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role/([^/*?]+)/([^/*?]+)")
_SERVICE: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?")
_ACCOUNT: Final = re.compile(r"[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Principals:
    """Makes callers.

    Attributes:
        store: the identities.
        place: the vault's account.
        ids: principals of stored policies.
    """

    store: IdentityStore
    place: Place
    ids: UniqueIds

    def organization(self, account: str) -> str:
        """Return the organization of the vault's account; that of others is not known."""
        return self._membership(account).partition("/")[0]

    def organization_path(self, account: str) -> str:
        """Return where in its organization the vault's account is; empty if that is not known."""
        found = self._membership(account)
        return found if "/" in found else ""

    def _membership(self, account: str) -> str:
        return self.store.organization if account == self.place.account else ""

    def user_id(self, caller: Caller) -> str:
        """Return what aws:userid and GetCallerIdentity tell of a caller.

        The unique id of a user, that of a role and the session's name, or the root's account;
        names stand for ids that the vault does not know.
        """
        if caller.kind == "Root":
            return caller.account
        identity = self.store.identity(caller.identity)
        unique = caller.identity.rpartition("/")[2] if identity is None else identity.id
        if caller.kind != "AssumedRole":
            return unique
        return f"{unique}:{caller.arn.rpartition('/')[2]}"

    def root(self, arn: str, access_key_id: str = "") -> Caller:
        """Return an account's root."""
        account = arn.split(":", 5)[4]
        return Caller(
            arn,
            account,
            organization=self.organization(account),
            access_key_id=access_key_id,
        )

    def user(self, user: Identity, access_key_id: str = "") -> Caller:
        """Return a user."""
        return Caller(
            user.arn,
            user.account,
            "IAMUser",
            tags=user.tags,
            organization=self.organization(user.account),
            access_key_id=access_key_id,
        )

    def session(
        self,
        role: Identity,
        name: str,
        *,
        tags: Pairs = (),
        policies: tuple[str, ...] = (),
        access_key_id: str = "",
    ) -> Caller:
        """Return a session of a role; its tags hide the role's of the same key."""
        partition = role.arn.split(":", 2)[1]
        return Caller(
            f"arn:{partition}:sts::{role.account}:assumed-role/{role.name}/{name}",
            role.account,
            "AssumedRole",
            principal=role.arn,
            session_policies=policies,
            tags=with_session_tags(role.tags, tags),
            organization=self.organization(role.account),
            access_key_id=access_key_id,
        )

    def acting(self, arn: str) -> Caller:
        """Return who a person at the window acts as: root, a user, or a session of a role.

        Args:
            arn: the account root's, a user's, a role's, or that of a session of a role.

        Raises:
            NotFound: the vault knows no such identity.
        """
        if arn == self.place.iam("root"):
            return self.root(arn)
        session = _STS.fullmatch(arn)
        if session is not None:
            _, account, role, name = session.groups()
            found = self.store.named(account, Kind.ROLE, role)
            if found is not None:
                return self.session(found, name)
        identity = self.store.identity(arn)
        if identity is None or identity.kind == Kind.GROUP:
            raise NotFound(
                f"There is no user or role {arn}.", "Choose one of the account's users and roles."
            )
        return self.of(identity)

    def of(self, identity: Identity) -> Caller:
        """Return a user, or a session of a role."""
        return (
            self.user(identity) if identity.kind == Kind.USER else self.session(identity, SESSION)
        )

    def named(self, arn: str) -> Caller | None:
        """Return whoever a principal's name means, known to the vault or not; None if no one.

        Args:
            arn: ARN of a root, user, role or role session, a 12-digit account, or the name of an
                AWS service, as `ec2.amazonaws.com`.
        """
        if _SERVICE.fullmatch(arn):
            return Caller(arn, self.place.account, "AWSService")
        if _ACCOUNT.fullmatch(arn):
            return self.root(f"arn:{self.place.partition}:iam::{arn}:root")
        session, identity = _STS.fullmatch(arn), _IAM.fullmatch(arn)
        if session is not None:
            return self._named_session(arn, session)
        return None if identity is None else self._named_identity(arn, identity)

    def _named_identity(self, arn: str, match: re.Match[str]) -> Caller:
        partition, account, resource, kind, name = match.groups()
        if resource == "root":
            return self.root(arn)
        identity = self.store.identity(arn)
        if identity is not None:
            return self.of(identity)
        organization = self.organization(account)
        if kind == Kind.USER:
            return Caller(arn, account, "IAMUser", organization=organization)
        sts = f"arn:{partition}:sts::{account}:assumed-role/{name}/{SESSION}"
        return Caller(sts, account, "AssumedRole", principal=arn, organization=organization)

    def _named_session(self, arn: str, match: re.Match[str]) -> Caller:
        partition, account, name, session = match.groups()
        role = self.store.named(account, Kind.ROLE, name)
        if role is not None:
            return self.session(role, session)
        principal = f"arn:{partition}:iam::{account}:role/{name}"
        organization = self.organization(account)
        return Caller(arn, account, "AssumedRole", principal=principal, organization=organization)


def with_session_tags(tags: Pairs, session: Pairs) -> Pairs:
    """Return a role's tags with a session's over them; tag keys are not case sensitive."""
    if not session:
        return tags
    hidden = {key.lower() for key, _ in session}
    return (*(tag for tag in tags if tag[0].lower() not in hidden), *session)
