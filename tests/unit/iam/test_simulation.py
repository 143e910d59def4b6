"""Who may do what, asked without doing it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.identities import ACCOUNT, OTHER, ROOT, House, policy
from workbench.api.calls import Caller
from workbench.iam.policy.decisions import Decision
from workbench.iam.policy.documents import PolicyKind, parse_policy
from workbench.iam.policy.evaluate import Request, Source, evaluate, grant_match

KEY = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
DECRYPT = {"Action": "kms:Decrypt"}


def key_policy(*statements: dict[str, Any]) -> str:
    return policy(*statements)


class OneKey:
    """Decides as a service would: by the key's own policy, or a grant to one principal."""

    def __init__(self, house: House, text: str, grantee: str = "") -> None:
        self._policies_for = house.iam.credentials.policies_for
        self._policy = parse_policy(text, PolicyKind.RESOURCE)
        self._grantee = grantee
        self.asked: list[tuple[Caller, str, str, Mapping[str, Sequence[str]]]] = []

    def decide(
        self, caller: Caller, action: str, resource: str, context: Mapping[str, Sequence[str]]
    ) -> Decision:
        self.asked.append((caller, action, resource, context))
        identity = [
            Source(name, "user", parse_policy(text, PolicyKind.IDENTITY))
            for name, text in self._policies_for(caller)
        ]
        grants = (grant_match("g-1"),) if caller.identity == self._grantee else ()
        lowered = {key.lower(): tuple(values) for key, values in context.items()}
        request = Request(action, resource, caller, lowered, ACCOUNT)
        return evaluate(request, identity, (), Source(resource, "resource", self._policy), grants)


def simulate(house: House, arn: str, **request: Any) -> dict[str, Any]:
    request = {"ActionNames": ["kms:Decrypt"], "ResourceArns": [KEY], **request}
    answer = house.root.simulate_principal_policy(PolicySourceArn=arn, **request)
    (result,) = answer["EvaluationResults"]
    made: dict[str, Any] = result
    return made


def test_what_a_user_may_do(house: House) -> None:
    alice = house.user("alice", DECRYPT)
    result = simulate(house, alice.arn)
    assert (result["EvalActionName"], result["EvalResourceName"]) == ("kms:Decrypt", KEY)
    assert result["EvalDecision"] == "allowed"
    (statement,) = result["MatchedStatements"]
    assert (statement["SourcePolicyId"], statement["SourcePolicyType"]) == ("own", "user")
    text = policy(DECRYPT)
    start, end = statement["StartPosition"], statement["EndPosition"]
    assert (start["Line"], end["Line"]) == (1, 1)
    assert text[start["Column"] - 1 : end["Column"] - 1].startswith('{"Effect"')
    assert "alice" in result["EvalDecisionDetails"]["explanation"]
    assert simulate(house, alice.arn, ActionNames=["kms:Encrypt"])["EvalDecision"] == "implicitDeny"


def test_a_deny_among_policies_passed_in(house: House) -> None:
    alice = house.user("alice", DECRYPT)
    deny = policy({"Effect": "Deny", "Action": "kms:*"})
    result = simulate(house, alice.arn, PolicyInputList=[deny])
    assert result["EvalDecision"] == "explicitDeny"
    assert result["MatchedStatements"][0]["SourcePolicyId"] == "PolicyInputList.1"


def test_a_condition_that_lacks_its_key(house: House) -> None:
    condition = {"StringEquals": {"kms:RequestAlias": "alias/a"}}
    alice = house.user("alice", {**DECRYPT, "Condition": condition})
    result = simulate(house, alice.arn)
    assert (result["EvalDecision"], result["MissingContextValues"]) == (
        "implicitDeny",
        ["kms:RequestAlias"],
    )
    assert "has no kms:RequestAlias" in result["EvalDecisionDetails"]["nearMiss.1"]
    entry = {
        "ContextKeyName": "kms:RequestAlias",
        "ContextKeyValues": ["alias/a"],
        "ContextKeyType": "string",
    }
    result = simulate(house, alice.arn, ContextEntries=[entry])
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])
    assert list(result["EvalDecisionDetails"]) == ["explanation"]


