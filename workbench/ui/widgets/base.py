"""The base of every pane: heading, filter, buttons, empty state, content, inspector.

Fulfils `workbench.ui.pane.Pane`. Knows the kit and the context; knows no particular pane.
"""

from collections.abc import Callable, Sequence
from typing import ClassVar, Self

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.command import Command, CommandGroup
from workbench.ui.errors import Explanation
from workbench.ui.pane import Context, PaletteAnswer
from workbench.ui.widgets.basics import CommandButton, label

_FILTER_DELAY = 60


def in_one_group(commands: Sequence[Command]) -> Sequence[CommandGroup]:
    """Let commands stand in a menu one after the other; panes with many replace it."""
    return (CommandGroup(commands),)


class EmptyState(QWidget):
    """One sentence and the one first action."""

    def __init__(self, context: Context, icon: str) -> None:
        super().__init__()
        self._context = context
        self._sentence = label("", "muted", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        mark = QLabel()
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        context.look.dress_label(mark, icon, "muted", context.look.unit * 14)
        self._buttons = QHBoxLayout()
        column = QVBoxLayout(self)
        column.setSpacing(context.look.unit * 4)
        column.addStretch(2)
        column.addWidget(mark)
        column.addWidget(self._sentence)
        column.addLayout(self._buttons)
        column.addStretch(3)

    def say(self, sentence: str, command: Command | None) -> None:
        """Say why it is empty and offer what to do first."""
        self._sentence.setText(sentence)
        while self._buttons.count():
            item = self._buttons.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.deleteLater()
        if command is not None:
            self._buttons.addStretch(1)
            self._buttons.addWidget(CommandButton(self._context.look, command, primary=True))
            self._buttons.addStretch(1)


class PaneClass(QWidget):
    """What a pane's class says and does before there is a pane: `workbench.ui.pane.PaneMaker`."""

    id: ClassVar[str] = ""
    icon: ClassVar[str] = "file"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context

    @classmethod
    def name(cls) -> str:
        """Return the translated name; override."""
        return cls.id

    @classmethod
    def load(cls) -> None:
        """Do nothing: its modules are here."""

    @classmethod
    def made_for(cls, context: Context) -> Self:
        """Return one."""
        return cls(context)


class PaneBase(PaneClass):
    """Inherit, set `id`, `icon`, `help_page`, and build in `__init__`.

    Call `set_content` once; `set_inspector` if there is one; `add_command` for each command;
    `set_filter_hint` if the pane can be filtered; `set_empty` for its empty state, and
    `show_empty` whenever it is known whether there is anything.
    """

    help_page: ClassVar[str] = "first-run"
    in_menu = staticmethod(in_one_group)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self.commands: list[Command] = []
        self.inspector: QWidget | None = None
        self.loaded = False
        self.setObjectName(f"pane.{self.id}")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack = QStackedWidget()
        self._empty = EmptyState(context, self.icon)
        self._stack.addWidget(self._empty)
        self._refused: EmptyState | None = None
        self._busy = QProgressBar()
        self._busy.setProperty("role", "thin")
        self._busy.setTextVisible(False)
        self._busy.setAccessibleName(self.tr("Loading"))
        self._busy.setRange(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_header())
        column.addWidget(self._busy)
        column.addWidget(self._stack, 1)
        self._filter_later = QTimer(self, singleShot=True, interval=_FILTER_DELAY)
        self._filter_later.timeout.connect(lambda: self.on_filter(self.filter_field.text()))
        self.filter_field.textChanged.connect(lambda _text: self._filter_later.start())
        self.setAccessibleName(self.title)

    @property
    def title(self) -> str:
        """The translated name."""
        return self.name()

    @property
    def running(self) -> Sequence[tuple[str, float]]:
        """Jobs under way; override where there are any."""
        return ()

    @property
    def command_groups(self) -> Sequence[CommandGroup]:
        """The commands as they stand in the pane's menu, by `in_menu`."""
        return self.in_menu(self.commands)

    def set_content(self, widget: QWidget) -> None:
        """Put in what the pane shows when it is not empty."""
        self._stack.addWidget(widget)
        self._stack.setCurrentWidget(widget)

    def set_inspector(self, widget: QWidget) -> None:
        """Give the window what stands at the right while this pane is in front."""
        self.inspector = widget

    def set_filter_hint(self, hint: str) -> None:
        """Show the filter; the hint names what it searches: `Filter by name, spec, tag`."""
        self.filter_field.setPlaceholderText(hint)
        self.filter_field.setAccessibleName(hint)
        self.filter_field.setToolTip(f"{hint} (Ctrl+F)")
        self.filter_field.show()
        self._filter_row.show()

    def set_empty(self, sentence: str, command: Command | None = None) -> None:
        """Say what an empty pane says, and its one first action."""
        self._empty.say(sentence, command)

    def show_empty(self, *, empty: bool) -> None:
        """Turn to the empty state or to the content."""
        content = self._stack.widget(1)
        self._stack.setCurrentWidget(self._empty if empty or content is None else content)
        self._filter_row.setEnabled(not empty)

    def show_refused(self, why: Explanation) -> None:
        """Say that whoever acts may not see what is here, in place of it; offer to act as another.

        The next `show_empty` ends it.
        """
        if self._refused is None:
            self._refused = EmptyState(self.context, "shield")
            self._stack.addWidget(self._refused)
        # The window's; a pane that stands alone has none.
        aws = self.context.bench.site.aws
        command = self.window().findChild(Command, "window.connect" if aws else "window.act")
        step = self.tr("Act as somebody who may, or have a policy changed.")
        if aws:
            step = self.tr("Connect with a profile that may, or have a policy changed.")
        self._refused.say(f"{why.message.rstrip('.')}. {step}", command)
        self._stack.setCurrentWidget(self._refused)
        self._filter_row.setEnabled(False)

    def show_busy(self, *, busy: bool) -> None:
        """Show by a thin line under the heading that something is being read."""
        self._busy.setRange(0, 0 if busy else 1)

    def show_count(self, text: str) -> None:
        """Show beside the title how many there are: `12 of 40`."""
        self._count.setText(text)

    def add_command(
        self,
        command: Command,
        *,
        button: bool = False,
        primary: bool = False,
        words: bool = True,
    ) -> Command:
        """Register a command for menu, palette and shortcut; optionally as a button at the top."""
        self.commands.append(command)
        self.addAction(command)
        command.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        if button or primary:
            made = CommandButton(self.context.look, command, primary=primary, words=words)
            self._tools.addWidget(made)
        return command

    def make_command(
        self,
        name: str,
        text: str,
        icon: str,
        slot: Callable[[], None],
        shortcut: str = "",
        tip: str = "",
    ) -> Command:
        """Return a command of this pane; `name` is prefixed with the pane's id."""
        look = self.context.look
        return Command(look, f"{self.id}.{name}", text, icon, slot, shortcut, tip, parent=self)

    def add_header_widget(self, widget: QWidget) -> None:
        """Put a further filter (a combo box, a toggle) beside the filter field."""
        self._filters.insertWidget(self._filters.count() - 1, widget)
        self._filter_row.show()

    def add_menu_button(self, icon: str, what: str, menu: Callable[[], QMenu]) -> QToolButton:
        """Add a small button that opens a menu made at the moment."""
        button = QToolButton()
        button.setProperty("role", "flat")
        look = self.context.look
        look.dress(button, icon, "muted")
        button.setIconSize(QSize(look.icon_size, look.icon_size))
        button.setToolTip(what)
        button.setAccessibleName(what)
        button.clicked.connect(
            lambda _checked=False: menu().popup(button.mapToGlobal(button.rect().bottomLeft()))
        )
        self._tools.addWidget(button)
        return button

    def on_filter(self, text: str) -> None:
        """Show only what matches; override."""

    def refresh(self) -> None:
        """Read again what is shown; override."""

    def palette_items(self) -> PaletteAnswer:
        """Return the pane's objects for Ctrl+K; override."""
        return ()

    def show_target(self, target: str) -> None:
        """Select the object with this id; override."""

    def focus_default(self) -> None:
        """Put the keyboard into the content."""
        content = self._stack.currentWidget()
        if content is not None:
            (content.focusProxy() or content).setFocus(Qt.FocusReason.OtherFocusReason)

    def focus_filter(self) -> None:
        """Put the keyboard into the filter."""
        if self.filter_field.isVisibleTo(self):
            self.filter_field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.filter_field.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        """Load at first show."""
        super().showEvent(event)
        if not self.loaded:
            self.loaded = True
            QTimer.singleShot(0, self, self.refresh)

    def _build_header(self) -> QFrame:
        look = self.context.look
        header = QFrame()
        header.setProperty("role", "header")
        unit = look.unit
        self._count = label("", "muted")
        self._count.setMinimumWidth(unit * 6)  # it comes later than the widths are shared
        self.filter_field = QLineEdit()
        self.filter_field.setAccessibleName(self.tr("Filter"))
        self.filter_field.setClearButtonEnabled(True)
        self.filter_field.setMinimumWidth(unit * 40)
        self.filter_field.setMaximumWidth(unit * 110)
        self.filter_field.hide()
        self._filter_row = QWidget()
        self._filter_row.hide()
        self._filters = QHBoxLayout(self._filter_row)
        self._filters.setContentsMargins(0, 0, 0, 0)
        self._filters.setSpacing(unit * 2)
        self._filters.addWidget(self.filter_field, 1)
        self._filters.addStretch(0)
        self._tools = QHBoxLayout()
        self._tools.setSpacing(unit * 2)
        top = QHBoxLayout()
        top.setSpacing(unit * 3)
        top.addWidget(label(self.title, "title"))
        top.addWidget(self._count)
        top.addStretch(1)
        top.addLayout(self._tools)
        column = QVBoxLayout(header)
        column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 3)
        column.setSpacing(unit * 2)
        column.addLayout(top)
        column.addWidget(self._filter_row)
        return header
