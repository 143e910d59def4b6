"""`workbench serve` as a process, and AWS's own client against it."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.fakes.shell import PASSPHRASE, Shell

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = re.search(
    r"```yaml\n(.*?)```", (ROOT / "resources/help/seed.md").read_text("utf-8"), re.DOTALL
)
ORDERS = "11111111-2222-3333-4444-555555555555"


@contextmanager
def serving(*options: str) -> Iterator[dict[str, Any]]:
    """Run `workbench serve --ephemeral`; yields its ready line and the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench", "serve", "--ephemeral", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        yield {**json.loads(process.stdout.readline()), "process": process}
    finally:
        process.terminate()
        process.communicate(timeout=30)


def client(ready: dict[str, Any], service: str, region: str = "", **more: Any) -> Any:
    given = {
        "aws_access_key_id": ready["accessKeyId"],
        "aws_secret_access_key": ready["secretAccessKey"],
        **more,
    }
    return boto3.client(
        service, region_name=region or ready["region"], endpoint_url=ready["endpoint"], **given
    )


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The example of the help page, served."""
    assert EXAMPLE is not None
    seed = tmp_path_factory.mktemp("seed") / "seed.yaml"
    seed.write_text(EXAMPLE[1], encoding="utf-8")
    with serving("--seed", str(seed), "--verify-signatures") as ready:
        yield ready


def ask(url: str, method: str, **headers: str) -> tuple[int, Any]:
    data = b"" if method == "POST" else None
    request = urllib.request.Request(url, method=method, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, None


def test_the_example_seed_is_there(seeded: dict[str, Any]) -> None:
    assert (seeded["account"], seeded["region"]) == ("123456789012", "eu-central-1")
    kms = client(seeded, "kms")
    found = kms.describe_key(KeyId="alias/orders")["KeyMetadata"]
    assert (found["KeyId"], found["Description"]) == (ORDERS, "Orders at rest")
    assert kms.list_resource_tags(KeyId=ORDERS)["Tags"] == [{"TagKey": "team", "TagValue": "shop"}]
    assert kms.get_key_rotation_status(KeyId=ORDERS)["RotationPeriodInDays"] == 365
    replica = client(seeded, "kms", "us-east-1").describe_key(
        KeyId="mrk-0123456789abcdef0123456789abcdef"
    )["KeyMetadata"]
    assert replica["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    waiting = kms.describe_key(KeyId="99999999-2222-3333-4444-555555555555")["KeyMetadata"]
    assert waiting["KeyState"] == "PendingImport"


def test_reset_goes_back_and_old_ciphertexts_still_open(seeded: dict[str, Any]) -> None:
    kms = client(seeded, "kms")
    blob = kms.encrypt(KeyId=ORDERS, Plaintext=b"kept")["CiphertextBlob"]
    made = kms.create_key()["KeyMetadata"]["KeyId"]
    assert ask(f"{seeded['endpoint']}/_workbench/reset", "POST")[0] == 200
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=made)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"
    assert ask(f"{seeded['endpoint']}/_workbench/health", "GET")[0] == 200
    assert ask(f"{seeded['endpoint']}/_workbench/reset", "GET")[0] >= 400


def test_browsers_and_foreign_hosts_are_refused(seeded: dict[str, Any]) -> None:
    for headers in ({"Origin": "https://example.com"}, {"Host": "evil.example.com"}):
        status, _ = ask(f"{seeded['endpoint']}/_workbench/reset", "POST", **headers)
        assert status in {400, 403, 421}


def test_the_multi_tenant_post_s_example(seeded: dict[str, Any]) -> None:
    """AssumeRole with a session policy: this tenant's alias, and no other."""
    service_b = {
        "aws_access_key_id": "AKIASERVICEBEXAMPLE1",
        "aws_secret_access_key": "another-secret-for-tests-0123456789abcdef",
    }

    def assume(alias: str) -> dict[str, str]:
        session_policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"],
                    "Resource": "*",
                    "Condition": {"StringEquals": {"kms:RequestAlias": alias}},
                }
            ],
        }
        assumed = client(seeded, "sts", **service_b).assume_role(
            RoleArn="arn:aws:iam::123456789012:role/ServiceARole",
            RoleSessionName="TenantSession",
            Policy=json.dumps(session_policy),
        )["Credentials"]
        return {
            "aws_access_key_id": assumed["AccessKeyId"],
            "aws_secret_access_key": assumed["SecretAccessKey"],
            "aws_session_token": assumed["SessionToken"],
        }

    own = client(seeded, "kms", **assume("alias/orders"))
    blob = own.encrypt(KeyId="alias/orders", Plaintext=b"secret")["CiphertextBlob"]
    opened = own.decrypt(CiphertextBlob=blob, KeyId="alias/orders")
    assert opened["Plaintext"] == b"secret"
    other = client(seeded, "kms", **assume("alias/customer-other"))
    for refused, request in (
        (own, {"KeyId": ORDERS}),
        (other, {"KeyId": "alias/orders"}),
        (client(seeded, "kms", **service_b), {"KeyId": "alias/orders"}),
    ):
        with pytest.raises(ClientError, match="AccessDeniedException"):
            refused.encrypt(Plaintext=b"x", **request)
    with pytest.raises(ClientError, match="AccessDenied"):
        client(seeded, "sts", **service_b).assume_role(
            RoleArn="arn:aws:iam::123456789012:role/Nobody", RoleSessionName="TenantSession"
        )
    arn = client(seeded, "sts", **service_b).get_caller_identity()["Arn"]
    assert arn == "arn:aws:iam::123456789012:user/ServiceB"


