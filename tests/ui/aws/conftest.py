"""A second, separate workbench as AWS, profiles in a throw-away folder, a window that goes there.

Everything between is boto3's own: its configuration, its signatures, its retries.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.fakes.proxy import Proxy
from tests.interop.conftest import openssl
from tests.ui.conftest import Open
from workbench.base.clock import SystemClock
from workbench.base.sites import Site
from workbench.bench import Bench
from workbench.ui.pane import PaneMaker
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.session import Session
from workbench.ui.window import Window

__all__ = ["openssl"]

ACCOUNT = "444455556666"
ORDERS = "11111111-2222-3333-4444-555555555555"
RELEASE = "22222222-2222-3333-4444-555555555555"
ACCESS = {
    "prod": ("AKIAROOTEXAMPLE00001", "root-secret-for-tests-only-0123456789abcdef"),
    "looker": ("AKIALOOKEREXAMPLE001", "looker-secret-for-tests-only-0123456789abcd"),
    "nobody": ("AKIANOBODYEXAMPLE001", "nobody-secret-for-tests-only-0123456789abcd"),
    "stranger": ("AKIASTRANGEREXAMPLE1", "stranger-secret-for-tests-only-0123456789ab"),
}
CONFIG = """
[profile empty]
region = eu-west-1

[profile expired]
region = eu-west-1
sso_session = office
sso_account_id = 444455556666
sso_role_name = Signer

[sso-session office]
sso_start_url = https://office.example/start
sso_region = eu-west-1

[profile guarded]
region = eu-west-1
role_arn = arn:aws:iam::444455556666:role/Signer
source_profile = prod
mfa_serial = arn:aws:iam::444455556666:mfa/anna
"""


class Aws:
    """What stands in for AWS.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.port = port

    def site(self, profile: str = "prod", endpoint: str = "") -> Site:
        return Site("eu-west-1", aws=True, profile=profile, endpoint=endpoint or self.url)

    def client(self, service: str) -> Any:
        name, secret = ACCESS["prod"]
        return boto3.session.Session(name, secret).client(
            service, region_name="eu-west-1", endpoint_url=self.url
        )


@pytest.fixture(scope="session")
def served() -> Iterator[Aws]:
    """The separate process, made once per run."""
    command = [sys.executable, "-m", "workbench", "serve", "--ephemeral", "--json", "--until-eof"]
    command += ["--verify-signatures", "--seed", str(Path(__file__).parent / "aws.yaml")]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        ready = json.loads(process.stdout.readline())
        yield Aws(int(ready["endpoint"].rpartition(":")[2]))
    finally:
        process.stdin.close()
        process.wait(timeout=60)
        process.stdout.close()


@pytest.fixture
def aws(served: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Aws:
    """AWS, and a configuration that names its profiles; nothing of the person's own."""
    folder = tmp_path / "aws"
    folder.mkdir()
    regions = "".join(f"[profile {name}]\nregion = eu-west-1\n" for name in ACCESS)
    (folder / "config").write_text(regions + CONFIG)
    (folder / "credentials").write_text(
        "".join(
            f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
            for name, (key, secret) in ACCESS.items()
        )
    )
    for name in [one for one in os.environ if one.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return served


@pytest.fixture
def proxy(aws: Aws) -> Iterator[Proxy]:
    """A way to AWS that can be slow, or break."""
    made = Proxy(aws.port)
    yield made
    made.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """The vault, with one key of its own."""
    made = make_bench(tmp_path / "vault", cast("Any", SystemClock()))
    key = made.kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    made.kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    yield made
    made.close()


Travel = Callable[..., "Traveller"]


class Traveller:
    """A window whose panes are sent to places."""

    def __init__(self, window: Window, session: Session, qtbot: QtBot) -> None:
        self.window, self._session, self._qtbot = window, session, qtbot

    @property
    def keys(self) -> KeysPane:
        """The Keys pane as it is now."""
        assert self.window.workspace is not None
        found: KeysPane = self.window.workspace.panes["keys"]
        return found

    def pane(self, name: str) -> Any:
        assert self.window.workspace is not None
        return self.window.workspace.panes[name]

    @property
    def site(self) -> Site:
        assert self.window.shown is not None
        return self.window.shown.view.site

    def wait(self, condition: Any) -> None:
        self._qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)

    def pause(self) -> None:
        """Let a selection rest for as long as tabs want it to before they ask."""
        self._qtbot.wait(120)

    def rest(self) -> None:
        self.wait(lambda: self._session.idle)

    def go(self, site: Site) -> None:
        """Look there, and wait until its keys are read."""
        self.window.places.go(site)
        self.arrive(site)

    def arrive(self, site: Site) -> None:
        """Wait until the panes look there and the keys are read."""
        self.wait(lambda: self.site == site and self.keys._stock.loaded and self._session.idle)

    @property
    def names(self) -> set[str]:
        return {row.title for row in self.keys._stock.rows}

    @property
    def notice(self) -> str:
        """What the notices say."""
        return " ".join(self.window.notices.texts)


@pytest.fixture
def travel(
    aws: Aws, open_window: Open, bench: Bench, session: Session, qtbot: QtBot
) -> Iterator[Travel]:
    """Open a window with these panes, the Keys pane first."""
    windows: list[Window] = []

    def begin(*panes: PaneMaker) -> Traveller:
        window = open_window(cast("Any", bench), makers=(KeysPane, *panes))
        windows.append(window)
        found = Traveller(window, session, qtbot)
        found.wait(lambda: session.idle and found.keys._stock.loaded)
        return found

    yield begin
    for window in windows:
        window.bench = None  # the fixture closes the bench


@pytest.fixture
def traveller(travel: Travel) -> Traveller:
    """A window with the Keys pane alone."""
    return travel()
