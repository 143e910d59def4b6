"""Quotas: reached in small numbers, with AWS's exception and AWS's own numbers by default."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.kms_bench import KmsBench, make_kms_bench
from workbench.api.models import aws_model
from workbench.kms.limits import Limits

SMALL = Limits(aliases_per_key=2, policy_bytes=400, on_demand_rotations=1, tags_per_key=2, keys=3)
STATEMENT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
    "Action": "kms:*",
    "Resource": "*",
}


@pytest.fixture
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KmsBench]:
    made = make_kms_bench(tmp_path_factory.mktemp("limits") / "vault", limits=SMALL)
    yield made
    made.close()


def refused(bench: KmsBench, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        getattr(bench.kms, operation)(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def policy(size: int) -> str:
    """Return a policy of exactly `size` bytes, some of them not ASCII."""
    document = {"Version": "2012-10-17", "Statement": [{**STATEMENT, "Sid": "é"}]}
    text = json.dumps(document, ensure_ascii=False)
    return text + " " * (size - len(text.encode()))


def test_aws_s_own_numbers() -> None:
    assert Limits() == Limits(
        aliases_per_key=50,
        grants_per_key=50_000,
        policy_bytes=32_768,
        on_demand_rotations=25,
        tags_per_key=50,
        keys=100_000,
        custom_key_stores=10,
    )


def test_aliases(bench: KmsBench) -> None:
    made = bench.kms.create_key()["KeyMetadata"]
    for number in range(2):
        bench.kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=made["KeyId"])
    answer = refused(bench, "create_alias", AliasName="alias/2", TargetKeyId=made["KeyId"])
    assert answer == (
        "LimitExceededException",
        f"The aliases limit has been reached for {made['Arn']}.",
    )
    other = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    bench.kms.create_alias(AliasName="alias/2", TargetKeyId=other)
    again = refused(bench, "update_alias", AliasName="alias/2", TargetKeyId=made["KeyId"])
    assert again == answer
    bench.kms.update_alias(AliasName="alias/1", TargetKeyId=made["KeyId"])
    bench.kms.update_alias(AliasName="alias/1", TargetKeyId=other)
    bench.kms.update_alias(AliasName="alias/2", TargetKeyId=made["KeyId"])


def test_tags(bench: KmsBench) -> None:
    tags = [{"TagKey": str(number), "TagValue": ""} for number in range(3)]
    key = bench.kms.create_key(Tags=tags[:2])["KeyMetadata"]["KeyId"]
    for operation, request in (
        ("tag_resource", {"KeyId": key, "Tags": tags[2:]}),
        ("create_key", {"Tags": tags}),
    ):
        assert refused(bench, operation, **request) == ("TagException", "Too many tags")


def test_on_demand_rotations_are_as_many_as_aws_s_model_says() -> None:
    told = aws_model("kms").operation_model("RotateKeyOnDemand").documentation
    assert f"<b>maximum of {Limits().on_demand_rotations} times</b>" in told


def test_rotations(bench: KmsBench) -> None:
    made = bench.kms.create_key()["KeyMetadata"]
    bench.kms.rotate_key_on_demand(KeyId=made["KeyId"])
    bench.run_due()
    assert refused(bench, "rotate_key_on_demand", KeyId=made["KeyId"]) == (
        "LimitExceededException",
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand "
        f"rotations can be performed for this key: {made['Arn']}",
    )


def test_policies(bench: KmsBench) -> None:
    made = bench.kms.create_key(Policy=policy(400), MultiRegion=True)["KeyMetadata"]["KeyId"]
    bench.kms.put_key_policy(KeyId=made, Policy=policy(400))
    too_long = {"Policy": policy(401)}
    for operation, request in (
        ("put_key_policy", {"KeyId": made}),
        ("create_key", {}),
        ("replicate_key", {"KeyId": made, "ReplicaRegion": "eu-west-1"}),
    ):
        answer = refused(bench, operation, **request, **too_long)
        assert answer[0] == "LimitExceededException"
        assert "401 bytes" in answer[1]


def test_keys(bench: KmsBench) -> None:
    for _ in range(3):
        key = bench.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    assert refused(bench, "create_key")[0] == "LimitExceededException"
    # Another Region has its own.
    bench.kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    assert len(bench.kms.list_keys()["Keys"]) == 3


def test_grants(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("grants") / "vault"
    bench = make_kms_bench(folder, limits=Limits(grants_per_key=1))
    try:
        made = bench.kms.create_key()["KeyMetadata"]
        grant = {
            "KeyId": made["KeyId"],
            "GranteePrincipal": "arn:aws:iam::111122223333:user/a",
            "Operations": ["Encrypt"],
        }
        kept = bench.kms.create_grant(**grant)["GrantId"]
        assert refused(bench, "create_grant", **grant) == (
            "LimitExceededException",
            f"The grants limit has been reached for {made['Arn']}.",
        )
        bench.kms.revoke_grant(KeyId=made["KeyId"], GrantId=kept)
        assert bench.kms.create_grant(**grant)["GrantId"] != kept
    finally:
        bench.close()
