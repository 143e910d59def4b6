"""Watched folders: new complete files are handed over once, and nothing else."""

import dataclasses
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes.certificates import Chain
from tests.fakes.kms_client import FakeKms
from tests.fakes.vaults import PASSPHRASE, new_vault, reopened
from workbench.base.clock import TravelClock
from workbench.base.errors import Locked, NotFound, Refused
from workbench.signing.recipe import Recipe, make_recipe
from workbench.signing.settling import Settling, looks_finished
from workbench.signing.watching import QUIET_SECONDS, Watcher, WatchState, WatchView
from workbench.vault.vault import Vault

ANNA = "arn:aws:iam::111122223333:user/anna"
ROOT = "arn:aws:iam::111122223333:root"
PATIENCE = 20.0


class Desk:
    """A vault, a folder, and a queue that only notes what it is given."""

    def __init__(self, folder: Path) -> None:
        self.chain = Chain("P-256")
        self.clock = TravelClock()
        self.vault: Vault = new_vault(folder / "vault", clock=self.clock)
        self.place = folder / "vault"
        self.folder = folder / "inbox"
        self.folder.mkdir()
        self.acting = ROOT
        self.handed: list[str] = []
        self.asked_as: list[str] = []
        self.signed_as: list[str] = []
        self.recipes = {"release": self.recipe()}
        self.watcher = self.watch()

    def recipe(self, **choices: object) -> Recipe:
        chain = (self.chain.leaf.der, self.chain.sub.der, self.chain.root.der)
        return make_recipe(FakeKms(key=self.chain.leaf.key), "key", chain, **choices)  # type: ignore[arg-type]

    def watch(self) -> Watcher:
        return Watcher(self.vault, self.clock, lambda: self.acting, self.named, self)

    def named(self, name: str, arn: str) -> Recipe:
        self.asked_as.append(arn)
        if self.vault.locked:
            raise Locked("The vault is locked.", "Unlock it.")
        if name not in self.recipes:
            raise NotFound(f"There is no recipe named {name}.", "Choose another.")
        return self.recipes[name]

    def submit(
        self, recipe: Recipe, paths: Sequence[Path], priority: int = 0, identity: str = ""
    ) -> str:
        del recipe, priority
        self.signed_as.append(identity)
        self.handed += [path.name for path in paths]
        return "job"

    def start(self) -> str:
        self.watcher.permit(permitted=True)
        made = self.watcher.add(self.folder, "release")
        self.watcher.switch(made, on=True)
        self.watcher.tick()
        assert self.view().state is WatchState.WATCHING
        return made

    def view(self) -> WatchView:
        (only,) = self.watcher.all()
        return only

    def until(self, condition: Callable[[], bool]) -> None:
        """Tick until something is so: events come from the system when it likes."""
        pause = threading.Event()
        ends = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < ends
            self.watcher.tick()
            pause.wait(0.01)

    def noticed(self, count: int = 1) -> None:
        self.until(lambda: self.view().waiting == count)

    def quiet(self) -> None:
        """Let the time pass after which a file is complete."""
        self.watcher.tick()
        self.clock.travel(timedelta(seconds=QUIET_SECONDS + 0.1))
        self.watcher.tick()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.watcher.close()
    made.vault.close()


def test_nothing_is_watched_before_it_is_permitted(desk: Desk) -> None:
    assert not desk.watcher.permitted
    made = desk.watcher.add(desk.folder, "release")
    assert desk.view().state is WatchState.OFF
    with pytest.raises(Refused, match="not permitted"):
        desk.watcher.switch(made, on=True)
    desk.watcher.permit(permitted=True)
    desk.watcher.switch(made, on=True)
    desk.watcher.permit(permitted=False)
    desk.watcher.tick()
    assert desk.view().state is WatchState.FORBIDDEN


