"""Jobs of a sealed history in the window: there, unreadable, explained, and no command trips."""

import json
from pathlib import Path

from tests.ui.signing.desk import Desk
from workbench.signing.sealing import HistoryKey
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
    desk.wait(lambda: desk.pane.queue.job is not None)
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
