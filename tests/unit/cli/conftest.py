"""A bench for commands, and a way to say them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.command_line import ROOTS, Answer, Kept, Say
from tests.fakes.format_bench import format_bench, root_file
from tests.fakes.signers import CLASSICAL, KEY
from workbench.bench import Bench
from workbench.cli.main import parse, run


@pytest.fixture(scope="package")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = format_bench(tmp_path_factory.mktemp("commands") / "vault")
    yield made
    made.close()


@pytest.fixture
def say(bench: Bench, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    for name, key in zip(ROOTS, (KEY, CLASSICAL), strict=True):
        root_file(bench, key, tmp_path / name)

    def said(*words: str | Path) -> Answer:
        keeper: Any = Kept(bench)
        code = run(parse([str(word) for word in words]), keeper, lambda *_: [])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return said


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "release.tar"
    path.parent.mkdir()
    path.write_bytes(b"content" * 2000)
    return path
