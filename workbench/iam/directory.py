"""Finding the user, role or group a request names, in the account of whoever asks.

Owns how names become ARNs; a vault may know identities of more accounts than its own.
"""

from typing import Any

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.base.identifiers import Place
from workbench.iam.answers import checked_name, merged_tags, not_offered, whole_second
from workbench.iam.ids import GROUP, ROLE, USER, new_unique_id
from workbench.iam.records import Identity, Kind
from workbench.iam.store import IdentityStore

_QUOTAS = {
    Kind.USER: ("UsersPerAccount", 5000),
    Kind.ROLE: ("RolesPerAccount", 1000),
    Kind.GROUP: ("GroupsPerAccount", 300),
}
_PREFIXES = {Kind.USER: USER, Kind.ROLE: ROLE, Kind.GROUP: GROUP}


def name_member(kind: Kind) -> str:
    """Return what requests call the name of a user, role or group."""
    return f"{kind.capitalize()}Name"


class Directory:
    """Users and roles by name.

    Args:
        store: where they are kept.
        place: whose partition ARNs carry.

    Attributes:
        store: as given.
    """

    def __init__(self, store: IdentityStore, place: Place) -> None:
        self.store = store
        self._place = place

    def arn(self, account: str, resource: str) -> str:
        """Return the IAM ARN of a resource of an account."""
        return f"arn:{self._place.partition}:iam::{account}:{resource}"

    def user(self, name: str, call: Call) -> Identity:
        """Return a user of the caller's account and note it in the journal.

        Raises:
            AwsError: NoSuchEntity.
        """
        return self.find(Kind.USER, name, call)

    def role(self, name: str, call: Call) -> Identity:
        """Return a role of the caller's account; as `user`."""
        return self.find(Kind.ROLE, name, call)

    def find(self, kind: Kind, name: str, call: Call) -> Identity:
        """Return a user or role of the caller's account; as `user`."""
        found = self.store.named(call.caller.account, kind, name)
        if found is None or found.name != name:
            raise AwsError("NoSuchEntity", f"The {kind} with name {name} cannot be found.")
        call.note(found.arn)
        return found

    def new(self, kind: Kind, request: dict[str, Any], call: Call) -> Identity:
        """Return a user or role as a request asks for it, not yet saved.

        Raises:
            AwsError: EntityAlreadyExists, LimitExceeded, ValidationError, InvalidInput.
        """
        not_offered(request, "PermissionsBoundary")
        member = name_member(kind)
        name = checked_name(request[member], member[0].lower() + member[1:])
        account, path = call.caller.account, request.get("Path", "/")
        if self.store.named(account, kind, name) is not None:
            raise AwsError(
                "EntityAlreadyExists", f"{kind.capitalize()} with name {name} already exists."
            )
        quota, most = _QUOTAS[kind]
        if self.store.count(account, kind) >= most:
            raise AwsError("LimitExceeded", f"Cannot exceed quota for {quota}: {most}")
        made = Identity(
            self.arn(account, f"{kind}{path}{name}"),
            kind,
            name,
            new_unique_id(_PREFIXES[kind]),
            whole_second(call.time),
            path,
            merged_tags((), request.get("Tags", ())),
        )
        call.note(made.arn)
        return made
