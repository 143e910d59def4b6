"""The links of the drawn hierarchy: who signed whom, and who did too.

All of one kind are painted in one go, so that thousands cost little. Knows boxes; no certificate.
"""

import itertools
from collections.abc import Collection, Sequence
from typing import Final

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from workbench.ui.panes.certificates.drawing import Link
from workbench.ui.panes.certificates.ink import InkLook
from workbench.ui.panes.certificates.placing import DROP, GAP, Box

_KNEE: Final = 6.0
"""How far above what is signed a line turns, in units."""
_HEAD: Final = 2.2
"""Size of an arrow's head, in units."""

Way = tuple[str, str]


class LinkLines:
    """Right-angled lines from issuers down to what they signed; curves for further signatures."""

    def __init__(self) -> None:
        self._straight: dict[Way, tuple[Link, tuple[QLineF, ...]]] = {}
        self._curves: list[tuple[Link, QPainterPath, QPainterPath]] = []

    def show(self, links: Sequence[Link], unit: float) -> None:
        """Take other links.

        Args:
            links: between boxes in units.
            unit: a unit in the scene's coordinates.
        """
        self._straight = {}
        self._curves = []
        for link in links:
            if link.kind in {"signed", "unverified"}:
                self._straight[link.upper, link.lower] = (link, _route(link, unit))
            else:
                self._curves.append((link, *_curve(link, unit)))

    def paint(
        self, painter: QPainter, look: InkLook, marked: Collection[Way] = (), scale: float = 1.0
    ) -> None:
        """Paint them; `marked` ones more strongly."""
        plain: list[QLineF] = []
        dashed: list[QLineF] = []
        strong: list[QLineF] = []
        for way, (link, lines) in self._straight.items():
            if way in marked:
                strong.extend(lines)
            else:
                (dashed if link.kind == "unverified" else plain).extend(lines)
        outline = QColor(look.tokens.outline)
        width = max(1.25, 1.0 / scale)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(outline, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(plain)
        painter.setPen(QPen(outline, width, Qt.PenStyle.DashLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(dashed)
        accent = look.colour("accent")
        for link, curve, head in self._curves:
            own = (link.upper, link.lower) in marked
            colour = accent if own else look.colour("pq")
            style = Qt.PenStyle.DashDotLine if link.kind == "also" else Qt.PenStyle.DotLine
            painter.setPen(QPen(colour, width * (2 if own else 1.4), style))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(curve)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPath(head)
        pen = QPen(accent, max(2.5, 1.5 / scale))
        pen.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(pen)
        painter.drawLines(strong)


def _route(link: Link, unit: float) -> tuple[QLineF, ...]:
    start = QPointF(link.start.middle, link.start.bottom) * unit
    end = QPointF(link.end.middle, link.end.y) * unit
    knee = end.y() - _KNEE * unit
    points = [start, QPointF(start.x(), knee), QPointF(end.x(), knee), end]
    pairs = itertools.pairwise(points)
    return tuple(QLineF(first, second) for first, second in pairs if first != second)


def _curve(link: Link, unit: float) -> tuple[QPainterPath, QPainterPath]:
    """Return a curve from the issuer to what it signed, and the head of the arrow."""
    start, end = _ends(link)
    path = QPainterPath(start * unit)
    if link.kind == "circle":
        # Back up, round the right-hand side of both.
        out = max(link.start.right, link.end.right) + GAP * 1.5
        path.cubicTo(QPointF(out, start.y()) * unit, QPointF(out, end.y()) * unit, end * unit)
        return path, _arrow(end * unit, QPointF(-1, 0), unit)
    bend = max(DROP, (end.y() - start.y()) * 0.5)
    path.cubicTo(
        QPointF(start.x(), start.y() + bend) * unit,
        QPointF(end.x(), end.y() - bend) * unit,
        end * unit,
    )
    return path, _arrow(end * unit, QPointF(0, 1), unit)


def _ends(link: Link) -> tuple[QPointF, QPointF]:
    upper, lower = link.start, link.end
    if link.kind == "circle":
        return _right(upper), _right(lower)
    # Beside the middle, so that it does not run into the line of the main issuer.
    aside = CROSS_ASIDE if upper.middle > lower.middle else -CROSS_ASIDE
    return QPointF(upper.middle, upper.bottom), QPointF(lower.middle + aside, lower.y)


CROSS_ASIDE: Final = 9.0
"""How far from the middle of a card a further signature comes in, in units."""


def _right(box: Box) -> QPointF:
    return QPointF(box.right, box.y + box.height / 2)


def _arrow(tip: QPointF, way: QPointF, unit: float) -> QPainterPath:
    size = _HEAD * unit
    side = QPointF(-way.y(), way.x()) * (size * 0.6)
    back = tip - way * size
    path = QPainterPath(tip)
    path.lineTo(back + side)
    path.lineTo(back - side)
    path.closeSubpath()
    return path
