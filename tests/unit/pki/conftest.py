from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.pki import PkiBench, make_pki_bench


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PkiBench]:
    made = make_pki_bench(tmp_path_factory.mktemp("pki") / "vault")
    yield made
    made.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[PkiBench]:
    made = make_pki_bench(tmp_path / "vault")
    yield made
    made.close()
