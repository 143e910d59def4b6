"""Requests that need several permissions, or fewer than one would think."""

from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.callers import ACCOUNT, allow, client_of, policy, session, user
from workbench.bench import Bench

AWAY = "eu-west-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def refused(call: Any, **request: Any) -> str:
    """Have a request refused for want of a permission; return the message."""
    with pytest.raises(Exception, match="not authorized") as caught:
        call(**request)
    response: Any = getattr(caught.value, "response", {"Error": {}})
    assert response["Error"]["Code"] == "AccessDeniedException"
    return str(caught.value)


def keeping(*statements: dict[str, Any]) -> str:
    """Return a key policy that lets the account in, and more."""
    own = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    return policy(own, *statements)


def test_the_default_policy_is_not_held_against_who_makes_a_key(shared: Bench) -> None:
    maker = client_of(shared, user("maker", allow("kms:CreateKey", "kms:ReplicateKey")))
    key = maker.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    default = shared.kms.get_key_policy(KeyId=key)["Policy"]
    maker.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    assert shared.client("kms", AWAY).get_key_policy(KeyId=key)["Policy"] == default
    # A policy that is given must let its giver change it, even if it is the same.
    shared.run_due()
    malformed = maker.exceptions.MalformedPolicyDocumentException
    for call, request in (
        (maker.create_key, {}),
        (maker.replicate_key, {"KeyId": key, "ReplicaRegion": "eu-west-2"}),
    ):
        with pytest.raises(malformed, match="will not allow you"):
            call(Policy=default, **request)


def test_a_new_primary_needs_permission_on_both_keys(shared: Bench) -> None:
    anna = user("anna")
    named: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "kms:UpdatePrimaryRegion",
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": anna.arn}},
    }
    key = shared.kms.create_key(MultiRegion=True, Policy=keeping(named))["KeyMetadata"]["KeyId"]
    shared.kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    shared.run_due()
    client, away = client_of(shared, anna), shared.client("kms", AWAY)
    told = refused(client.update_primary_region, KeyId=key, PrimaryRegion=AWAY)
    assert f"on resource: arn:aws:kms:{AWAY}:{ACCOUNT}:key/{key}" in told
    kinds = {**named, "Condition": {"StringEquals": {"kms:MultiRegionKeyType": "PRIMARY"}}}
    away.put_key_policy(KeyId=key, Policy=keeping(kinds))
    refused(client.update_primary_region, KeyId=key, PrimaryRegion=AWAY)
    kinds["Condition"] = {"StringEquals": {"kms:MultiRegionKeyType": "REPLICA"}}
    away.put_key_policy(KeyId=key, Policy=keeping(kinds))
    client.update_primary_region(KeyId=key, PrimaryRegion=AWAY)
    shared.run_due()
    configuration = away.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
    assert configuration["MultiRegionKeyType"] == "PRIMARY"


def test_a_primary_that_is_not_there_is_told_to_those_who_may_ask(shared: Bench) -> None:
    gone = {"KeyId": "mrk-" + 32 * "0"}
    nobody = client_of(shared, user("nobody"))
    refused(nobody.update_primary_region, **gone, PrimaryRegion=AWAY)
    refused(nobody.replicate_key, **gone, ReplicaRegion=AWAY)
    anna = client_of(shared, user("anna", allow("kms:*")))
    for call, member in ((anna.update_primary_region, "Primary"), (anna.replicate_key, "Replica")):
        with pytest.raises(anna.exceptions.NotFoundException):
            call(**gone, **{f"{member}Region": AWAY})
    key = shared.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    with pytest.raises(anna.exceptions.NotFoundException, match="does not exist"):
        anna.update_primary_region(KeyId=key, PrimaryRegion=AWAY)


def test_re_encryption_on_the_same_key_is_told_by_the_key(shared: Bench) -> None:
    made = shared.kms.create_key()["KeyMetadata"]
    key, arn = made["KeyId"], made["Arn"]
    other = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    blob = shared.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    condition: Any = {"Bool": {"kms:ReEncryptOnSameKey": "true"}}
    same = client_of(shared, user("same", allow("kms:*", **condition)))
    for source in ({}, {"SourceKeyId": key}, {"SourceKeyId": arn}):
        for target in (key, arn):
            same.re_encrypt(CiphertextBlob=blob, DestinationKeyId=target, **source)
        refused(same.re_encrypt, CiphertextBlob=blob, DestinationKeyId=other, **source)


def test_a_grant_s_encryption_context_is_that_of_its_constraint(shared: Bench) -> None:
    key = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    condition: Any = {"StringEquals": {"kms:EncryptionContext:tenant": "a"}}
    anna = client_of(shared, user("anna", allow("kms:CreateGrant", **condition)))
    request: Any = {"KeyId": key, "GranteePrincipal": ROOT, "Operations": ["Decrypt"]}
    for name in ("EncryptionContextEquals", "EncryptionContextSubset"):
        anna.create_grant(**request, Constraints={name: {"tenant": "a"}})
        refused(anna.create_grant, **request, Constraints={name: {"tenant": "b"}})
    refused(anna.create_grant, **request)


