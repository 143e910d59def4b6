"""IAM and STS behind a door of their own, over a real vault, with events kept in a list."""

import json
from typing import Any

from botocore.validate import ParamValidator

from workbench.api.calls import IN_PROCESS, Caller
from workbench.api.client import Client
from workbench.api.door import Door
from workbench.api.events import Event
from workbench.api.models import aws_model
from workbench.base.clock import TravelClock
from workbench.base.identifiers import Place
from workbench.iam.ports import Decider
from workbench.iam.service import IamService
from workbench.vault.vault import Vault

ACCOUNT = "111122223333"
OTHER = "444455556666"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


class StrictDoor(Door):
    """A door whose answers have the members and types of the service model."""

    def call(
        self,
        service: str,
        name: str,
        request: dict[str, Any],
        caller: Caller,
        agent: str = IN_PROCESS,
    ) -> tuple[dict[str, Any], str]:
        answer, request_id = super().call(service, name, request, caller, agent)
        shape = aws_model(service).operation_model(name).output_shape
        if shape is None:
            assert answer == {}
        else:
            report = ParamValidator().validate(answer, shape).generate_report().splitlines()
            # AWS's answers about root do not keep to the model either: no name, a short id.
            of_root = ("Missing required", "Invalid length for parameter User.UserId")
            assert [line for line in report if not line.startswith(of_root)] == []
        return answer, request_id


class House:
    """An account, its door and its identities.

    Attributes:
        events: what was journalled.
        deciders: who decides about other services' resources.
        iam: the service.
        root: boto3-shaped IAM client of the account root.
    """

    def __init__(self, vault: Vault, clock: TravelClock) -> None:
        self.vault = vault
        self.clock = clock
        self.events: list[Event] = []
        self.deciders: dict[str, Decider] = {}
        self.iam = IamService(vault, Place(), self.deciders)
        self.door = StrictDoor(Place(), clock, self, vault.transaction, lambda: None)
        for service, operations in (
            ("iam", self.iam.operations()),
            ("sts", self.iam.sts_operations()),
        ):
            self.door.register(aws_model(service), operations, self.iam.authoriser)
        self.root = self.client("iam", Caller.owner(Place()))

    def record(self, event: Event, *, durable: bool) -> None:
        del durable
        self.events.append(event)

    def client(self, service: str, caller: Caller) -> Any:
        """Return a client of `iam` or `sts`."""
        return Client(self.door, aws_model(service), caller)

    def signed(self, service: str, credentials: dict[str, Any]) -> Any:
        """Return a client of whoever holds an access key, as the wire would make it."""
        found = self.iam.credentials.find(credentials["AccessKeyId"])
        assert found is not None
        assert found.secret == credentials["SecretAccessKey"]
        assert found.session_token == credentials.get("SessionToken", "")
        return self.client(service, found.caller)

    def user(self, name: str, *statements: dict[str, Any], **request: Any) -> Caller:
        """Make a user with an inline policy of `statements` and return it."""
        arn = self.root.create_user(UserName=name, **request)["User"]["Arn"]
        if statements:
            self.root.put_user_policy(
                UserName=name, PolicyName="own", PolicyDocument=policy(*statements)
            )
        return self.iam.credentials.acting(arn)

    def role(
        self, name: str, trusted: dict[str, Any], *statements: dict[str, Any], **request: Any
    ) -> str:
        """Make a role that a principal may assume and return its ARN."""
        arn: str = self.root.create_role(
            RoleName=name, AssumeRolePolicyDocument=trust(trusted), **request
        )["Role"]["Arn"]
        if statements:
            self.root.put_role_policy(
                RoleName=name, PolicyName="own", PolicyDocument=policy(*statements)
            )
        return arn


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document; each statement allows unless it says otherwise."""
    made = [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": made})


def trust(
    principal: dict[str, Any], action: str | list[str] = "sts:AssumeRole", **more: Any
) -> str:
    """Return a trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
