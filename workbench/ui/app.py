"""The way into the window: application, event loop, last line against bugs.

Owns what exists once per process; builds no service.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Final, cast

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop

from workbench.ui.assets import APPLICATION_ID, asset_folder
from workbench.ui.collector import Collector
from workbench.ui.look import Look, Scheme
from workbench.ui.ports import KeeperPort
from workbench.ui.preferences import Local
from workbench.ui.registry import PANES
from workbench.ui.window import Window, open_session_window

NO_DISPLAY: Final = 3
"""Exit code of `run` where there is no display to show a window on."""


def display_missing() -> str:
    """Return why no window can be shown here, or an empty text."""
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if not sys.platform.startswith("linux") or chosen:
        return ""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    return (
        "There is no display for a window (neither DISPLAY nor WAYLAND_DISPLAY is set). "
        "Run it in a desktop session, or try “workbench demo --out demo-out”, which needs none."
    )


def make_application() -> QApplication:
    """Return the one application, named and with its icon."""
    found = QApplication.instance()
    application = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    QCoreApplication.setApplicationName("key-workbench")
    QCoreApplication.setOrganizationName("Key Workbench")
    QCoreApplication.setOrganizationDomain("keyworkbench.org")
    QGuiApplication.setApplicationDisplayName("Key Workbench")
    QGuiApplication.setDesktopFileName(APPLICATION_ID)
    application.setWindowIcon(QIcon(str(asset_folder("icons") / f"{APPLICATION_ID}.svg")))
    return application


def stored_scheme(local: Local) -> Scheme:
    """Return the scheme remembered on this computer."""
    scheme = local.text("scheme", "system")
    return cast("Scheme", scheme) if scheme in {"light", "dark"} else "system"


def run(keeper: KeeperPort, directory: Path | None = None) -> int:
    """Show the window until it is closed.

    Args:
        keeper: makes and opens vaults.
        directory: the vault to open; the one used last or the usual one if None.

    Returns:
        The exit code: 0, or `NO_DISPLAY`.
    """
    missing = display_missing()
    if missing:
        sys.stderr.write(f"{missing}\n")
        return NO_DISPLAY
    application = make_application()
    collector = Collector(application)
    local = Local()
    look = Look(application, stored_scheme(local))
    window = open_session_window(keeper, look, local, PANES)
    window.show()
    loop = QEventLoop(application)
    asyncio.set_event_loop(loop)
    window.crash.install(loop)
    application.aboutToQuit.connect(loop.stop)
    QTimer.singleShot(0, window, lambda: _begin(window, directory, collector))
    with loop:
        loop.run_forever()
    return 0


def _begin(window: Window, directory: Path | None, collector: Collector) -> None:
    # After the first frame: nothing of this may delay the window.
    window.session.start(window, PANES.load, lambda _none: collector.spare())
    window.start(directory)
    window.upkeep.desktop.listen()
