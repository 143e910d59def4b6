"""Grants: what they permit, to whom, under which constraints, and how they end."""

from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from tests.fakes.callers import (
    ACCOUNT,
    allow,
    client_of,
    make_people,
    service,
    session,
    user,
)
from workbench.bench import Bench

ANNA = user("anna")
BOB = user("bob")


def refused(client: Any, method: str, **request: Any) -> None:
    with pytest.raises(ClientError) as caught:
        getattr(client, method)(**request)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"


def code_of(call: Any, **request: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture
def key(bench: Bench) -> str:
    make_people(bench, ANNA, BOB, session("App"))
    return bench.kms.create_key()["KeyMetadata"]["Arn"]


def grant(bench: Bench, key: str, *operations: str, to: Any = ANNA, **more: Any) -> dict[str, Any]:
    answer: Any = bench.kms.create_grant(
        KeyId=key, GranteePrincipal=to.arn, Operations=cast("Any", operations), **more
    )
    return dict(answer)


def test_a_grant_permits_its_operations_to_its_grantee(bench: Bench, key: str) -> None:
    anna = client_of(bench, ANNA)
    refused(anna, "encrypt", KeyId=key, Plaintext=b"x")
    made = grant(bench, key, "Encrypt", "DescribeKey")
    anna.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[made["GrantToken"]])
    anna.encrypt(KeyId=key, Plaintext=b"x")
    anna.describe_key(KeyId=key)
    blob = bench.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    refused(anna, "decrypt", CiphertextBlob=blob)
    refused(client_of(bench, BOB), "encrypt", KeyId=key, Plaintext=b"x")
    other = bench.kms.create_key()["KeyMetadata"]["Arn"]
    refused(anna, "encrypt", KeyId=other, Plaintext=b"x")


def test_a_role_s_grant_is_its_sessions(bench: Bench, key: str) -> None:
    app = session("App")
    bench.kms.create_grant(KeyId=key, GranteePrincipal=app.identity, Operations=["Encrypt"])
    client_of(bench, app).encrypt(KeyId=key, Plaintext=b"x")
    narrowed = session("App", session_policies=(allow("kms:Decrypt"),))
    refused(client_of(bench, narrowed), "encrypt", KeyId=key, Plaintext=b"x")


def test_a_deny_beats_a_grant(bench: Bench, key: str) -> None:
    grant(bench, key, "Encrypt")
    text = bench.kms.get_key_policy(KeyId=key)["Policy"]
    deny = (
        '{"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}, '
        '{"Sid": "Enable'
    )
    bench.kms.put_key_policy(
        KeyId=key, Policy=" ".join(text.split()).replace('{ "Sid": "Enable', deny)
    )
    refused(client_of(bench, ANNA), "encrypt", KeyId=key, Plaintext=b"x")


def test_a_grantee_retires_the_grant_that_says_so_and_no_other(bench: Bench, key: str) -> None:
    mine = grant(bench, key, "Encrypt", "RetireGrant")
    others = [grant(bench, key, "Encrypt"), grant(bench, key, "Encrypt", to=BOB)]
    anna = client_of(bench, ANNA)
    for one in others:
        refused(anna, "retire_grant", KeyId=key, GrantId=one["GrantId"])
        refused(anna, "retire_grant", GrantToken=one["GrantToken"])
    anna.retire_grant(KeyId=key, GrantId=mine["GrantId"])
    left = {one["GrantId"] for one in bench.kms.list_grants(KeyId=key)["Grants"]}
    assert left == {one["GrantId"] for one in others}


