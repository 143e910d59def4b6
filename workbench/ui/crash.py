"""Bugs: caught at the last line, told plainly, with a report that carries no secrets.

The report names versions, kinds of errors and places in the code. The messages of the errors and
the values of variables stay out: nobody can promise what is in them.
"""

import asyncio
import logging
import platform
import sys
import threading
import traceback
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from workbench.ui.look import Look
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog

_LOG = logging.getLogger(__name__)


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"


def write_report(error: BaseException) -> str:
    """Return what developers need to know about a bug, without messages and values."""
    display = QGuiApplication.platformName() or "no"
    lines = [
        f"Key Workbench {_version_of('key-workbench')}",
        f"Python {platform.python_version()}, Qt {_version_of('PySide6-Essentials')}",
        f"{platform.system()} {platform.machine()}, {display} display",
    ]
    at: BaseException | None = error
    while at is not None:
        lines.append(f"{type(at).__module__}.{type(at).__qualname__}")
        lines += [
            f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(at.__traceback__)
        ]
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
    return "\n".join(lines)


def _short(filename: str) -> str:
    parts = Path(filename).parts
    for anchor in ("workbench", "site-packages"):
        if anchor in parts:
            place = len(parts) - 1 - parts[::-1].index(anchor)
            return "/".join(parts[place:])
    return Path(filename).name


class CrashDialog(BaseDialog):
    """Says that there is a bug and offers the report."""

    def __init__(self, look: Look, report: str, parent: QWidget) -> None:
        super().__init__(look, QCoreApplication.translate("crash", "Something went wrong"), parent)
        self.report = report
        self.body.addWidget(
            label(
                self.tr(
                    "This is a mistake in Key Workbench, not yours. What was saved is safe, and you"
                    " can go on working. Please send the report below to the developers: it names"
                    " places in the program and carries nothing of your data."
                ),
                wrap=True,
            )
        )
        box = QPlainTextEdit(report)
        box.setReadOnly(True)
        box.setProperty("role", "readonly")
        box.setFont(look.mono)
        box.setAccessibleName(self.tr("Report"))
        box.setMinimumHeight(look.unit * 45)
        self.body.addWidget(box)
        self.copy_button = push_button(self.tr("Copy report"), self._copy, "primary")
        self.buttons.addWidget(self.copy_button)
        self.add_cancel(self.tr("Go on"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)
        self.copy_button.setText(self.tr("Copied"))


class CrashReporter(QObject):
    """Shows the first bug in a dialog and logs every one.

    Args:
        look: colours.
        window: the dialog's parent.
    """

    _caught = Signal(object)

    def __init__(self, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._look = look
        self._window = window
        self._dialog: CrashDialog | None = None
        self._caught.connect(self.report)

    def install(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Catch what nothing else catches: in slots, in threads, in coroutines."""
        sys.excepthook = self._hook
        threading.excepthook = lambda args: self._caught.emit(args.exc_value)
        if loop is not None:
            loop.set_exception_handler(self._from_loop)

    @Slot(object)
    def report(self, error: BaseException | None) -> None:
        """Log a bug and show it, unless one is shown already."""
        if error is None:
            return
        text = write_report(error)
        _LOG.error("%s", text)
        if self._dialog is None and QApplication.instance() is not None:
            self._dialog = CrashDialog(self._look, text, self._window)
            self._dialog.destroyed.connect(self._forget)
            self._dialog.open()

    @property
    def dialog(self) -> CrashDialog | None:
        """The dialog now open."""
        return self._dialog

    def _forget(self) -> None:
        self._dialog = None

    def _hook(
        self, kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
        else:
            self._caught.emit(error)

    def _from_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Exception):
            self._caught.emit(error)
        else:
            _LOG.error("%s", context.get("message", "event loop"))
