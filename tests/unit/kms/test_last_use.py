"""GetKeyLastUsage, from the journal."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from workbench.api.models import aws_model
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.kms.last_use import USES


def last_use(bench: Bench, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = bench.kms.get_key_last_usage(KeyId=key)  # type: ignore[assignment]
    return answer


def test_the_operations_are_aws_s() -> None:
    shape = aws_model("kms").operation_model("GetKeyLastUsage").output_shape
    assert shape is not None
    assert set(shape.members["KeyLastUsage"].members["Operation"].enum) == USES


def test_never_used(bench: Bench) -> None:
    made = bench.kms.create_key()["KeyMetadata"]
    bench.kms.describe_key(KeyId=made["KeyId"])
    answer = last_use(bench, made["KeyId"])
    assert answer["KeyId"] == made["KeyId"]
    assert answer["KeyLastUsage"] == {}
    assert answer["KeyCreationDate"] == answer["TrackingStartDate"] == made["CreationDate"]


def test_the_newest_success_counts(bench: Bench, clock: TravelClock) -> None:
    key = bench.kms.create_key()["KeyMetadata"]["KeyId"]
    blob = bench.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    clock.travel(timedelta(hours=1))
    answer = bench.kms.decrypt(CiphertextBlob=blob)
    clock.travel(timedelta(hours=1))
    bench.kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])
    for request in ({"Plaintext": b"x", "DryRun": True}, {"Plaintext": b""}):
        with pytest.raises((ClientError, ParamValidationError)):
            bench.kms.encrypt(KeyId=key, **request)
    found = last_use(bench, key)["KeyLastUsage"]
    assert found["Operation"] == "Decrypt"
    assert found["KmsRequestId"] == answer["ResponseMetadata"]["RequestId"]
    assert found["CloudTrailEventId"]
    assert timedelta(0) <= clock.now() - found["Timestamp"] - timedelta(hours=1) < timedelta(0, 60)


def test_both_keys_of_re_encrypt_are_used(bench: Bench) -> None:
    source, target = (bench.kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    blob = bench.kms.encrypt(KeyId=source, Plaintext=b"x")["CiphertextBlob"]
    bench.kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=target)
    assert last_use(bench, source)["KeyLastUsage"]["Operation"] == "ReEncrypt"
    assert last_use(bench, target)["KeyLastUsage"]["Operation"] == "ReEncrypt"


def test_each_key_by_its_own(bench: Bench) -> None:
    used, idle = (bench.kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    bench.kms.generate_data_key(KeyId=used, KeySpec="AES_256")
    assert last_use(bench, used)["KeyLastUsage"]["Operation"] == "GenerateDataKey"
    assert last_use(bench, idle)["KeyLastUsage"] == {}
