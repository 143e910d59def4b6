"""Carrying out what a form asks for, so that closing the form loses neither the work nor its news.

The pane owns the work; the form shows it while it is open.
"""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.widgets.dialogs import FormDialog

T = TypeVar("T")


class _Submitted(QObject):
    """One submission under way; knows whether the form is still there."""

    def __init__(self, owner: QWidget, form: FormDialog, context: Context) -> None:
        super().__init__(owner)
        self._form: FormDialog | None = form
        self._context = context
        form.finished.connect(self._closed)

    def succeeded(self) -> None:
        """Close the form if it is open."""
        if self._form is not None and isValid(self._form):
            self._form.accept()
        self.deleteLater()

    def failed(self, words: Explanation) -> None:
        """Show why in the form, or as a notice if it was closed."""
        form = self._form
        self.deleteLater()
        if form is None or not isValid(form):
            self._context.frame.notify(f"{words.title}: {words.text}", "danger")
            return
        form.show_working(working=False)
        form.show_problem(words)

    def _closed(self, _result: int) -> None:
        self._form = None


def submit(
    context: Context,
    owner: QWidget,
    form: FormDialog,
    work: Callable[[], T],
    done: Callable[[T], None],
    busy: str,
) -> None:
    """Run a change for a form.

    Args:
        context: the window.
        owner: the pane.
        form: told to wait, then closed, or told what went wrong.
        work: the call, on a worker, in order with other changes.
        done: given its outcome, also when the form was closed meanwhile.
        busy: what the status bar says.
    """
    under_way = _Submitted(owner, form, context)
    form.show_working(working=True)

    def succeeded(outcome: T) -> None:
        under_way.succeeded()
        done(outcome)

    context.session.start(owner, work, succeeded, under_way.failed, busy, mutates=True)
