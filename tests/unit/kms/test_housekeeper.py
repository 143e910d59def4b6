"""The thread that looks at what is due."""

import threading
import time
from collections.abc import Iterator

import pytest

from workbench.kms.housekeeper import Housekeeper

PATIENCE = 20.0


class Rounds:
    """Counts rounds, with the time of each."""

    def __init__(self) -> None:
        self.moments: list[float] = []
        self._new = threading.Condition()

    def __call__(self) -> None:
        with self._new:
            self.moments.append(time.monotonic())
            self._new.notify_all()

    def until(self, count: int) -> None:
        with self._new:
            assert self._new.wait_for(lambda: len(self.moments) >= count, PATIENCE)


@pytest.fixture
def rounds() -> Rounds:
    return Rounds()


@pytest.fixture
def keeper(rounds: Rounds) -> Iterator[Housekeeper]:
    made = Housekeeper(rounds)
    made.start()
    yield made
    made.stop()


def test_waking_begins_a_round_at_once(keeper: Housekeeper, rounds: Rounds) -> None:
    keeper.wake()
    rounds.until(1)


def test_a_round_comes_at_each_moment_asked_for(keeper: Housekeeper, rounds: Rounds) -> None:
    began = time.monotonic()
    for after in (0.4, 0.1, 0.25):
        keeper.wake(after)
    while not any(moment - began >= 0.4 for moment in rounds.moments):
        rounds.until(len(rounds.moments) + 1)
    passed = [moment - began for moment in rounds.moments]
    for after in (0.1, 0.25, 0.4):
        assert any(moment >= after for moment in passed)
    assert len(passed) < 20, "it does not spin"


def test_stopping_waits_for_no_moment(rounds: Rounds) -> None:
    keeper = Housekeeper(rounds)
    keeper.start()
    keeper.wake(3600)
    began = time.monotonic()
    keeper.stop()
    assert time.monotonic() - began < PATIENCE
