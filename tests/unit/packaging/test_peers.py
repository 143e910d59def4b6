"""The second environment: its stamp, and that it holds exactly what its list names."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from provisioning.peers import ensure_peers


class Recorder:
    """Stands in for running commands: keeps them, and stops at a word."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.fail_at = ""

    def __call__(self, command: Sequence[str]) -> None:
        self.commands.append(list(command))
        if self.fail_at in command:
            raise KeyboardInterrupt


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "peers.txt").write_text("six==1.17.0\n")
    return tmp_path


def test_a_second_set_up_runs_nothing(repository: Path) -> None:
    run = Recorder()
    python = ensure_peers(repository, run)
    assert python == repository / ".cache" / "peers" / "bin" / "python"
    assert "--no-deps" in run.commands[-1]
    run.commands.clear()
    ensure_peers(repository, run)
    assert run.commands == []


def test_another_list_makes_it_anew(repository: Path) -> None:
    run = Recorder()
    ensure_peers(repository, run)
    (repository / "packaging" / "peers.txt").write_text("six==1.16.0\n")
    run.commands.clear()
    ensure_peers(repository, run)
    assert any("venv" in command for command in run.commands)


def test_what_was_interrupted_is_redone(repository: Path) -> None:
    run = Recorder()
    run.fail_at = "--no-deps"
    with pytest.raises(KeyboardInterrupt):
        ensure_peers(repository, run)
    run.fail_at = ""
    run.commands.clear()
    ensure_peers(repository, run)
    assert any("venv" in command for command in run.commands)


def test_every_pin_of_the_list_is_exact(root: Path) -> None:
    lines = (root / "packaging" / "peers.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 5
    assert all(line.count("==") == 1 for line in pins)
