"""Whose turn it is: by priority, then by age, and as cheap with a thousand jobs as with one."""

import time
from pathlib import Path

from tests.fakes.certificates import NOW, Chain
from tests.fakes.kms_client import FakeKms
from workbench.base.clock import TravelClock
from workbench.signing.job import Entry, Job
from workbench.signing.recipe import Recipe, make_recipe
from workbench.signing.turns import Turns
from workbench.signing.work import FileSigner

CHAIN = Chain("P-256")
KMS = FakeKms(key=CHAIN.leaf.key)


def _recipe() -> Recipe:
    return make_recipe(KMS, "key", (CHAIN.leaf.der, CHAIN.sub.der, CHAIN.root.der))


RECIPE = _recipe()
SIGNER = FileSigner(KMS, RECIPE, TravelClock(NOW))


def job(name: str, files: int, priority: int = 0) -> Job:
    made = Job(name, NOW, RECIPE, (Path("/x"),))
    made.priority = priority
    made.signer = SIGNER
    for number in range(files):
        made.restore(Entry(f"/x/{number}", 1))
    return made


def order(turns: Turns) -> list[str]:
    found: list[str] = []
    while (claimed := turns.claim(1000)) is not None:
        found += [claimed[0].id] * len(claimed[1])
    return found


def test_a_higher_priority_goes_first_and_then_who_came_first() -> None:
    turns = Turns()
    for one in (job("a", 2), job("b", 1, -1), job("c", 2, 3), job("d", 1)):
        turns.offer(one)
    assert order(turns) == ["c", "c", "a", "a", "d", "b"]
    assert turns.claim(1) is None


def test_a_job_keeps_its_place_when_it_has_nothing_to_give_for_a_while() -> None:
    turns, first, second = Turns(), job("a", 0), job("b", 2)
    for one in (first, second):
        turns.offer(one)
    assert turns.claim(1000) == (second, [0])
    first.restore(Entry("/x/late", 1))
    assert turns.claim(1000) == (second, [1]), "it was not offered again"
    second.restore(Entry("/x/more", 1))
    turns.offer(first)
    turns.offer(second)
    assert order(turns) == ["a", "b"]


def test_a_priority_that_changes_counts_once_the_job_is_offered() -> None:
    turns, first, second = Turns(), job("a", 2), job("b", 2)
    for one in (first, second):
        turns.offer(one)
    for priority in (5, 0, 5, -5, 5):
        second.priority = priority
        turns.offer(second)
    assert order(turns) == ["b", "b", "a", "a"]
    assert turns._heap == []


def test_what_may_not_run_is_passed_over_until_it_may() -> None:
    turns, first, second = Turns(), job("a", 1), job("b", 1)
    first.paused = True
    for one in (first, second):
        turns.offer(one)
    assert order(turns) == ["b"]
    first.paused = False
    turns.offer(first)
    assert order(turns) == ["a"]


def _cost(jobs: int) -> float:
    """Return the least processor time for 400 claims among so many open jobs."""
    best = 1e9
    for _ in range(3):
        turns = Turns()
        for number in range(jobs):
            turns.offer(job(str(number), 400 // jobs + 1))
        begin = time.thread_time()
        for _ in range(400):
            assert turns.claim(1000) is not None
        best = min(best, time.thread_time() - begin)
    return best


def test_a_claim_costs_no_more_among_four_hundred_open_jobs() -> None:
    assert _cost(400) < 12 * _cost(1)
