"""AWS's own clients, as processes, against the endpoint of a real vault."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from tests.fakes.engine import make_bench
from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import make_kms_bench
from tests.fakes.kms_tour import Tour
from tests.fakes.peers import Served, need_peers
from tests.fakes.wire import KEY_ID, SECRET, EngineBackend
from workbench.base.clock import SystemClock
from workbench.crypto.mldsa import compute_mu
from workbench.endpoint.server import EndpointServer

JWT = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJNTC1EU0EtNjUifQ.eyJpc3MiOiJqb2UiLA0KICJleHAiOjE3NDg5NTIwMDAs"
    "DQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    need_peers()
    bench = make_bench(tmp_path_factory.mktemp("served") / "vault")
    bench.serving.start()
    yield Served(bench, bench.serving.variables())
    bench.close()


def test_the_encryption_sdk(served: Served) -> None:
    """KMS keyrings, a multi-keyring over two Regions, and ECDH keyrings."""
    keys = [
        served.client("kms", region).create_key()["KeyMetadata"]["Arn"]
        for region in ("us-west-2", "eu-west-1")
    ]
    kms, pairs = served.client("kms"), []
    for _ in range(2):
        made = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]
        public = kms.get_public_key(KeyId=made["KeyId"])["PublicKey"].hex()
        pairs.append({"arn": made["Arn"], "public": public})
    answer = served.peer("encryption_sdk.py", {"keys": keys, "pairs": pairs})
    assert answer == {
        "single": True,
        "either": [True, True],
        "stranger": "AWSEncryptionSDKClientError",
        "ecdh": True,
    }


def test_a_second_ml_dsa_verifies(served: Served) -> None:
    kms, asked = served.client("kms"), []
    for spec in ("ML_DSA_44", "ML_DSA_65", "ML_DSA_87"):
        key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        public = kms.get_public_key(KeyId=key)["PublicKey"]
        for kind, message in (
            ("RAW", JWT.encode()),
            ("EXTERNAL_MU", compute_mu(public, JWT.encode())),
        ):
            signature = kms.sign(
                KeyId=key,
                Message=message,
                MessageType=kind,
                SigningAlgorithm="ML_DSA_SHAKE_256",
            )["Signature"]
            one = {"spec": spec, "public": public.hex(), "message": JWT.encode().hex()}
            asked += [
                {**one, "signature": signature.hex()},
                {**one, "signature": signature.hex(), "message": b"another".hex()},
            ]
    assert served.peer("mldsa.py", asked) == [True, False] * 6


ML_DSA = """
aws kms create-key --key-spec ML_DSA_65 --key-usage SIGN_VERIFY --output text --query \
    KeyMetadata.KeyId > key
aws kms sign --key-id $(cat key) --message "$JWT" --message-type RAW \
    --signing-algorithm ML_DSA_SHAKE_256 --output text --query Signature \
    --cli-binary-format raw-in-base64-out | base64 --decode > raw.sig
aws kms get-public-key --key-id $(cat key) --output text --query PublicKey \
    | base64 --decode > public_key.der
{
    openssl asn1parse -inform DER -in public_key.der -strparse 17 -noout -out - 2>/dev/null |
    openssl dgst -provider default -shake256 -xoflen 64 -binary;
    printf '\\x00\\x00';
    echo -n "$JWT"
} | openssl dgst -provider default -shake256 -xoflen 64 -binary > mu.bin
aws kms sign --key-id $(cat key) --message fileb://mu.bin --message-type EXTERNAL_MU \
    --signing-algorithm ML_DSA_SHAKE_256 --output text --query Signature \
    | base64 --decode > mu.sig
aws kms verify --key-id $(cat key) --message fileb://mu.bin --message-type EXTERNAL_MU \
    --signing-algorithm ML_DSA_SHAKE_256 --signature fileb://raw.sig --query SignatureValid
for signature in raw.sig mu.sig; do
    echo -n "$JWT" | openssl dgst -verify public_key.der -signature $signature
done
"""


def test_the_ml_dsa_post_s_command_lines(served: Served, tmp_path: Path, openssl: str) -> None:
    # Version 1 of the CLI takes a text for a blob as it stands; the option is version 2's.
    script = ML_DSA.replace("--cli-binary-format raw-in-base64-out ", "")
    told = served.run(tmp_path, openssl, f'JWT="{JWT}"\n{script}')
    assert told.split("\n") == ["true", "Verified OK", "Verified OK", ""]


ECDH = """
aws kms create-key --key-spec ECC_NIST_P256 --key-usage KEY_AGREEMENT \
    --description "Example ECDH key pair" --output text --query KeyMetadata.KeyId > key
aws kms create-alias --alias-name alias/example-ecdh-key --target-key-id $(cat key)
openssl ecparam -name P-256 -genkey -out openssl_ecc_private_key.pem
openssl ec -in openssl_ecc_private_key.pem -pubout -outform DER > openssl_ecc_public_key.bin.der
aws kms get-public-key --key-id alias/example-ecdh-key --output text --query PublicKey \
    | base64 --decode > kms_ecdh_public_key.der
openssl ec -pubin -inform DER -outform PEM -in kms_ecdh_public_key.der -out kms_ecdh_public_key.pem
openssl pkeyutl -derive -inkey openssl_ecc_private_key.pem -peerkey kms_ecdh_public_key.pem \
    > openssl.ss
aws kms derive-shared-secret --key-id alias/example-ecdh-key \
    --public-key fileb://openssl_ecc_public_key.bin.der --key-agreement-algorithm ECDH \
    --output text --query SharedSecret | base64 --decode > kms.ss
diff -qs openssl.ss kms.ss
"""


def test_the_ecdh_post_s_command_lines(served: Served, tmp_path: Path, openssl: str) -> None:
    assert "are identical" in served.run(tmp_path, openssl, ECDH)


def test_the_cli_tells_refusals(served: Served, tmp_path: Path, openssl: str) -> None:
    told = served.run(
        tmp_path,
        openssl,
        "aws kms describe-key --key-id alias/nobody 2>&1 || true\n"
        "AWS_SECRET_ACCESS_KEY=wrong aws kms list-keys 2>&1 || true\n"
        "aws sts get-caller-identity --output text --query Arn\n",
    )
    assert "(NotFoundException)" in told
    assert "Alias arn:aws:kms:us-west-2:111122223333:alias/nobody is not found." in told
    assert "InvalidSignatureException" in told
    assert told.rstrip().endswith("arn:aws:iam::111122223333:root")


def test_boto3_reaches_every_operation(tmp_path: Path) -> None:
    """The tour that visits all 56 operations, each request and answer over the wire."""
    backend = FakeKeyStore()
    bench = make_kms_bench(
        tmp_path / "vault", {"AWS_CLOUDHSM": backend, "EXTERNAL_KEY_STORE": backend}
    )
    wire = EngineBackend(bench.kms._door)
    try:
        with EndpointServer(wire, SystemClock()) as server:
            kms = boto3.client(
                "kms",
                region_name="us-west-2",
                endpoint_url=server.url,
                aws_access_key_id=KEY_ID,
                aws_secret_access_key=SECRET,
            )
            tour = Tour(replace(bench, kms=kms), backend)
            tour.go()
            assert set(tour.answers) == set(kms.meta.service_model.operation_names)
    finally:
        bench.close()