@pytest.mark.parametrize(
    ("constraints", "fits", "fits_not"),
    [
        (
            {"EncryptionContextEquals": {"a": "1", "b": "2"}},
            ({"a": "1", "b": "2"},),
            ({"a": "1"}, {"a": "1", "b": "2", "c": "3"}, {}),
        ),
        (
            {"EncryptionContextSubset": {"a": "1"}},
            ({"a": "1"}, {"a": "1", "z": "9"}, {"A": "1"}),
            ({"a": "2"}, {"b": "1"}, {}),
        ),
    ],
)
def test_constraints(
    bench: Bench,
    key: str,
    constraints: dict[str, Any],
    fits: tuple[dict[str, str], ...],
    fits_not: tuple[dict[str, str], ...],
) -> None:
    grant(bench, key, "Encrypt", "Decrypt", "GenerateDataKey", Constraints=constraints)
    anna = client_of(bench, ANNA)
    for context in fits:
        blob = anna.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
        assert anna.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"x"
    for context in fits_not:
        refused(anna, "generate_data_key", KeyId=key, KeySpec="AES_256", EncryptionContext=context)


def test_constraints_are_for_symmetric_keys(bench: Bench) -> None:
    make_people(bench, ANNA)
    pair = bench.kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    request: dict[str, Any] = {
        "KeyId": pair["KeyId"],
        "GranteePrincipal": ANNA.arn,
        "Operations": ["Encrypt"],
        "Constraints": {"EncryptionContextEquals": {"a": "b"}},
    }
    assert code_of(bench.kms.create_grant, **request) == "ValidationException"
    bench.kms.create_grant(**{**request, "Constraints": {}})
    client_of(bench, ANNA).encrypt(
        KeyId=pair["KeyId"], Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256"
    )


@pytest.mark.parametrize(
    ("spec", "usage", "operation"),
    [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "Sign"),
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "GetPublicKey"),
        ("ECC_NIST_P256", "SIGN_VERIFY", "Encrypt"),
        ("ECC_NIST_P256", "KEY_AGREEMENT", "Sign"),
        ("HMAC_256", "GENERATE_VERIFY_MAC", "GetPublicKey"),
        ("RSA_2048", "ENCRYPT_DECRYPT", "GenerateDataKey"),
        ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", "Encrypt"),
    ],
)
def test_operations_must_suit_the_key(shared: Bench, spec: Any, usage: Any, operation: str) -> None:
    pair = shared.kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    request = {"KeyId": pair, "GranteePrincipal": ANNA.arn, "Operations": [operation]}
    assert code_of(shared.kms.create_grant, **request) == "ValidationException"
    assert shared.kms.list_grants(KeyId=pair)["Grants"] == []


def test_a_name_makes_it_idempotent(bench: Bench, key: str) -> None:
    first = grant(bench, key, "Encrypt", Name="once")
    again = grant(bench, key, "Encrypt", Name="once")
    assert again["GrantId"] == first["GrantId"]
    assert again["GrantToken"] != first["GrantToken"]
    assert grant(bench, key, "Decrypt", Name="once")["GrantId"] != first["GrantId"]
    unnamed = {grant(bench, key, "Encrypt")["GrantId"] for _ in range(2)}
    assert len(unnamed | {first["GrantId"]}) == 3
    for made in (first, again):
        client_of(bench, ANNA).encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[made["GrantToken"]])


def test_listing(bench: Bench, key: str) -> None:
    made = grant(
        bench, key, "Encrypt", "Decrypt", Name="backup", RetiringPrincipal=BOB.arn,
        Constraints={"EncryptionContextSubset": {"a": "b"}},
    )  # fmt: skip
    (entry,) = bench.kms.list_grants(KeyId=key)["Grants"]
    created = entry.pop("CreationDate")
    assert created.tzinfo is not None
    assert entry == {
        "KeyId": key,
        "GrantId": made["GrantId"],
        "Name": "backup",
        "GranteePrincipal": ANNA.arn,
        "RetiringPrincipal": BOB.arn,
        "IssuingAccount": f"arn:aws:iam::{ACCOUNT}:root",
        "Operations": ["Encrypt", "Decrypt"],
        "Constraints": {"EncryptionContextSubset": {"a": "b"}},
    }
    assert bench.kms.list_grants(KeyId=key, GranteePrincipal=BOB.arn)["Grants"] == []
    assert len(bench.kms.list_grants(KeyId=key, GranteePrincipal=ANNA.arn)["Grants"]) == 1
    assert len(bench.kms.list_grants(KeyId=key, GrantId=made["GrantId"])["Grants"]) == 1
    other = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    assert bench.kms.list_grants(KeyId=other, GrantId=made["GrantId"])["Grants"] == []
    retirable = bench.kms.list_retirable_grants(RetiringPrincipal=BOB.arn)["Grants"]
    assert [one["GrantId"] for one in retirable] == [made["GrantId"]]
    assert bench.kms.list_retirable_grants(RetiringPrincipal=ANNA.arn)["Grants"] == []


