"""The window of users and roles over a real account."""

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QTextEdit
from pytestqt.qtbot import QtBot

from tests.ui.conftest import click, dialog_of, press, type_text
from tests.ui.identities.conftest import ANNA, BOB, ROOT, SIGNER, choose, policy, wait_dialog
from workbench.bench import Bench
from workbench.ui.help import HelpReader
from workbench.ui.identities.pane import IdentitiesPane
from workbench.ui.secret_clipboard import HINTS, SECONDS, SecretClipboard
from workbench.ui.window import Window

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Wait = Callable[[], None]


def words(pane: IdentitiesPane, page: int) -> str:
    """Return everything a page says."""
    shown = pane.pages[page]
    texts = [label.text() for label in shown.findChildren(QLabel) if label.isVisibleTo(shown)]
    texts += [field.toPlainText() for field in shown.findChildren(QTextEdit)]
    return "\n".join(texts)


def button(pane: IdentitiesPane, page: int, name: str) -> QPushButton:
    """Return a button of a page by its words or accessible name."""
    return next(
        one
        for one in pane.pages[page].findChildren(QPushButton)
        if one.isVisibleTo(pane.pages[page])
        and name in {one.accessibleName(), one.text().replace("&", "").rstrip("…")}
    )


def danger_choice(dialog: Any, verb: str) -> QPushButton:
    """Return a button of the dialog that asks before deleting."""
    found: QPushButton = next(one for one in dialog.choice_buttons if one.text() == verb)
    return found


def test_everybody_is_listed_and_filtered(pane: IdentitiesPane, settled: Wait) -> None:
    assert [pane.model.row(line).name for line in range(4)] == ["root", "anna", "bob", "Signer"]
    pane.kinds.setCurrentIndex(2)
    assert [pane.model.row(line).arn for line in range(pane.model.rowCount())] == [SIGNER]
    pane.kinds.setCurrentIndex(0)
    pane.on_filter("")
    choose(pane, BOB, settled)
    assert "Whoever has this policy may List*, Describe*, Get*" in words(pane, 1)
    choose(pane, SIGNER, settled)
    assert "The user anna may assume the role." in words(pane, 2)
    assert not pane.details.tabs.isTabVisible(3)


