"""boto3 itself against the endpoint over a real engine, and over a backend that answers as told."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.fakes.engine import make_bench
from tests.fakes.wire import CALLER, KEY_ID, REGION, SECRET, EngineBackend, FakeBackend
from workbench.api.errors import AwsError
from workbench.base.clock import SystemClock
from workbench.endpoint.server import EndpointServer


def client(server: EndpointServer, service: str, **more: Any) -> Any:
    return boto3.client(
        service,
        endpoint_url=server.url,
        region_name=more.pop("region", REGION),
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=more.pop("secret", SECRET),
        config=Config(retries={"total_max_attempts": 1}),
        **more,
    )


def code_of(caught: pytest.ExceptionInfo[ClientError]) -> str:
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EndpointServer]:
    bench = make_bench(Path(tmp_path_factory.mktemp("vault")))
    door = bench.kms._door
    try:
        with EndpointServer(EngineBackend(door), SystemClock()) as running:
            yield running
    finally:
        bench.close()


@pytest.fixture(scope="module")
def kms(server: EndpointServer) -> Any:
    return client(server, "kms")


def test_a_key_and_what_it_does(kms: Any) -> None:
    made = kms.create_key(Description="naïve ☃", Tags=[{"TagKey": "a", "TagValue": ""}])
    metadata = made["KeyMetadata"]
    assert abs((datetime.now(UTC) - metadata["CreationDate"]).total_seconds()) < 60
    assert metadata["Description"] == "naïve ☃"
    assert len(made["ResponseMetadata"]["RequestId"]) == 36
    key, context = metadata["KeyId"], {"a": "bc", "ü": " "}
    blob = kms.encrypt(KeyId=key, Plaintext=bytes(range(256)), EncryptionContext=context)
    opened = kms.decrypt(CiphertextBlob=blob["CiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == bytes(range(256))
    with pytest.raises(kms.exceptions.InvalidCiphertextException) as caught:
        kms.decrypt(CiphertextBlob=blob["CiphertextBlob"], EncryptionContext={"ab": "c"})
    assert caught.value.response["Error"]["Message"] == ""
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert len(data_key["Plaintext"]) == 32
    assert (
        kms.decrypt(CiphertextBlob=data_key["CiphertextBlob"])["Plaintext"]
        == (data_key["Plaintext"])
    )
    assert kms.enable_key_rotation(KeyId=key)["ResponseMetadata"]["HTTPStatusCode"] == 200
    due = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    assert due > datetime.now(UTC)
    gone = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert gone["DeletionDate"] > datetime.now(UTC)
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.encrypt(KeyId=key, Plaintext=b"x")


def test_signatures_and_pages(kms: Any) -> None:
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    given = {"KeyId": key, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(**given)["Signature"]
    assert kms.verify(Signature=signature, **given)["SignatureValid"] is True
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(Signature=signature, **{**given, "Message": b"n"})
    for _ in range(3):
        kms.create_key()
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert key in [entry["KeyArn"] for page in pages for entry in page["Keys"]]
    assert len(kms.generate_random(NumberOfBytes=1024)["Plaintext"]) == 1024


def test_refusals(server: EndpointServer, kms: Any) -> None:
    with pytest.raises(kms.exceptions.NotFoundException) as missing:
        kms.describe_key(KeyId="alias/nothing")
    assert "alias/nothing" in missing.value.response["Error"]["Message"]
    told = client(server, "cloudtrail").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "DescribeKey"}]
    )
    event = json.loads(told["Events"][0]["CloudTrailEvent"])
    assert event["errorCode"] == "NotFoundException"
    assert event["requestID"] == missing.value.response["ResponseMetadata"]["RequestId"]
    with pytest.raises(ClientError, match="1 validation error detected") as limit:
        kms.generate_random(NumberOfBytes=1025)
    assert code_of(limit) == "ValidationException"
    for settings, code in (
        ({"secret": "wrong"}, "InvalidSignatureException"),
        ({"region": "eu-north-1"}, "InvalidSignatureException"),
        ({"aws_session_token": "t"}, "UnrecognizedClientException"),
    ):
        with pytest.raises(ClientError) as caught:
            client(server, "kms", **settings).list_keys()
        assert code_of(caught) == code


def test_an_empty_request_is_a_validation_error(server: EndpointServer) -> None:
    """Emulators answer HTTP 500 to most of these."""
    lax = boto3.client(
        "kms",
        endpoint_url=server.url,
        region_name=REGION,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )
    for operation in ("encrypt", "sign", "create_alias", "describe_key", "put_key_policy"):
        with pytest.raises(ClientError, match="must not be null") as caught:
            getattr(lax, operation)()
        assert code_of(caught) == "ValidationException"
    with pytest.raises(ClientError) as wrong:
        lax.describe_key(KeyId=["a list"])
    assert code_of(wrong) == "SerializationException"


def test_private_ca_and_trail_speak_too(server: EndpointServer) -> None:
    pca = client(server, "acm-pca")
    assert pca.list_certificate_authorities()["CertificateAuthorities"] == []
    subject = {"CommonName": "Röot", "Country": "DE"}
    arn = pca.create_certificate_authority(
        CertificateAuthorityType="ROOT",
        CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1",
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": subject,
        },
    )["CertificateAuthorityArn"]
    found = pca.describe_certificate_authority(CertificateAuthorityArn=arn)["CertificateAuthority"]
    assert found["CertificateAuthorityConfiguration"]["Subject"] == subject
    assert found["CreatedAt"].tzinfo is not None
    events = client(server, "cloudtrail").lookup_events(MaxResults=5)["Events"]
    assert "CloudTrailEvent" in events[0]


def test_a_long_key_generation_holds_nobody_up(server: EndpointServer, kms: Any) -> None:
    done = threading.Event()

    def generate() -> None:
        client(server, "kms").create_key(KeySpec="RSA_4096", KeyUsage="SIGN_VERIFY")
        done.set()

    thread = threading.Thread(target=generate)
    begun = time.perf_counter()
    thread.start()
    waits = []
    while not done.is_set():
        start = time.perf_counter()
        kms.generate_random(NumberOfBytes=8)
        waits.append(time.perf_counter() - start)
    thread.join()
    whole = time.perf_counter() - begun
    assert whole < 0.2 or max(waits) < whole / 2, (whole, max(waits))


# STS and IAM: query in, XML out.

ROLE = f"arn:aws:iam::{CALLER.account}:role/Reader"


@pytest.fixture
def told() -> Iterator[tuple[FakeBackend, EndpointServer]]:
    backend = FakeBackend()
    with EndpointServer(backend, SystemClock()) as running:
        yield backend, running


def test_sts(told: tuple[FakeBackend, EndpointServer]) -> None:
    backend, running = told
    expires = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    backend.answers[("sts", "GetCallerIdentity")] = lambda _: {
        "Account": CALLER.account,
        "Arn": CALLER.arn,
        "UserId": CALLER.account,
    }
    backend.answers[("sts", "AssumeRole")] = lambda _: {
        "Credentials": {
            "AccessKeyId": "ASIATEMPORARY",
            "SecretAccessKey": SECRET,
            "SessionToken": "to+/=ken",
            "Expiration": expires,
        },
        "AssumedRoleUser": {"Arn": "a&b", "AssumedRoleId": "<i>"},
    }
    sts = client(running, "sts")
    assert sts.get_caller_identity()["Arn"] == CALLER.arn
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny & <co>"}]})
    given = {
        "RoleArn": ROLE,
        "RoleSessionName": "session",
        "Policy": policy,
        "DurationSeconds": 900,
        "Tags": [{"Key": "tenant", "Value": "ä b+c"}, {"Key": "n", "Value": ""}],
        "TransitiveTagKeys": ["tenant"],
    }
    assumed = sts.assume_role(**given)
    assert backend.calls[-1][3] == given
    assert assumed["Credentials"]["Expiration"] == expires
    assert assumed["AssumedRoleUser"] == {"Arn": "a&b", "AssumedRoleId": "<i>"}
    token = assumed["Credentials"]["SessionToken"]
    backend.temporary("ASIATEMPORARY", token, datetime(2030, 1, 1, tzinfo=UTC))
    session = boto3.Session("ASIATEMPORARY", SECRET, token, region_name=REGION)
    again = session.client("sts", endpoint_url=running.url)
    assert again.get_caller_identity()["Account"] == CALLER.account
    with pytest.raises(ClientError) as caught:
        client(running, "sts", secret="wrong").get_caller_identity()
    assert code_of(caught) == "SignatureDoesNotMatch"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    with pytest.raises(ClientError) as unknown:
        sts.get_session_token()
    assert code_of(unknown) == "UnsupportedOperationException"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_presigned_sts_request(told: tuple[FakeBackend, EndpointServer], method: str) -> None:
    backend, running = told
    backend.answers[("sts", "GetCallerIdentity")] = lambda _: {"Arn": CALLER.arn}
    url = client(running, "sts").generate_presigned_url("get_caller_identity", HttpMethod=method)
    with urlopen(Request(url, method=method)) as answer:  # loopback
        assert CALLER.arn in answer.read().decode()


def test_iam_policies_come_back_as_documents(told: tuple[FakeBackend, EndpointServer]) -> None:
    backend, running = told
    document = {"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "50%"}]}
    backend.answers[("iam", "GetRolePolicy")] = lambda request: {
        **request,
        "PolicyDocument": quote(json.dumps(document), safe=""),  # as workbench.iam answers
    }
    iam = client(running, "iam")
    found = iam.get_role_policy(RoleName="Reader", PolicyName="p")
    assert found["PolicyDocument"] == document
    refuse(backend)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role_policy(RoleName="Reader", PolicyName="q")


def refuse(backend: FakeBackend) -> None:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        raise AwsError("NoSuchEntityException", f"{request['RoleName']} is not there")

    backend.answers[("iam", "GetRolePolicy")] = answer


def test_boto3_backs_off_from_a_rate(told: tuple[FakeBackend, EndpointServer]) -> None:
    backend, running = told
    backend.answers[("kms", "ListKeys")] = lambda _: {"Keys": []}
    running.set_rates({("kms", "ListKeys"): 0.001})
    kms = client(running, "kms")
    kms.list_keys()
    with pytest.raises(ClientError, match="exceeded the rate") as caught:
        kms.list_keys()
    assert code_of(caught) == "ThrottlingException"
