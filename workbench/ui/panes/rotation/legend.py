"""The legend below the time axis: every shape with its word."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.ui.look import Look
from workbench.ui.panes.keys.materials import Condition
from workbench.ui.panes.keys.words import condition_name
from workbench.ui.panes.rotation import ink
from workbench.ui.panes.rotation.lanes import MarkKind
from workbench.ui.panes.rotation.words import mark_name

_KINDS: tuple[MarkKind, ...] = (
    "created",
    "automatic",
    "on-demand",
    "scheduled",
    "expiry",
    "deletion",
)
_CONDITIONS: tuple[Condition, ...] = ("current", "former", "waiting", "missing", "expired")

_MOST_WIDTHS: Final = 64
_BELOW: Final = 0.4
"""What is left free below the last line, in lines."""


class Legend(QWidget):
    """Wraps into as many lines as it needs."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._measured: tuple[QFont, int] | None = None
        self._places_at: dict[int, list[QRectF]] = {}
        self._entries: list[tuple[str, Callable[[QPainter, QRectF], None]]] = [
            (condition_name(one), self._bar_drawer(one)) for one in _CONDITIONS
        ]
        still = self.tr("Does not rotate")
        self._entries.append((still, lambda p, box: ink.draw_still(p, look, box)))
        for kind in _KINDS:
            self._entries.append((mark_name(kind), self._mark_drawer(kind)))
        self._entries.append((self.tr("Today"), self._draw_today))
        self.setAccessibleName(self.tr("Legend"))
        self.setAccessibleDescription(", ".join(text for text, _ in self._entries))
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return one line's size."""
        return QSize(self._look.unit * 100, self.heightForWidth(self._look.unit * 180))

    def hasHeightForWidth(self) -> bool:
        """Say that narrow is tall."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of as many lines as are needed."""
        last = self._places(width)[-1]
        return round(last.bottom() + last.height() * _BELOW)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the entries."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        unit = self._look.unit
        for (text, draw), place in zip(self._entries, self._places(self.width()), strict=True):
            sample = QRectF(place.left(), place.center().y() - unit * 1.5, unit * 6, unit * 3)
            draw(painter, sample)
            painter.setPen(self._look.colour("muted"))
            words = place.adjusted(unit * 7.5, 0, unit, 0)
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _places(self, width: int) -> list[QRectF]:
        """Return where the entries stand; layouts ask dozens of times for each word that changes.

        What is known holds for a font. Its event would come too late: sizes are asked for before.
        """
        now = (self.font(), self._look.unit)
        if self._measured != now:
            self._measured, self._places_at = now, {}
        if width not in self._places_at:
            if len(self._places_at) >= _MOST_WIDTHS:
                self._places_at = {}
            self._places_at[width] = self._placed(*now, width)
        return self._places_at[width]

    def _placed(self, font: QFont, unit: int, width: int) -> list[QRectF]:
        metrics = QFontMetrics(font)
        places: list[QRectF] = []
        left, top, height = unit * 4.0, unit * 2.0, unit * 5.0
        for text, _ in self._entries:
            wide = unit * 8.5 + metrics.horizontalAdvance(text)
            if places and left + wide > width - unit * 2:
                left, top = unit * 4.0, top + height
            places.append(QRectF(left, top, wide, height))
            left += wide + unit * 3
        return places

    def _bar_drawer(self, condition: Condition) -> Callable[[QPainter, QRectF], None]:
        return lambda painter, box: ink.draw_condition(painter, self._look, box, condition)

    def _mark_drawer(self, kind: MarkKind) -> Callable[[QPainter, QRectF], None]:
        def draw(painter: QPainter, box: QRectF) -> None:
            centre = box.center()
            painter.setPen(ink.line_pen(self._look, kind))
            painter.drawLine(
                QPointF(centre.x(), box.top() - 1), QPointF(centre.x(), box.bottom() + 1)
            )
            ink.draw_mark(painter, self._look, kind, centre, self._look.unit * 2.2)

        return draw

    def _draw_today(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(self._look.colour("accent"), 2))
        painter.drawLine(
            QPointF(box.center().x(), box.top() - 1), QPointF(box.center().x(), box.bottom() + 1)
        )
