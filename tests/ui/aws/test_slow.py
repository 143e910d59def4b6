"""A way to AWS that is slow or breaks: the window goes on, says so, and can be told to stop."""

import time

from PySide6.QtCore import Qt, QTimer
from pytestqt.qtbot import QtBot

from tests.fakes.proxy import Proxy
from tests.ui.aws.conftest import Aws, Traveller
from tests.ui.conftest import click, press
from workbench.base.sites import HOME
from workbench.bench import Bench

CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def test_slow_answers_hold_up_nothing_and_waiting_can_be_stopped(
    traveller: Traveller, aws: Aws, bench: Bench, proxy: Proxy, qtbot: QtBot
) -> None:
    site = aws.site(endpoint=proxy.url)
    traveller.go(site)
    before = traveller.names
    proxy.delay = 6.0
    ticks: list[float] = []
    ticker = QTimer(interval=20)
    ticker.timeout.connect(lambda: ticks.append(time.monotonic()))
    ticker.start()
    status = traveller.window.status
    traveller.keys.refresh()
    traveller.wait(status.stop.isVisible)
    assert status.work.text() == f"Waiting for {site.text}"
    assert traveller.window.menus.commands["stop"].isEnabled()
    assert len(ticks) > 10, "the window answered meanwhile"
    # The vault is as quick as ever: its workers are others.
    begun = time.monotonic()
    done: list[object] = []
    traveller.window.session.start(traveller.window, bench.kms.list_keys, done.append, mutates=True)
    traveller.wait(lambda: done)
    assert time.monotonic() - begun < proxy.delay / 2
    press(qtbot, traveller.window, Qt.Key.Key_Period, CTRL_ALT)
    traveller.wait(lambda: "You stopped this" in traveller.notice)
    assert not status.stop.isVisible()
    assert traveller.names == before, "what was read stays"
    # Leaving does not wait for what hangs either.
    traveller.keys.refresh()
    begun = time.monotonic()
    traveller.window.places.go_home()
    traveller.arrive(HOME)
    assert traveller.names == {"mine"}
    assert time.monotonic() - begun < proxy.delay
    ticker.stop()


def test_an_endpoint_that_goes_away_is_said_and_its_keys_stay_until_it_is_back(
    traveller: Traveller, aws: Aws, proxy: Proxy, qtbot: QtBot
) -> None:
    traveller.go(aws.site(endpoint=proxy.url))
    before = traveller.names
    proxy.close()
    traveller.keys.refresh()
    traveller.wait(lambda: "cannot be reached" in traveller.notice)
    assert traveller.names == before
    assert not traveller.keys._stock.busy
    pane = traveller.keys
    pane.show_target("alias/aws-orders")
    pane.key_inspector.open(pane.key_inspector.grants)
    traveller.pause()
    traveller.wait(lambda: "cannot be reached" in pane.key_inspector.grants._state.text())
    # A place that does not answer is not gone to.
    traveller.window.notices.clear()
    gone = aws.site("looker", endpoint=proxy.url)
    traveller.window.places.go(gone)
    traveller.wait(lambda: f"{gone.text}: " in traveller.notice)
    assert traveller.site == aws.site(endpoint=proxy.url)
    click(qtbot, traveller.window.status.where)
    traveller.wait(lambda: traveller.window.places._menu is not None)
    menu = traveller.window.places._menu
    assert menu is not None
    assert traveller.site.text in [action.text() for action in menu.actions()]
    menu.close()
    traveller.go(HOME)
    assert traveller.names == {"mine"}
