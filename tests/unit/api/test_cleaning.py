from typing import Any

import pytest

from workbench.api.cleaning import compile_cleaning, secret_values
from workbench.api.models import aws_model

CREDENTIALS = {
    "AccessKeyId": "ASIAEXAMPLE",
    "SecretAccessKey": "topsecret",
    "SessionToken": "topsecret",
    "Expiration": 1,
}


@pytest.mark.parametrize(
    ("service", "operation", "answer"),
    [
        ("sts", "AssumeRole", {"Credentials": CREDENTIALS}),
        ("sts", "GetSessionToken", {"Credentials": CREDENTIALS}),
        (
            "iam",
            "CreateAccessKey",
            {"AccessKey": {"AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "topsecret"}},
        ),
    ],
)
def test_secrets_inside_structures_are_left_out(
    service: str, operation: str, answer: dict[str, Any]
) -> None:
    cleaned = compile_cleaning(aws_model(service).operation_model(operation).output_shape)(answer)
    assert "topsecret" not in str(cleaned)
    (part,) = cleaned.values()
    assert part["AccessKeyId"].endswith("EXAMPLE")


def test_what_is_no_secret_stays_at_any_depth() -> None:
    clean = compile_cleaning(aws_model("kms").operation_model("CreateGrant").input_shape)
    request = {
        "KeyId": "k",
        "Constraints": {"EncryptionContextEquals": {"a": "b", "long": "x" * 3000}},
        "GrantTokens": ["t"],
    }
    cleaned = clean(request)
    context = cleaned["Constraints"]["EncryptionContextEquals"]
    assert context["a"] == "b"
    assert len(context["long"]) < 3000
    assert "GrantTokens" not in cleaned


def test_a_request_of_wrong_types_can_be_cleaned() -> None:
    clean = compile_cleaning(aws_model("sts").operation_model("AssumeRole").output_shape)
    assert clean({"Credentials": ["SessionToken", 1]}) == {"Credentials": ["SessionToken", 1]}


def test_secret_values_of_any_form_are_found() -> None:
    shape = aws_model("kms").operation_model("CreateCustomKeyStore").input_shape
    assert shape is not None
    credential = {"AccessKeyId": "id", "RawSecretAccessKey": ["of", "wrong", "type"], "Other": 1}
    for given, expected in (
        ({"KeyStorePassword": 7, "CustomKeyStoreName": "shown", "Unknown": "shown"}, [7]),
        ({"XksProxyAuthenticationCredential": credential}, ["id", ["of", "wrong", "type"]]),
        ({"XksProxyAuthenticationCredential": "text"}, ["text"]),
        ({"CustomKeyStoreName": "shown"}, []),
    ):
        assert list(secret_values(shape, given)) == expected
