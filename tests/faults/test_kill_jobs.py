"""SIGKILL during a job, several times: resumed, every file is signed once, and nothing is half."""

import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.fakes.engine import QUICK
from tests.fakes.folder_store import FolderStore
from tests.fakes.signers import KEY
from tests.faults.job_files import PASSPHRASE
from tests.faults.killing import REPOSITORY
from workbench.assembly import Assembly
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.signing.chains import trusted_roots
from workbench.signing.jobs import FileState, JobState
from workbench.signing.outputs import SUFFIX

LONGEST = 300.0
MOST_IN_FLIGHT = 64 * ((os.cpu_count() or 1) + 1)
"""Files that workers may have claimed when they are killed, all signed and none published."""

SIZES = [
    pytest.param(240, 1, id="240 files"),
    pytest.param(
        5000, 8, id="5000 files", marks=[pytest.mark.soak, pytest.mark.timeout(int(2 * LONGEST))]
    ),
]


@dataclass
class Scene:
    """A vault in a folder, files, and where their signatures go."""

    folder: Path
    count: int
    kills: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vault, self.keyring, self.files, self.out = (
            self.folder / name for name in ("vault", "keyring", "files", "out")
        )
        for number in range(self.count):
            path = self.files / f"{number % 7}" / f"{number:05}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(os.urandom(64) * (1 + number % 40))
        self.out.mkdir()
        bench, _ = self._assembly().create(self.vault, PASSPHRASE)
        bench.create_hierarchy(HierarchyRequest(alias=KEY), lambda *_: None)
        bench.close()

    def run(self, chance: random.Random | None, most: int = 1) -> bool:
        """Let a child sign; if `chance` is given kill it after up to `most` further files.

        Returns:
            Whether it came to its end before that.
        """
        words = [self.vault, self.keyring, self.files, self.out, "no" if chance else "yes"]
        command = [sys.executable, "-m", "tests.faults.kill_jobs_child", *map(str, words)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY) as child:
            assert child.stdout is not None
            ends = time.monotonic() + LONGEST
            # At least so many more signatures than before, so that each round gets somewhere.
            wanted = len(self.signatures()) + (chance.randrange(most) if chance else 0)
            ended = False
            while not ended and time.monotonic() < ends:
                line = json.loads(child.stdout.readline())
                ended = line == "closed" if chance is None else line[0] == JobState.DONE
                if chance is not None and line[2] > wanted:
                    for _ in range(chance.randrange(200_000)):  # into the midst of something
                        pass
                    break
            child.kill()
            self.kills.append(json.dumps(line))
        assert child.returncode == -9
        return ended

    def signatures(self) -> dict[Path, tuple[int, int]]:
        """Every signature file with what changes when it is written again."""
        return {
            path: (path.stat().st_ino, path.stat().st_mtime_ns)
            for path in self.out.rglob(f"*{SUFFIX}")
        }

    def open(self) -> Bench:
        bench = self._assembly().open(self.vault)
        bench.vault.unlock_with_keyring()
        return bench

    def _assembly(self) -> Assembly:
        return Assembly(secrets=FolderStore(self.keyring), cost=QUICK)


def requests_made(bench: Bench) -> list[str]:
    """Return the ids of every Sign request of the signing key, CAs' own aside."""
    arn = bench.kms.describe_key(KeyId=KEY)["KeyMetadata"]["Arn"]
    journal = bench.journal
    found = journal.lookup(resource=arn, event_name="Sign", limit=1_000_000)  # type: ignore[attr-defined]
    return [event["requestID"] for event in found]


@pytest.mark.parametrize(("count", "kills"), SIZES)
def test_a_job_that_is_killed_signs_every_file_exactly_once(
    tmp_path: Path, count: int, kills: int
) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print("seed", seed)  # noqa: T201 - shown when the test fails
    chance, scene = random.Random(seed), Scene(tmp_path, count)
    kept: dict[Path, tuple[int, int]] = {}
    midway = 0
    for _ in range(kills):
        done = scene.run(chance, count // (kills + 1))
        now = scene.signatures()
        assert kept.items() <= now.items(), "a signature that was there was written again"
        kept = now
        midway += 0 < len(kept) < count
        if done:
            break
    assert midway, "no kill came in the middle of the job"
    assert scene.run(None)
    now = scene.signatures()
    assert kept.items() <= now.items()
    bench = scene.open()
    try:
        (view,) = bench.jobs.jobs()
        assert (view.state, view.total, view.done) == (JobState.DONE, count, count), view
        check(bench, scene, view.id, len(scene.kills) - 1)
    finally:
        bench.close()


def check(bench: Bench, scene: Scene, job: str, kills: int) -> None:
    """One valid signature for each file, each of one request, and nothing else in the folder."""
    files = bench.jobs.files(job, 0, scene.count)
    sources = {path for path in scene.files.rglob("*") if path.is_file()}
    assert {file.path for file in files} == sources
    assert {file.state for file in files} == {FileState.DONE}
    outputs = [file.output for file in files]
    assert len(set(outputs)) == scene.count
    assert {path for path in scene.out.rglob("*") if path.is_file()} == set(outputs)
    assert not [path for path in scene.folder.rglob("*") if "partial" in path.name]
    roots = trusted_roots(bench.shelf)
    # Some of them: verifying takes longer than signing.
    for file in random.Random(scene.count).sample(list(files), min(scene.count, 100)):
        assert file.output is not None
        verdict = bench.verifier.verify(file.path, file.output, roots)
        assert verdict.valid, verdict.headline
    made = requests_made(bench)
    noted = [one for file in files for one in file.requests]
    assert set(noted) <= set(made)
    assert len(noted) == len(set(noted))
    # What was under way at a kill was asked for again, and what was published and not yet noted has
    # no request noted; nothing else was asked for twice.
    assert scene.count <= len(made) <= scene.count + kills * MOST_IN_FLIGHT
    assert bench.journal.verify().problems == ()