def test_a_new_file_is_signed_once_it_is_complete(desk: Desk) -> None:
    desk.start()
    (desk.folder / "setup.bin").write_bytes(b"first")
    desk.noticed()
    desk.watcher.tick()
    (desk.folder / "setup.bin").write_bytes(b"first and second")
    desk.clock.travel(timedelta(seconds=QUIET_SECONDS + 0.1))
    desk.watcher.tick()
    assert desk.handed == [], "it has just changed"
    desk.quiet()
    assert desk.handed == ["setup.bin"]
    assert desk.view().handed == 1
    desk.quiet()
    assert desk.handed == ["setup.bin"]


def test_files_in_folders_and_moved_in_are_noticed(desk: Desk, tmp_path: Path) -> None:
    desk.start()
    (tmp_path / "made.elsewhere").write_bytes(b"x")
    (tmp_path / "made.elsewhere").rename(desk.folder / "moved.bin")
    below = desk.folder / "below"
    below.mkdir()
    desk.noticed()
    desk.until(lambda: (below / "deep.bin").write_bytes(b"x") > 0 and desk.view().waiting == 2)
    desk.quiet()
    assert sorted(desk.handed) == ["deep.bin", "moved.bin"]


def test_what_was_there_before_is_left_alone(desk: Desk) -> None:
    (desk.folder / "old.bin").write_bytes(b"old")
    desk.clock.travel(timedelta(seconds=60))
    desk.start()
    desk.quiet()
    assert desk.handed == []


def test_what_came_while_the_vault_was_closed_is_signed(desk: Desk) -> None:
    desk.start()
    desk.watcher.close()
    desk.vault.close()
    (desk.folder / "meanwhile.bin").write_bytes(b"x")
    desk.vault = reopened(desk.place, clock=desk.clock)
    desk.watcher = desk.watch()
    desk.watcher.tick()
    assert desk.view().state is WatchState.WATCHING
    desk.quiet()
    assert desk.handed == ["meanwhile.bin"]


@pytest.mark.parametrize(
    "name", [".hidden", "a.part", "a.crdownload", "a.TMP", "a~", ".git/config", "x.tmp/file"]
)
def test_unfinished_and_hidden_files_are_passed_over(desk: Desk, name: str) -> None:
    desk.start()
    path = desk.folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    (desk.folder / "marker").write_bytes(b"x")
    desk.noticed()
    desk.quiet()
    assert desk.handed == ["marker"]
    assert looks_finished("a.tar.gz")


