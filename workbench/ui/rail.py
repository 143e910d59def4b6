"""The rail at the left: one button per pane, and at its foot what concerns the whole window."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QToolButton, QVBoxLayout

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.pane import Pane

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}


class Rail(QFrame):
    """Buttons with icon and name; Up and Down move between them.

    Signals:
        picked(str): a pane's id.
    """

    picked = Signal(str)

    def __init__(self, look: Look, panes: Sequence[Pane], foot: Sequence[Command]) -> None:
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
        for number, pane in enumerate(panes, start=1):
            button = self._make(pane.title, f"Ctrl+{number}")
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
            button = self._make(command.plain_text, "")
            button.setDefaultAction(command)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setText(command.plain_text)
            command.changed.connect(lambda b=button, c=command: b.setText(c.plain_text))
            column.addWidget(button)

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

    def _make(self, text: str, keys: str) -> QToolButton:
        unit = self._look.unit
        button = QToolButton()
        button.setProperty("role", "rail")
        button.setText(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        button.setIconSize(QSize(unit * 6, unit * 6))
        button.setMinimumWidth(unit * 24)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolTip(f"{text} ({keys})" if keys else text)
        button.setAccessibleName(text)
        return button
