"""The drawing as a file: SVG, PNG or PDF, in light colours for paper.

Owns sizes and formats; knows no dialog and no file. Words stay words in SVG and PDF.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPageSize, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from workbench.ui.panes.certificates.canvas import Canvas
from workbench.ui.panes.certificates.ink import Ink, Paper

_MARGIN: Final = 8.0
"""Around the drawing, in units."""
_SHARP: Final = 2.0
"""Pixels of a PNG for each of the window."""
_MOST_PIXELS: Final = 80_000_000
_LONGEST_EDGE: Final = 20_000
_QUALITY: Final = 70
"""How much time to take for a small PNG: less the higher, without loss in any case."""
_POINTS: Final = 0.75
"""Points of a PDF for each of the window's pixels, at 96 of them an inch."""
_LONGEST_PAGE: Final = 14_400.0
"""Points of a PDF page's edge (ISO 32000-1 Annex C.2)."""
_RESOLUTION: Final = 288


class Form(StrEnum):
    """File formats."""

    SVG = "svg"
    PNG = "png"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn, and how it is called.

    Attributes:
        canvas: the drawing as the window shows it.
        paper: colours and fonts; made on the window's thread.
        title: for the file's metadata.
        part: what of the scene to draw; None for all of it.
    """

    canvas: Canvas
    paper: Paper
    title: str
    part: QRectF | None = None

    @property
    def area(self) -> QRectF:
        """What of the scene is drawn."""
        if self.part is not None:
            return self.part
        margin = _MARGIN * self.canvas.unit
        return self.canvas.bounds.adjusted(-margin, -margin, margin, margin)

    def data(self, form: Form) -> bytes:
        """Return the file's content; may be called on a worker."""
        held = QByteArray()
        buffer = QBuffer(held)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        {Form.SVG: self._svg, Form.PNG: self._png, Form.PDF: self._pdf}[form](buffer)
        buffer.close()
        return bytes(held.data())

    def _paint(self, painter: QPainter, target: QRectF) -> None:
        """Paint the area into a target, on paper."""
        area = self.area
        canvas = Canvas(
            Ink(self.paper, lines=True),
            self.canvas.drawing,
            self.canvas.standings,
            self.canvas.moment,
        )
        canvas.search(self.canvas.found)
        share = target.width() / area.width()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setClipRect(target)
        painter.translate(target.topLeft())
        painter.scale(share, share)
        painter.translate(-area.topLeft())
        canvas.paint(painter, area, detail=1.0)

    def _svg(self, buffer: QBuffer) -> None:
        size = self.area.size()
        writer = QSvgGenerator()
        writer.setOutputDevice(buffer)
        writer.setTitle(self.title)
        writer.setResolution(96)
        writer.setSize(size.toSize())
        writer.setViewBox(QRectF(0, 0, size.width(), size.height()))
        painter = QPainter(writer)
        self._paint(painter, QRectF(0, 0, size.width(), size.height()))
        painter.end()

    def _png(self, buffer: QBuffer) -> None:
        size = self.area.size()
        share = min(
            _SHARP,
            _LONGEST_EDGE / max(size.width(), size.height()),
            (_MOST_PIXELS / (size.width() * size.height())) ** 0.5,
        )
        image = QImage((size * share).toSize(), QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.white)
        image.setText("Title", self.title)
        painter = QPainter(image)
        self._paint(painter, QRectF(image.rect()))
        painter.end()
        writer = QImageWriter(buffer, QByteArray(b"png"))
        writer.setQuality(_QUALITY)
        writer.write(image)

    def _pdf(self, buffer: QBuffer) -> None:
        size = self.area.size()
        share = min(_POINTS, _LONGEST_PAGE / max(size.width(), size.height()))
        page = QSizeF(size.width() * share, size.height() * share)
        writer = QPdfWriter(buffer)
        writer.setTitle(self.title)
        writer.setCreator("Key Workbench")
        writer.setResolution(_RESOLUTION)
        exact = QPageSize.SizeMatchPolicy.ExactMatch
        writer.setPageSize(QPageSize(page, QPageSize.Unit.Point, "", exact))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        dots = _RESOLUTION / 72
        painter = QPainter(writer)
        self._paint(painter, QRectF(0, 0, page.width() * dots, page.height() * dots))
        painter.end()
