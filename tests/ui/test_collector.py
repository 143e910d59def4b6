import gc
import threading
from collections.abc import Callable

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
