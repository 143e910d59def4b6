"""What colours, patterns and lines of the drawing mean."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.ui.look import Look
from workbench.ui.panes.certificates.canvas import PATTERNS
from workbench.ui.panes.certificates.cards import heat_colour
from workbench.ui.panes.certificates.corner import Corner
from workbench.ui.panes.certificates.ink import Ink
from workbench.ui.panes.certificates.standing import Heat
from workbench.ui.panes.certificates.states import SIGNS, STEPS
from workbench.ui.widgets.basics import label

Sample = Callable[[QPainter, QRectF], None]


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class _Swatch(QWidget):
    """Shows one sample."""

    def __init__(self, look: Look, sample: Sample) -> None:
        super().__init__()
        self._look = look
        self._sample = sample
        self.setFixedSize(self.sizeHint())
        look.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the size of a line of text."""
        return QSize(self._look.unit * 8, self._look.unit * 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the sample."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._sample(painter, QRectF(self.rect()).adjusted(1, 1, -1, -1))


class Legend(Corner):
    """Stays at the upper left of a view.

    Args:
        look: colours and spacing.
        view: over which it stays.
    """

    def __init__(self, look: Look, view: QWidget) -> None:
        super().__init__(look, view, Qt.Corner.TopLeftCorner)
        self._grid = QGridLayout(self)
        unit = look.unit
        self._grid.setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2)
        self._grid.setHorizontalSpacing(unit * 3)
        self._grid.setVerticalSpacing(unit)
        self.setAccessibleName(_tr("Legend"))
        self._title(_tr("Time left: the fuller the gauge, the nearer the end"))
        for step in Heat:
            self._row(self._gauge(step), STEPS[step].word())
        self._title(_tr("States, as seen from afar"))
        for state in PATTERNS:
            self._row(self._pattern(state), SIGNS[state].text)
        self._title(_tr("Lines"))
        self._row(self._line(Qt.PenStyle.SolidLine, pq=False), _tr("Signed, and verified"))
        self._row(self._line(Qt.PenStyle.DashDotLine, pq=True), _tr("Signed by another CA, too"))
        self._row(self._line(Qt.PenStyle.DotLine, pq=True), _tr("CAs that signed each other"))
        self._row(self._line(Qt.PenStyle.DashLine, pq=False), _tr("Issuer missing here"))
        self._row(self._frame, _tr("One CA: same name, same key"))
        self.hide()
        self.settle()

    def _title(self, words: str) -> None:
        self._grid.addWidget(label(words, "strong"), self._grid.rowCount(), 0, 1, 2)

    def _row(self, sample: Sample, words: str) -> None:
        row = self._grid.rowCount()
        self._grid.addWidget(_Swatch(self.look, sample), row, 0)
        self._grid.addWidget(label(words), row, 1)

    def _gauge(self, step: Heat) -> Sample:
        def paint(painter: QPainter, place: QRectF) -> None:
            painter.setPen(Qt.PenStyle.NoPen)
            wide = place.width() / 5
            for number in range(5):
                full = number <= int(step)
                empty = QColor(self.look.tokens.border)
                painter.setBrush(heat_colour(Ink(self.look), step) if full else empty)
                left = place.left() + number * wide
                painter.drawRect(QRectF(left, place.top(), wide - 1.5, place.height()))

        return paint

    def _pattern(self, state: str) -> Sample:
        def paint(painter: QPainter, place: QRectF) -> None:
            colour = self.look.colour(SIGNS[state].tone)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.fillRect(place, QColor(self.look.tokens.raised))
            painter.setBrush(PATTERNS[state])
            painter.setPen(colour)
            brush = painter.brush()
            brush.setColor(colour)
            painter.setBrush(brush)
            painter.drawRect(place)

        return paint

    def _line(self, style: Qt.PenStyle, *, pq: bool) -> Sample:
        def paint(painter: QPainter, place: QRectF) -> None:
            colour = self.look.colour("pq") if pq else QColor(self.look.tokens.outline)
            painter.setPen(QPen(colour, 1.75, style))
            middle = place.center().y()
            painter.drawLine(QPointF(place.left(), middle), QPointF(place.right(), middle))

        return paint

    def _frame(self, painter: QPainter, place: QRectF) -> None:
        painter.setPen(QPen(self.look.colour("pq"), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(QColor(self.look.tokens.sunken))
        painter.drawRoundedRect(place, 4, 4)
