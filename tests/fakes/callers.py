"""Clients that act as somebody else than the vault's owner."""

import json
from typing import Any

from workbench.api.calls import Caller
from workbench.api.client import Client
from workbench.bench import Bench
from workbench.engine import model_of

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"


def allow(*actions: str, resource: str = "*", **condition: Any) -> str:
    """Return an identity policy with one statement."""
    return policy({"Effect": "Allow", "Action": list(actions), "Resource": resource}, **condition)


def policy(*statements: dict[str, Any], **condition: Any) -> str:
    """Return a policy document; a condition is added to each statement."""
    made = [{**one, "Condition": condition} if condition else one for one in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": made})


def user(name: str, *policies: str, account: str = ACCOUNT, **more: Any) -> Caller:
    """Return a user with identity policies of its own."""
    arn = f"arn:aws:iam::{account}:user/{name}"
    return Caller(arn, account, "IAMUser", policies=policies, **more)


def session(role: str, *policies: str, account: str = ACCOUNT, **more: Any) -> Caller:
    """Return a session of a role with identity policies."""
    return Caller(
        f"arn:aws:sts::{account}:assumed-role/{role}/session",
        account,
        "AssumedRole",
        principal=f"arn:aws:iam::{account}:role/{role}",
        policies=policies,
        **more,
    )


def make_people(bench: Bench, *callers: Caller) -> None:
    """Make the users and roles that callers are, so that policies and grants can name them."""
    iam = bench.client("iam", "")
    trust = policy({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
    for caller in callers:
        name = caller.identity.rpartition("/")[2]
        if caller.kind == "IAMUser":
            iam.create_user(UserName=name)
        else:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)


def service(name: str, **more: Any) -> Caller:
    """Return an AWS service that calls on its own behalf."""
    principal = f"{name}.amazonaws.com"
    return Caller(principal, ACCOUNT, "AWSService", invoked_by=principal, **more)


def client_of(bench: Bench, caller: Caller, region: str = "", name: str = "kms") -> Any:
    """Return a client that acts as `caller`."""
    door = bench.client(name, region)._door
    return Client(door, model_of(name), caller)
