"""The whole drawing in small, with what of it is seen; press or drag to go elsewhere."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap

from workbench.ui.look import Look
from workbench.ui.panes.certificates.choosing import ChoosingView
from workbench.ui.panes.certificates.corner import Corner

_WIDEST, _TALLEST = 52, 34
_ROOM = 2.4
"""How many times as wide as the overview a view must be, or it would hide what it leads to."""


class Minimap(Corner):
    """Stays at the lower left of a view; away while all of the drawing is seen.

    Args:
        look: colours and spacing.
        view: whose drawing it shows.
    """

    def __init__(self, look: Look, view: ChoosingView) -> None:
        super().__init__(look, view, Qt.Corner.BottomLeftCorner)
        self._tree = view
        self._picture: QPixmap | None = None
        self._wanted = True
        self.setAccessibleName(self.tr("Overview of the drawing"))
        self.setToolTip(self.tr("The whole drawing: press or drag to go elsewhere"))
        self.setCursor(Qt.CursorShape.CrossCursor)
        view.resized.connect(self._moved)
        view.drawn.connect(self._drawn)
        view.zoomed.connect(self._moved)
        view.horizontalScrollBar().valueChanged.connect(self._moved)
        view.verticalScrollBar().valueChanged.connect(self._moved)
        view.horizontalScrollBar().rangeChanged.connect(self._moved)
        view.verticalScrollBar().rangeChanged.connect(self._moved)
        look.changed.connect(self._drawn)
        self._drawn()

    @property
    def wanted(self) -> bool:
        """Whether it is to be shown where it is of use."""
        return self._wanted

    @wanted.setter
    def wanted(self, wanted: bool) -> None:
        self._wanted = wanted
        self._moved()

    @property
    def seen(self) -> QRectF:
        """What of the drawing is seen, in this widget."""
        view = self._tree
        shown = view.mapToScene(view.viewport().rect()).boundingRect()
        return QRectF(self._small(shown.topLeft()), self._small(shown.bottomRight()))

    def sizeHint(self) -> QSize:
        """Return the size for the drawing's proportions."""
        bounds = self._tree.canvas.bounds
        most = QSize(_WIDEST * self.look.unit, _TALLEST * self.look.unit)
        if bounds.isEmpty():
            return most
        share = min(most.width() / bounds.width(), most.height() / bounds.height())
        least = self.look.unit * 8
        return QSize(
            max(least, round(bounds.width() * share)) + 2 * self._edge,
            max(least, round(bounds.height() * share)) + 2 * self._edge,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the drawing and what is seen of it."""
        super().paintEvent(event)
        painter = QPainter(self)
        if self._picture is None:
            self._picture = self._draw()
        painter.drawPixmap(0, 0, self._picture)
        accent = self.look.colour("accent")
        inside = QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        soft = QColor(accent)
        soft.setAlpha(36)
        painter.setPen(QPen(accent, 1.5))
        painter.setBrush(soft)
        painter.drawRect(self.seen.intersected(inside))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    @property
    def _edge(self) -> int:
        return self.look.unit

    def _share(self) -> float:
        bounds = self._tree.canvas.bounds
        wide = (self.width() - 2 * self._edge) / max(1.0, bounds.width())
        return min(wide, (self.height() - 2 * self._edge) / max(1.0, bounds.height()))

    def _small(self, point: QPointF) -> QPointF:
        return point * self._share() + QPointF(self._edge, self._edge)

    def _go(self, point: QPointF) -> None:
        self._tree.centerOn((point - QPointF(self._edge, self._edge)) / self._share())

    def _draw(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        picture = QPixmap(self.size() * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(self._edge, self._edge)
        share = self._share()
        painter.scale(share, share)
        painter.setPen(Qt.PenStyle.NoPen)
        for _, colour, rects in self._tree.canvas.blocks():
            painter.setBrush(colour)
            painter.drawRects(rects)
        painter.end()
        return picture

    def _drawn(self) -> None:
        self._picture = None
        self.settle()
        self._moved()

    def _moved(self) -> None:
        view = self._tree
        bounds = view.canvas.bounds
        # What touches the edges by rounding only counts as seen.
        least = bounds.adjusted(2, 2, -2, -2)
        shown = view.mapToScene(view.viewport().rect()).boundingRect()
        room = view.width() > _ROOM * self.width()
        useful = not bounds.isEmpty() and not shown.contains(least)
        self.setVisible(self._wanted and room and useful)
        self.update()
