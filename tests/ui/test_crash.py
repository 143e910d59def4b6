import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Open, click, dialog_of
from workbench.ui.crash import CrashDialog, write_report
from workbench.ui.session import Session


def secretive() -> None:
    passphrase = "hunter2"
    names: dict[str, str] = {}
    try:
        names[passphrase].upper()
    except KeyError as error:
        raise ValueError(f"bad {passphrase}") from error


def caught() -> ValueError:
    with pytest.raises(ValueError, match="bad") as info:
        secretive()
    return info.value


def test_a_report_names_places_and_kinds_but_no_values() -> None:
    report = write_report(caught())
    assert "builtins.ValueError" in report
    assert "builtins.KeyError" in report
    assert "test_crash.py" in report
    assert "in secretive" in report
    assert "Python 3" in report
    assert "hunter2" not in report
    assert "/home" not in report


def test_a_bug_in_a_service_opens_the_dialog_once(
    open_window: Open, qtbot: QtBot, session: Session
) -> None:
    window = open_window()
    for _ in range(2):
        session.start(window, secretive, lambda _none: None)
    qtbot.waitUntil(lambda: session.idle and dialog_of(CrashDialog) is not None)
    dialog = dialog_of(CrashDialog)
    assert window.notices.texts == []
    click(qtbot, dialog.copy_button)
    assert QGuiApplication.clipboard().text() == dialog.report
    assert "hunter2" not in dialog.report
    dialog.reject()
    qtbot.waitUntil(lambda: window.crash.dialog is None)
    session.start(window, secretive, lambda _none: None)
    qtbot.waitUntil(lambda: dialog_of(CrashDialog) is not None)


def test_a_bug_is_shown_while_locked_too(open_window: Open, qtbot: QtBot, session: Session) -> None:
    window = open_window()
    window.lock()
    window.crash.report(caught())
    assert dialog_of(CrashDialog) is not None


def test_hooks_catch_slots_threads_and_coroutines(
    open_window: Open,
    qtbot: QtBot,
    run_async: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window()
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    seen: list[type[BaseException]] = []
    window.crash._caught.disconnect(window.crash.report)
    window.crash._caught.connect(lambda error: seen.append(type(error)))

    async def scene() -> None:
        window.crash.install(asyncio.get_running_loop())
        sys.excepthook(KeyError, KeyError("slot"), None)
        worker = threading.Thread(target=secretive)
        worker.start()
        await asyncio.to_thread(worker.join)
        asyncio.get_running_loop().call_exception_handler({"exception": OSError("loop")})
        asyncio.get_running_loop().call_exception_handler({"message": "only a message"})
        await asyncio.sleep(0)

    run_async(scene())
    qtbot.waitUntil(lambda: len(seen) == 3)
    assert set(seen) == {KeyError, ValueError, OSError}


RUN = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from tests.fakes.bench import FakeKeeper
from workbench.ui import app
begin = app._begin
def begin_and_end(*given):
    assert "workbench.pki" not in sys.modules, "the first frame waited for the panes"
    assert "boto3" not in sys.modules, "the first frame waited for AWS"
    begin(*given)
    QTimer.singleShot(200, QApplication.quit)
app._begin = begin_and_end
sys.exit(app.run(FakeKeeper()))
"""


def test_the_program_starts_and_ends_quietly(x_server: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_display_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import sys; from tests.fakes.bench import FakeKeeper\n"
        "from workbench.ui.app import display_missing\n"
        "print(display_missing())"
    )
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert "There is no display" in done.stdout
    assert "workbench demo" in done.stdout
