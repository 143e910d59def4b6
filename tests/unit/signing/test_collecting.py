"""Files of a job found: every one once, also after the walk was cut off."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from tests.fakes.certificates import NOW, Chain
from tests.fakes.kms_client import FakeKms
from workbench.base.clock import TravelClock
from workbench.signing.collecting import Collector
from workbench.signing.job import Entry, Job
from workbench.signing.recipe import make_recipe
from workbench.signing.states import StateList
from workbench.signing.work import FileState

PATIENCE = 20.0


def _job(paths: tuple[Path, ...]) -> Job:
    chain = Chain("P-256")
    ders = (chain.leaf.der, chain.sub.der, chain.root.der)
    recipe = make_recipe(FakeKms(key=chain.leaf.key), "key", ders)
    return Job("job", NOW, recipe, paths)


def _collector(wake: Callable[[Job], None]) -> Collector:
    kms, clock = FakeKms(), TravelClock(NOW)
    return Collector(lambda _arn, _site: kms, clock, lambda: False, wake, lambda: None)


def _wait(job: Job) -> None:
    pause, ends = threading.Event(), time.monotonic() + PATIENCE
    while job.collecting:
        assert time.monotonic() < ends
        pause.wait(0.002)


def test_a_walk_cut_off_by_cancelling_is_taken_up_by_trying_again(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"file-{number:03}").touch()
    job = _job((tmp_path,))
    stops = [True]

    def wake(_job: Job) -> None:
        if stops:
            stops.pop()
            job.cancel(None)

    collector = _collector(wake)
    collector.start(job)
    _wait(job)
    assert (len(job.entries), job.collected) == (256, False)
    job.reopen()
    job.collecting = True
    collector.start(job)
    _wait(job)
    assert sorted(Path(one.name).name for one in job.entries) == [
        f"file-{number:03}" for number in range(600)
    ]
    assert job.collected


def test_a_bug_while_collecting_ends_the_job_and_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    job = _job((tmp_path, cast("Path", "no path")))
    _collector(lambda _job: None).start(job)
    _wait(job)
    assert not job.collected
    assert any("internal error" in note for note in job.notes)


def test_states_are_found_as_by_looking_at_each() -> None:
    chance, states, plain = random.Random(4), StateList(FileState), []
    for _ in range(5000):
        state = chance.choice(tuple(FileState))
        states.append(state)
        plain.append(state)
    for number in chance.sample(range(5000), 2000):
        states[number] = plain[number] = chance.choice(tuple(FileState))
    assert all(states[number] is state for number, state in enumerate(plain))
    for wanted in ({FileState.DONE}, {FileState.FAILED, FileState.WAITING}, set()):
        every = [number for number, state in enumerate(plain) if state in wanted]
        assert states.find(wanted) == every
        for start, count in ((0, 10), (7, 1), (1000, 200), (len(every), 5), (4999, 5), (0, 0)):
            assert states.find(wanted, start, count) == every[start : start + count]
    assert states.counts == {state: plain.count(state) for state in FileState}


def test_an_entry_keeps_what_it_is_given_in_little_room() -> None:
    entry = Entry("/drop/a/b", 3, "a/b", FileState.DONE, "", "00ff", 1.5)
    assert (entry.relative, entry.digest, entry.bytes_done) == ("a/b", "00ff", 3)
    assert Entry("/drop/a", 3).relative == ""
    assert Entry("/drop/a", 3, "other").relative == "other"
