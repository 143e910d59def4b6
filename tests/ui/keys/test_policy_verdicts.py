"""What the Policy tab answers: locking out, the matrix of everybody, what came near."""

import json
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import click, dialog_of
from workbench.bench import Bench
from workbench.ui.look import Look
from workbench.ui.panes.keys.tabs.policy import PolicyTab
from workbench.ui.panes.keys.tabs.policy_window import PolicyWindow
from workbench.ui.policies.people import People, Person
from workbench.ui.policies.picker import SERVICES, PrincipalPicker
from workbench.ui.session import Session

A = "arn:aws:iam::111122223333:"
ANNA, ROOT = f"{A}user/anna", f"{A}root"
ACCOUNT = {
    "Sid": "Account",
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": "kms:*",
    "Resource": "*",
}


@pytest.fixture
def tab(open_tab: Any, session: Session, qtbot: QtBot) -> PolicyTab:
    found: PolicyTab = open_tab(PolicyTab)
    qtbot.waitUntil(lambda: session.idle and found.board.policy is not None)
    return found


def policy_of(bench: Bench) -> Any:
    key = bench.kms.describe_key(KeyId="alias/orders")["KeyMetadata"]["KeyId"]
    return json.loads(bench.kms.get_key_policy(KeyId=key)["Policy"])


def statement(principal: str, *actions: str, **more: Any) -> dict[str, Any]:
    return {
        "Sid": "Extra",
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": list(actions),
        "Resource": "*",
    } | more


def write(tab: PolicyTab, qtbot: QtBot, *statements: dict[str, Any]) -> None:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    text = json.dumps(document, indent=2)
    tab.board.editor.setPlainText(text)
    asked = tab.board.who
    qtbot.waitUntil(lambda: asked._subject is not None and asked._subject.draft == text)


def locking_out(tab: PolicyTab, session: Session, qtbot: QtBot) -> Any:
    write(tab, qtbot, statement(ANNA, "kms:Encrypt"))
    click(qtbot, tab.board.save_button)
    qtbot.waitUntil(lambda: session.idle and dialog_of("keys.lockout.dialog") is not None)
    return dialog_of("keys.lockout.dialog")


