"""What tests of the Signing pane share."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.fakes.engine import make_bench
from tests.ui.conftest import Open
from tests.ui.signing.desk import CertificatesStandIn, Desk
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.pki.quickstart import HierarchyRequest
from workbench.ui.panes.signing.pane import SigningPane
from workbench.ui.session import Session

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> TravelClock:
    return TravelClock(NOW)


@pytest.fixture
def bench(tmp_path: Path, clock: TravelClock) -> Iterator[Bench]:
    made = make_bench(tmp_path / "vault", clock)
    yield made
    made.close()


@pytest.fixture
def desk(open_window: Open, bench: Bench, qtbot: QtBot, session: Session) -> Desk:
    hierarchy = bench.create_hierarchy(HierarchyRequest(algorithm="ML_DSA_44"), lambda *_: None)
    CertificatesStandIn.targets.clear()
    window = open_window(bench=bench, makers=(SigningPane, CertificatesStandIn))
    found = Desk(window, bench, hierarchy, qtbot)
    found.rest()
    return found


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with three files."""
    folder = tmp_path / "release"
    folder.mkdir()
    for name in ("a.bin", "b.bin", "c.bin"):
        (folder / name).write_bytes(name.encode() * 1000)
    return folder