def test_signatures_links_and_special_files_are_passed_over(desk: Desk, tmp_path: Path) -> None:
    desk.start()
    (desk.folder / "done.bin").write_bytes(b"x")
    (desk.folder / "done.bin.p7s").write_bytes(b"its signature")
    (desk.folder / "signatures").mkdir()
    (desk.folder / "signatures" / "other.bin.p7s").write_bytes(b"a signature")
    (tmp_path / "secret").write_bytes(b"x")
    (desk.folder / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(desk.folder / "pipe")
    (desk.folder / "marker").write_bytes(b"x")
    desk.until(lambda: desk.view().waiting >= 3)
    desk.quiet()
    assert desk.handed == ["marker"]


def test_it_signs_as_who_switched_it_on_whoever_the_window_acts_as(desk: Desk) -> None:
    desk.start()
    desk.acting = ANNA
    (desk.folder / "a.bin").write_bytes(b"x")
    desk.watcher.tick()
    desk.until(lambda: desk.view().waiting >= 1)
    desk.quiet()
    assert desk.view().state is WatchState.WATCHING
    assert (desk.handed, desk.signed_as, desk.asked_as[-1]) == (["a.bin"], [ROOT], ROOT)
    desk.watcher.switch(desk.view().watched.id, on=False)
    desk.watcher.switch(desk.view().watched.id, on=True)
    assert desk.view().watched.identity == ANNA, "switching it on again makes it hers"


def test_a_locked_vault_waits(desk: Desk) -> None:
    desk.start()
    desk.vault.lock()
    desk.watcher.tick()
    assert desk.view().state is WatchState.LOCKED
    (desk.folder / "a.bin").write_bytes(b"x")
    desk.vault.unlock_with_passphrase(PASSPHRASE)
    desk.watcher.tick()
    desk.quiet()
    assert desk.handed == ["a.bin"]


def test_a_folder_that_goes_and_comes_back(desk: Desk) -> None:
    desk.start()
    desk.folder.rmdir()
    desk.watcher.tick()
    assert desk.view().state is WatchState.MISSING
    desk.folder.mkdir()
    (desk.folder / "a.bin").write_bytes(b"x")
    desk.watcher.tick()
    assert desk.view().state is WatchState.WATCHING
    desk.quiet()
    assert desk.handed == ["a.bin"]


def test_a_recipe_that_is_gone_is_said_and_the_files_wait(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.bin").write_bytes(b"x")
    desk.noticed()
    release = desk.recipes.pop("release")
    desk.quiet()
    assert desk.view().state is WatchState.NO_RECIPE
    assert "no recipe named release" in desk.view().sentence
    desk.recipes["release"] = release
    desk.quiet()
    desk.quiet()
    assert desk.handed == ["a.bin"]


def test_folders_do_not_overlap(desk: Desk) -> None:
    made = desk.start()
    (desk.folder / "below").mkdir()
    for other in (desk.folder, desk.folder / "below", desk.folder.parent):
        with pytest.raises(Refused, match="overlaps"):
            desk.watcher.add(other, "release")
    with pytest.raises(Refused, match="is no folder"):
        desk.watcher.add(desk.folder / "nothing", "release")
    desk.watcher.remove(made)
    assert desk.watcher.all() == ()
    with pytest.raises(NotFound):
        desk.watcher.switch(made, on=True)
    with pytest.raises(NotFound, match="no recipe"):
        desk.watcher.add(desk.folder, "nobody's")
    desk.recipes["sums"] = dataclasses.replace(desk.recipe(), checksums="SHA-256")
    with pytest.raises(Refused, match="list of checksums"):
        desk.watcher.add(desk.folder, "sums")


def test_the_list_is_kept(desk: Desk) -> None:
    made = desk.start()
    again = desk.watch()
    assert [view.watched for view in again.all()] == [desk.view().watched]
    assert again.permitted
    assert desk.view().watched.id == made
    with desk.vault.transaction() as transaction:
        transaction.execute(
            "INSERT INTO settings(name, value) VALUES('signing/watch/x', '{\"id\": 1}')"
        )
    assert len(desk.watch().all()) == 1


def test_a_clock_that_goes_back_only_delays(tmp_path: Path) -> None:
    settling = Settling(2.0)
    path = tmp_path / "a"
    path.write_bytes(b"x")
    settling.note(path)
    assert settling.ready(100.0, lambda _: True) == []
    assert settling.ready(50.0, lambda _: True) == []
    assert settling.ready(51.0, lambda _: True) == []
    assert settling.ready(52.0, lambda _: True) == [path]


def test_files_that_vanish_are_forgotten(tmp_path: Path) -> None:
    settling = Settling(2.0)
    settling.note(tmp_path / "gone")
    assert settling.ready(0.0, lambda _: True) == []
    assert len(settling) == 0


def test_a_late_notice_of_a_complete_file_does_not_return_it_twice(tmp_path: Path) -> None:
    settling, path = Settling(1.0), tmp_path / "setup.bin"
    path.write_bytes(b"content")

    def ready_at(now: float) -> list[Path]:
        return settling.ready(now, lambda _: True)

    settling.note(path)
    assert ready_at(0.0) == []
    assert ready_at(2.0) == [path]
    settling.note(path)
    assert ready_at(3.0) == ready_at(9.0) == []
    settling.forget()
    settling.note(path)
    assert ready_at(10.0) == ready_at(19.0) == []
    settling.again(path)
    assert ready_at(20.0) == []
    assert ready_at(22.0) == [path]
    path.write_bytes(b"other content")
    settling.note(path)
    assert ready_at(30.0) == []
    assert ready_at(32.0) == [path]
