"""A pytest plugin: AWS KMS, Private CA, IAM and STS for somebody else's tests.

The package registers it with pytest. It starts `workbench serve --ephemeral` as a process of its
own when the fixture is first used; nothing of the workbench is imported into the tests' process.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SEED_OPTION = "key_workbench_seed"
STRICT_OPTION = "key_workbench_strict_principals"
DELAY_OPTION = "key_workbench_delay"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini options."""
    parser.addini(SEED_OPTION, "seed file of the key_workbench fixture, from the root directory")
    parser.addini(
        STRICT_OPTION,
        "whether policies may name existing users and roles only, as on AWS",
        type="bool",
        default=False,
    )
    parser.addini(
        DELAY_OPTION, "seconds that keys stay Creating or Updating, and a rotation on demand takes"
    )


class KeyWorkbench:
    """A running throw-away endpoint.

    Args:
        ready: what `workbench serve --json` printed.

    Attributes:
        endpoint_url: where it is, such as `http://127.0.0.1:41234`.
        environment: the variables that point AWS's clients at it.
        account: twelve digits.
        regions: the Regions it serves, all on one port.
    """

    def __init__(self, ready: dict[str, Any]) -> None:
        self.endpoint_url: str = ready["endpoint"]
        self.environment: dict[str, str] = ready["environment"]
        self.account: str = ready["account"]
        self.regions: list[str] = ready["regions"]
        self._region: str = ready["region"]

    def client(self, service: str, region: str = "", **more: Any) -> Any:
        """Return a boto3 client.

        Args:
            service: `kms`, `acm-pca`, `iam`, `sts` or `cloudtrail`.
            region: the seed's Region if empty.
            more: passed on to boto3; credentials of another identity, say.
        """
        import boto3  # noqa: PLC0415 - not every test needs it, and it takes long

        given = {
            "aws_access_key_id": self.environment["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": self.environment["AWS_SECRET_ACCESS_KEY"],
            **more,
        }
        # A session of its own: the default one may have the developer's profile.
        return boto3.session.Session().client(
            service,
            region_name=region or self._region,
            endpoint_url=self.endpoint_url,
            **given,
        )

    def reset(self) -> None:
        """Go back to what the seed file says."""
        request = urllib.request.Request(  # noqa: S310 - our own loopback URL
            f"{self.endpoint_url}/_workbench/reset", data=b"", method="POST"
        )
        # A proxy that the environment names could not reach this machine's loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60):
            pass


@pytest.fixture(scope="session")
def key_workbench(request: pytest.FixtureRequest) -> Iterator[KeyWorkbench]:
    """A throw-away AWS KMS, made once per run; call `reset()` where tests must not meet."""
    command = [sys.executable, "-m", "workbench", "serve", "--ephemeral", "--json", "--until-eof"]
    seed = request.config.getini(SEED_OPTION)
    if seed:
        command += ["--seed", str(Path(request.config.rootpath, seed))]
    if request.config.getini(STRICT_OPTION):
        command.append("--strict-principals")
    delay = request.config.getini(DELAY_OPTION)
    if delay:
        command += ["--delay", str(delay)]
    process = subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        ready = json.loads(line) if line.startswith("{") else {}
        if "endpoint" not in ready:
            pytest.fail(f"workbench serve did not start: {line}{process.stdout.read()}")
        yield KeyWorkbench(ready)
    finally:
        process.stdin.close()  # it stops when its standard input ends
        process.wait(timeout=60)
        process.stdout.close()
