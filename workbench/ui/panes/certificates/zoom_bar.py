"""The small bar over the drawn hierarchy: smaller, larger, fit."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.texts import number


class ZoomBar(QFrame):
    """Stays at the lower right of a view.

    Args:
        look: colours and spacing.
        commands: (command, what its button says) from left to right; the scale stands after
            the first.
        view: over which it stays.
    """

    def __init__(self, look: Look, commands: Sequence[tuple[Command, str]], view: QWidget) -> None:
        super().__init__(view)
        self._look = look
        self._view = view
        self.setProperty("role", "card")
        self._scale = label("100 %", "muted")
        self._scale.setMinimumWidth(look.unit * 12)
        self._scale.setAlignment(self._scale.alignment().AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(look.unit, look.unit, look.unit, look.unit)
        row.setSpacing(look.unit // 2)
        for place, (command, text) in enumerate(commands):
            button = QToolButton()
            button.setProperty("role", "flat")
            button.setText(text)
            button.setMinimumWidth(look.unit * 7)
            button.setToolTip(command.toolTip())
            button.setAccessibleName(command.plain_text)
            button.clicked.connect(command.trigger)
            row.addWidget(button)
            if place == 0:
                row.addWidget(self._scale)
        view.installEventFilter(self)
        self.adjustSize()
        self._settle()

    def show_scale(self, scale: float) -> None:
        """Show the present scale."""
        self._scale.setText(f"{number(round(scale * 100))} %")
        self._scale.setAccessibleName(self.tr("Scale: {n} %").format(n=number(round(scale * 100))))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if watched is self._view and event.type() in {QEvent.Type.Resize, QEvent.Type.Show}:
            self._settle()
        return False

    def _settle(self) -> None:
        self.adjustSize()
        margin = self._look.unit * 5
        self.move(
            self._view.width() - self.width() - margin,
            self._view.height() - self.height() - margin,
        )
        self.raise_()
