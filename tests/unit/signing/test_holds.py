"""A job waits where nobody would believe its signatures, and goes on by itself."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.certificates import DAY
from tests.fakes.job_desk import SECONDS, Desk, states, until
from workbench.signing.job import JobState
from workbench.signing.verify import Verifier


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def test_before_a_certificates_first_day_files_wait_and_go_on_by_themselves(desk: Desk) -> None:
    paths = desk.make(5)
    desk.clock.travel(-10 * DAY)
    job = desk.queue.submit(desk.recipe(), paths)
    until(desk.queue, lambda: desk.view(job).state is JobState.HELD)
    view = desk.view(job)
    assert "“Signer” is not valid before" in view.reason
    assert "clock" in view.next_step
    assert (view.done, view.failed, desk.kms.asked) == (0, 0, [])
    assert set(states(desk.all(job))) == {"waiting"}
    desk.queue.resume(job)  # it looks again, and waits again
    until(desk.queue, lambda: desk.view(job).state is JobState.HELD)
    desk.clock.travel(10 * DAY)
    view = desk.queue.wait(job, SECONDS)
    assert (view.state, view.done, view.reason) == (JobState.DONE, 5, "")


@pytest.mark.parametrize("choices", [{}, {"kind": "jws"}, {"kind": "cades"}])
def test_a_clock_that_jumps_back_and_forth_during_a_job_fails_no_file(
    desk: Desk, choices: dict[str, Any]
) -> None:
    recipe = dataclasses.replace(desk.recipe(), **choices)
    job = desk.queue.submit(recipe, desk.make(60))
    for _ in range(3):
        desk.clock.travel(-40 * DAY)
        until(desk.queue, lambda: desk.view(job).state in {JobState.HELD, JobState.DONE})
        desk.clock.travel(40 * DAY)
    view = desk.queue.wait(job, SECONDS)
    assert (view.state, view.done, view.failed) == (JobState.DONE, 60, 0)
    since = desk.chain.leaf.certificate.not_valid_before_utc
    for file in desk.all(job):
        assert file.output is not None
        if not choices:
            verdict = Verifier(desk.clock).verify(file.path, file.output, [desk.chain.root.der])
            assert verdict.valid
            assert verdict.signing_time is not None
            assert verdict.signing_time >= since


def test_a_job_on_hold_can_be_cancelled_and_paused(desk: Desk) -> None:
    desk.clock.travel(-10 * DAY)
    job = desk.queue.submit(desk.recipe(), desk.make(3))
    until(desk.queue, lambda: desk.view(job).state is JobState.HELD)
    desk.queue.pause(job)
    desk.clock.travel(10 * DAY)
    assert desk.view(job).state is JobState.PAUSED, "a person's word outlasts the clock's"
    desk.queue.cancel(job)
    view = desk.queue.wait(job, SECONDS)
    assert (view.state, view.cancelled, view.reason) == (JobState.CANCELLED, 3, "")


def test_a_job_on_hold_is_interrupted_by_a_restart(desk: Desk) -> None:
    desk.clock.travel(-10 * DAY)
    job = desk.queue.submit(desk.recipe(), desk.make(3))
    until(desk.queue, lambda: desk.view(job).state is JobState.HELD)
    desk.restart()
    assert desk.view(job).state is JobState.INTERRUPTED
    desk.queue.resume(job)
    until(desk.queue, lambda: desk.view(job).state is JobState.HELD)
    desk.clock.travel(10 * DAY)
    assert desk.queue.wait(job, SECONDS).done == 3
