"""A drawing that can be zoomed about a point and panned.

Owns scale and position; knows nothing of what is drawn.
"""

from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QGraphicsView

_SMALLEST, _LARGEST, _STEP = 0.02, 3.0, 1.2
_WHEEL_NOTCH = 120


class ZoomView(QGraphicsView):
    """Zooms by wheel and commands, pans by touch pad.

    Signals:
        zoomed: the scale changed.
    """

    zoomed = Signal()

    @property
    def scale_now(self) -> float:
        """Present scale: 1 for actual size."""
        return self.transform().m11()

    def zoom(self, factor: float, about: QPoint | None = None) -> None:
        """Zoom about a point of the viewport, which stays where it is; its middle if None."""
        wished = min(_LARGEST, max(_SMALLEST, self.scale_now * factor))
        point = about or self.viewport().rect().center()
        held = self.mapToScene(point)
        self.scale(wished / self.scale_now, wished / self.scale_now)
        self.pan(point - self.mapFromScene(held))
        self.zoomed.emit()

    def zoom_in(self) -> None:
        """Show it larger."""
        self.zoom(_STEP)

    def zoom_out(self) -> None:
        """Show it smaller."""
        self.zoom(1 / _STEP)

    def actual_size(self) -> None:
        """Show it at the size of other text."""
        self.zoom(1 / self.scale_now)

    def fit(self) -> None:
        """Show all of it, but not larger than actual size."""
        self.fit_to(_SMALLEST)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the pointer; fingers on a touch pad pan, unless Ctrl is held."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not event.pixelDelta().isNull() and not control:
            self.pan(event.pixelDelta())
        elif event.angleDelta().y():
            turns = event.angleDelta().y() / _WHEEL_NOTCH
            self.zoom(_STEP**turns, event.position().toPoint())
        event.accept()

    def pan(self, by: QPoint) -> None:
        """Move what is seen by so many pixels."""
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(across.value() - by.x())
        down.setValue(down.value() - by.y())

    def fit_to(self, least: float) -> None:
        """Show all of it, but not smaller than `least`: then from its top."""
        bounds = self.sceneRect()
        view = self.contentsRect().size()
        if bounds.isEmpty():
            return
        # A pixel less, so that rounding does not bring up scroll bars.
        across = (view.width() - 1) / bounds.width()
        down = (view.height() - 1) / bounds.height()
        wished = max(least, min(1.0, across, down))
        self.zoom(wished / self.scale_now)
        if bounds.height() * wished <= view.height() and bounds.width() * wished <= view.width():
            self.centerOn(bounds.center())
            return
        middle = bounds.center().x() if bounds.width() * wished <= view.width() else None
        left = bounds.left() + view.width() / wished / 2
        top = bounds.top() + view.height() / wished / 2
        self.centerOn(QPointF(left if middle is None else middle, top))
