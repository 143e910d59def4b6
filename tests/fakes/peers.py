"""The peers' environment of packaging/peers.txt: other people's clients as processes."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from workbench.bench import Bench

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".cache" / "peers" / "bin"
SCRIPTS = ROOT / "tests" / "interop" / "peers"


@dataclass(frozen=True)
class Served:
    """A vault and the environment of its endpoint's clients."""

    bench: Bench
    environment: dict[str, str]

    def client(self, service: str, region: str = "us-west-2") -> Any:
        named = self.environment
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=named["AWS_ENDPOINT_URL"],
            aws_access_key_id=named["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=named["AWS_SECRET_ACCESS_KEY"],
        )

    def peer(self, script: str, asked: Any) -> Any:
        """Run a script with the peers' Python and return its answer."""
        done = subprocess.run(
            [PEERS / "python", "-I", SCRIPTS / script],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **self.environment},
            timeout=60,
        )
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    def run(self, folder: Path, openssl: str, script: str) -> str:
        """Run the lines of a post in a shell that has the AWS CLI and OpenSSL."""
        tools = folder / "bin"
        tools.mkdir(exist_ok=True)
        (tools / "aws").write_text(f'#!/bin/sh\nexec "{PEERS / "python"}" "{PEERS / "aws"}" "$@"\n')
        (tools / "openssl").write_text(f'#!/bin/sh\nexec "{openssl}" "$@"\n')
        for tool in tools.iterdir():
            tool.chmod(0o755)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **self.environment, "PATH": f"{tools}:{os.environ['PATH']}"},
            timeout=100,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def need_peers() -> None:
    """Skip where the peers are not, unless everything is to be tested."""
    if not (PEERS / "python").exists():
        reason = "needs the peers of packaging/peers.txt; packaging/test brings them"
        if os.environ.get("KEY_WORKBENCH_TESTS") == "full":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
