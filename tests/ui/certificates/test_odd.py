"""The pane on odd and hostile certificates: nothing may stop it, whatever they say."""

from datetime import UTC, datetime

from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.certificates import DAY, make, new_key
from tests.fakes.odd_certificates import ENDLESS
from tests.fakes.shelf import FakeShelf
from tests.ui.certificates.conftest import Scene, drawn
from tests.ui.conftest import click


def test_a_certificate_without_an_end_is_shown_as_any_other(open_pane: Scene, qtbot: QtBot) -> None:
    shelf = FakeShelf()
    start = datetime.now(UTC) - DAY
    root = shelf.put(make("Device", key=new_key("P-256"), start=start, end=ENDLESS).der)
    pane = open_pane(FakeBench(locked=False, shelf=shelf))
    assert drawn(pane) == {root}
    pane.time_bar.go(ENDLESS)
    qtbot.waitUntil(lambda: pane.collection.moment.year == 9999)
    assert pane.collection.records[root].state == "expiring"
    click(qtbot, pane.time_bar.before)
    assert pane.tree.canvas.standings[root].state == "valid"
