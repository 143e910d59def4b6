from typing import Any

import pytest

from workbench.api import validation
from workbench.api.models import aws_model


def problems(operation: str, request: dict[str, Any]) -> list[str]:
    found: list[str] = []
    validation.compile_request(aws_model("kms").operation_model(operation))(request, "", found)
    return found


def test_good_requests_have_no_problems() -> None:
    assert problems("Sign", {"KeyId": "a", "Message": b"m", "SigningAlgorithm": "SM2DSA"}) == []
    assert problems("ListKeys", {}) == []
    assert problems("CreateKey", {"Description": None}) == []


@pytest.mark.parametrize(
    ("operation", "request_", "expected"),
    [
        (
            "GenerateRandom",
            {"NumberOfBytes": 1025},
            "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value "
            "less than or equal to 1024",
        ),
        (
            "GenerateRandom",
            {"NumberOfBytes": 0},
            "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value "
            "greater than or equal to 1",
        ),
        (
            "Encrypt",
            {"KeyId": "a", "Plaintext": b"x" * 4097},
            "Value at 'plaintext' failed to satisfy constraint: Member must have length less than "
            "or equal to 4096",
        ),
        (
            "PutKeyPolicy",
            {"KeyId": "a"},
            "Value null at 'policy' failed to satisfy constraint: Member must not be null",
        ),
        (
            "TagResource",
            {"KeyId": "a", "Tags": [{"TagKey": "", "TagValue": "v"}]},
            "Value '' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have "
            "length greater than or equal to 1",
        ),
        (
            "CreateAlias",
            {"AliasName": "alias/ä", "TargetKeyId": "k"},
            "Value 'alias/ä' at 'aliasName' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
        ),
    ],
)
def test_aws_texts(operation: str, request_: dict[str, Any], expected: str) -> None:
    assert problems(operation, request_) == [expected]


def test_every_problem_is_named_at_once() -> None:
    found = problems("Sign", {"KeyId": "", "Message": b"x" * 5000, "SigningAlgorithm": "Z"})
    text = validation.message(found)
    assert text.startswith("3 validation errors detected: Value '' at 'keyId'")
    assert "at 'message'" in text
    assert "Value 'Z' at 'signingAlgorithm'" in text


def test_the_plaintext_itself_is_never_in_the_text() -> None:
    found = problems("Encrypt", {"KeyId": "a", "Plaintext": b"topsecret" * 1000})
    assert "topsecret" not in validation.message(found)


@pytest.mark.parametrize(
    "request_",
    [
        {"KeyId": 7},
        {"KeyId": "a", "Unknown": 1},
        {"KeyId": "a", "GrantTokens": "x"},
        "no structure at all",
    ],
)
def test_wrong_types_are_told_apart(request_: Any) -> None:
    with pytest.raises(validation.WrongType):
        problems("DescribeKey", request_)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_numbers_that_json_lacks_are_no_dates(value: float) -> None:
    request = {"KeyId": "a", "ImportToken": b"t", "EncryptedKeyMaterial": b"e", "ValidTo": value}
    with pytest.raises(validation.WrongType):
        problems("ImportKeyMaterial", request)
    assert problems("ImportKeyMaterial", {**request, "ValidTo": 1.5}) == []


def test_booleans_are_no_integers() -> None:
    with pytest.raises(validation.WrongType):
        problems("GenerateRandom", {"NumberOfBytes": True})


@pytest.mark.parametrize("service", ["kms", "acm-pca"])
def test_every_operation_of_the_models_compiles(service: str) -> None:
    model = aws_model(service)
    for name in model.operation_names:
        validation.compile_request(model.operation_model(name))


@pytest.mark.parametrize("secret", ["?" * 43, "?" * 65, "\udcff" * 43])
def test_a_secret_text_is_never_shown(secret: str) -> None:
    credential = {"AccessKeyId": "?" * 20, "RawSecretAccessKey": secret}
    found = problems(
        "CreateCustomKeyStore",
        {"CustomKeyStoreName": "n", "XksProxyAuthenticationCredential": credential},
    )
    text = "".join(found)
    assert "'xksProxyAuthenticationCredential.rawSecretAccessKey'" in text
    assert "'xksProxyAuthenticationCredential.accessKeyId'" in text
    for shown in ("????", "\udcff", "\\udcff"):
        assert shown not in text
