"""Who may do what: every source of permission, alone and against the others."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.callers import (
    ACCOUNT,
    OTHER_ACCOUNT,
    allow,
    client_of,
    make_people,
    policy,
    service,
    session,
    user,
)
from workbench.bench import Bench

ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def key_with(bench: Bench, *statements: dict[str, Any], **more: Any) -> str:
    own = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    text = policy(own, *statements)
    made = bench.kms.create_key(Policy=text, **more)
    return str(made["KeyMetadata"]["Arn"])


def refused(client: Any, method: str, match: str = "not authorized", **request: Any) -> Any:
    with pytest.raises(client.exceptions.from_code("AccessDeniedException"), match=match) as caught:
        getattr(client, method)(**request)
    return caught.value


def test_a_user_without_policies_may_nothing(bench: Bench) -> None:
    key = key_with(bench)
    nobody = client_of(bench, user("nobody"))
    error = refused(
        nobody, "encrypt", "because no identity-based policy allows the kms:Encrypt action",
        KeyId=key, Plaintext=b"x",
    )  # fmt: skip
    message = error.response["Error"]["Message"]
    assert message.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized")
    assert f"kms:Encrypt on resource: {key} because" in message
    assert "no policy of user nobody allows it" in error.next_step
    for method, request in (
        ("create_key", {}),
        ("list_keys", {}),
        ("list_aliases", {}),
        ("generate_random", {"NumberOfBytes": 1}),
        ("describe_key", {"KeyId": key}),
        ("schedule_key_deletion", {"KeyId": key}),
    ):
        refused(nobody, method, **request)
    assert bench.kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"]


def test_identity_policies_count_where_the_key_policy_names_the_account(bench: Bench) -> None:
    key, other = key_with(bench), key_with(bench)
    anna = client_of(bench, user("anna", allow("kms:Encrypt", "kms:Desc*", resource=key)))
    anna.encrypt(KeyId=key, Plaintext=b"x")
    anna.describe_key(KeyId=key)
    refused(
        anna,
        "decrypt",
        CiphertextBlob=bench.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"],
    )
    refused(anna, "encrypt", KeyId=other, Plaintext=b"x")


def test_identity_policies_do_not_count_where_it_does_not(bench: Bench) -> None:
    make_people(bench, user("keeper"))
    own = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/keeper"},
        "Action": "kms:*",
        "Resource": "*",
    }
    made = bench.kms.create_key(Policy=policy(own), BypassPolicyLockoutSafetyCheck=True)
    key = made["KeyMetadata"]["Arn"]
    refused(client_of(bench, user("anna", allow("kms:*"))), "encrypt", KeyId=key, Plaintext=b"x")
    error = refused(bench.kms, "describe_key", "no resource-based policy", KeyId=key)
    assert "key policy" in error.next_step
    client_of(bench, user("keeper")).encrypt(KeyId=key, Plaintext=b"x")


def test_a_policy_that_would_lock_everybody_out_is_refused(bench: Bench) -> None:
    make_people(bench, user("someone"))
    key = key_with(bench)
    stranger = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/someone"},
        "Action": "kms:*",
        "Resource": "*",
    }
    kms = bench.kms
    requests: tuple[Any, ...] = (
        lambda **more: kms.put_key_policy(KeyId=key, Policy=policy(stranger), **more),
        lambda **more: kms.create_key(Policy=policy(stranger), **more),
    )
    for request in requests:
        with pytest.raises(kms.exceptions.MalformedPolicyDocumentException, match="not allow you"):
            request()
        request(BypassPolicyLockoutSafetyCheck=True)
    refused(kms, "get_key_policy", KeyId=key)


def test_an_explicit_deny_wins_over_everything(bench: Bench) -> None:
    deny = {
        "Sid": "NoExports",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:GenerateDataKey*",
        "Resource": "*",
    }
    key = key_with(bench, deny)
    error = refused(
        bench.kms, "generate_data_key", "explicit deny in a resource-based policy",
        KeyId=key, KeySpec="AES_256",
    )  # fmt: skip
    assert "NoExports" in error.next_step
    bench.kms.encrypt(KeyId=key, Plaintext=b"x")
    anna = user(
        "anna",
        allow("kms:*"),
        policy({"Effect": "Deny", "Action": "kms:Encrypt", "Resource": key}),
    )
    refused(
        client_of(bench, anna), "encrypt", "explicit deny in an identity-based policy",
        KeyId=key, Plaintext=b"x",
    )  # fmt: skip


def test_session_policies_narrow(bench: Bench) -> None:
    key = key_with(bench)
    wide = allow("kms:Encrypt", "kms:Decrypt")
    narrow = session("App", wide, session_policies=(allow("kms:Encrypt"),))
    blob = client_of(bench, narrow).encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    refused(client_of(bench, narrow), "decrypt", "no session policy", CiphertextBlob=blob)
    assert client_of(bench, session("App", wide)).decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_another_account_needs_both_sides(bench: Bench) -> None:
    guest = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
        "Action": ["kms:Encrypt", "kms:CreateKey", "kms:ListKeys"],
        "Resource": "*",
    }
    key, closed = key_with(bench, guest), key_with(bench)
    outside = user("guest", allow("kms:*"), account=OTHER_ACCOUNT)
    client_of(bench, outside).encrypt(KeyId=key, Plaintext=b"x")
    refused(client_of(bench, outside), "encrypt", KeyId=closed, Plaintext=b"x")
    refused(client_of(bench, outside), "disable_key", KeyId=key)
    bare = user("guest", account=OTHER_ACCOUNT)
    refused(client_of(bench, bare), "encrypt", KeyId=key, Plaintext=b"x")
    root = user("x", account=OTHER_ACCOUNT)
    foreign_root = type(root)(f"arn:aws:iam::{OTHER_ACCOUNT}:root", OTHER_ACCOUNT, "Root")
    for method in ("create_key", "list_keys", "list_aliases"):
        refused(client_of(bench, foreign_root), method)
        refused(client_of(bench, outside), method)


def test_reencrypt_needs_two_permissions(bench: Bench) -> None:
    source, target = key_with(bench), key_with(bench)
    blob = bench.kms.encrypt(KeyId=source, Plaintext=b"x")["CiphertextBlob"]
    both = policy(
        {"Effect": "Allow", "Action": "kms:ReEncryptFrom", "Resource": source},
        {"Effect": "Allow", "Action": "kms:ReEncryptTo", "Resource": target},
    )
    request: Any = {"CiphertextBlob": blob, "DestinationKeyId": target}
    moved = client_of(bench, user("mover", both)).re_encrypt(**request)
    assert bench.kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"x"
    for one in ("kms:ReEncryptFrom", "kms:ReEncryptTo"):
        refused(client_of(bench, user("half", allow(one))), "re_encrypt", **request)


def test_aliases_need_permission_on_alias_and_key(bench: Bench) -> None:
    key, other = key_with(bench), key_with(bench)
    alias = f"arn:aws:kms:us-west-2:{ACCOUNT}:alias/mine"
    both = policy({"Effect": "Allow", "Action": "kms:*Alias", "Resource": [key, alias]})
    anna = client_of(bench, user("anna", both))
    anna.create_alias(AliasName="alias/mine", TargetKeyId=key)
    refused(anna, "create_alias", AliasName="alias/theirs", TargetKeyId=key)
    refused(anna, "update_alias", AliasName="alias/mine", TargetKeyId=other)
    only_key = client_of(bench, user("bob", allow("kms:*", resource=key)))
    refused(only_key, "delete_alias", AliasName="alias/mine")
    anna.delete_alias(AliasName="alias/mine")


def test_what_is_not_there_is_told_to_those_who_may_ask(bench: Bench) -> None:
    gone = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(bench.kms.exceptions.NotFoundException):
        bench.kms.describe_key(KeyId=gone)
    refused(client_of(bench, user("nobody")), "describe_key", KeyId=gone)
    anna = client_of(bench, user("anna", allow("kms:Describe*")))
    with pytest.raises(anna.exceptions.NotFoundException):
        anna.describe_key(KeyId=gone)


@pytest.mark.parametrize(
    ("condition", "good", "bad"),
    [
        (
            {"StringEquals": {"kms:EncryptionContext:tenant": "a"}},
            {"EncryptionContext": {"tenant": "a", "x": "y"}},
            {"EncryptionContext": {"tenant": "b"}},
        ),
        (
            {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["a", "b"]}},
            {"EncryptionContext": {"a": "1"}},
            {"EncryptionContext": {"c": "1"}},
        ),
        (
            {"Null": {"kms:EncryptionContext:tenant": "false"}},
            {"EncryptionContext": {"tenant": "a"}},
            {},
        ),
        ({"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}}, {}, None),
        ({"StringEquals": {"kms:KeySpec": "RSA_2048"}}, None, {}),
        ({"StringEquals": {"kms:KeyUsage": "ENCRYPT_DECRYPT"}}, {}, None),
        ({"Bool": {"kms:MultiRegion": "true"}}, None, {}),
        ({"StringEquals": {"kms:CallerAccount": ACCOUNT}}, {}, None),
        ({"StringEquals": {"aws:ResourceTag/team": "red"}}, {}, None),
        ({"StringEquals": {"aws:ResourceTag/team": "blue"}}, None, {}),
        ({"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}, {}, None),
        ({"StringEquals": {"kms:ViaService": "s3.us-west-2.amazonaws.com"}}, None, {}),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/ann?"}}, {}, None),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, {}, None),
        ({"DateGreaterThan": {"aws:CurrentTime": "2001-01-01T00:00:00Z"}}, {}, None),
        ({"DateLessThan": {"aws:CurrentTime": "2001-01-01T00:00:00Z"}}, None, {}),
        ({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/first*"}}, {}, None),
        ({"ForAnyValue:StringLike": {"kms:ResourceAliases": "alias/second*"}}, None, {}),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, None),
    ],
    ids=str,
)  # fmt: skip
def test_conditions(
    bench: Bench,
    condition: dict[str, Any],
    good: dict[str, Any] | None,
    bad: dict[str, Any] | None,
) -> None:
    key = key_with(bench, Tags=[{"TagKey": "team", "TagValue": "red"}])
    bench.kms.create_alias(AliasName="alias/first-one", TargetKeyId=key)
    caller = user(
        "anna",
        allow("kms:Encrypt", **condition),
        tags=(("team", "red"),),
        organization="o-1",
    )
    client = client_of(bench, caller)
    if good is not None:
        client.encrypt(KeyId=key, Plaintext=b"x", **good)
    if bad is not None:
        refused(client, "encrypt", KeyId=key, Plaintext=b"x", **bad)


def test_a_request_by_alias_is_told_from_one_by_id(bench: Bench) -> None:
    key = key_with(bench)
    bench.kms.create_alias(AliasName="alias/customer-123", TargetKeyId=key)
    condition: Any = {"StringLike": {"kms:RequestAlias": "alias/customer-*"}}
    client = client_of(bench, session("ServiceARole", allow("kms:Encrypt", **condition)))
    client.encrypt(KeyId="alias/customer-123", Plaintext=b"x")
    client.encrypt(KeyId=f"arn:aws:kms:us-west-2:{ACCOUNT}:alias/customer-123", Plaintext=b"x")
    error = refused(client, "encrypt", KeyId=key, Plaintext=b"x")
    assert "kms:RequestAlias" in error.next_step


@pytest.mark.parametrize(
    ("method", "request_", "condition"),
    [
        (
            "schedule_key_deletion",
            {"PendingWindowInDays": 7},
            {"NumericGreaterThanEquals": {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"}},
        ),
        (
            "enable_key_rotation",
            {"RotationPeriodInDays": 90},
            {"NumericLessThanEquals": {"kms:RotationPeriodInDays": "90"}},
        ),
        (
            "create_grant",
            {"GranteePrincipal": ROOT, "Operations": ["Encrypt"]},
            {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}},
        ),
        (
            "tag_resource",
            {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
            {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}},
        ),
    ],
)
def test_conditions_on_parameters(
    bench: Bench, method: str, request_: dict[str, Any], condition: dict[str, Any]
) -> None:
    key = key_with(bench)
    other = json.loads(json.dumps(condition).replace('"7"', '"8"').replace('"90"', '"89"'))
    if other == condition:
        other = json.loads(json.dumps(condition).replace("Encrypt", "Sign").replace('"a"', '"c"'))
    refused(client_of(bench, user("bob", allow("kms:*", **other))), method, KeyId=key, **request_)
    getattr(client_of(bench, user("anna", allow("kms:*", **condition))), method)(
        KeyId=key, **request_
    )


def test_sign_conditions(bench: Bench) -> None:
    key = key_with(bench, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    condition: Any = {
        "StringEquals": {"kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "DIGEST"}
    }
    client = client_of(bench, user("release", allow("kms:Sign", **condition)))
    request: Any = {"KeyId": key, "SigningAlgorithm": "ECDSA_SHA_256", "Message": bytes(32)}
    client.sign(**request, MessageType="DIGEST")
    refused(client, "sign", **request)


def test_services_are_let_in_by_the_key_policy_alone(bench: Bench) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "identitystore.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
    }
    key = key_with(bench, statement)
    right = service("identitystore", source_account=ACCOUNT)
    client_of(bench, right).generate_data_key(KeyId=key, KeySpec="AES_256")
    for wrong in (service("identitystore"), service("s3", source_account=ACCOUNT)):
        refused(client_of(bench, wrong), "generate_data_key", KeyId=key, KeySpec="AES_256")
    refused(client_of(bench, right), "list_keys")


def test_what_was_allowed_once_is_judged_anew_after_a_change(bench: Bench) -> None:
    key = key_with(bench)
    anna = user("anna", allow("kms:Encrypt"))
    make_people(bench, anna)
    client = client_of(bench, anna)
    for _ in range(2):
        client.encrypt(KeyId=key, Plaintext=b"x")
    deny = {"Effect": "Deny", "Principal": {"AWS": anna.arn}, "Action": "kms:*", "Resource": "*"}
    own = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    bench.kms.put_key_policy(KeyId=key, Policy=policy(own, deny))
    refused(client, "encrypt", KeyId=key, Plaintext=b"x")
    bench.kms.put_key_policy(KeyId=key, Policy=policy(own))
    client.encrypt(KeyId=key, Plaintext=b"x")


@pytest.mark.parametrize("first", [0, 1])
def test_what_was_allowed_on_one_key_says_nothing_of_a_key_that_is_told_from_it(
    bench: Bench, first: int
) -> None:
    keys = [key_with(bench), key_with(bench)]
    free, barred = keys[first], keys[1 - first]
    deny = {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": barred}
    anna = user("anna", allow("kms:*"), policy(deny))
    make_people(bench, anna)
    client = client_of(bench, anna)
    for _ in range(2):
        client.encrypt(KeyId=free, Plaintext=b"x")
        refused(client, "encrypt", "explicit deny", KeyId=barred, Plaintext=b"x")
        client.describe_key(KeyId=barred)


def test_what_holds_for_every_key_with_a_policy_ends_with_the_right(bench: Bench) -> None:
    first, second, third = (key_with(bench) for _ in range(3))
    anna = replace(user("anna"), policies=None)  # those that are stored for her
    make_people(bench, anna)
    client = client_of(bench, anna)

    def may(text: str) -> None:
        iam = bench.client("iam", "")
        iam.put_user_policy(UserName="anna", PolicyName="anna", PolicyDocument=text)

    may(allow("kms:Encrypt"))
    client.encrypt(KeyId=first, Plaintext=b"x")
    client.encrypt(KeyId=second, Plaintext=b"x")
    may(allow("kms:Encrypt", resource=second))
    refused(client, "encrypt", KeyId=first, Plaintext=b"x")
    for _ in range(2):
        client.encrypt(KeyId=second, Plaintext=b"x")
    refused(client, "encrypt", KeyId=third, Plaintext=b"x")
    may(allow("kms:Decrypt"))
    for key in (first, second, third):
        refused(client, "encrypt", KeyId=key, Plaintext=b"x")


def test_a_refusal_is_journalled_and_changes_nothing(bench: Bench) -> None:
    key = key_with(bench)
    refused(client_of(bench, user("nobody")), "disable_key", KeyId=key)
    (event,) = bench.cloudtrail.lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "DisableKey"}]
    )["Events"]
    told = json.loads(event["CloudTrailEvent"])
    assert told["errorCode"] == "AccessDeniedException"
    assert told["userIdentity"]["arn"].endswith("user/nobody")
    assert bench.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