def test_a_key_decides_by_its_own_policy(house: House) -> None:
    alice = house.user("alice", DECRYPT)
    delegating = key_policy({"Action": "kms:*", "Principal": {"AWS": ROOT}})
    house.deciders["kms"] = key = OneKey(house, delegating)
    assert simulate(house, alice.arn)["EvalDecision"] == "allowed"
    ((caller, action, resource, _),) = key.asked
    assert (caller.arn, caller.policies) == (alice.arn, None)
    assert (action, resource) == ("kms:Decrypt", KEY)
    result = simulate(house, alice.arn)
    assert [one["SourcePolicyId"] for one in result["MatchedStatements"]] == [KEY, "own"]
    simulate(house, alice.arn, PolicyInputList=[policy({"Action": "kms:Encrypt"})])
    assert len(key.asked[-1][0].policies or ()) == 2
    closed = key_policy({"Action": "kms:*", "Principal": {"Service": "logs.amazonaws.com"}})
    house.deciders["kms"] = OneKey(house, closed)
    assert simulate(house, alice.arn)["EvalDecision"] == "implicitDeny"


@pytest.mark.parametrize(
    ("service", "decision"),
    [("logs.amazonaws.com", "allowed"), ("ec2.amazonaws.com", "implicitDeny")],
)
def test_what_a_service_may_do(house: House, service: str, decision: str) -> None:
    text = key_policy({"Action": "kms:*", "Principal": {"Service": "logs.amazonaws.com"}})
    house.deciders["kms"] = OneKey(house, text)
    answer = house.root.simulate_custom_policy(
        PolicyInputList=[], CallerArn=service, ActionNames=["kms:Decrypt"], ResourceArns=[KEY]
    )
    assert answer["EvaluationResults"][0]["EvalDecision"] == decision


def test_a_grant_is_told_without_a_place(house: House) -> None:
    alice = house.user("alice")
    closed = key_policy({"Action": "kms:*", "Principal": {"Service": "logs.amazonaws.com"}})
    house.deciders["kms"] = OneKey(house, closed, grantee=alice.arn)
    result = simulate(house, alice.arn)
    assert result["EvalDecision"] == "allowed"
    assert result["MatchedStatements"] == [{"SourcePolicyId": "g-1", "SourcePolicyType": "none"}]
    assert "grant g-1" in result["EvalDecisionDetails"]["explanation"]


def test_a_resource_policy_passed_in_stands_for_the_keys(house: House) -> None:
    alice = house.user("alice")
    house.deciders["kms"] = key = OneKey(house, key_policy({"Action": "*", "Principal": "*"}))
    text = key_policy({**DECRYPT, "Principal": {"AWS": alice.arn}})
    result = simulate(house, alice.arn, ResourcePolicy=text)
    assert result["EvalDecision"] == "allowed"
    assert result["MatchedStatements"][0]["SourcePolicyType"] == "resource"
    bob = house.user("bob")
    assert simulate(house, bob.arn, ResourcePolicy=text)["EvalDecision"] == "implicitDeny"
    assert key.asked == []


def test_another_account_needs_both_sides(house: House) -> None:
    stranger = f"arn:aws:iam::{OTHER}:role/ServiceBRole"
    text = key_policy({**DECRYPT, "Principal": {"AWS": stranger}})
    one_side = simulate(house, stranger, ResourcePolicy=text)
    assert one_side["EvalDecision"] == "implicitDeny"
    both = simulate(house, stranger, ResourcePolicy=text, PolicyInputList=[policy(DECRYPT)])
    assert both["EvalDecision"] == "allowed"


@pytest.mark.parametrize("owner", [OTHER, f"arn:aws:iam::{OTHER}:root"])
def test_a_resource_may_be_said_to_be_anothers(house: House, owner: str) -> None:
    alice = house.user("alice")
    text = key_policy({"Action": "s3:GetObject", "Principal": {"AWS": alice.arn}})
    asked: dict[str, Any] = {
        "ActionNames": ["s3:GetObject"],
        "ResourceArns": ["arn:aws:s3:::bucket/a"],
        "ResourcePolicy": text,
    }
    assert simulate(house, alice.arn, **asked)["EvalDecision"] == "allowed"
    theirs = simulate(house, alice.arn, ResourceOwner=owner, **asked)
    assert theirs["EvalDecision"] == "implicitDeny"


