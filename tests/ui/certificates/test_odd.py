"""The pane on odd and hostile certificates: nothing may stop it, whatever they say."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.certificates import DAY, make, new_key
from tests.fakes.odd_certificates import ANCIENT, ENDLESS, UNREADABLE, odd_bytes
from tests.fakes.shelf import FakeShelf
from tests.ui.certificates.conftest import Scene, drawn, waited, words_in
from tests.ui.conftest import click, dialog_of
from workbench.ui.panes.certificates.compare_dialog import CompareDialog
from workbench.ui.panes.certificates.import_dialog import ImportDialog
from workbench.ui.panes.certificates.pane import CertificatesPane
from workbench.ui.session import Session


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


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_odd_certificate_is_imported_shown_compared_and_travels(
    open_pane: Scene, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    """What goes wrong in a slot fails the test; what a worker does not expect is a crash dialog."""
    odd = dict(odd_bytes(datetime.now(UTC)))
    for number, der in enumerate(odd.values()):
        (tmp_path / f"{number:02}.der").write_bytes(der)
    pane = open_pane(FakeBench(locked=False, shelf=FakeShelf()))
    pane.show_target("import:" + "\0".join(str(one) for one in sorted(tmp_path.glob("*.der"))))
    dialog = waited(qtbot, ImportDialog)
    bad = len(UNREADABLE) + 4
    assert dialog.main_button.text() == f"Import {len(odd) - bad} certificates"
    click(qtbot, dialog.main_button)
    qtbot.waitUntil(lambda: len(pane.collection.records) == len(odd) - bad)
    click(qtbot, dialog.cancel_button)
    qtbot.waitUntil(lambda: session.idle)
    root = pane.collection.find("Odd Root")
    assert root is not None
    for record in list(pane.collection.records.values()):
        pane.choose(record.id)
        _turn_every_tab(pane, session, qtbot)
        assert pane.details.record == record
    _compare(pane, root.id, record.id, qtbot)
    for day in (ENDLESS, ANCIENT, datetime.now(UTC) + 100 * DAY):
        pane.time_bar.go(day)
        _rest_at(pane, day, qtbot)
        assert len(drawn(pane)) == len(pane.collection.records)
    qtbot.waitUntil(lambda: session.idle)
    assert dialog_of(QDialog) is None, "no crash is told"


def _turn_every_tab(pane: CertificatesPane, session: Session, qtbot: QtBot) -> None:
    tabs = pane.details.tabs
    for number in range(tabs.count()):
        if tabs.isTabVisible(number):
            tabs.setCurrentIndex(number)
    qtbot.waitUntil(lambda: session.idle)
    first = tabs.widget(0)
    assert first is not None
    assert words_in(first)


def _compare(pane: CertificatesPane, first: str, second: str, qtbot: QtBot) -> None:
    pane._select([first, second])
    pane.viewing.compare()
    dialog = waited(qtbot, CompareDialog)
    assert dialog.tree.topLevelItemCount()
    dialog.accept()


def _rest_at(pane: CertificatesPane, day: datetime, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: pane.collection.moment.date() == day.date())
