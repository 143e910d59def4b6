"""A bench to sign with, under permissions that bind even root."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.powers import ordinary_user
from tests.faults.job_files import ready
from workbench.bench import Bench


@pytest.fixture(scope="module")
def permissions() -> Iterator[None]:
    with ordinary_user():
        yield


@pytest.fixture(scope="module")
def shared(permissions: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A bench for tests that neither lock nor close it."""
    bench = ready(tmp_path_factory.mktemp("faults") / "vault")
    yield bench
    bench.close()


@pytest.fixture
def own(permissions: None, tmp_path: Path) -> Iterator[Bench]:
    bench = ready(tmp_path / "vault")
    yield bench
    bench.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    return folder