def test_expiry_is_compared_as_a_date_and_as_a_number(shared: Bench) -> None:
    key = shared.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    expiry = shared.clock.now().replace(microsecond=0) + timedelta(days=1)
    request: Any = {
        "KeyId": key,
        "ImportToken": b"t",
        "EncryptedKeyMaterial": b"m",
        "ExpirationModel": "KEY_MATERIAL_EXPIRES",
        "ValidTo": expiry,
    }
    text = expiry.strftime("%Y-%m-%dT%H:%M:%SZ")
    number = str(int(expiry.timestamp()))
    sooner = str(int(expiry.timestamp()) - 1)
    for operator, good, bad in (
        ("NumericLessThanEquals", number, sooner),
        ("DateLessThanEquals", text, sooner),
    ):
        conditions: Any = ({operator: {"kms:ValidTo": value}} for value in (good, bad))
        anna, bob = (
            client_of(shared, user("anna", allow("kms:*", **condition))) for condition in conditions
        )
        with pytest.raises(anna.exceptions.InvalidImportTokenException):
            anna.import_key_material(**request)
        refused(bob.import_key_material, **request)


def test_a_session_s_user_id_begins_with_its_role_s(shared: Bench) -> None:
    iam = shared.client("iam", "")
    trust = policy({"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName="App", AssumeRolePolicyDocument=trust)["Role"]
    key = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    for pattern, passes in (
        (f"{role['RoleId']}:*", True),
        (f"{role['RoleId']}:session", True),
        (role["RoleId"], False),
        ("AROA*:other", False),
    ):
        condition: Any = {"StringLike": {"aws:userid": pattern}}
        client = client_of(shared, session("App", allow("kms:Encrypt", **condition)))
        if passes:
            client.encrypt(KeyId=key, Plaintext=b"x")
        else:
            refused(client.encrypt, KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize("action", ["Encrypt", "ReEncryptFrom", "ReEncryptTo"])
def test_a_simulation_meets_the_constraints_of_grants(shared: Bench, action: Any) -> None:
    key = shared.kms.create_key()["KeyMetadata"]
    iam = shared.client("iam", "")
    name = f"granted-{action}"
    grantee = iam.create_user(UserName=name)["User"]["Arn"]
    shared.kms.create_grant(
        KeyId=key["KeyId"],
        GranteePrincipal=grantee,
        Operations=[action],
        Constraints={"EncryptionContextSubset": {"tenant": "a"}},
    )
    for value, decision in (("a", "allowed"), ("b", "implicitDeny")):
        (told,) = iam.simulate_principal_policy(
            PolicySourceArn=grantee,
            ActionNames=[f"kms:{action}"],
            ResourceArns=[key["Arn"]],
            ContextEntries=[
                {
                    "ContextKeyName": "kms:EncryptionContext:tenant",
                    "ContextKeyValues": [value],
                    "ContextKeyType": "string",
                }
            ],
        )["EvaluationResults"]
        assert told["EvalDecision"] == decision


def test_keys_of_a_constraint_ignore_case_and_its_values_do_not(shared: Bench) -> None:
    key = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    for number, name in enumerate(("EncryptionContextEquals", "EncryptionContextSubset")):
        caller = user(f"cased-{number}")
        shared.client("iam", "").create_user(UserName=f"cased-{number}")
        kms: Any = shared.kms
        kms.create_grant(
            KeyId=key,
            GranteePrincipal=caller.arn,
            Operations=["Encrypt"],
            Constraints={name: {"Tenant": "A"}},
        )
        encrypt = client_of(shared, caller).encrypt
        encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"tenant": "A"})
        refused(encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"Tenant": "a"})
        refused(encrypt, KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize("missing", ["Action", "Resource"])
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_statement_without_action_or_resource_has_no_effect(
    shared: Bench, missing: str, effect: str
) -> None:
    anna = user("anna")
    statement: dict[str, Any] = {
        "Effect": effect,
        "Principal": {"AWS": "*"},
        "Action": "kms:Encrypt",
        "Resource": "*",
    }
    del statement[missing]
    text = keeping(statement)
    key = shared.kms.create_key(Policy=text)["KeyMetadata"]["KeyId"]
    shared.kms.put_key_policy(KeyId=key, Policy=text)
    assert shared.kms.get_key_policy(KeyId=key)["Policy"] == text
    shared.kms.encrypt(KeyId=key, Plaintext=b"x")
    refused(client_of(shared, anna).encrypt, KeyId=key, Plaintext=b"x")
    nobody = {name: value for name, value in statement.items() if name != "Principal"}
    with pytest.raises(shared.kms.exceptions.MalformedPolicyDocumentException):
        shared.kms.put_key_policy(KeyId=key, Policy=keeping(nobody))
