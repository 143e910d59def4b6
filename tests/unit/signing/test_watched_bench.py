"""A watched folder on a real bench: from a stored recipe to the signature beside the file."""

import threading
import time
from datetime import timedelta
from pathlib import Path

from tests.fakes.engine import make_bench
from workbench.base.clock import TravelClock
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.choices import Choices, KeyChoice
from workbench.signing.watching import QUIET_SECONDS

PATIENCE = 30.0


def test_a_file_in_a_watched_folder_is_signed_by_the_recipe_of_that_name(tmp_path: Path) -> None:
    clock = TravelClock()
    bench = make_bench(tmp_path / "vault", clock)
    bench.create_hierarchy(HierarchyRequest(alias="alias/sign"), lambda *_: None)
    bench.recipes.save([Choices(keys=(KeyChoice("alias/sign"),), name="release")])
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    assert bench.watcher.permitted is False
    bench.watcher.permit(permitted=True)
    bench.watcher.switch(bench.watcher.add(inbox, "release"), on=True)
    bench.watcher.tick()
    (inbox / "setup.bin").write_bytes(b"content")
    pause, ends = threading.Event(), time.monotonic() + PATIENCE
    while not bench.jobs.jobs():
        assert time.monotonic() < ends
        bench.watcher.tick()
        clock.travel(timedelta(seconds=QUIET_SECONDS + 0.1))
        pause.wait(0.01)
    (job,) = bench.jobs.jobs()
    assert bench.jobs.wait(job.id, PATIENCE).done == 1
    assert (inbox / "setup.bin.p7s").is_file()
    bench.close()


def test_only_who_asks_for_it_has_folders_looked_at(tmp_path: Path) -> None:
    bench = make_bench(tmp_path / "vault", TravelClock())

    def looking() -> bool:
        return any(thread.name == "watching" for thread in threading.enumerate())

    assert not looking(), "a command that opens the vault signs nothing by itself"
    bench.watcher.start()
    bench.watcher.start()
    assert looking()
    bench.close()
    assert not looking()
