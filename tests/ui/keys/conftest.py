"""A real bench with one key, two users and a role, and its inspector in a window."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open
from workbench.bench import Bench
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.keys.tabs.base import KeyTab
from workbench.ui.session import Session

T = TypeVar("T", bound=KeyTab)
OpenTab = Callable[[type[T]], T]

TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal":'
    ' {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]}'
)


@pytest.fixture
def peopled(tmp_path: Path) -> Iterator[Bench]:
    """A bench with the key alias/orders, users anna and bob, and the role signer."""
    made = make_bench(tmp_path / "vault")
    key = made.kms.create_key()["KeyMetadata"]["KeyId"]
    made.kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
    iam = made.client("iam", "")
    iam.create_user(UserName="anna")
    iam.create_user(UserName="bob")
    iam.create_role(RoleName="signer", AssumeRolePolicyDocument=TRUST)
    yield made
    made.close()


@pytest.fixture
def open_tab(peopled: Bench, open_window: Open, session: Session, qtbot: QtBot) -> Any:
    """Open a tab of the key alias/orders."""
    window = open_window(cast("Any", peopled), makers=(KeysPane,))
    assert window.workspace is not None
    pane = cast("KeysPane", window.workspace.panes["keys"])
    qtbot.waitUntil(lambda: session.idle and pane._stock.loaded)
    pane.show_target("alias/orders")
    inspector = pane.key_inspector

    def make(kind: type[T]) -> T:
        found = next(tab for tab in inspector._tabs_by_number.values() if isinstance(tab, kind))
        inspector.open(found)
        qtbot.wait(150)  # the selection rests before a tab asks
        qtbot.waitUntil(lambda: session.idle)
        return found

    return make