def test_a_user_is_made_by_keyboard_and_shown(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    press(qtbot, pane.table, Qt.Key.Key_N, CTRL)
    form = wait_dialog(qtbot, "identities.create-user")
    type_text(qtbot, form.name, "ANNA")
    click(qtbot, form.main_button)
    assert form.isVisible()  # there is an anna
    form.name.setText("carla")
    form.path.setText("/staff")
    click(qtbot, form.main_button)
    assert form.isVisible()  # no path
    form.path.setText("/staff/")
    click(qtbot, form.main_button)
    settled()
    made = bench.client("iam", "").get_user(UserName="carla")["User"]
    assert made["Path"] == "/staff/"
    assert pane.selected is not None
    assert pane.selected.arn == made["Arn"]


def test_a_role_trusts_whom_one_chooses(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    press(qtbot, pane.table, Qt.Key.Key_N, CTRL, SHIFT)
    form = wait_dialog(qtbot, "identities.create-role")
    type_text(qtbot, form.name, "Reader")
    form.trusted.choose("states.amazonaws.com")
    form.description.setText("Reads")
    click(qtbot, form.main_button)
    settled()
    role = bench.client("iam", "").get_role(RoleName="Reader")["Role"]
    assert role["Description"] == "Reads"
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    button(pane, 2, "Edit trust policy").click()
    form = wait_dialog(qtbot, "identities.policy")
    statement["Principal"] = {"AWS": BOB}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    form.editor.setPlainText(text)
    click(qtbot, form.main_button)
    settled()
    assert "The user bob may assume the role." in words(pane, 2)


def test_what_the_service_refuses_is_told_in_the_form(
    pane: IdentitiesPane, settled: Wait, qtbot: QtBot
) -> None:
    choose(pane, SIGNER, settled)
    button(pane, 2, "Edit trust policy").click()
    form = wait_dialog(qtbot, "identities.policy")
    form.editor.setPlainText(form.text.replace("user/anna", "user/nobody"))
    click(qtbot, form.main_button)
    settled()
    assert form.isVisible()
    assert "Invalid principal in policy" in form._problem_text.text()
    form.reject()


def test_policies_are_added_changed_and_deleted(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    iam = bench.client("iam", "")
    choose(pane, ANNA, settled)
    button(pane, 1, "Add policy").click()
    form = wait_dialog(qtbot, "identities.policy")
    click(qtbot, form.main_button)
    assert form.isVisible()  # no name yet
    type_text(qtbot, form.name, "use")
    form.editor.setPlainText('{"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]}')
    click(qtbot, form.main_button)
    assert form.isVisible()
    assert iam.list_user_policies(UserName="anna")["PolicyNames"] == []
    form.start.setCurrentIndex(2)
    form.start.activated.emit(2)
    assert "do everything in KMS" in form.summary.sentences[0]
    click(qtbot, form.main_button)
    settled()
    assert "do everything in KMS" in words(pane, 1)
    button(pane, 1, "Edit policy use").click()
    form = wait_dialog(qtbot, "identities.policy")
    assert form.findChild(QPlainTextEdit) is form.editor
    form.editor.setPlainText(policy("kms:Sign"))
    click(qtbot, form.main_button)
    settled()
    saved = iam.get_user_policy(UserName="anna", PolicyName="use")["PolicyDocument"]
    assert saved == json.loads(policy("kms:Sign"))
    button(pane, 1, "Delete policy use").click()
    click(qtbot, danger_choice(wait_dialog(qtbot, "identities.danger"), "Delete policy"))
    settled()
    assert iam.list_user_policies(UserName="anna")["PolicyNames"] == []


def test_a_secret_is_shown_once_and_leaves_the_clipboard(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    choose(pane, ANNA, settled)
    button(pane, 3, "Create access key").click()
    dialog = wait_dialog(qtbot, "identities.new-key")
    secret = dialog.secret.text()
    assert len(secret) == 40
    assert dialog.secret.displayText() != secret
    assert "cannot be shown again" in " ".join(x.text() for x in dialog.findChildren(QLabel))
    clipboard = QGuiApplication.clipboard()
    dialog.secret.selectAll()
    press(qtbot, dialog.secret, Qt.Key.Key_C, CTRL)
    assert clipboard.text() != secret  # only the explicit step copies it
    click(qtbot, dialog.copy_button)
    assert clipboard.text() == secret
    data = clipboard.mimeData()
    assert data is not None
    for kind in HINTS:
        assert data.hasFormat(kind), kind
    assert bytes(data.data("x-kde-passwordManagerHint").data()) == b"secret"
    assert f"{SECONDS} s" in dialog.copy_button.text()
    for _ in range(SECONDS):
        dialog._clipboard.tick()
    assert clipboard.text() == ""
    dialog.accept()
    settled()
    (key,) = bench.client("iam", "").list_access_keys(UserName="anna")["AccessKeyMetadata"]
    assert key["AccessKeyId"] in words(pane, 3)
    assert secret not in words(pane, 3)


def test_a_secret_made_while_dialogs_are_out_of_sight_waits(
    pane: IdentitiesPane, window: Window, settled: Wait, qtbot: QtBot
) -> None:
    choose(pane, ANNA, settled)
    button(pane, 3, "Create access key").click()
    window.curtain.fall()
    settled()
    assert dialog_of("identities.new-key") is None
    window.curtain.rise()
    dialog = wait_dialog(qtbot, "identities.new-key")
    assert len(dialog.secret.text()) == 40
    for field in (dialog.secret, dialog.key_id):
        assert field.fontMetrics().horizontalAdvance(field.text()) < field.width()


def test_what_was_copied_since_stays_on_the_clipboard(window: Window, qtbot: QtBot) -> None:
    del window  # its display has the clipboard
    clipboard, secret = QGuiApplication.clipboard(), SecretClipboard()
    told: list[int] = []
    secret.left.connect(told.append)
    secret.put("a secret")
    secret.tick()
    clipboard.setText("something else")
    secret.clear()
    assert clipboard.text() == "something else"
    assert told == [SECONDS, SECONDS - 1, 0]
    secret.clear()
    assert told[-2:] == [SECONDS - 1, 0]
    secret.put("another")
    with qtbot.waitSignal(secret.left, timeout=3000):
        pass  # the timer counts by itself
    secret.clear()
    assert clipboard.text() == ""
    secret.deleteLater()


def test_access_keys_are_deactivated_activated_and_deleted(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    iam = bench.client("iam", "")
    keys = [iam.create_access_key(UserName="anna")["AccessKey"]["AccessKeyId"] for _ in range(2)]
    choose(pane, ANNA, settled)
    assert not button(pane, 3, "Create access key").isEnabled()
    assert "as many as AWS allows" in words(pane, 3)

    def states() -> dict[str, str]:
        listed = iam.list_access_keys(UserName="anna")["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in listed}

    button(pane, 3, f"Deactivate {keys[0]}").click()
    settled()
    assert states() == {keys[0]: "Inactive", keys[1]: "Active"}
    button(pane, 3, f"Activate {keys[0]}").click()
    settled()
    assert states()[keys[0]] == "Active"
    button(pane, 3, f"Delete {keys[0]}").click()
    dialog = wait_dialog(qtbot, "identities.danger")
    assert [one.text() for one in dialog.choice_buttons] == ["Deactivate it", "Delete access key"]
    click(qtbot, danger_choice(dialog, "Delete access key"))
    settled()
    assert list(states()) == [keys[1]]


def test_tags_are_changed_with_their_capitals(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    iam = bench.client("iam", "")
    iam.tag_role(RoleName="Signer", Tags=[{"Key": "Team", "Value": "a"}, {"Key": "x", "Value": ""}])
    pane.refresh()
    settled()
    choose(pane, SIGNER, settled)
    button(pane, 4, "Edit tags").click()
    form = wait_dialog(qtbot, "identities.tags")
    form.editor._remove(form.editor._lines[1])
    form.editor.add_line("team", "twice")
    click(qtbot, form.main_button)
    assert form.isVisible()  # Team and team are one to IAM
    form.editor._lines[1].key_field.setText("cost")
    click(qtbot, form.main_button)
    settled()
    tags = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName="Signer")["Tags"]}
    assert tags == {"Team": "a", "cost": "twice"}


def test_deleting_tells_what_names_it(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    iam, key = bench.client("iam", ""), "alias/orders"
    key_id = bench.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"]
    bench.kms.create_grant(KeyId=key_id, GranteePrincipal=ANNA, Operations=["Decrypt"])
    own = json.loads(bench.kms.get_key_policy(KeyId=key_id)["Policy"])
    own["Statement"].append(
        {"Effect": "Allow", "Principal": {"AWS": ANNA}, "Action": "kms:Sign", "Resource": "*"}
    )
    bench.kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(own))
    iam.put_user_policy(UserName="anna", PolicyName="use", PolicyDocument=policy("kms:Sign"))
    iam.create_access_key(UserName="anna")
    pane.refresh()
    settled()
    choose(pane, ANNA, settled)
    press(qtbot, pane.table, Qt.Key.Key_Delete)
    dialog = wait_dialog(qtbot, "identities.danger")
    told = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    for line in ("Key policies that name it: 1", "Grants that name it: 1", "trust it: Signer",
                 "own policies go with it: 1", "access keys go with it: 1"):  # fmt: skip
        assert line in told
    click(qtbot, danger_choice(dialog, "Deactivate its access keys"))
    settled()
    (one,) = iam.list_access_keys(UserName="anna")["AccessKeyMetadata"]
    assert one["Status"] == "Inactive"
    pane.delete.trigger()
    click(qtbot, danger_choice(wait_dialog(qtbot, "identities.danger"), "Delete user"))
    settled()
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["bob"]
    assert pane.model.total == 3


def test_policies_from_elsewhere_are_shown_and_let_go(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    iam = bench.client("iam", "")
    made = iam.create_policy(PolicyName="seal", PolicyDocument=policy("kms:Encrypt"))
    arn = made["Policy"]["Arn"]
    iam.attach_user_policy(UserName="anna", PolicyArn=arn)
    iam.create_group(GroupName="team")
    iam.add_user_to_group(GroupName="team", UserName="anna")
    iam.put_group_policy(GroupName="team", PolicyName="own", PolicyDocument=policy("kms:Sign"))
    iam.attach_group_policy(GroupName="team", PolicyArn=arn)
    pane.refresh()
    settled()
    choose(pane, ANNA, settled)
    told = words(pane, 1).splitlines()
    assert f"Managed policy: {arn}" in told
    assert "Policy of the group team" in told
    assert f"Managed policy of the group team: {arn}" in told
    assert not any("It has no policy" in text for text in told)
    # There is a button to add one, and none that changes what is not its own.
    assert len(pane.pages[1].findChildren(QPushButton)) == 1
    assert "team" in words(pane, 0)
    pane.delete.trigger()
    dialog = wait_dialog(qtbot, "identities.danger")
    lines = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    assert "Managed policies are detached from it, and stay: 1" in lines
    assert "It leaves its groups: team" in lines
    click(qtbot, danger_choice(dialog, "Delete user"))
    settled()
    assert [user["UserName"] for user in iam.list_users()["Users"]] == ["bob"]
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
    assert iam.get_group(GroupName="team")["Users"] == []


def test_root_has_an_organization_and_cannot_go(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    choose(pane, ROOT, settled)
    assert not pane.delete.isEnabled()
    assert "always has its root" in pane.delete.toolTip()
    button(pane, 0, "Change organization").click()
    form = wait_dialog(qtbot, "identities.organization")
    form.organization.setText("example")
    click(qtbot, form.main_button)
    assert form.isVisible()
    form.organization.setText("o-exampleorgid")
    click(qtbot, form.main_button)
    settled()
    assert bench.organization() == "o-exampleorgid"
    assert bench.acting.caller.organization == "o-exampleorgid"
    assert "o-exampleorgid" in words(pane, 0)


def test_a_role_s_terms_keep_what_is_not_changed(
    pane: IdentitiesPane, bench: Bench, settled: Wait, qtbot: QtBot
) -> None:
    iam = bench.client("iam", "")
    iam.update_role(RoleName="Signer", MaxSessionDuration=5400)
    choose(pane, SIGNER, settled)
    button(pane, 0, "Edit").click()
    form = wait_dialog(qtbot, "identities.role-terms")
    form.description.setText("Signs releases")
    click(qtbot, form.main_button)
    settled()
    role = iam.get_role(RoleName="Signer")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("Signs releases", 5400)


def test_whoever_may_see_little_is_told(
    pane: IdentitiesPane, window: Window, settled: Wait
) -> None:
    choose(pane, BOB, settled)
    pane.act.trigger()
    settled()
    assert window.status.identity.text().startswith("Acting as user/bob")
    assert pane.model.total == 4
    assert not pane.act.isEnabled()
    choose(pane, ROOT, settled)
    assert not button(pane, 0, "Change organization").isEnabled()
    choose(pane, ANNA, settled)
    pane.act.trigger()
    settled()
    assert pane.model.total == 1
    assert "iam:ListUsers" in pane.note.text()


def test_f1_opens_its_own_page_and_every_control_has_a_name(
    pane: IdentitiesPane, window: Window, settled: Wait, qtbot: QtBot
) -> None:
    press(qtbot, pane.table, Qt.Key.Key_F1)
    reader = window.findChild(HelpReader)
    assert reader is not None
    assert reader.text.toPlainText().startswith("Users and roles")
    reader.close()
    choose(pane, BOB, settled)
    for found in pane.window().findChildren(QPushButton):
        assert found.accessibleName() or found.text()


def test_it_goes_with_its_vault(
    pane: IdentitiesPane, window: Window, settled: Wait, qtbot: QtBot
) -> None:
    own = pane.window()
    window.lock()
    qtbot.waitUntil(lambda: not own.isVisible())
    settled()
    assert window.curtain.holds == 1
