"""What the inspector tells of a job and of a signed file, to the journal's events."""

import re
from datetime import timedelta
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from tests.ui.certificates.conftest import words_in
from tests.ui.signing.desk import Desk
from workbench.base.clock import TravelClock
from workbench.signing.jobs import JobState


def test_a_signed_file_leads_to_its_journal_event(desk: Desk, files: Path) -> None:
    desk.sign(files / "a.bin")
    desk.rest()
    (view,) = desk.bench.jobs.jobs()
    (file,) = desk.bench.jobs.files(view.id)
    (request,) = file.requests
    details = desk.pane.details
    desk.wait(lambda: request in words_in(details))
    words = words_in(details)
    assert "Proven" in words
    assert desk.bench.acting.caller.arn in words
    links = details.findChildren(QPushButton)
    desk.wait(lambda: "alias/code-signing" in {one.text() for one in links})
    (named, *_) = [one for one in links if one.text() == "alias/code-signing"]
    assert view.recipe.key_id == named.toolTip()
    assert named.accessibleName() == "Signing key: alias/code-signing"
    assert re.search(r"^Event [0-9,]+ of [0-9,]+$", words, re.MULTILINE)


def test_who_may_not_see_the_journal_is_told_so(desk: Desk, files: Path) -> None:
    desk.bench.client("iam", "").create_user(UserName="anna")
    desk.sign(files / "a.bin")
    (view,) = desk.bench.jobs.jobs()
    desk.sign(files / "b.bin")
    desk.bench.act_as("arn:aws:iam::111122223333:user/anna")
    desk.pane.queue.jobs.select_job(view.id)
    details = desk.pane.details
    desk.wait(lambda: "cloudtrail:LookupEvents" in words_in(details))
    assert "Proven" not in words_in(details)


def test_a_job_on_hold_says_why_and_who_signs(desk: Desk, files: Path, clock: TravelClock) -> None:
    clock.travel(timedelta(days=-400))
    desk.drop(files / "a.bin", files / "b.bin")
    sheet = desk.sheet()
    sheet.main_button.click()
    desk.wait(lambda: any(one.state is JobState.HELD for one in desk.bench.jobs.jobs()))
    details = desk.pane.details
    desk.wait(lambda: "is not valid before" in words_in(details))
    words = words_in(details)
    assert "On hold" in words
    assert "Set the computer's clock right" in words
    assert desk.bench.acting.caller.arn in words
    clock.travel(timedelta(days=400))
    desk.settle()
    desk.wait(lambda: "On hold" not in words_in(details))
    assert "is not valid before" not in words_in(details)
