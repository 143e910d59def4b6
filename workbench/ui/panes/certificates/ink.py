"""Words and icons painted into a scene, sharp at every zoom.

Knows the look and painters; knows nothing of certificates.
"""

from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPixmap

from workbench.ui.icons import draw, paint
from workbench.ui.tokens import LIGHT, Tokens, Tone

_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_STEPS = 4


@lru_cache(maxsize=256)
def _stamp(name: str, colour: str, edge: int) -> QPixmap:
    return draw(name, colour, edge)


class InkLook(Protocol):
    """Colours, fonts and measures: the window's look, or paper's."""

    @property
    def tokens(self) -> Tokens:
        """The colours by meaning."""

    @property
    def unit(self) -> int:
        """The spacing step."""

    @property
    def icon_size(self) -> int:
        """Edge of an icon beside text."""

    def heading(self, factor: float = 1.35) -> QFont:
        """Return the bold font, `factor` times as large as text."""

    def colour(self, tone: Tone) -> QColor:
        """Return a tone as a colour."""

    def soft(self, tone: Tone) -> QColor:
        """Return the ground under words in a tone."""


class Paper:
    """A look for paper: the light colours on white, whatever the window shows.

    Fonts are measured in the drawing's own units, so that a page of any resolution shows them at
    the size that the window does. Made on the window's thread, used on any.

    Args:
        look: whose fonts and measures are taken.
    """

    tokens = replace(LIGHT, window="#ffffff")

    def __init__(self, look: InkLook) -> None:
        self.unit = look.unit
        self.icon_size = look.icon_size
        self._font = look.heading(1.0)
        self._pixels = float(QFontInfo(self._font).pixelSize())

    def heading(self, factor: float = 1.35) -> QFont:
        """Return the bold font, `factor` times as large as text."""
        font = QFont(self._font)
        font.setPixelSize(max(1, round(self._pixels * factor)))
        return font

    def colour(self, tone: Tone) -> QColor:
        """Return a tone as a colour."""
        return QColor(self.tokens.colour(tone))

    def soft(self, tone: Tone) -> QColor:
        """Return the ground under words in a tone."""
        return QColor(self.tokens.soft(tone))


class Ink:
    """Paints words and icons of one look.

    Args:
        look: colours and fonts.
        lines: whether icons are painted as lines rather than as pixels, for files.
    """

    def __init__(self, look: InkLook, *, lines: bool = False) -> None:
        self.look = look
        self.lines = lines
        self._fonts: dict[tuple[float, bool], tuple[QFont, QFontMetricsF]] = {}

    def font(self, factor: float = 1.0, *, bold: bool = False) -> QFont:
        """Return the text font, `factor` times as large."""
        return self.measured(factor, bold=bold)[0]

    def measured(self, factor: float = 1.0, *, bold: bool = False) -> tuple[QFont, QFontMetricsF]:
        """Return a font and its metrics, made once."""
        found = self._fonts.get((factor, bold))
        if found is None:
            font = self.look.heading(factor)
            if not bold:
                font.setWeight(QFont.Weight.Normal)
            found = self._fonts[factor, bold] = (font, QFontMetricsF(font))
        return found

    def words(
        self,
        painter: QPainter,
        row: QRectF,
        text: str,
        tone: Tone,
        factor: float = 1.0,
        *,
        bold: bool = False,
        lines: int = 1,
    ) -> None:
        """Paint text into a row, shortened to fit; over two lines if allowed and needed."""
        font, metrics = self.measured(factor, bold=bold)
        painter.setFont(font)
        painter.setPen(self.look.colour(tone))
        if lines > 1 and metrics.horizontalAdvance(text) > row.width():
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, row.width() * 1.8)
            painter.drawText(row, int(_LEFT) | int(Qt.TextFlag.TextWordWrap), shown)
            return
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, row.width())
        painter.drawText(row, _LEFT, shown)

    def icon(self, painter: QPainter, place: QRectF, name: str, tone: Tone) -> None:
        """Paint an icon, rendered for the size it has on the screen."""
        if self.lines:
            paint(painter, place, name, self.look.tokens.colour(tone))
            return
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
        font, metrics = self.measured(factor)
        size = self.look.icon_size * 0.85 * factor
        space = self.look.unit * 1.0 * factor
        room = row.width() - size - space + 1
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        used = size + space + metrics.horizontalAdvance(shown)
        left = row.right() - used if right else row.left()
        self.icon(painter, QRectF(left, row.center().y() - size / 2, size, size), icon, tone)
        painter.setFont(font)
        painter.setPen(self.look.colour(tone))
        painter.drawText(QRectF(QPointF(left + size + space, row.top()), row.size()), _LEFT, shown)
        return used
