"""The small bar over the drawn hierarchy: smaller, larger, fit, and what else belongs there."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.panes.certificates.corner import Corner
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.texts import number


class ZoomBar(Corner):
    """Stays at the lower right of a view.

    Args:
        look: colours and spacing.
        commands: (command, what its button says) from left to right; the scale stands after
            the first. One that can be checked is shown pressed while it is.
        view: over which it stays.
    """

    def __init__(self, look: Look, commands: Sequence[tuple[Command, str]], view: QWidget) -> None:
        super().__init__(look, view, Qt.Corner.BottomRightCorner)
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
        self.settle()

    def show_scale(self, scale: float) -> None:
        """Show the present scale."""
        self._scale.setText(f"{number(round(scale * 100))} %")
        self._scale.setAccessibleName(self.tr("Scale: {n} %").format(n=number(round(scale * 100))))