def test_pages(bench: Bench, key: str) -> None:
    made = {grant(bench, key, "Encrypt", RetiringPrincipal=BOB.arn)["GrantId"] for _ in range(5)}
    for pages in (
        bench.kms.get_paginator("list_grants").paginate(
            KeyId=key, PaginationConfig={"PageSize": 2}
        ),
        bench.kms.get_paginator("list_grants").paginate(
            KeyId=key, GranteePrincipal=ANNA.arn, PaginationConfig={"PageSize": 2}
        ),
        bench.kms.get_paginator("list_retirable_grants").paginate(
            RetiringPrincipal=BOB.arn, PaginationConfig={"PageSize": 2}
        ),
    ):
        shown = [page["Grants"] for page in pages]
        assert [len(page) for page in shown] == [2, 2, 1]
        assert {one["GrantId"] for page in shown for one in page} == made


def test_revoking(bench: Bench, key: str) -> None:
    made = grant(bench, key, "Encrypt")
    refused(client_of(bench, ANNA), "revoke_grant", KeyId=key, GrantId=made["GrantId"])
    other = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    request = {"KeyId": other, "GrantId": made["GrantId"]}
    assert code_of(bench.kms.revoke_grant, **request) == "NotFoundException"
    bench.kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    refused(client_of(bench, ANNA), "encrypt", KeyId=key, Plaintext=b"x")
    again = {"KeyId": key, "GrantId": made["GrantId"]}
    assert code_of(bench.kms.revoke_grant, **again) == "NotFoundException"
    assert code_of(bench.kms.revoke_grant, KeyId=key, GrantId="x") == "InvalidGrantIdException"


def test_who_may_retire(bench: Bench, key: str) -> None:
    for operations, by, way in (
        (("Encrypt", "RetireGrant"), ANNA, "token"),
        (("Encrypt",), BOB, "token"),
        (("Encrypt",), BOB, "id"),
    ):
        made = grant(bench, key, *operations, RetiringPrincipal=BOB.arn)
        by_token = {"GrantToken": made["GrantToken"]}
        by_id = {"KeyId": key, "GrantId": made["GrantId"]}
        refused(client_of(bench, user("carl")), "retire_grant", **by_token)
        client_of(bench, by).retire_grant(**(by_token if way == "token" else by_id))
        assert code_of(bench.kms.retire_grant, **by_id) == "NotFoundException"
    made = grant(bench, key, "Encrypt")
    refused(client_of(bench, ANNA), "retire_grant", GrantToken=made["GrantToken"])
    bench.kms.retire_grant(GrantToken=made["GrantToken"])
    gone = {"GrantToken": made["GrantToken"]}
    assert code_of(bench.kms.retire_grant, **gone) == "InvalidGrantTokenException"


def test_tokens_cannot_be_made_up(bench: Bench, key: str) -> None:
    token = grant(bench, key, "Encrypt")["GrantToken"]
    flipped = [
        token[:at] + ("A" if letter != "A" else "B") + token[at + 1 :]
        for at, letter in enumerate(token)
    ]
    # The last letter before "=" holds two bits that stand for nothing: each must be zero.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = letters.index(token[-2])
    flipped += [token[:-2] + letters[last ^ bits] + token[-1] for bits in (1, 2, 3)]
    for wrong in (*flipped, "x", "ä", token[:40], token + "AAAA"):
        request = {"KeyId": key, "Plaintext": b"x", "GrantTokens": [wrong]}
        assert code_of(bench.kms.encrypt, **request) == "InvalidGrantTokenException"
        retire = {"GrantToken": wrong}
        assert code_of(bench.kms.retire_grant, **retire) == "InvalidGrantTokenException"