def test_one_as_if_with_the_policies_of_another(house: House) -> None:
    david = house.user("david", DECRYPT)
    bob = house.user("bob")
    text = key_policy({**DECRYPT, "Principal": {"AWS": bob.arn}})
    answer = simulate(house, david.arn, CallerArn=bob.arn, ResourcePolicy=text)
    assert answer["EvalDecision"] == "allowed"
    assert simulate(house, david.arn, ResourcePolicy=text)["EvalDecision"] == "implicitDeny"


def test_sessions_and_root(house: House) -> None:
    house.role("reader", {"AWS": ACCOUNT}, DECRYPT)
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/tenant-1"
    result = simulate(house, session)
    assert result["EvalDecision"] == "allowed"
    assert result["MatchedStatements"][0]["SourcePolicyType"] == "role"
    house.deciders["kms"] = key = OneKey(
        house, key_policy({"Action": "kms:*", "Principal": {"AWS": ROOT}})
    )
    assert simulate(house, ROOT)["EvalDecision"] == "allowed"
    assert simulate(house, session)["EvalDecision"] == "allowed"
    assert [asked[0].arn for asked in key.asked] == [ROOT, session]


def test_policies_by_themselves(house: House) -> None:
    answer = house.root.simulate_custom_policy(
        PolicyInputList=[policy(DECRYPT)], ActionNames=["kms:Decrypt", "kms:Encrypt"]
    )
    decisions = [result["EvalDecision"] for result in answer["EvaluationResults"]]
    assert decisions == ["allowed", "implicitDeny"]
    assert answer["EvaluationResults"][0]["EvalResourceName"] == "*"


def test_results_come_in_pages(house: House) -> None:
    pages = house.root.get_paginator("simulate_custom_policy").paginate(
        PolicyInputList=[policy(DECRYPT)],
        ActionNames=["kms:Decrypt", "kms:Encrypt"],
        ResourceArns=[KEY, KEY + "0"],
        PaginationConfig={"PageSize": 3},
    )
    sizes = [len(page["EvaluationResults"]) for page in pages]
    assert sizes == [3, 1]


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/nobody", "NoSuchEntity"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/session", "NoSuchEntity"),
        (f"arn:aws:iam::{ACCOUNT}:group/admins", "InvalidInput"),
        ("arn:aws:iam::1:user/short-account", "InvalidInput"),
        ("a" * 20, "InvalidInput"),
    ],
)
def test_nobody(house: House, arn: str, code: str) -> None:
    with pytest.raises(ClientError) as caught:
        simulate(house, arn)
    assert caught.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    "request_",
    [
        {"PolicyInputList": ["no JSON"]},
        {"ResourcePolicy": policy(DECRYPT)},
        {"ContextEntries": [{"ContextKeyValues": ["x"]}]},
        {"PermissionsBoundaryPolicyInputList": [policy(DECRYPT)]},
        {"ActionNames": ["kms:Decrypt"] * 101, "ResourceArns": [KEY] * 100},
    ],
)
def test_simulations_that_cannot_be(house: House, request_: dict[str, Any]) -> None:
    alice = house.user("alice", DECRYPT)
    with pytest.raises(house.root.exceptions.InvalidInputException):
        simulate(house, alice.arn, **request_)


def test_simulating_needs_a_permission(house: House) -> None:
    alice = house.user("alice", {"Action": "iam:SimulatePrincipalPolicy"})
    house.user("bob", DECRYPT)
    own = house.client("iam", alice)
    own.simulate_principal_policy(PolicySourceArn=alice.arn, ActionNames=["kms:Decrypt"])
    with pytest.raises(ClientError) as caught:
        own.simulate_custom_policy(PolicyInputList=[], ActionNames=["kms:Decrypt"])
    assert caught.value.response["Error"]["Code"] == "AccessDenied"


def test_another_account_learns_nothing_of_this_one(house: House) -> None:
    alice = house.user("alice", DECRYPT)
    house.deciders["kms"] = key = OneKey(house, key_policy({"Action": "*", "Principal": "*"}))
    other = house.client("iam", Caller(f"arn:aws:iam::{OTHER}:root", OTHER))
    with pytest.raises(ClientError) as caught:
        other.simulate_principal_policy(PolicySourceArn=alice.arn, ActionNames=["kms:Decrypt"])
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    other.simulate_custom_policy(
        PolicyInputList=[], ActionNames=["kms:Decrypt"], ResourceArns=[KEY]
    )
    assert key.asked == []
