"""How bars and marks are drawn: shapes first, colours second. Shared by time axis and legend.

Knows the look; knows no key.
"""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from workbench.ui.look import Look
from workbench.ui.panes.keys.materials import Condition
from workbench.ui.panes.rotation.lanes import MarkKind
from workbench.ui.tokens import Tone

TONES: Final[dict[MarkKind, Tone]] = {
    "created": "text",
    "automatic": "ok",
    "on-demand": "info",
    "scheduled": "ok",
    "expiry": "warning",
    "deletion": "danger",
}


def draw_current(painter: QPainter, look: Look, box: QRectF, *, able: bool = True) -> None:
    """Draw the bar of the current material; hollow if the key cannot be used now."""
    tone: Tone = "accent" if able else "muted"
    painter.setPen(QPen(look.colour(tone), 1))
    painter.setBrush(look.colour("accent") if able else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 3, 3)


def draw_former(painter: QPainter, look: Look, box: QRectF) -> None:
    """Draw the bar of a material that only decrypts: hatched."""
    ground = QColor(look.tokens.sunken)
    painter.setPen(QPen(look.colour("muted"), 1))
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 3, 3)
    painter.setBrush(QBrush(look.colour("muted"), Qt.BrushStyle.BDiagPattern))
    painter.setOpacity(0.45)
    painter.drawRoundedRect(box, 3, 3)
    painter.setOpacity(1)


def draw_waiting(painter: QPainter, look: Look, box: QRectF) -> None:
    """Draw the bar of a material that takes over later: dashed, and upright lines in it."""
    _dashed(painter, look, box, "accent", QColor(look.tokens.accent_soft))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(look.colour("accent"), Qt.BrushStyle.VerPattern))
    painter.setOpacity(0.6)
    painter.drawRoundedRect(box, 3, 3)
    painter.setOpacity(1)


def draw_missing(painter: QPainter, look: Look, box: QRectF) -> None:
    """Draw the bar of a material that has to be imported: dashed and hollow."""
    _dashed(painter, look, box, "warning", QColor(look.tokens.surface))


def draw_expired(painter: QPainter, look: Look, box: QRectF) -> None:
    """Draw the bar of a material that ran out: crossed."""
    painter.setPen(QPen(look.colour("danger"), 1))
    painter.setBrush(QColor(look.tokens.surface))
    painter.drawRoundedRect(box, 3, 3)
    painter.setBrush(QBrush(look.colour("danger"), Qt.BrushStyle.DiagCrossPattern))
    painter.setOpacity(0.35)
    painter.drawRoundedRect(box, 3, 3)
    painter.setOpacity(1)


def draw_condition(
    painter: QPainter, look: Look, box: QRectF, condition: Condition, *, able: bool = True
) -> None:
    """Draw the bar of a material by what it is good for."""
    if condition == "current":
        draw_current(painter, look, box, able=able)
        return
    draw = {
        "former": draw_former,
        "waiting": draw_waiting,
        "elsewhere": draw_waiting,
        "missing": draw_missing,
        "expired": draw_expired,
    }[condition]
    draw(painter, look, box)


def _dashed(painter: QPainter, look: Look, box: QRectF, tone: Tone, ground: QColor) -> None:
    painter.setPen(QPen(look.colour(tone), 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 3, 3)


def draw_still(painter: QPainter, look: Look, box: QRectF) -> None:
    """Draw the bar of a key that does not rotate: plain."""
    painter.setPen(QPen(look.colour("muted"), 1))
    painter.setBrush(QColor(look.tokens.accent_soft))
    painter.drawRoundedRect(box, 3, 3)


def draw_mark(painter: QPainter, look: Look, kind: MarkKind, at: QPointF, size: float) -> None:
    """Draw a mark around a point: each kind has a shape of its own."""
    colour = look.colour(TONES[kind])
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(QColor(look.tokens.surface))
    half = size / 2
    box = QRectF(at.x() - half, at.y() - half, size, size)
    if kind == "created":
        painter.setBrush(colour)
        painter.drawRect(box.adjusted(1, 1, -1, -1))
    elif kind == "automatic":
        painter.setBrush(colour)
        painter.drawEllipse(box)
    elif kind == "scheduled":
        painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DotLine))
        painter.drawEllipse(box)
    elif kind == "expiry":
        # An hourglass.
        points = [(-half, -half), (half, -half), (-half, half), (half, half)]
        painter.drawPolygon(QPolygonF([QPointF(at.x() + x, at.y() + y) for x, y in points]))
    elif kind == "on-demand":
        painter.setBrush(colour)
        points = [(0, -half), (half, 0), (0, half), (-half, 0)]
        painter.drawPolygon(QPolygonF([QPointF(at.x() + x, at.y() + y) for x, y in points]))
    else:
        painter.setPen(QPen(colour, 2))
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(box.topRight(), box.bottomLeft())


def line_pen(look: Look, kind: MarkKind) -> QPen:
    """Return the pen of a mark's line: dashed for what is to come."""
    style = (
        Qt.PenStyle.DashLine
        if kind in {"scheduled", "expiry", "deletion"}
        else Qt.PenStyle.SolidLine
    )
    return QPen(look.colour(TONES[kind]), 1, style)
