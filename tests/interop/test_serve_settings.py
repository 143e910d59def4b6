"""`workbench serve --ephemeral` with quotas, delays and Regions of other partitions."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.interop.test_serve import ROOT, client, serving

DELAY = 1.5
PATIENCE = 20.0


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    seed = tmp_path_factory.mktemp("seed") / "seed.yaml"
    seed.write_text("limits: {aliases_per_key: 1, grants_per_key: 1}\n")
    options = ("--seed", str(seed), "--delay", str(DELAY), "--limit", "grants_per_key=2")
    with serving(*options) as ready:
        yield ready


def until(condition: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < PATIENCE
        time.sleep(0.05)
    return time.monotonic() - began


def test_a_replica_stays_creating_as_long_as_was_asked_for(slow: dict[str, Any]) -> None:
    kms = client(slow, "kms")
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    there = client(slow, "kms", "eu-central-1")
    began = time.monotonic()
    made = kms.replicate_key(KeyId=key, ReplicaRegion="eu-central-1")["ReplicaKeyMetadata"]
    assert made["KeyState"] == "Creating"
    with pytest.raises(ClientError, match="is creating") as refused:
        there.encrypt(KeyId=key, Plaintext=b"too early")
    assert refused.value.response["Error"]["Code"] == "KMSInvalidStateException"
    until(lambda: there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled")
    assert time.monotonic() - began >= DELAY
    kms.update_primary_region(KeyId=key, PrimaryRegion="eu-central-1")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Updating"
    until(lambda: kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled")


def test_a_rotation_on_demand_can_be_watched(slow: dict[str, Any]) -> None:
    kms = client(slow, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.rotate_key_on_demand(KeyId=key)
    assert "OnDemandRotationStartDate" in kms.get_key_rotation_status(KeyId=key)
    assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
    with pytest.raises(ClientError) as refused:
        kms.rotate_key_on_demand(KeyId=key)
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    assert kms.encrypt(KeyId=key, Plaintext=b"meanwhile")
    until(lambda: len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1)
    assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=key)


def test_quotas_are_the_seeds_and_the_command_lines(slow: dict[str, Any]) -> None:
    kms = client(slow, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/one", TargetKeyId=key)
    with pytest.raises(ClientError) as refused:
        kms.create_alias(AliasName="alias/two", TargetKeyId=key)
    assert refused.value.response["Error"]["Code"] == "LimitExceededException"
    root = f"arn:aws:iam::{slow['account']}:root"
    for name in ("a", "b"):  # the command line's 2 goes before the file's 1
        kms.create_grant(KeyId=key, GranteePrincipal=root, Operations=["Decrypt"], Name=name)
    with pytest.raises(ClientError) as refused:
        kms.create_grant(KeyId=key, GranteePrincipal=root, Operations=["Decrypt"], Name="c")
    assert refused.value.response["Error"]["Code"] == "LimitExceededException"


@pytest.mark.parametrize(
    ("region", "partition"), [("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")]
)
def test_other_partitions_have_their_own_arns(region: str, partition: str, tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        f"region: {region}\nkeys:\n  - id: 11111111-2222-3333-4444-555555555555\n"
        "    aliases: [alias/orders]\n"
    )
    with serving("--seed", str(seed)) as ready:
        account = ready["account"]
        kms, sts, iam = (client(ready, name) for name in ("kms", "sts", "iam"))
        assert ready["region"] == region
        assert set(ready["regions"]) >= {region}
        assert "us-east-1" not in ready["regions"]
        assert sts.get_caller_identity()["Arn"] == f"arn:{partition}:iam::{account}:root"
        found = kms.describe_key(KeyId="alias/orders")["KeyMetadata"]["Arn"]
        assert found.startswith(f"arn:{partition}:kms:{region}:{account}:key/")
        policy = json.loads(kms.get_key_policy(KeyId=found)["Policy"])
        (statement,) = policy["Statement"]
        assert statement["Principal"] == {"AWS": f"arn:{partition}:iam::{account}:root"}
        # A user to whom the account's delegation reaches, and another partition's name for her.
        user = iam.create_user(UserName="anna")["User"]["Arn"]
        assert user == f"arn:{partition}:iam::{account}:user/anna"
        document = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "kms:Encrypt", "Resource": found}],
        }
        iam.put_user_policy(UserName="anna", PolicyName="may", PolicyDocument=json.dumps(document))
        made = iam.create_access_key(UserName="anna")["AccessKey"]
        hers = client(
            ready,
            "kms",
            aws_access_key_id=made["AccessKeyId"],
            aws_secret_access_key=made["SecretAccessKey"],
        )
        assert hers.encrypt(KeyId=found, Plaintext=b"x")["KeyId"] == found
        with pytest.raises(ClientError, match="AccessDenied"):
            hers.describe_key(KeyId=found)
        elsewhere = found.replace(f"arn:{partition}:", "arn:aws:")
        with pytest.raises(ClientError) as refused:
            kms.describe_key(KeyId=elsewhere)
        assert refused.value.response["Error"]["Code"] == "InvalidArnException"


def test_a_hierarchy_in_another_partition() -> None:
    with serving("--region", "us-gov-east-1") as ready:
        pca = client(ready, "acm-pca")
        arn = pca.create_certificate_authority(
            CertificateAuthorityType="ROOT",
            CertificateAuthorityConfiguration={
                "KeyAlgorithm": "EC_prime256v1",
                "SigningAlgorithm": "SHA256WITHECDSA",
                "Subject": {"CommonName": "Gov Root"},
            },
        )["CertificateAuthorityArn"]
        assert arn.startswith("arn:aws-us-gov:acm-pca:us-gov-east-1:")
        pca.get_waiter("certificate_authority_csr_created").wait(CertificateAuthorityArn=arn)
        request = {
            "CertificateAuthorityArn": arn,
            "Csr": pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode(),
            "SigningAlgorithm": "SHA256WITHECDSA",
            "Validity": {"Type": "DAYS", "Value": 365},
        }
        template = "arn:aws-us-gov:acm-pca:::template/RootCACertificate/V1"
        made = pca.issue_certificate(**request, TemplateArn=template)
        assert made["CertificateArn"].startswith(arn)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        "region: eu-central-1\nkeys:\n  - id: 11111111-2222-3333-4444-555555555555\n"
        "    region: us-gov-west-1\nlimits: {keyz: 1}\n"
    )
    for options, sentence in (
        (["--seed", str(seed)], "region must be in the partition aws"),
        (["--limit", "keyz=1"], "There is no quota “keyz”"),
        (["--limit", "keys=many"], "is not QUOTA=N"),
        (["--delay", "-1"], "is not 0 to 3600 seconds"),
        (["--delay", "nan"], "is not 0 to 3600 seconds"),
    ):
        command = [sys.executable, "-m", "workbench", "serve", "--ephemeral", *options]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode
        assert sentence in done.stderr, done.stderr
