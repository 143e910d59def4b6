"""Whom the window and the command line act as, kept true while identities change.

Owns the turn from one identity to another. Must not know who offers the choice.
"""

import contextlib
from collections.abc import Callable

from workbench.api.calls import Acting, Caller
from workbench.base.errors import Locked, NotFound, Refused
from workbench.base.identifiers import Place
from workbench.iam.service import IamService


class Standing:
    """One identity that a client stands for, whoever the window acts as; for jobs that go on.

    Args:
        arn: the account root's, a user's, a role's, or a role session's.
        look_up: returns the identity as it is now; raises `NotFound`.
    """

    def __init__(self, arn: str, look_up: Callable[[str], Caller]) -> None:
        self._arn = arn
        self._look_up = look_up

    @property
    def caller(self) -> Caller:
        """The identity as it is now; raises `NotFound` where it is not there any more."""
        return self._look_up(self._arn)


class ActingAs:
    """Turns `acting` to identities of the vault's account.

    What it acts as is read again whenever an identity changes, and at each unlocking: tags and
    organization are then the new ones, and whoever acts as an identity that is gone is root again.

    Args:
        iam: the identities.
        place: the vault's account.

    Attributes:
        acting: what clients look at; root to begin with.
    """

    def __init__(self, iam: IamService, place: Place) -> None:
        self._iam = iam
        self._root = place.iam("root")
        self._known: dict[str, Caller] = {}
        self._before: list[Callable[[], None]] = []
        self.acting = Acting(Caller.owner(place))
        iam.store.on_forget(self._renew)

    def turn_to(self, arn: str) -> None:
        """Act as another identity from now on.

        Args:
            arn: the account root's, a user's, or a role's.

        Raises:
            NotFound: the vault knows no such identity.
            Locked: the vault is locked.
        """
        caller = self._iam.credentials.acting(arn)
        for finish in self._before:
            finish()
        self.acting.caller = caller

    def before_turning(self, finish: Callable[[], None]) -> None:
        """Have what the present identity must finish itself done before another is turned to."""
        self._before.append(finish)

    def standing(self, arn: str) -> Standing:
        """Return one identity of the account as something that clients can act as for good."""
        return Standing(arn, self._caller)

    def organization(self) -> str:
        """Return the organization the account belongs to, or where in it that is; or nothing.

        Raises:
            Locked: the vault is locked.
        """
        return self._iam.store.organization

    def set_organization(self, organization: str) -> None:
        """Say which organization the account belongs to, for conditions such as PrincipalOrgID.

        Args:
            organization: `o-…`, a path `o-…/r-…/ou-…/`, or empty for none.

        Raises:
            Refused: the id has not the form of one, or somebody else than root asks.
            Locked: the vault is locked.
        """
        if self.acting.caller.identity != self._root:
            raise Refused(
                "Only root may say which organization the account belongs to.",
                "Act as root first.",
            )
        self._iam.store.set_organization(organization)

    def _caller(self, arn: str) -> Caller:
        known = self._known
        found = known.get(arn)
        if found is None:
            found = known[arn] = self._iam.credentials.acting(arn)
        return found

    def _renew(self) -> None:
        # A new one: whoever is looking an identity up puts an old one into the old one.
        self._known = {}
        # Locked: there is nothing to read, and unlocking comes here again.
        with contextlib.suppress(Locked):
            try:
                self.turn_to(self.acting.caller.identity)
            except NotFound:
                self.turn_to(self._root)
