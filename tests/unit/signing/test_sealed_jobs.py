"""The queue's history under a KMS key: sealed at rest, and hidden from who may not decrypt."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from tests.fakes.engine import make_bench
from tests.fakes.job_desk import until
from workbench.base.clock import TravelClock
from workbench.base.errors import NotFound, Refused
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.job import JobState
from workbench.signing.jobs import JobQueue
from workbench.signing.recipe import make_recipe
from workbench.signing.sealing import Denied, HistoryKey
from workbench.vault.vault import Vault

ANNA = "arn:aws:iam::111122223333:user/anna"
ROOT = "arn:aws:iam::111122223333:root"
PASSPHRASE = "correct horse battery staple"
SECRET = "secret-plans.pdf"
SEALED = '"sealed": 1'
PATIENCE = 30.0


def deny(action: str, sid: str = "No") -> dict[str, Any]:
    """Return a statement that denies an action on everything."""
    return {"Sid": sid, "Effect": "Deny", "Action": action, "Resource": "*"}


class Desk:
    """A bench with a signing key, a key for the history, and Anna, who may sign but not look."""

    def __init__(self, folder: Path) -> None:
        self.clock = TravelClock()
        self.bench: Bench = make_bench(folder / "vault", self.clock)
        self.bench.create_hierarchy(HierarchyRequest(alias="alias/sign"), lambda *_: None)
        self.key = self.bench.kms.create_key()["KeyMetadata"]["KeyId"]
        self.folder = folder / "files"
        self.folder.mkdir()
        self.iam = self.bench.client("iam", "")
        self.make_user("anna", "Closed", "kms:Decrypt", "acm-pca:*", "shelf:*")

    def make_user(self, name: str, sid: str, denied: str, *more: str) -> str:
        """Make a user who may do everything with keys but one thing; returns the ARN."""
        allow = {"Effect": "Allow", "Action": ["kms:*", *more], "Resource": "*"}
        self.iam.create_user(UserName=name)
        self.give(name, "work", allow, deny(denied, sid))
        return ANNA.replace("anna", name)

    def give(self, name: str, policy: str, *statements: dict[str, Any]) -> None:
        self.iam.put_user_policy(
            UserName=name,
            PolicyName=policy,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )

    def forbid_anna_to_seal(self) -> None:
        self.give("anna", "more", deny("kms:GenerateDataKey"))
        self.clock.travel(timedelta(seconds=301))

    @contextlib.contextmanager
    def restarted(self, *, running: bool = False) -> Iterator[JobQueue]:
        """A queue of the same vault, after the bench's own has ended (or beside it)."""
        if not running:
            self.queue.close()
        again = JobQueue(
            self.bench.kms,
            cast("Vault", self.bench.vault),
            self.clock,
            lambda: self.bench.acting.caller.arn,
            lambda arn, _site: self.bench.client("kms", arn),
        )
        try:
            yield again
        finally:
            again.close()

    @property
    def queue(self) -> JobQueue:
        return self.bench.jobs

    def sign(self, name: str = SECRET) -> str:
        job = self.submit(name)
        assert self.queue.wait(job, PATIENCE).state is JobState.DONE
        return job

    def submit(self, name: str = SECRET) -> str:
        path = self.folder / name
        path.write_bytes(b"x")
        kms = self.bench.kms
        recipe = make_recipe(
            kms, "alias/sign", chain_for_key(kms, self.bench.shelf, "alias/sign"),
            replace_existing=True,
        )  # fmt: skip
        return self.queue.submit(recipe, [path])

    def until(self, condition: Callable[[], bool]) -> None:
        until(self.queue, condition)

    def stored(self) -> str:
        vault = cast("Vault", self.bench.vault)
        rows = vault.read("SELECT record FROM jobs UNION ALL SELECT record FROM job_files")
        return "\n".join(row[0] for row in rows)

    def seen(self) -> list[str]:
        return [job.title for job in self.queue.jobs()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.bench.close()


def test_what_was_open_is_sealed_and_opened_again(desk: Desk) -> None:
    desk.sign()
    desk.until(lambda: SECRET in desk.stored())
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.until(lambda: SECRET not in desk.stored())
    assert desk.stored().count(SEALED) == 2
    assert desk.seen() == [SECRET]
    desk.bench.vault.lock()
    desk.bench.vault.unlock_with_passphrase(PASSPHRASE)
    assert desk.queue.history.key == HistoryKey(desk.key)
    assert desk.seen() == [SECRET]
    desk.queue.history.seal(None)
    desk.until(lambda: SECRET in desk.stored())
    assert SEALED not in desk.stored()


def test_who_may_not_decrypt_sees_that_there_is_a_job_and_why_no_more(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    job = desk.sign()
    desk.until(lambda: SEALED in desk.stored())
    desk.bench.act_as(ANNA)
    assert desk.seen() == [], "at once, before anything was looked up"
    (denied,) = desk.queue.history.denied()
    assert denied.id == job
    desk.until(lambda: "Access denied" in desk.queue.history.denied()[0].sentence)
    (denied,) = desk.queue.history.denied()
    assert "kms:Decrypt" in denied.sentence
    assert "Closed" in denied.next_step
    assert SECRET not in repr(denied)
    with pytest.raises(Refused, match="kms:Decrypt"):
        desk.queue.files(job)
    for verb in (desk.queue.cancel, desk.queue.remove, desk.queue.retry):
        with pytest.raises(Refused):
            verb(job)
    desk.bench.act_as(ROOT)
    desk.until(lambda: desk.seen() == [SECRET])
    assert desk.queue.history.denied() == ()


def test_a_history_opened_by_one_who_may_not_look_is_loaded_for_one_who_may(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.sign()
    desk.until(lambda: SEALED in desk.stored())
    desk.bench.act_as(ANNA)
    with desk.restarted(running=True) as other:
        assert other.jobs() == ()
        (denied,) = other.history.denied()
        assert "Access denied" in denied.sentence
        desk.bench.act_as(ROOT)
        until(other, lambda: bool(other.jobs()))
        assert other.jobs()[0].title == SECRET


def test_a_job_of_one_who_could_not_save_it_waits_and_signs_nothing(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.forbid_anna_to_seal()
    desk.bench.act_as(ANNA)
    job = desk.submit()
    desk.until(lambda: desk.queue.jobs()[0].state is JobState.HELD)
    (view,) = desk.queue.jobs()
    assert "kms:GenerateDataKey" in view.reason
    assert view.next_step
    desk.queue.resume(job)
    desk.until(lambda: desk.queue.jobs()[0].state is JobState.HELD)
    assert [one.name for one in desk.folder.iterdir()] == [SECRET]
    with pytest.raises(Denied):
        desk.queue.history.seal(HistoryKey(desk.key, 60))
    assert desk.queue.history.key == HistoryKey(desk.key), "nothing was changed"
    desk.bench.act_as(ROOT)  # the history can be written again: it goes on, as Anna
    desk.until(lambda: desk.seen() == [SECRET])
    assert desk.queue.wait(job, PATIENCE).state is JobState.DONE
    assert desk.queue.jobs()[0].identity == ANNA
    desk.until(lambda: SECRET not in desk.stored())
    assert desk.stored().count(SEALED) == 2, "nothing stays in the clear"


def test_a_job_that_could_not_be_sealed_is_kept_over_a_restart(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.forbid_anna_to_seal()
    desk.bench.act_as(ANNA)
    job = desk.submit()
    desk.until(lambda: SECRET in desk.stored())
    vault = cast("Vault", desk.bench.vault)
    assert vault.read("SELECT count(*) FROM job_files") == [(0,)], "what was asked for, no more"
    with desk.restarted() as again:
        (view,) = again.jobs()
        assert (view.id, view.state, view.identity) == (job, JobState.INTERRUPTED, ANNA)
        again.resume(job)
        until(again, lambda: again.jobs()[0].state is JobState.HELD)
        desk.bench.act_as(ROOT)
        until(again, lambda: bool(again.jobs()))
        assert again.wait(job, PATIENCE).state is JobState.DONE
        assert again.files(job)[0].path.name == SECRET
        until(again, lambda: SECRET not in desk.stored())


def test_a_kept_job_can_be_seen_and_removed_by_who_may_use_the_key(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.forbid_anna_to_seal()
    bob = desk.make_user("bob", "Shut", "kms:Decrypt")
    desk.bench.act_as(ANNA)
    job = desk.submit()
    desk.until(lambda: SECRET in desk.stored())
    with desk.restarted() as again:
        desk.bench.act_as(bob)  # he gets data keys; that is not enough
        assert again.jobs() == ()
        until(again, lambda: "kms:Decrypt" in again.history.denied()[0].sentence)
        assert "Shut" in again.history.denied()[0].next_step
        other = desk.bench.kms.create_key()["KeyMetadata"]["KeyId"]
        again.history._store.choose(None)
        again.history._store.sealer.choose(HistoryKey(other))
        again.history.look_again()
        assert again.jobs() == (), "nor by a key of his own"
        desk.bench.act_as(ROOT)
        desk.iam.delete_user_policy(UserName="anna", PolicyName="more")
        desk.iam.delete_user_policy(UserName="anna", PolicyName="work")
        desk.iam.delete_user(UserName="anna")
        until(again, lambda: [one.title for one in again.jobs()] == [SECRET])
        assert again.history.denied() == ()
        again.remove(job)
        assert desk.stored() == "", "though who submitted it is gone"


def test_a_cancelled_job_that_was_only_kept_stays_cancelled(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.forbid_anna_to_seal()
    desk.bench.act_as(ANNA)
    job = desk.submit()
    desk.until(lambda: SECRET in desk.stored())
    desk.queue.cancel(job)
    with desk.restarted() as again:
        assert [one.state for one in again.jobs()] == [JobState.CANCELLED]


def test_a_kept_job_that_is_cancelled_on_hold_stays_cancelled(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.forbid_anna_to_seal()
    desk.bench.act_as(ANNA)
    job = desk.submit()
    desk.until(lambda: SECRET in desk.stored())
    with desk.restarted() as again:
        again.resume(job)
        until(again, lambda: again.jobs()[0].state is JobState.HELD)
        again.cancel(job)
        assert again.wait(job, PATIENCE).state is JobState.CANCELLED
    with desk.restarted() as again:
        assert [one.state for one in again.jobs()] == [JobState.CANCELLED]


def test_a_key_that_nobody_may_use_any_more_is_given_up_by_root(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.bench.kms.disable_key(KeyId=desk.key)
    bob = desk.make_user("bob", "Shut", "kms:ScheduleKeyDeletion")
    desk.bench.act_as(bob)
    with pytest.raises(Denied, match="DisabledException"):
        desk.queue.history.seal(None)
    desk.bench.act_as(ROOT)
    desk.queue.history.seal(None)
    assert desk.queue.history.key is None


def test_a_refusal_to_seal_is_asked_for_once_for_all_jobs(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key, 60))
    for name in ("one", "two", "three"):
        desk.sign(name)
    desk.until(lambda: desk.stored().count(SEALED) == 6)
    desk.queue.close()
    desk.bench.kms.disable_key(KeyId=desk.key)
    desk.clock.travel(timedelta(seconds=61))
    jobs = list(desk.queue._jobs.values())
    for job in jobs:
        job.write_anew()
    before = refusals(desk)
    with pytest.raises(Denied):
        desk.queue._store.save(jobs)
    assert refusals(desk) == before + 1
    desk.bench.kms.enable_key(KeyId=desk.key)
    for job in jobs:
        assert job.unsaved, "nothing is forgotten"
    desk.queue._store.save(jobs)
    assert not any(job.unsaved for job in jobs)


def refusals(desk: Desk) -> int:
    """Return how many requests for data keys the journal has."""
    found = desk.bench.client("cloudtrail", "").lookup_events(
        LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "GenerateDataKey"}]
    )
    return len(found["Events"])


def test_a_job_that_is_not_recorded_is_for_nobody_but_who_submitted_it(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.forbid_anna_to_seal()
    bob = desk.make_user("bob", "Shut", "kms:GenerateDataKey")
    desk.bench.act_as(ANNA)
    job = desk.submit()
    desk.until(lambda: SECRET in desk.stored())
    desk.bench.act_as(bob)
    assert desk.seen() == []
    (hidden,) = desk.queue.history.denied()
    assert hidden.id == job
    assert SECRET not in repr(hidden)
    for verb in (desk.queue.files, desk.queue.cancel, desk.queue.wait, desk.queue.remove):
        with pytest.raises(Refused, match="not sealed yet"):
            verb(job)
    with pytest.raises(Denied, match="GenerateDataKey"):
        desk.queue.history.seal(None)
    assert desk.queue.history.key == HistoryKey(desk.key), "only who may use a key gives it up"
    desk.bench.act_as(ROOT)
    desk.queue.history.seal(None)
    desk.bench.act_as(bob)
    assert desk.seen() == [], "nor when the key was taken away"
    desk.bench.act_as(ANNA)
    assert desk.seen() == [SECRET]


def test_submitting_asks_the_key_service_nothing_on_the_callers_thread(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key))
    desk.clock.travel(timedelta(seconds=301))
    asked: list[str] = []
    sealer = desk.queue._store.sealer
    check = sealer.check

    def note() -> None:
        asked.append(threading.current_thread().name)
        check()

    sealer.check = note  # type: ignore[method-assign]
    job = desk.submit()
    assert desk.queue.wait(job, PATIENCE).state is JobState.DONE
    assert asked == ["signing-collect"]


def test_a_policy_that_changes_counts_after_the_time_of_reuse(desk: Desk) -> None:
    desk.queue.history.seal(HistoryKey(desk.key, 60))
    desk.sign()
    desk.until(lambda: SEALED in desk.stored())
    desk.bench.kms.disable_key(KeyId=desk.key)
    assert desk.seen() == [SECRET]
    desk.clock.travel(timedelta(seconds=61))
    desk.queue.limit(1)  # anything that wakes the queue
    desk.queue.history._wake()
    desk.until(lambda: desk.seen() == [])
    assert "DisabledException" in desk.queue.history.denied()[0].sentence


def test_a_higher_priority_goes_first(desk: Desk) -> None:
    kms = desk.bench.kms
    recipe = make_recipe(kms, "alias/sign", chain_for_key(kms, desk.bench.shelf, "alias/sign"))
    order: list[str] = []
    folders = {}
    for name in ("first", "second"):
        folders[name] = desk.folder / name
        folders[name].mkdir()
        for number in range(3):
            (folders[name] / str(number)).write_bytes(b"x")
    desk.bench.vault.lock()
    first = desk.queue.submit(recipe, [folders["first"]])
    second = desk.queue.submit(recipe, [folders["second"]])
    desk.until(lambda: all(view.total == 3 for view in desk.queue.jobs()))
    desk.queue.prioritise(second, 1)
    desk.queue.limit(1)
    assert [view.priority for view in desk.queue.jobs()] == [1, 0]

    def look() -> None:
        for view in desk.queue.jobs():
            if view.state is JobState.DONE and view.id not in order:
                order.append(view.id)

    desk.queue.subscribe(look)
    desk.bench.vault.unlock_with_passphrase(PASSPHRASE)
    desk.queue.wait(first, PATIENCE)
    finished = {
        job: max(file.finished for file in desk.queue.files(job) if file.finished)
        for job in (first, second)
    }
    assert finished[second] <= finished[first]


def test_unknown_jobs_are_not_found(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.queue.prioritise("nothing", 1)
