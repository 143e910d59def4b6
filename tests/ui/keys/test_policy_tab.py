"""The Policy tab over the real engine: read, changed, refused, and asked who may do what."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open, click
from workbench.bench import Bench
from workbench.ui.panes.keys.pane import KeysPane
from workbench.ui.panes.keys.tabs.policy import PolicyTab
from workbench.ui.session import Session

ANNA = "arn:aws:iam::111122223333:user/anna"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault")
    key = made.kms.create_key()["KeyMetadata"]["KeyId"]
    made.kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
    made.client("iam", "").create_user(UserName="anna")
    yield made
    made.close()


@pytest.fixture
def tab(bench: Bench, open_window: Open, session: Session, qtbot: QtBot) -> PolicyTab:
    """The tab of the bench's one key, in front."""
    window = open_window(cast("Any", bench), makers=(KeysPane,))
    assert window.workspace is not None
    pane = cast("KeysPane", window.workspace.panes["keys"])
    qtbot.waitUntil(lambda: session.idle and pane._stock.loaded)
    pane.show_target("alias/orders")
    inspector = pane.key_inspector
    found = next(t for t in inspector._tabs_by_number.values() if isinstance(t, PolicyTab))
    inspector.open(found)
    qtbot.waitUntil(lambda: session.idle and found.board.policy is not None)
    return found


def policy(bench: Bench) -> Any:
    key = bench.kms.describe_key(KeyId="alias/orders")["KeyMetadata"]["KeyId"]
    return json.loads(bench.kms.get_key_policy(KeyId=key)["Policy"])


def write(tab: PolicyTab, document: Any) -> None:
    tab.board.editor.setPlainText(json.dumps(document, indent=2))


def test_a_policy_is_read_changed_and_saved(
    tab: PolicyTab, bench: Bench, session: Session, qtbot: QtBot
) -> None:
    board = tab.board
    assert "Enable IAM User Permissions" in board.editor.toPlainText()
    assert not board.save_button.isEnabled()
    changed = policy(bench)
    changed["Statement"].append(
        {
            "Sid": "Anna",
            "Effect": "Allow",
            "Principal": {"AWS": ANNA},
            "Action": "kms:Encrypt",
            "Resource": "*",
        }
    )
    write(tab, changed)
    qtbot.waitUntil(board.save_button.isEnabled)
    click(qtbot, board.save_button)
    qtbot.waitUntil(lambda: session.idle and not board.edited)
    assert policy(bench)["Statement"][1]["Sid"] == "Anna"


def test_whoever_was_deleted_is_told_and_cannot_be_saved(
    bench: Bench, request: pytest.FixtureRequest, session: Session, qtbot: QtBot
) -> None:
    key = bench.kms.describe_key(KeyId="alias/orders")["KeyMetadata"]["KeyId"]
    iam = bench.client("iam", "")
    named = policy(bench)
    named["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": ANNA}, "Action": "kms:Sign", "Resource": "*"}
    )
    bench.kms.put_key_policy(KeyId=key, Policy=json.dumps(named))
    unique = iam.get_user(UserName="anna")["User"]["UserId"]
    iam.delete_user(UserName="anna")
    iam.create_user(UserName="anna")
    board = request.getfixturevalue("tab").board
    assert board.summary.sentences[1] == f"The deleted user {unique} may Sign."
    assert ANNA not in board.editor.toPlainText()
    board.editor.setPlainText(board.editor.toPlainText().replace("kms:Sign", "kms:Encrypt"))
    qtbot.waitUntil(board.save_button.isEnabled)
    with qtbot.waitSignal(board._saving.refused) as caught:
        click(qtbot, board.save_button)
    assert "one or more invalid principals" in caught.args[0]
    qtbot.waitUntil(lambda: session.idle)
    assert board.edited


def test_what_is_no_policy_cannot_be_saved(tab: PolicyTab, bench: Bench, qtbot: QtBot) -> None:
    before = policy(bench)
    write(tab, {"Version": "2012-10-17", "Statement": [{"Effect": "Perhaps"}]})
    qtbot.waitUntil(lambda: tab.board.editor.problem is not None)
    assert not tab.board.save_button.isEnabled()
    click(qtbot, tab.board.revert_button)
    assert "Perhaps" not in tab.board.editor.toPlainText()
    assert policy(bench) == before


def test_who_may_do_what_is_answered(tab: PolicyTab, session: Session, qtbot: QtBot) -> None:
    board = tab.board
    board.pages.setCurrentIndex(board.pages.count() - 1)
    who = board.who
    for arn, word in ((ANNA, "denied"), ("arn:aws:iam::111122223333:root", "allowed")):
        who.who.setEditText(arn)
        ask = next(one for one in who.findChildren(QPushButton) if one.text() == "Ask")
        click(qtbot, ask)
        qtbot.waitUntil(lambda: session.idle and who.results.count() > 0)
        assert word in who.results.item(0).text()
