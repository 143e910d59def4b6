"""A job signs as who submitted it, whoever the window acts as meanwhile, and after a restart."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from tests.fakes.engine import QUICK, make_bench
from tests.fakes.secrets import MemoryStore
from tests.faults.job_files import PATIENCE, until
from workbench.assembly import Assembly
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import chain_for_key
from workbench.signing.choices import Choices, KeyChoice
from workbench.signing.jobs import FileState, JobState
from workbench.signing.recipe import Recipe, make_recipe
from workbench.signing.watching import QUIET_SECONDS, WatchState
from workbench.vault.vault import Vault

ACCOUNT = "111122223333"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ANNA = f"arn:aws:iam::{ACCOUNT}:user/anna"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Signer/workbench"
ALLOW = {"Effect": "Allow", "Action": ["kms:*", "acm-pca:*", "shelf:*"], "Resource": "*"}
DENY = {"Sid": "NoSigning", "Effect": "Deny", "Action": "kms:Sign", "Resource": "*"}


def _policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class Desk:
    """A bench with a signing key, Anna and a role that may sign."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.secrets = folder, TravelClock(), MemoryStore()
        self.bench: Bench = make_bench(folder / "vault", self.clock, self.secrets)
        self.bench.create_hierarchy(HierarchyRequest(alias="alias/sign"), lambda *_: None)
        self.files = folder / "files"
        self.files.mkdir()
        iam = self.iam
        iam.create_user(UserName="anna")
        self.let_anna(ALLOW)
        trust = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName="Signer", AssumeRolePolicyDocument=_policy(trust))
        iam.put_role_policy(RoleName="Signer", PolicyName="may", PolicyDocument=_policy(ALLOW))

    @property
    def iam(self) -> Any:
        return self.bench.client("iam", "")

    def let_anna(self, *statements: dict[str, Any]) -> None:
        self.bench.client("iam", "").put_user_policy(
            UserName="anna", PolicyName="may", PolicyDocument=_policy(*statements)
        )

    def recipe(self) -> Recipe:
        kms = self.bench.kms
        return make_recipe(kms, "alias/sign", chain_for_key(kms, self.bench.shelf, "alias/sign"))

    def make(self, count: int) -> list[Path]:
        paths = [self.files / str(number) for number in range(count)]
        for path in paths:
            path.write_bytes(b"content")
        return paths

    def submit_locked(self, arn: str, count: int = 3) -> str:
        """Submit as somebody, and turn to root before anything is signed."""
        recipe = self.recipe()
        self.bench.act_as(arn)
        self.bench.vault.lock()
        job = self.bench.jobs.submit(recipe, self.make(count))
        until(self.bench, lambda: self.view.total == count)
        self.bench.jobs.pause(job)
        self.unlock()
        self.bench.act_as(ROOT)
        return job

    def watch_until(self, condition: Callable[[], bool]) -> None:
        pause, ends = threading.Event(), time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < ends
            self.bench.watcher.tick()
            self.clock.travel(timedelta(seconds=QUIET_SECONDS + 0.1))
            pause.wait(0.01)

    def unlock(self) -> None:
        self.bench.vault.unlock_with_passphrase("correct horse battery staple")

    @property
    def view(self) -> Any:
        (view,) = self.bench.jobs.jobs()
        return view

    def signers(self) -> list[str]:
        """Who made Sign requests, refused ones too, oldest first."""
        found = self.bench.cloudtrail.lookup_events(
            LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Sign"}]
        )["Events"]
        records = [json.loads(event["CloudTrailEvent"]) for event in reversed(found)]
        return [
            record["userIdentity"]["arn"]
            for record in records
            if "acm-pca" not in str(record["userIdentity"].get("invokedBy"))
        ]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.bench.close()


@pytest.mark.parametrize(("arn", "shown"), [(ANNA, ANNA), (SESSION, SESSION), (ROOT, ROOT)])
def test_it_signs_as_who_submitted_it_and_shows_that(desk: Desk, arn: str, shown: str) -> None:
    job = desk.submit_locked(arn)
    desk.bench.jobs.resume(job)
    view = desk.bench.jobs.wait(job, PATIENCE)
    assert (view.done, view.identity) == (3, shown)
    assert desk.signers()[-3:] == [shown] * 3


