"""The edges of the drawn hierarchy: who signed whom.

All of them are painted in one go, so that thousands cost little. Knows rectangles; no certificate.
"""

import itertools
from collections.abc import Collection, Sequence

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.pki.hierarchy import Edge
from workbench.ui.look import Look
from workbench.ui.panes.certificates.cards import Shape

Joined = tuple[Edge, QRectF, QRectF, bool]
"""An edge, its upper and lower card, and whether it comes to the lower one from the left."""


class EdgeLines:
    """Right-angled lines from issuers down to what they signed.

    Args:
        look: colours.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._lines: list[tuple[Edge, tuple[QLineF, ...]]] = []
        self._marked: Collection[Edge] = frozenset()

    def show(self, shape: Shape, edges: Sequence[Joined]) -> None:
        """Take other edges, each with the cards it joins."""
        self._lines = [
            (edge, _route(shape, upper, lower, beside=beside))
            for edge, upper, lower, beside in edges
        ]

    def highlight(self, marked: Collection[Edge]) -> None:
        """Draw these more strongly: the way from the chosen card to its roots."""
        self._marked = marked

    def paint(self, painter: QPainter) -> None:
        """Paint them."""
        scale = max(painter.worldTransform().m11(), 0.01)
        plain: list[QLineF] = []
        dashed: list[QLineF] = []
        strong: list[QLineF] = []
        for edge, lines in self._lines:
            if edge in self._marked:
                strong.extend(lines)
            elif edge.verified:
                plain.extend(lines)
            else:
                dashed.extend(lines)
        outline = QColor(self._look.tokens.outline)
        width = max(1.25, 1.0 / scale)
        painter.setPen(QPen(outline, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(plain)
        painter.setPen(QPen(outline, width, Qt.PenStyle.DashLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(dashed)
        accent = QPen(self._look.colour("accent"), max(2.5, 1.5 / scale))
        accent.setCapStyle(Qt.PenCapStyle.SquareCap)
        painter.setPen(accent)
        painter.drawLines(strong)


def _route(shape: Shape, upper: QRectF, lower: QRectF, *, beside: bool) -> tuple[QLineF, ...]:
    start = QPointF(upper.center().x(), upper.bottom())
    if beside:
        middle = upper.top() + shape.down - shape.unit * 6.0
        trunk = lower.left() - shape.unit * 4.0
        points = [
            start,
            QPointF(start.x(), middle),
            QPointF(trunk, middle),
            QPointF(trunk, lower.center().y()),
            QPointF(lower.left(), lower.center().y()),
        ]
    else:
        end = QPointF(lower.center().x(), lower.top())
        middle = end.y() - shape.unit * 6.0
        points = [start, QPointF(start.x(), middle), QPointF(end.x(), middle), end]
    pairs = itertools.pairwise(points)
    return tuple(QLineF(first, second) for first, second in pairs if first != second)
