"""Words and icons painted into a scene, sharp at every zoom.

Knows the look and painters; knows nothing of certificates.
"""

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPixmap

from workbench.ui.icons import draw
from workbench.ui.look import Look
from workbench.ui.tokens import Tone

_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_STEPS = 4


@lru_cache(maxsize=256)
def _stamp(name: str, colour: str, edge: int) -> QPixmap:
    return draw(name, colour, edge)


class Ink:
    """Paints words and icons of one look.

    Args:
        look: colours and fonts.
    """

    def __init__(self, look: Look) -> None:
        self.look = look

    def font(self, factor: float = 1.0, *, bold: bool = False) -> QFont:
        """Return the text font, `factor` times as large."""
        font = self.look.heading(factor)
        if not bold:
            font.setWeight(QFont.Weight.Normal)
        return font

    def words(
        self,
        painter: QPainter,
        row: QRectF,
        text: str,
        font: QFont,
        tone: Tone,
        *,
        lines: int = 1,
    ) -> None:
        """Paint text into a row, shortened to fit; over two lines if allowed and needed."""
        painter.setFont(font)
        painter.setPen(self.look.colour(tone))
        metrics = QFontMetricsF(font)
        if lines > 1 and metrics.horizontalAdvance(text) > row.width():
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, row.width() * 1.8)
            painter.drawText(row, int(_LEFT) | int(Qt.TextFlag.TextWordWrap), shown)
            return
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, row.width())
        painter.drawText(row, _LEFT, shown)

    def icon(self, painter: QPainter, place: QRectF, name: str, tone: Tone) -> None:
        """Paint an icon, rendered for the size it has on the screen."""
        scale = painter.deviceTransform().m11()
        edge = max(8, round(place.width() * scale / _STEPS) * _STEPS)
        pixmap = _stamp(name, self.look.tokens.colour(tone), edge)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))

    def marked(
        self,
        painter: QPainter,
        row: QRectF,
        mark: tuple[str, str],
        tone: Tone,
        factor: float = 1.0,
        *,
        right: bool = False,
    ) -> float:
        """Paint an icon and its word, `mark`, into a row; returns the width used."""
        icon, text = mark
        font = self.font(factor)
        size = self.look.icon_size * 0.85 * factor
        space = self.look.unit * 1.0 * factor
        metrics = QFontMetricsF(font)
        room = row.width() - size - space + 1
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        used = size + space + metrics.horizontalAdvance(shown)
        left = row.right() - used if right else row.left()
        self.icon(painter, QRectF(left, row.center().y() - size / 2, size, size), icon, tone)
        painter.setFont(font)
        painter.setPen(self.look.colour(tone))
        painter.drawText(QRectF(QPointF(left + size + space, row.top()), row.size()), _LEFT, shown)
        return used