def test_after_a_restart_it_goes_on_as_the_same(desk: Desk) -> None:
    job = desk.submit_locked(ANNA)
    desk.bench.close()
    assembly = Assembly(clock=desk.clock, secrets=desk.secrets, cost=QUICK)
    desk.bench = assembly.open(desk.folder / "vault")
    desk.unlock()
    assert desk.bench.acting.caller.arn == ROOT
    assert (desk.view.state, desk.view.identity) == (JobState.INTERRUPTED, ANNA)
    desk.bench.jobs.resume(job)
    assert desk.bench.jobs.wait(job, PATIENCE).done == 3
    assert desk.signers()[-3:] == [ANNA] * 3


def test_a_job_of_before_identities_were_noted_is_who_goes_on_with_it(desk: Desk) -> None:
    job = desk.submit_locked(ANNA)
    desk.bench.close()
    assembly = Assembly(clock=desk.clock, secrets=desk.secrets, cost=QUICK)
    vault = cast("Vault", assembly.open(desk.folder / "vault").vault)
    vault.unlock_with_passphrase("correct horse battery staple")
    with vault.transaction() as transaction:
        ((text,),) = vault.read("SELECT record FROM jobs WHERE id = ?", (job,))
        record = json.loads(text)
        del record["identity"]
        transaction.execute("UPDATE jobs SET record = ? WHERE id = ?", (json.dumps(record), job))
    vault.close()
    desk.bench = assembly.open(desk.folder / "vault")
    desk.unlock()
    assert desk.view.identity == ""
    desk.bench.act_as(SESSION)
    desk.bench.jobs.resume(job)
    desk.bench.act_as(ROOT)
    assert desk.bench.jobs.wait(job, PATIENCE).identity == SESSION
    assert desk.signers()[-3:] == [SESSION] * 3


def test_one_who_is_refused_is_told_the_statement_and_nobody_signs_instead(desk: Desk) -> None:
    job = desk.submit_locked(ANNA)
    desk.let_anna(ALLOW, DENY)
    desk.bench.jobs.resume(job)
    assert desk.bench.jobs.wait(job, PATIENCE).failed == 3
    for file in desk.bench.jobs.files(job):
        assert file.state is FileState.FAILED
        assert "AccessDeniedException" in file.sentence
        assert ANNA in file.sentence
        assert "NoSigning" in file.sentence, "the statement that decided"
    assert not list(desk.files.glob("*.p7s"))
    desk.let_anna(ALLOW)
    desk.bench.jobs.retry(job)
    assert desk.bench.jobs.wait(job, PATIENCE).done == 3
    assert set(desk.signers()[-6:]) == {ANNA}


def test_the_job_of_one_who_is_gone_waits_until_a_person_says_so(desk: Desk) -> None:
    job = desk.submit_locked(ANNA)
    desk.iam.delete_user_policy(UserName="anna", PolicyName="may")
    desk.iam.delete_user(UserName="anna")
    before = desk.signers()
    desk.bench.jobs.resume(job)
    until(desk.bench, lambda: desk.view.state is JobState.HELD)
    assert ANNA in desk.view.reason
    assert desk.view.next_step
    assert (desk.view.done, desk.view.failed, desk.signers()) == (0, 0, before)
    desk.iam.create_user(UserName="anna")
    desk.let_anna(ALLOW)
    desk.clock.travel(timedelta(hours=1))
    assert desk.bench.jobs.wait(job, 0.3).state is JobState.HELD, "she may be another Anna"
    desk.bench.jobs.resume(job)
    assert desk.bench.jobs.wait(job, PATIENCE).done == 3


def test_a_watched_folder_signs_as_who_switched_it_on(desk: Desk) -> None:
    bench, watcher = desk.bench, desk.bench.watcher
    bench.recipes.save([Choices(keys=(KeyChoice("alias/sign"),), name="release")])
    bench.act_as(ANNA)
    watcher.permit(permitted=True)
    watcher.switch(watcher.add(desk.files, "release"), on=True)
    bench.act_as(ROOT)
    watcher.tick()
    (path,) = desk.make(1)

    desk.watch_until(lambda: bool(bench.jobs.jobs()))
    view = bench.jobs.wait(desk.view.id, PATIENCE)
    assert (view.done, view.identity) == (1, ANNA)
    assert desk.signers()[-1] == ANNA
    assert path.with_name(f"{path.name}.p7s").is_file()
    desk.iam.delete_user_policy(UserName="anna", PolicyName="may")
    desk.iam.delete_user(UserName="anna")
    (desk.files / "later").write_bytes(b"x")
    desk.watch_until(lambda: watcher.all()[0].state is WatchState.NO_RECIPE)
    assert ANNA in watcher.all()[0].sentence
    assert not (desk.files / "later.p7s").exists()
