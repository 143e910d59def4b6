"""A real account with a key, users, a role, and a window on it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open
from workbench.bench import Bench
from workbench.ui.identities.pane import IdentitiesPane
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.rotation.pane import RotationPane
from workbench.ui.session import Session
from workbench.ui.window import Window

A = "arn:aws:iam::111122223333:"
ROOT, ANNA, BOB, SIGNER = f"{A}root", f"{A}user/anna", f"{A}user/bob", f"{A}role/Signer"
_QUIET = 3
"""Looks in a row at which nothing may be under way."""
LISTS = ["kms:List*", "kms:Describe*", "kms:Get*", "shelf:List*", "iam:List*", "iam:Get*"]


def policy(*actions: str) -> str:
    """Return an identity policy that allows actions on everything."""
    statement = {"Sid": "Own", "Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Anna may do nothing, Bob may look at everything, Signer trusts Anna."""
    made = make_bench(tmp_path / "vault")
    key = made.kms.create_key()["KeyMetadata"]["KeyId"]
    made.kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
    iam = made.client("iam", "")
    for name in ("anna", "bob"):
        iam.create_user(UserName=name)
    iam.put_user_policy(UserName="bob", PolicyName="look", PolicyDocument=policy(*LISTS))
    trust = {"Effect": "Allow", "Principal": {"AWS": ANNA}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="Signer",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    yield made
    made.close()


@pytest.fixture
def window(bench: Bench, open_window: Open, settled: Callable[[], None]) -> Iterator[Window]:
    """The window with the panes that list keys."""
    made = open_window(cast("Any", bench), makers=(KeysPane, RotationPane))
    settled()
    yield made
    made.bench = None  # the fixture closes the bench


@pytest.fixture
def settled(session: Session, qtbot: QtBot) -> Callable[[], None]:
    """Wait until nothing is under way, nor begun by what has just ended."""

    def wait() -> None:
        quiet = 0

        def still() -> bool:
            nonlocal quiet
            quiet = quiet + 1 if session.idle else 0
            return quiet >= _QUIET

        qtbot.waitUntil(still)

    return wait


@pytest.fixture
def pane(window: Window, settled: Callable[[], None]) -> IdentitiesPane:
    """The window of users and roles, read."""
    window.menus.commands["identities"].trigger()
    found = window.findChild(IdentitiesPane)
    assert found is not None
    settled()
    return found


def choose(pane: IdentitiesPane, arn: str, settled: Callable[[], None]) -> None:
    """Select an identity and wait for its details."""
    assert pane.table.select_id(arn)
    settled()


def wait_dialog(qtbot: QtBot, name: str) -> Any:
    """Return the open dialog of this object name once it is there."""

    def found() -> list[QDialog]:
        return [
            widget
            for widget in QApplication.topLevelWidgets()
            if isinstance(widget, QDialog) and widget.isVisible() and widget.objectName() == name
        ]

    qtbot.waitUntil(lambda: bool(found()))
    return found()[0]
