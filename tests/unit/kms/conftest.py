from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.engine import make_bench
from workbench.base.clock import TravelClock
from workbench.bench import Bench


@pytest.fixture
def clock() -> TravelClock:
    return TravelClock()


@pytest.fixture
def bench(tmp_path: Path, clock: TravelClock) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", clock)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One bench for tests that each make their own keys."""
    made = make_bench(tmp_path_factory.mktemp("shared") / "vault")
    yield made
    made.close()
