import gc
import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from workbench.ui.collector import Collector


class Knot:
    """A cycle that tells on which thread it went."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.me = self
        self.tell = tell

    def __del__(self) -> None:
        self.tell(threading.get_ident())


def test_garbage_goes_on_the_gui_thread_whoever_makes_it(qtbot: QtBot) -> None:
    owner = QObject()
    collector = Collector(owner)
    assert not gc.isenabled()
    gone: list[int] = []

    def litter() -> None:
        for _ in range(5_000):
            Knot(gone.append)

    worker = threading.Thread(target=litter)
    worker.start()
    worker.join()
    assert gone == []
    assert collector.collect() >= 0
    assert set(gone) == {threading.get_ident()}
    assert len(gone) == 5_000
    collector.stop()
    assert gc.isenabled()


def test_nothing_is_collected_before_it_is_due(qtbot: QtBot) -> None:
    owner = QObject()
    collector = Collector(owner)
    gc.collect()
    assert collector.collect() == -1
    collector.stop()


def test_what_outlived_one_full_collection_is_spared_until_a_whole_one(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = QObject()
    collector = Collector(owner)
    gone: list[int] = []

    def collect_fully() -> None:
        monkeypatch.setattr(gc, "get_count", lambda: (0, 0, 1_000))
        assert collector.collect() == 2

    knot = Knot(gone.append)
    for _ in range(18):
        collect_fully()
    # It outlived those; the next full one passes it over though it is garbage now.
    del knot
    Knot(gone.append)
    collect_fully()
    assert len(gone) == 1
    collect_fully()
    assert len(gone) == 2
    collector.stop()
    assert gc.get_freeze_count() == 0