@pytest.mark.parametrize(
    "wrong",
    [{"aws_secret_access_key": "wrong"}, {"aws_access_key_id": "AKIANOBODY0000000000"}],
)
def test_signatures_are_verified_when_asked(seeded: dict[str, Any], wrong: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidSignature|UnrecognizedClient"):
        client(seeded, "kms", **wrong).list_keys()


def test_anybody_is_root_unless_told_otherwise() -> None:
    before = set(Path("/dev/shm").glob("key-workbench-ephemeral-*"))
    start = time.monotonic()
    with serving("--account", "210987654321") as ready:
        assert time.monotonic() - start < 10
        stranger = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        kms = client(ready, "kms", "ap-south-1", **stranger)
        assert kms.create_key()["KeyMetadata"]["Arn"].startswith(
            "arn:aws:kms:ap-south-1:210987654321:key/"
        )
        process: subprocess.Popen[str] = ready["process"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert set(Path("/dev/shm").glob("key-workbench-ephemeral-*")) == before


def test_it_stops_when_whoever_started_it_is_gone() -> None:
    command = [sys.executable, "-m", "workbench", "serve", "--ephemeral", "--json", "--until-eof"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert ask(f"{ready['endpoint']}/_workbench/health", "GET")[0] == 200
        process.stdin.close()
        assert process.wait(timeout=30) == 0
        assert process.stdout.read() == ""


def test_a_long_key_generation_holds_nobody_up() -> None:
    with serving() as ready:
        kms = client(ready, "kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        long = [
            threading.Thread(
                target=client(ready, "kms").create_key,
                kwargs={"KeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"},
            )
            for _ in range(2)
        ]
        for thread in long:
            thread.start()
        served = 0
        while any(thread.is_alive() for thread in long):
            kms.generate_data_key(KeyId=key, KeySpec="AES_256")
            served += 1
        assert served > 10
        assert len(kms.list_keys()["Keys"]) == 3


def test_tls_with_a_certificate_of_the_vault_s_own() -> None:
    with serving("--tls") as ready:
        assert ready["endpoint"].startswith("https://127.0.0.1:")
        assert client(ready, "kms", verify=ready["caBundle"]).list_keys()["Keys"] == []
        with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
            client(ready, "kms").list_keys()


def test_throttling_when_asked() -> None:
    with serving("--throttle", "Encrypt=1") as ready:
        from botocore.config import Config

        kms = client(ready, "kms", config=Config(retries={"total_max_attempts": 1}))
        key = kms.create_key()["KeyMetadata"]["KeyId"]

        def often() -> None:
            for _ in range(20):
                kms.encrypt(KeyId=key, Plaintext=b"x")

        with pytest.raises(ClientError, match="ThrottlingException"):
            often()


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT, timeout=60,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_a_wrong_seed_is_told_with_every_place(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        "keys:\n"
        "  - id: not-an-id\n"
        "  - id: 11111111-2222-3333-4444-555555555555\n"
        "    spec: RSA_1024\n"
        "    colour: red\n"
    )
    done = run("serve", "--ephemeral", "--seed", str(seed))
    assert done.returncode == 5
    for place in ("2:9", "4:11", "5:5"):
        assert f"{seed}:{place}: " in done.stderr


@pytest.mark.parametrize(
    "switch",
    ["--account=123456789012", "--seed=x", "--verify-signatures", "--strict-principals"],
)
def test_a_real_vault_has_no_such_switches(switch: str) -> None:
    done = run("serve", switch)
    assert done.returncode == 2
    assert "throw-away vaults only" in done.stderr


def test_a_real_vault_is_served_with_signatures(shell: Shell) -> None:
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    process = shell.start("serve", "--json", "--passphrase-fd", str(reading), pass_fds=[reading])
    os.close(reading)
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        assert client(ready, "kms").list_keys()["Keys"]
        stranger = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        with pytest.raises(ClientError, match="UnrecognizedClient"):
            client(ready, "kms", **stranger).list_keys()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        process.kill()
        process.communicate()


def test_the_pytest_fixture(tmp_path: Path) -> None:
    assert EXAMPLE is not None
    (tmp_path / "keys.yaml").write_text(EXAMPLE[1], encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nkey_workbench_seed = keys.yaml\nkey_workbench_strict_principals = true\n"
        "key_workbench_delay = 60\n"
    )
    (tmp_path / "test_orders.py").write_text(
        "def test_orders(key_workbench):\n"
        "    kms = key_workbench.client('kms')\n"
        "    made = kms.create_key()['KeyMetadata']['KeyId']\n"
        "    assert kms.describe_key(KeyId='alias/orders')\n"
        "    kms.rotate_key_on_demand(KeyId=made)\n"
        "    assert 'OnDemandRotationStartDate' in kms.get_key_rotation_status(KeyId=made)\n"
        "    key_workbench.reset()\n"
        "    keys = {key['KeyId'] for key in kms.list_keys()['Keys']}\n"
        f"    assert '{ORDERS}' in keys and made not in keys\n"
        "    nobody = f'arn:aws:iam::{key_workbench.account}:user/nobody'\n"
        "    try:\n"
        "        kms.create_grant(KeyId='"
        f"{ORDERS}', GranteePrincipal=nobody, Operations=['Decrypt'])\n"
        "    except kms.exceptions.InvalidArnException:\n"
        "        return\n"
        "    raise AssertionError('somebody was named who does not exist')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path, timeout=100,
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout + done.stderr
