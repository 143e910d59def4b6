"""A signature gets its name only once the journal has the request that made it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.job_desk import Desk, states, until
from workbench.base.errors import EnvironmentFault, Locked
from workbench.signing.jobs import FileState
from workbench.signing.outputs import SUFFIX


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def signatures(desk: Desk) -> list[Path]:
    return sorted(desk.files.glob(f"*{SUFFIX}"))


def test_no_signature_has_a_name_before_the_journal_has_its_request(desk: Desk) -> None:
    seen: list[tuple[int, int]] = []

    def settle() -> None:
        seen.append((len(desk.kms.asked), len(signatures(desk))))

    desk.settle = settle
    _, files = desk.run(*desk.make(5))
    assert states(files) == ["done"] * 5
    assert len(signatures(desk)) == 5
    assert seen
    assert all(named < made for made, named in seen)


def test_what_the_journal_cannot_keep_is_not_published(desk: Desk) -> None:
    def settle() -> None:
        raise EnvironmentFault("The disk is full.", "Free some space.")

    desk.settle = settle
    _, files = desk.run(*desk.make(3))
    assert states(files) == ["failed"] * 3
    assert all("The disk is full. Free some space." in file.sentence for file in files)
    assert sorted(desk.files.iterdir()) == sorted(file.path for file in files), "nothing half-made"
    desk.settle = lambda: None
    job = desk.queue.jobs()[0].id
    desk.queue.retry(job)
    assert desk.queue.wait(job, 30).done == 3


def test_what_locking_cut_off_is_signed_again(desk: Desk) -> None:
    refusals = iter([Locked("The vault is locked.", "Unlock the vault.")])

    def settle() -> None:
        for refusal in refusals:
            raise refusal

    desk.settle = settle
    (path,) = desk.make(1)
    job = desk.queue.submit(desk.recipe(), [path])
    until(desk.queue, lambda: desk.view(job).done == 1)
    (file,) = desk.all(job)
    assert file.state is FileState.DONE
    assert desk.verifies(file)
    assert len(desk.kms.asked) == 2
