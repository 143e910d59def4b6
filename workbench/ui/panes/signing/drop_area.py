"""The place that says: drop here. Large while there is nothing else, a strip above the queue after.

The whole window takes drops (`workbench.ui.drop`); this shows that it does, and has the buttons for
people who do not drag.
"""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.ui.command import Command
from workbench.ui.look import Look
from workbench.ui.widgets.basics import CommandButton, label


class DropArea(QWidget):
    """A dashed field with a sentence and the first actions.

    Args:
        look: colours and spacing.
        commands: the first actions; the first of them stands out.
        large: a whole page, or else a strip.
    """

    def __init__(self, look: Look, commands: Sequence[Command], *, large: bool) -> None:
        super().__init__()
        self._look = look
        unit = look.unit
        self._margin = unit * (6 if large else 4)
        self.sentence = label("", "title" if large else "heading", wrap=True)
        self.hint = label("", "muted", wrap=True)
        mark = QLabel()
        look.dress_label(mark, "import", "accent", unit * (14 if large else 7))
        words = QVBoxLayout()
        words.setSpacing(unit)
        words.addWidget(self.sentence)
        words.addWidget(self.hint)
        buttons = QHBoxLayout()
        buttons.setSpacing(unit * 2)
        for place, command in enumerate(commands):
            buttons.addWidget(CommandButton(look, command, primary=large and place == 0))
        direction = QBoxLayout.Direction.TopToBottom if large else QBoxLayout.Direction.LeftToRight
        line = QBoxLayout(direction, self)
        line.setSpacing(unit * (5 if large else 4))
        inner = self._margin + unit * (4 if large else 3)
        line.setContentsMargins(inner, inner, inner, inner)
        if large:
            for one in (self.sentence, self.hint, mark):
                one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            line.addStretch(2)
            line.addWidget(mark)
            line.addLayout(words)
            buttons.insertStretch(0, 1)
            buttons.addStretch(1)
            line.addLayout(buttons)
            line.addStretch(3)
        else:
            line.addWidget(mark)
            line.addLayout(words, 1)
            line.addLayout(buttons)
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        look.changed.connect(self.update)

    def say(self, sentence: str, hint: str) -> None:
        """Say what to drop."""
        self.sentence.setText(sentence)
        self.hint.setText(hint)
        self.setAccessibleName(f"{sentence} {hint}")

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the dashed edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = self._look.unit
        painter.setPen(QPen(self._look.colour("accent"), max(1.5, unit / 3), Qt.PenStyle.DashLine))
        painter.setBrush(self._look.soft("accent"))
        edge = QRectF(self.rect()).adjusted(
            self._margin, self._margin, -self._margin, -self._margin
        )
        painter.drawRoundedRect(edge, unit * 2, unit * 2)
