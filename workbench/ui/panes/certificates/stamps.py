"""Cards painted once and kept as pixels, so that panning costs a copy of each.

Owns the store and its limit; knows how to have a card painted, not what is on it.
"""

from collections.abc import Callable, Hashable
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

_MOST_BYTES: Final = 96 << 20
_PIXEL: Final = 4

Paint = Callable[[QPainter], None]


class Stamps:
    """Pixels by card and how it looks, for one scale at a time."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, QPixmap] = {}
        self._bytes = 0
        self._scale = (0.0, 0.0)
        self._world = QTransform()

    def clear(self) -> None:
        """Forget all: everything looks different."""
        self._kept.clear()
        self._bytes = 0

    def begin(self, painter: QPainter) -> None:
        """Begin to paint: until `end`, coordinates are the device's.

        Args:
            painter: of the view; its world transform scales alike in both directions.
        """
        self._world = painter.worldTransform()
        scale = (self._world.m11(), painter.device().devicePixelRatioF())
        if scale != self._scale:
            self.clear()
            self._scale = scale
        painter.resetTransform()

    def paint(self, painter: QPainter, place: QRectF, key: Hashable, paint: Paint) -> None:
        """Paint what a key stands for into a place of the scene.

        Args:
            painter: the one that was begun with.
            place: where, with room for what stands out.
            key: tells how it looks.
            paint: paints it, with the place's upper left corner as origin.
        """
        stamp = self._kept.get(key)
        if stamp is None:
            stamp = self._make(place, *self._scale, paint)
            self._keep(key, stamp)
        scale, ratio = self._scale
        # On whole pixels, or words would be blurred.
        painter.drawPixmap(
            QPointF(
                round((place.x() * scale + self._world.dx()) * ratio) / ratio,
                round((place.y() * scale + self._world.dy()) * ratio) / ratio,
            ),
            stamp,
        )

    def end(self, painter: QPainter) -> None:
        """Give the painter its coordinates back."""
        painter.setWorldTransform(self._world)

    def _make(self, place: QRectF, scale: float, ratio: float, paint: Paint) -> QPixmap:
        stamp = QPixmap((place.size() * scale * ratio).toSize().expandedTo(QPixmap(1, 1).size()))
        stamp.setDevicePixelRatio(ratio)
        stamp.fill(Qt.GlobalColor.transparent)
        inside = QPainter(stamp)
        inside.setRenderHint(QPainter.RenderHint.Antialiasing)
        inside.scale(scale, scale)
        paint(inside)
        inside.end()
        return stamp

    def _keep(self, key: Hashable, stamp: QPixmap) -> None:
        self._kept[key] = stamp
        self._bytes += stamp.width() * stamp.height() * _PIXEL
        while self._bytes > _MOST_BYTES and len(self._kept) > 1:
            oldest = self._kept.pop(next(iter(self._kept)))
            self._bytes -= oldest.width() * oldest.height() * _PIXEL