def test_a_policy_that_locks_out_asks_and_cancel_saves_nothing(
    tab: PolicyTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    before = policy_of(peopled)
    dialog = locking_out(tab, session, qtbot)
    assert [one.text() for one in dialog.choice_buttons] == ["Save anyway"]
    assert not dialog.choice_buttons[0].isDefault()
    dialog.reject()
    qtbot.waitUntil(lambda: session.idle)
    assert policy_of(peopled) == before
    assert tab.board.edited
    assert "kms:Encrypt" in tab.board.editor.toPlainText()


def test_a_policy_that_locks_out_is_saved_if_one_insists(
    tab: PolicyTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    dialog = locking_out(tab, session, qtbot)
    click(qtbot, dialog.choice_buttons[0])
    qtbot.waitUntil(lambda: session.idle and not tab.board.edited)
    qtbot.waitUntil(lambda: "kms:GetKeyPolicy" in tab._state.text())  # root may not even read it


def test_another_refusal_is_told_beside_the_text(
    tab: PolicyTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    before = policy_of(peopled)
    write(tab, qtbot, ACCOUNT, statement(ANNA, "kms:Encrypt"))
    peopled.act_as(f"{A}user/bob")
    click(qtbot, tab.board.save_button)
    qtbot.waitUntil(lambda: session.idle and tab.board._problem_text.isVisible())
    assert dialog_of("keys.lockout.dialog") is None
    assert "no policy of user bob allows it" in tab.board._problem_text.text()
    assert tab.board.edited
    peopled.act_as(ROOT)
    assert policy_of(peopled) == before


def test_the_matrix_asks_for_everybody(
    tab: PolicyTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    write(tab, qtbot, ACCOUNT, statement(ANNA, "kms:Encrypt"))
    click(qtbot, tab.board.save_button)
    qtbot.waitUntil(lambda: session.idle and not tab.board.edited)
    click(qtbot, tab.board.enlarge)
    window: PolicyWindow = dialog_of(PolicyWindow)
    matrix = window.board.matrix
    window.board.pages.setCurrentWidget(matrix)
    qtbot.waitUntil(lambda: session.idle and matrix.table.rowCount() > 0)
    table = matrix.table
    headings = [table.horizontalHeaderItem(n) for n in range(table.columnCount())]
    names = [one.text() if one else "" for one in headings]
    actions = [table.verticalHeaderItem(n).toolTip() for n in range(table.rowCount())]
    assert names == ["account root", "user anna", "user bob", "role signer"]
    assert actions[:2] == ["Encrypt", "Decrypt"]

    def may(name: str, action: str) -> str:
        cell = table.item(actions.index(action), names.index(name))
        assert cell is not None
        return cell.text()

    assert [may(name, "Encrypt") for name in names] == ["may", "may", "may not", "may not"]
    assert [may(name, "Decrypt") for name in names] == ["may", "may not", "may not", "may not"]
    few = table.rowCount()
    matrix.only_uses.setChecked(False)
    assert table.rowCount() > few
    table.setCurrentCell(0, names.index("user anna"))
    assert matrix.card.verdict is not None
    assert matrix.card.verdict.statements == (1,)
    click(qtbot, matrix.card._show)
    assert window.board.editor.marked == (1,)
    window.reject()


def test_the_matrix_leaves_half_of_the_width_to_the_answers(
    tab: PolicyTab, session: Session, qtbot: QtBot
) -> None:
    click(qtbot, tab.board.enlarge)
    window: PolicyWindow = dialog_of(PolicyWindow)
    matrix = window.board.matrix
    window.board.pages.setCurrentWidget(matrix)
    qtbot.waitUntil(lambda: session.idle and matrix.table.rowCount() > 0)
    matrix.setFixedWidth(300)
    qtbot.waitUntil(lambda: matrix.table.verticalHeader().width() <= 150)
    long = matrix.table.verticalHeaderItem(5)
    assert long.toolTip() == "GenerateDataKeyWithoutPlaintext"
    assert "…" in long.text()
    window.reject()


def test_what_came_near_is_told(
    tab: PolicyTab, peopled: Bench, session: Session, qtbot: QtBot
) -> None:
    condition = {"StringEquals": {"kms:EncryptionContext:tenant": "acme"}}
    write(tab, qtbot, ACCOUNT, statement(ANNA, "kms:Decrypt", Condition=condition))
    board = tab.board
    board.pages.setCurrentIndex(board.pages.count() - 1)
    who = board.who
    who.who.choose(ANNA)
    who.action.setCurrentIndex(who.action.findText("Decrypt"))
    click(qtbot, who.ask_button)
    qtbot.waitUntil(lambda: session.idle and who.card.verdict is not None)
    assert who.card._badge.accessibleName() == "Denied"
    assert who.card._near.isVisible()
    assert "Extra" in who.card._near.text()
    assert "kms:EncryptionContext:tenant" in who.card._near.text()
    who.pairs.setPlainText("tenant=acme")
    click(qtbot, who.ask_button)
    qtbot.waitUntil(lambda: session.idle and who.card._badge.accessibleName() == "Allowed")
    assert not who.card._near.isVisible()


def test_what_is_typed_is_checked_when_the_editor_is_left(
    tab: PolicyTab, session: Session, qtbot: QtBot
) -> None:
    board = tab.board
    board.pages.setCurrentIndex(1)
    board.editor.setFocus()
    text = board.editor.toPlainText().replace("kms:*", "kms:Put*")
    board.editor.setPlainText(text)
    board.pages.setCurrentIndex(2)
    assert board.who._subject is not None
    assert board.who._subject.draft == text


def test_who_may_begins_with_somebody_of_the_account(tab: PolicyTab) -> None:
    who = tab.board.who.who
    assert who.currentText() == "user anna"
    kinds = [str(who.itemData(n)) for n in range(who.count())]
    assert kinds[-len(SERVICES) :] == list(SERVICES)


@pytest.mark.parametrize(
    ("people", "first"),
    [
        ((), ""),
        ((Person(ROOT, "root", "root"),), "account root"),
        ((Person(ROOT, "root", "root"), Person(ANNA, "user", "anna")), "user anna"),
    ],
)
def test_the_picker_begins_with_nobody_or_a_person(
    qtbot: QtBot, look: Look, people: tuple[Person, ...], first: str
) -> None:
    picker = PrincipalPicker(look)
    qtbot.addWidget(picker)
    assert picker.currentText() == ""
    assert picker.problem()
    picker.offer(People(people).people)
    assert picker.currentText() == first
    for other in (PrincipalPicker(look, preset=False), PrincipalPicker(look, optional=True)):
        qtbot.addWidget(other)
        other.offer(people)
        assert other.principal == ""


def test_the_picker_keeps_what_is_chosen_or_typed(qtbot: QtBot, look: Look) -> None:
    picker = PrincipalPicker(look)
    qtbot.addWidget(picker)
    picker.setEditText("lambda.amazonaws.com")
    picker.offer((Person(ANNA, "user", "anna"),))
    assert picker.principal == "lambda.amazonaws.com"
    picker.choose(ANNA)
    picker.offer((Person(ROOT, "root", "root"), Person(ANNA, "user", "anna")))
    assert picker.principal == ANNA
