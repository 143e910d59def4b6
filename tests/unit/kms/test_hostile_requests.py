"""Requests no honest program makes: refused as AWS or boto3 do; the journal stays whole."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from workbench.bench import Bench

BAD = "x\udcff"
"""Text with a lone surrogate, as a file name that is not UTF-8 gives it."""

DEEP = "[" * 30_000


@pytest.fixture(scope="module")
def key(shared: Bench) -> str:
    return shared.kms.create_key()["KeyMetadata"]["KeyId"]


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("describe_key", {"KeyId": BAD}),
        ("describe_key", {"KeyId": f"alias/{BAD}"}),
        ("create_key", {"Description": BAD}),
        ("create_key", {"KeySpec": BAD}),
        ("create_key", {"Tags": [{"TagKey": BAD, "TagValue": "v"}]}),
        ("create_key", {"Tags": [{"TagKey": "k", "TagValue": BAD}]}),
        ("update_key_description", {"KeyId": "KEY", "Description": BAD}),
        ("tag_resource", {"KeyId": "KEY", "Tags": [{"TagKey": "k", "TagValue": BAD}]}),
        ("untag_resource", {"KeyId": "KEY", "TagKeys": [BAD]}),
        ("encrypt", {"KeyId": "KEY", "Plaintext": b"x", "EncryptionContext": {"a": BAD}}),
        ("encrypt", {"KeyId": "KEY", "Plaintext": b"x", "EncryptionContext": {BAD: "a"}}),
        ("create_alias", {"AliasName": f"alias/{BAD}", "TargetKeyId": "KEY"}),
    ],
)
def test_text_that_cannot_be_encoded(
    shared: Bench, key: str, operation: str, request_: dict[str, Any]
) -> None:
    request = {name: key if value == "KEY" else value for name, value in request_.items()}
    with pytest.raises(ClientError) as caught:
        getattr(shared.kms, operation)(**request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    text = caught.value.response["Error"]["Message"]
    assert "\\udcff" in text
    text.encode()


def test_the_same_for_events(shared: Bench) -> None:
    attribute = {"AttributeKey": "ResourceName", "AttributeValue": BAD}
    with pytest.raises(ClientError, match="ValidationException"):
        shared.cloudtrail.lookup_events(LookupAttributes=[attribute])


@pytest.mark.parametrize("text", ["not JSON", "[]", "{}", DEEP, '{"Statement": []}'])
def test_policies_that_are_none(shared: Bench, key: str, text: str) -> None:
    policies = shared.kms.exceptions.MalformedPolicyDocumentException
    with pytest.raises(policies):
        shared.kms.put_key_policy(KeyId=key, Policy=text)
    with pytest.raises(policies):
        shared.kms.create_key(Policy=text)


def test_a_policy_of_ones_own(shared: Bench) -> None:
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
            ],
        }
    )
    made = shared.kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]
    assert shared.kms.get_key_policy(KeyId=made)["Policy"] == policy


@pytest.mark.parametrize("marker", ["²", "x", "-1", "1.5"])
def test_markers_that_are_none(shared: Bench, key: str, marker: str) -> None:
    with pytest.raises(ClientError, match=r"InvalidMarkerException|ValidationException"):
        shared.kms.list_key_rotations(KeyId=key, Marker=marker)


@pytest.mark.parametrize("request_", [{"Tags": None}, {"Description": None}, {"KeySpec": None}])
def test_none_is_refused_as_boto3_does(shared: Bench, request_: dict[str, Any]) -> None:
    with pytest.raises(ParamValidationError, match=r"Invalid type for parameter .*, value: None"):
        shared.kms.create_key(**request_)


@pytest.mark.parametrize("value", [["a secret"], {"a": "a secret"}, ("a secret",)])
def test_a_plaintext_of_a_wrong_type_is_not_told(shared: Bench, key: str, value: Any) -> None:
    with pytest.raises(ParamValidationError, match="Plaintext, value: …, type") as caught:
        shared.kms.encrypt(KeyId=key, Plaintext=value)
    assert "a secret" not in str(caught.value)


def test_the_journal_is_whole_after_all_that(shared: Bench, key: str) -> None:
    journal: Any = shared.journal
    with pytest.raises(ClientError):
        shared.kms.describe_key(KeyId=f"alias/{BAD}")
    assert journal.verify().problems == ()
    names = {event["eventName"] for event in journal.lookup(limit=1000)}
    assert "DescribeKey" in names
    assert "UnrecordableEvent" not in names
