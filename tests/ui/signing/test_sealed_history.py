"""Jobs of a sealed history in the window: there, unreadable, explained, and no command trips."""

import json
from pathlib import Path

from tests.ui.conftest import click, dialog_of
from tests.ui.signing.desk import Desk
from workbench.signing.sealing import HistoryKey
from workbench.ui.panes.signing.history_dialog import HistoryDialog
from workbench.ui.widgets.fields import SelectableText

ANNA = "arn:aws:iam::111122223333:user/anna"


def closed_to_anna(desk: Desk) -> None:
    key = desk.bench.kms.create_key()["KeyMetadata"]["KeyId"]
    iam = desk.bench.client("iam", "")
    iam.create_user(UserName="anna")
    statements = [
        {"Effect": "Allow", "Action": ["kms:*", "acm-pca:*", "shelf:*"], "Resource": "*"},
        {"Sid": "Closed", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="anna", PolicyName="work", PolicyDocument=policy)
    desk.bench.jobs.history.seal(HistoryKey(key))


def test_a_job_that_may_not_be_seen_says_who_may_not_and_why(desk: Desk, files: Path) -> None:
    closed_to_anna(desk)
    desk.sign(files / "a.bin")
    desk.wait(lambda: [one.state for one in desk.bench.jobs.jobs()] == ["done"])
    desk.bench.act_as(ANNA.replace("111122223333", desk.bench.place.account))
    desk.pane.refresh()  # as the window does when it acts as somebody else
    desk.wait(lambda: "kms:Decrypt" in "".join(one.sentence for one in desk.pane.follower.sealed))
    desk.rest()
    queue = desk.pane.queue
    (index,) = [queue.model.index(line) for line in range(queue.model.rowCount())]
    assert index.data() == "Access denied"
    queue.jobs.setCurrentIndex(index)
    assert queue.job is None
    assert queue.sealed is not None
    desk.rest()

    def shown() -> str:
        return " ".join(one.text() for one in desk.pane.details.findChildren(SelectableText))

    # What was shown before goes with the next turn of the event loop.
    desk.wait(lambda: "a.bin" not in shown())
    said = shown()
    assert "user/anna" in said
    assert "kms:Decrypt" in said
    assert "Closed" in said, "the deciding statement"
    assert "a.bin" not in said
    for command in desk.pane.commands:
        if command.objectName().split(".")[1] in {"pause", "cancel", "retry", "remove"}:
            assert not command.isEnabled()
    desk.bench.act_as(desk.bench.place.iam("root"))
    desk.pane.refresh()
    desk.wait(lambda: queue.job is not None)
    assert queue.sealed is None


def test_the_key_of_the_history_is_chosen_in_a_dialog(desk: Desk, files: Path) -> None:
    kms, history = desk.bench.kms, desk.bench.jobs.history
    seals = kms.create_key()["KeyMetadata"]["KeyId"]
    signs = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/history", TargetKeyId=seals)
    kms.create_alias(AliasName="alias/signs", TargetKeyId=signs)
    desk.sign(files / "a.bin")

    def key() -> HistoryKey | None:
        now: HistoryKey | None = history.key
        return now

    def opened() -> HistoryDialog:
        desk.do("history_key")
        desk.wait(lambda: dialog_of(HistoryDialog))
        dialog: HistoryDialog = dialog_of(HistoryDialog)
        desk.wait(lambda: dialog.key.findData("alias/history") >= 0)
        return dialog

    dialog = opened()
    assert dialog.chosen is None
    assert not dialog.reuse.isVisible()
    assert dialog.key.findData("alias/signs") < 0, "it cannot encrypt"
    dialog.key.setEditText("alias/signs")
    click(desk.qtbot, dialog.main_button)
    desk.wait(dialog.main_button.isEnabled)
    assert key() is None, "a key that cannot seal is refused"
    assert dialog_of(HistoryDialog) is dialog
    dialog.key.setCurrentIndex(dialog.key.findData("alias/history"))
    dialog.reuse.setValue(60)
    click(desk.qtbot, dialog.main_button)
    desk.wait(lambda: dialog_of(HistoryDialog) is None)
    assert key() == HistoryKey("alias/history", 60)
    dialog = opened()
    assert dialog.chosen == HistoryKey("alias/history", 60)
    dialog.key.setCurrentIndex(0)
    click(desk.qtbot, dialog.main_button)
    desk.wait(lambda: dialog_of(HistoryDialog) is None)
    assert key() is None
    desk.wait(lambda: desk.pane.queue.job is not None)