def test_a_grantee_may_pass_on_no_more_than_it_has(bench: Bench, key: str) -> None:
    grant(
        bench, key, "Encrypt", "CreateGrant",
        Constraints={"EncryptionContextSubset": {"a": "1"}},
    )  # fmt: skip
    anna = client_of(bench, ANNA)
    child: dict[str, Any] = {"KeyId": key, "GranteePrincipal": BOB.arn, "Operations": ["Encrypt"]}
    tight = {"EncryptionContextSubset": {"a": "1", "b": "2"}}
    anna.create_grant(**child, Constraints=tight)
    anna.create_grant(**child, Constraints={"EncryptionContextEquals": {"a": "1"}})
    refused(anna, "create_grant", **child)
    loose = {"EncryptionContextSubset": {"b": "2"}}
    refused(anna, "create_grant", **child, Constraints=loose)
    refused(anna, "create_grant", **{**child, "Operations": ["Decrypt"]}, Constraints=tight)


def test_services_as_grantees(bench: Bench, key: str) -> None:
    source = f"arn:aws:ecs:us-west-2:{ACCOUNT}:cluster/one"
    bench.kms.create_grant(
        KeyId=key,
        GranteeServicePrincipal="fargate.amazonaws.com",
        RetiringServicePrincipal="fargate.amazonaws.com",
        Operations=["GenerateDataKeyWithoutPlaintext"],
        Constraints={"SourceArn": source},
    )
    request = {"KeyId": key, "KeySpec": "AES_256"}
    right = client_of(bench, service("fargate", source_arn=source))
    right.generate_data_key_without_plaintext(**request)
    for wrong in (service("fargate"), service("s3", source_arn=source)):
        refused(client_of(bench, wrong), "generate_data_key_without_plaintext", **request)
    (entry,) = bench.kms.list_grants(KeyId=key)["Grants"]
    assert entry["GranteeServicePrincipal"] == "fargate.amazonaws.com"
    assert "GranteePrincipal" not in entry


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({}, "ValidationException"),
        ({"GranteePrincipal": "anna"}, "InvalidArnException"),
        ({"GranteePrincipal": "arn:aws:s3:::bucket"}, "InvalidArnException"),
        ({"GranteeServicePrincipal": "not a service"}, "ValidationException"),
        (
            {"GranteePrincipal": ANNA.arn, "GranteeServicePrincipal": "s3.amazonaws.com"},
            "ValidationException",
        ),
        ({"GranteePrincipal": ANNA.arn, "Operations": []}, "ValidationException"),
        ({"GranteePrincipal": ANNA.arn, "Operations": ["Fly"]}, "ValidationException"),
        ({"GranteePrincipal": ANNA.arn, "DryRun": True}, "DryRunOperationException"),
    ],
)
def test_requests_that_are_refused(
    bench: Bench, key: str, request_: dict[str, Any], code: str
) -> None:
    request = {"KeyId": key, "Operations": ["Encrypt"], **request_}
    assert code_of(bench.kms.create_grant, **request) == code
    assert bench.kms.list_grants(KeyId=key)["Grants"] == []


def test_retire_wants_one_way_to_name_a_grant(bench: Bench, key: str) -> None:
    made = grant(bench, key, "Encrypt")
    for request in (
        {},
        {"KeyId": key},
        {"GrantId": made["GrantId"]},
        {"GrantToken": made["GrantToken"], "GrantId": made["GrantId"]},
    ):
        assert code_of(bench.kms.retire_grant, **request) == "ValidationException"
    with pytest.raises(ParamValidationError):
        bench.kms.create_grant(KeyId=key)  # type: ignore[call-arg]


