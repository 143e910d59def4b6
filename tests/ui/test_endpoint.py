"""The endpoint in the window: switched, shown, its lines copied, and what locking does to it."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.fakes.bench import FakeBench
from tests.fakes.engine import make_bench
from tests.ui.conftest import Open, click, dialog_of, press, type_text
from workbench.base.errors import EnvironmentFault
from workbench.bench import Bench
from workbench.ui.endpoint_dialog import EndpointDialog
from workbench.ui.endpoint_rates import read_rates
from workbench.ui.secret_clipboard import HINTS, SECONDS
from workbench.ui.session import Session
from workbench.ui.window import Window

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def opened(window: Window, qtbot: QtBot) -> EndpointDialog:
    """Open the dialog as a person does."""
    click(qtbot, window.status.endpoint)
    qtbot.waitUntil(lambda: dialog_of("endpoint") is not None)
    return cast("EndpointDialog", dialog_of("endpoint"))


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


@pytest.fixture
def idle(session: Session, qtbot: QtBot) -> Callable[[], None]:
    return lambda: qtbot.waitUntil(lambda: session.idle)


def test_it_is_switched_on_and_off(
    open_window: Open, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    assert window.status.endpoint.text() == "Endpoint off"
    dialog = opened(window, qtbot)
    assert dialog.port.value() == 8099
    assert not dialog.clients.isVisible()
    dialog.port.setValue(5001)
    click(qtbot, dialog.switch)
    idle()
    assert bench.serving.url == "http://127.0.0.1:5001"
    assert dialog.url.text() == "http://127.0.0.1:5001"
    assert window.status.endpoint.text() == "Endpoint http://127.0.0.1:5001"
    assert not dialog.choices.isVisible()
    assert not dialog.bundle.isVisible()
    bench.serving.requests = 1
    dialog.look_again()
    assert dialog.count.text() == "1 request"
    bench.serving.requests = 12
    dialog.look_again()
    assert dialog.count.text() == "12 requests"
    click(qtbot, dialog.copy_url)
    assert clipboard() == "http://127.0.0.1:5001"
    click(qtbot, dialog.switch)
    idle()
    assert not bench.serving.running
    assert dialog.choices.isVisible()
    assert window.status.endpoint.text() == "Endpoint off"
    assert dialog.count.text() == ""


def test_what_was_chosen_is_there_again_and_the_command_uses_it(
    open_window: Open, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    dialog = opened(window, qtbot)
    dialog.port.setValue(0)
    assert dialog.port.text() == "any free one"
    click(qtbot, dialog.rates.add)
    row = dialog.rates.rows[0]
    row.operation.setCurrentText("kms:Sign")
    row.rate.setValue(2.5)
    dialog.tls.setChecked(True)
    click(qtbot, dialog.switch)
    idle()
    assert bench.serving.url == "https://127.0.0.1:40404"
    assert bench.serving.rates == {("kms", "Sign"): 2.5}
    assert "endpoint-ca.pem" in dialog.bundle.text()
    dialog.close_button.click()
    window.menus.commands["endpoint-turn"].trigger()
    idle()
    assert not bench.serving.running
    window.menus.commands["endpoint-turn"].trigger()
    idle()
    assert bench.serving.url == "https://127.0.0.1:40404"
    assert bench.serving.rates == {("kms", "Sign"): 2.5}
    assert window.status.endpoint.text() == "Endpoint https://127.0.0.1:40404"
    press(qtbot, window, Qt.Key.Key_T, CTRL, SHIFT)
    qtbot.waitUntil(lambda: dialog_of("endpoint") is not None)
    again = dialog_of("endpoint")
    assert again is not dialog
    assert (again.port.value(), again.tls.isChecked()) == (0, True)


def test_rates_change_while_it_runs_and_nonsense_does_not_count(
    open_window: Open, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    bench = FakeBench(locked=False)
    dialog = opened(open_window(bench), qtbot)
    click(qtbot, dialog.switch)
    idle()
    click(qtbot, dialog.rates.add)
    assert bench.serving.rates == {("kms", "Encrypt"): 5.0}
    row = dialog.rates.rows[0]
    line = row.operation.lineEdit()
    assert line is not None
    line.selectAll()
    type_text(qtbot, line, "kms:Nothing")
    assert bench.serving.rates == {}
    row.operation.setCurrentText("sts:AssumeRole")
    row.rate.setValue(1)
    assert bench.serving.rates == {("sts", "AssumeRole"): 1.0}
    click(qtbot, row.remove)
    assert bench.serving.rates == {}


@pytest.mark.parametrize(
    "stored", [None, [], {"kms:Nothing": 1}, {"kms:Sign": 0}, {"kms:Sign": "1"}, {"Sign": 1}]
)
def test_damaged_rates_count_as_absent(stored: Any) -> None:
    assert read_rates(stored) == {}


def test_a_taken_port_is_told(open_window: Open, qtbot: QtBot, idle: Callable[[], None]) -> None:
    bench = FakeBench(locked=False)
    dialog = opened(open_window(bench), qtbot)
    bench.serving.trouble = EnvironmentFault("The port is taken.", "Choose another.")
    click(qtbot, dialog.switch)
    idle()
    assert "The port is taken. Choose another." in dialog._problem_text.text()
    assert dialog.switch.isEnabled()
    bench.serving.trouble = None
    click(qtbot, dialog.switch)
    idle()
    assert bench.serving.running
    assert not dialog._problem.isVisible()


def test_the_lines_and_their_secret(
    open_window: Open, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    bench = FakeBench(locked=False)
    dialog = opened(open_window(bench), qtbot)
    click(qtbot, dialog.switch)
    idle()
    lines = dialog.lines
    lines.shell.setCurrentText("sh")
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:8099\n" in lines.text.text()
    assert SECRET not in lines.text.text()
    assert SECRET not in lines.text.toPlainText()
    lines.show_it.setChecked(True)
    assert f"export AWS_SECRET_ACCESS_KEY={SECRET}" in lines.text.text()
    # It can be read but not marked: what is marked is copied without its mark as a secret.
    assert lines.text.textInteractionFlags() == Qt.TextInteractionFlag.NoTextInteraction
    lines.show_it.setChecked(False)
    assert lines.text.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    for shell, words in (("PowerShell", "$env:AWS_DEFAULT_REGION = "), ("cmd", 'set "AWS_DEFAULT')):
        lines.shell.setCurrentText(shell)
        assert words in lines.text.text()
    lines.region.setCurrentText("eu-central-1")
    idle()
    assert 'set "AWS_DEFAULT_REGION=eu-central-1"' in lines.text.text()
    click(qtbot, lines.copy_public)
    assert 'set "AWS_ENDPOINT_URL=http://127.0.0.1:8099"' in clipboard()
    assert SECRET not in clipboard()
    assert "AWS_ACCESS_KEY_ID" not in clipboard()
    assert not any(QGuiApplication.clipboard().mimeData().hasFormat(kind) for kind in HINTS)


def test_the_secret_leaves_the_clipboard(
    open_window: Open, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    dialog = opened(open_window(), qtbot)
    click(qtbot, dialog.switch)
    idle()
    lines = dialog.lines
    click(qtbot, lines.copy_secret)
    assert SECRET in clipboard()
    assert all(QGuiApplication.clipboard().mimeData().hasFormat(kind) for kind in HINTS)
    assert lines.copy_secret.text() == f"Copied: {SECONDS} s left"
    for _ in range(SECONDS):
        assert SECRET in clipboard()
        lines._clipboard.tick()
    assert clipboard() == ""


def test_locking_takes_the_secret_out_of_the_dialog(
    open_window: Open, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    bench = FakeBench(locked=False)
    window = open_window(bench)
    dialog = opened(window, qtbot)
    click(qtbot, dialog.switch)
    idle()
    dialog.lines.show_it.setChecked(True)
    assert SECRET in dialog.lines.text.text()
    window.lock()
    idle()
    assert not dialog.isVisible()
    assert dialog.lines.text.text() == ""
    assert SECRET not in str(dialog.lines._values)
    assert window.status.endpoint.text() == "Endpoint answers 503: locked"
    assert not window.status.endpoint.isEnabled()
    window.menus.commands["endpoint-turn"].trigger()
    assert bench.serving.running
    bench.vault.unlock_with_keyring()
    window._unlocked()
    idle()
    assert dialog.isVisible()
    assert "AWS_ENDPOINT_URL" in dialog.lines.text.text()
    assert SECRET not in dialog.lines.text.text()
    assert window.status.endpoint.text() == "Endpoint http://127.0.0.1:8099"


def test_every_control_has_a_name(
    open_window: Open, qtbot: QtBot, idle: Callable[[], None]
) -> None:
    window = open_window()
    dialog = opened(window, qtbot)
    click(qtbot, dialog.rates.add)
    click(qtbot, dialog.switch)
    idle()
    row, lines = dialog.rates.rows[0], dialog.lines
    controls: list[QWidget] = [
        dialog.port, dialog.copy_url, row.operation, row.rate, row.remove, lines.region,
        lines.shell, lines.text, lines.copy_secret,
    ]  # fmt: skip
    assert all(control.accessibleName() for control in controls)
    assert "127.0.0.1" in window.status.endpoint.accessibleName()
    click(qtbot, dialog.help)
    reader = window._help
    assert reader is not None
    qtbot.waitUntil(reader.isVisible)
    assert reader.windowTitle()
    reader.close()


@pytest.fixture
def served(tmp_path: Path, open_window: Open, idle: Callable[[], None]) -> Iterator[Window]:
    """A window on a real vault."""
    bench = make_bench(tmp_path / "vault")
    window = open_window(cast("Any", bench))
    idle()
    yield window
    bench.close()
    window.bench = None


def test_a_client_through_lock_and_quit(
    served: Window, qtbot: QtBot, idle: Callable[[], None], session: Session
) -> None:
    bench = cast("Bench", served.bench)
    dialog = opened(served, qtbot)
    dialog.port.setValue(0)
    click(qtbot, dialog.switch)
    idle()
    values = bench.serving.variables()
    url = values["AWS_ENDPOINT_URL"]
    assert dialog.url.text() == url
    kms = boto3.client(
        "kms",
        region_name=bench.place.region,
        endpoint_url=url,
        aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"total_max_attempts": 1}),
    )
    kms.create_key()
    dialog.look_again()
    assert dialog.count.text() == "1 request"
    served.lock()
    idle()
    with pytest.raises(ClientError) as refused:
        kms.list_keys()
    assert refused.value.response["Error"]["Code"] == "ServiceUnavailableException"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    bench.vault.unlock_with_passphrase("correct horse battery staple")
    served._unlocked()
    idle()
    assert len(kms.list_keys()["Keys"]) == 1
    served._take_down()
    idle()
    qtbot.waitUntil(lambda: session.idle)
    assert not bench.serving.running
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=5)
