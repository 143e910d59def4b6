"""What a tab of the key inspector is: it shows one key, and may have to ask for more about it.

Knows the kit and the session; knows no particular tab.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.ui.errors import Explanation
from workbench.ui.pane import Context
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.session import Task
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.fields import FieldList

T = TypeVar("T")
_REST = 90
"""Milliseconds a selection must rest before a tab asks for more about it."""


class KeyTab(QWidget):
    """One tab. Inherit; override `title`, `show_key` and, where not every key has it, `applies`."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.row: KeyRow | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return ""

    @property
    def help_page(self) -> str:
        """Stem of the help page that F1 opens while the tab is in front."""
        return "keys"

    @property
    def scrolls(self) -> bool:
        """Whether the tab stands in a scroll area; tables scroll themselves."""
        return True

    def applies(self, row: KeyRow) -> bool:
        """Whether this key has such a tab."""
        del row
        return True

    def show_key(self, row: KeyRow) -> None:
        """Show a key; called only while the tab is in front."""
        self.row = row

    def make_fields(self) -> FieldList:
        """Return an empty list of fields that fills the tab."""
        fields = FieldList(self.context.look, self.context.frame.copy)
        self.column.addWidget(fields)
        return fields


class AskingTab(KeyTab, Generic[T]):
    """A tab whose content is asked for on a worker, once the selection rests.

    Inherit; override `ask` (on a worker) and `show_answer`; begin with `show_waiting`'s line.
    """

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._wait = QTimer(self, singleShot=True, interval=_REST)
        self._wait.timeout.connect(self._start)
        self._task: Task | None = None
        self._state = label("", "muted", wrap=True)
        unit = context.look.unit
        self._state.setContentsMargins(unit * 4, unit * 3, unit * 4, unit)
        self._again = push_button(self.tr("Try again"), self.reload, "link")
        self._state.hide()
        self._again.hide()
        self.column.addWidget(self._state)
        self.column.addWidget(self._again)

    def ask(self, row: KeyRow) -> T:
        """Return what is to be shown of a key; runs on a worker."""
        raise NotImplementedError

    def show_answer(self, row: KeyRow, answer: T) -> None:
        """Show it."""
        raise NotImplementedError

    def show_nothing(self) -> None:
        """Take away what was shown of another key."""
        raise NotImplementedError

    def show_key(self, row: KeyRow) -> None:
        """Ask about a key after a moment; the same key again is asked about again."""
        if self.row is None or self.row.id != row.id:
            self.show_nothing()
            self._say(self.tr("Reading…"))
        super().show_key(row)
        self._wait.start()

    def reload(self) -> None:
        """Ask again now."""
        self._start()

    def _start(self) -> None:
        row = self.row
        if row is None:
            return
        if self._task is not None:
            self._task.drop()

        def work() -> T:
            return self.ask(row)

        self._task = self.context.session.start(
            self, work, self._when_asked(row, self._answered), self._when_asked(row, self._refused)
        )

    def _when_asked(
        self, row: KeyRow, tell: Callable[[KeyRow, Any], None]
    ) -> Callable[[Any], None]:
        def arrived(outcome: Any) -> None:
            if self.row is not None and self.row.id == row.id:
                tell(row, outcome)

        return arrived

    def _answered(self, row: KeyRow, answer: T) -> None:
        self._say("")
        self.show_answer(row, answer)

    def _refused(self, row: KeyRow, words: Explanation) -> None:
        del row
        self.show_nothing()
        self._say(f"{words.title}: {words.text}", again=True)

    def _say(self, text: str, *, again: bool = False) -> None:
        self._state.setText(text)
        self._state.setVisible(bool(text))
        self._again.setVisible(again)