def test_states(bench: Bench, key: str) -> None:
    made = grant(bench, key, "Encrypt")
    bench.kms.disable_key(KeyId=key)
    request = {"KeyId": key, "GranteePrincipal": ANNA.arn, "Operations": ["Encrypt"]}
    assert code_of(bench.kms.create_grant, **request) == "DisabledException"
    bench.kms.schedule_key_deletion(KeyId=key)
    assert code_of(bench.kms.create_grant, **request) == "KMSInvalidStateException"
    assert len(bench.kms.list_grants(KeyId=key)["Grants"]) == 1
    bench.kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])


def test_no_token_or_secret_reaches_repr_or_journal(bench: Bench, key: str) -> None:
    token = grant(bench, key, "Encrypt", Name="n")["GrantToken"]
    client_of(bench, ANNA).encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[token])
    events = bench.cloudtrail.lookup_events()["Events"]
    assert {event["EventName"] for event in events} >= {"CreateGrant", "Encrypt"}
    assert token not in str(events)


SOURCE = f"arn:aws:s3:us-west-2:{ACCOUNT}:accesspoint/one"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"Constraints": {}}, "ValidationException"),
        ({"Constraints": {"EncryptionContextSubset": {"a": "b"}}}, "ValidationException"),
        ({"RetiringServicePrincipal": None}, "ValidationException"),
        ({"RetiringServicePrincipal": None, "RetiringPrincipal": ANNA.arn}, ""),
        ({"RetiringPrincipal": ANNA.arn}, "ValidationException"),
        ({"GranteePrincipal": ANNA.arn}, "ValidationException"),
    ],
)
def test_a_service_s_grant_names_its_source_and_who_retires_it(
    bench: Bench, key: str, change: dict[str, Any], code: str
) -> None:
    request: dict[str, Any] = {
        "KeyId": key,
        "GranteeServicePrincipal": "s3.amazonaws.com",
        "RetiringServicePrincipal": "s3.amazonaws.com",
        "Operations": ["Encrypt"],
        "Constraints": {"SourceArn": SOURCE},
        **change,
    }
    request = {name: value for name, value in request.items() if value is not None}
    if code:
        assert code_of(bench.kms.create_grant, **request) == code
    else:
        assert bench.kms.create_grant(**request)["GrantId"]
    assert len(bench.kms.list_grants(KeyId=key)["Grants"]) == (not code)


@pytest.mark.parametrize("member", ["EncryptionContextEquals", "EncryptionContextSubset"])
def test_a_constraint_has_eight_pairs_and_values_of_384_characters(
    bench: Bench, key: str, member: str
) -> None:
    request: dict[str, Any] = {
        "KeyId": key,
        "GranteePrincipal": ANNA.arn,
        "Operations": ["Encrypt"],
    }
    for most, length, fits in ((8, 384, True), (9, 1, False), (1, 385, False)):
        constraint: Any = {member: {str(number): "v" * length for number in range(most)}}
        if fits:
            bench.kms.create_grant(**request, Constraints=constraint)
        else:
            code = code_of(bench.kms.create_grant, **request, Constraints=constraint)
            assert code == "ValidationException"


def test_a_list_of_grants_is_of_one_principal(bench: Bench) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    kms: Any = bench.kms
    for call, role in (
        (lambda **names: kms.list_grants(KeyId=key, **names), "Grantee"),
        (kms.list_retirable_grants, "Retiring"),
    ):
        principal = {f"{role}Principal": ANNA.arn}
        service = {f"{role}ServicePrincipal": "s3.amazonaws.com"}
        assert call(**principal)["Grants"] == call(**service)["Grants"] == []
        assert code_of(call, **principal, **service) == "ValidationException"


def test_a_federated_user_may_be_granted_something(bench: Bench, key: str) -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/carla"
    bench.kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    (made,) = bench.kms.list_grants(KeyId=key, GranteePrincipal=arn)["Grants"]
    assert made["GranteePrincipal"] == arn
