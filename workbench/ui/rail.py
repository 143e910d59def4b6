"""The rail at the left: one button per pane, and at its foot what concerns the whole window."""

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.pane import PaneMaker

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


Button = TypeVar("Button", bound=QToolButton)


def _dressed(button: Button, look: Look, text: str) -> Button:
    unit = look.unit
    button.setProperty("role", "rail")
    button.setText(text)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
    button.setIconSize(QSize(unit * 6, unit * 6))
    # Never narrower than its name: a pane that needs more room has to scroll instead.
    button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setAccessibleName(text)
    return button


class _FootButton(QToolButton):
    """A command at the foot; says its name without the mnemonic."""

    def __init__(self, look: Look, command: Command) -> None:
        super().__init__()
        self._command = command
        self.setDefaultAction(command)
        _dressed(self, look, command.plain_text)
        command.changed.connect(self.follow)

    @Slot()
    def follow(self) -> None:
        self.setText(self._command.plain_text)


class Rail(QFrame):
    """Buttons with icon and name; Up and Down move between them.

    Signals:
        picked(str): a pane's id.
    """

    picked = Signal(str)

    def __init__(self, look: Look, panes: Sequence[PaneMaker], foot: Sequence[Command]) -> None:
        super().__init__()
        self._look = look
        self.setProperty("role", "rail")
        self.setAccessibleName(self.tr("Panes"))
        self.buttons: dict[str, QToolButton] = {}
        group = QButtonGroup(self)
        unit = look.unit
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 2, unit * 3, unit * 2, unit * 3)
        column.setSpacing(unit)
        column.addStrut(unit * 24)
        for number, pane in enumerate(panes, start=1):
            button = _dressed(QToolButton(), look, pane.name())
            button.setToolTip(f"{pane.name()} (Ctrl+{number})")
            button.setCheckable(True)
            button.toggled.connect(
                lambda on, b=button, name=pane.icon: look.dress(b, name, "text" if on else "muted")
            )
            look.dress(button, pane.icon, "muted")
            button.clicked.connect(lambda _checked=False, name=pane.id: self.picked.emit(name))
            button.installEventFilter(self)
            group.addButton(button)
            self.buttons[pane.id] = button
            column.addWidget(button)
        column.addStretch(1)
        for command in foot:
            column.addWidget(_FootButton(look, command))

    def check(self, name: str) -> None:
        """Mark the pane in front."""
        self.buttons[name].setChecked(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move between the buttons by arrow keys."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = _STEPS.get(Qt.Key(event.key()), 0)
            buttons = list(self.buttons.values())
            if step and watched in buttons:
                buttons[(buttons.index(watched) + step) % len(buttons)].setFocus(
                    Qt.FocusReason.TabFocusReason
                )
                return True
        return False
