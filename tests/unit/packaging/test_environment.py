"""The virtual environment: its stamp, its lock, and what it must not touch."""

import fcntl
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from provisioning.environment import MARKER, Level, ensure_environment, setup_lock
from provisioning.errors import SetupError


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text("six==1.17.0\n")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'nothing'\n")
    return tmp_path


class Recorder:
    """Stands in for running commands: keeps them; `fail_at` names a word of the one that fails."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.fail_at = ""

    def __call__(self, command: Sequence[str]) -> None:
        self.commands.append(list(command))
        if self.fail_at in command:
            raise KeyboardInterrupt

    def made_anew(self) -> bool:
        return any("venv" in command for command in self.commands)


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def test_a_second_set_up_runs_nothing(repository: Path, recorder: Recorder) -> None:
    ensure_environment(repository, Level.RUN, recorder)
    assert recorder.made_anew()
    recorder.commands.clear()
    ensure_environment(repository, Level.RUN, recorder)
    assert recorder.commands == []


def test_tests_add_to_what_is_there_and_hold_what_the_program_needs(
    repository: Path, recorder: Recorder
) -> None:
    ensure_environment(repository, Level.RUN, recorder)
    recorder.commands.clear()
    ensure_environment(repository, Level.TEST, recorder)
    assert not recorder.made_anew()
    assert recorder.commands[-1][-1] == f"{repository}[test]"
    recorder.commands.clear()
    ensure_environment(repository, Level.RUN, recorder)
    assert recorder.commands == []


@pytest.mark.parametrize("name", ["packaging/constraints.txt", "pyproject.toml"])
def test_a_change_of_the_pins_makes_it_anew(
    repository: Path, recorder: Recorder, name: str
) -> None:
    ensure_environment(repository, Level.TEST, recorder)
    recorder.commands.clear()
    with (repository / name).open("a") as file:
        file.write("# changed\n")
    ensure_environment(repository, Level.RUN, recorder)
    assert recorder.made_anew()


@pytest.mark.parametrize("word", ["venv", "setuptools", "--editable"])
def test_an_interrupted_set_up_is_redone(repository: Path, recorder: Recorder, word: str) -> None:
    recorder.fail_at = word
    with pytest.raises(KeyboardInterrupt):
        ensure_environment(repository, Level.RUN, recorder)
    recorder.fail_at = ""
    leftover = repository / ".venv" / "half-written"
    leftover.touch()
    recorder.commands.clear()
    ensure_environment(repository, Level.RUN, recorder)
    assert recorder.made_anew()
    assert not leftover.exists()


def test_somebody_elses_environment_is_left_alone(repository: Path, recorder: Recorder) -> None:
    theirs = repository / ".venv" / "theirs"
    theirs.parent.mkdir()
    theirs.touch()
    with pytest.raises(SetupError, match="was not made by this script"):
        ensure_environment(repository, Level.RUN, recorder)
    assert theirs.exists()
    assert not (theirs.parent / MARKER).exists()


def test_the_lock_is_held_inside_and_free_after(repository: Path) -> None:
    with (
        setup_lock(repository),
        (repository / ".cache" / "setup.lock").open("w") as other,
        pytest.raises(BlockingIOError),
    ):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (repository / ".cache" / "setup.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_leaves_what_it_made_to_the_owner_of_the_folder(
    repository: Path, recorder: Recorder
) -> None:
    os.chown(repository, 4321, 4321)
    ensure_environment(repository, Level.RUN, recorder)
    assert recorder.made_anew()
    assert (repository / ".venv").stat().st_uid == 4321
    assert (repository / ".venv" / MARKER).stat().st_uid == 4321
