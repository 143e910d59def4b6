"""The one icon set, recoloured by tone.

Owns reading and rendering `icons/*.svg` (24 px grid, `currentColor`); knows no widget.
"""

from functools import cache
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from workbench.ui.assets import asset_folder

_SIZES: Final = (16, 20, 24, 32, 40, 48, 64)


@cache
def _source(name: str) -> bytes:
    return (asset_folder("icons") / f"{name}.svg").read_bytes()


def icon_names() -> tuple[str, ...]:
    """Return the names of every icon in the set, sorted."""
    return tuple(sorted(path.stem for path in asset_folder("icons").glob("*.svg")))


def draw(name: str, colour: str, size: int, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a pixmap.

    Args:
        name: the file's stem in `icons/`.
        colour: `#rrggbb` for everything drawn in `currentColor`.
        size: edge in device-independent pixels.
        ratio: device pixels per device-independent pixel.

    Raises:
        FileNotFoundError: there is no such icon.
    """
    return _drawn(_reader(name, colour), size, ratio)


def _reader(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace(b"currentColor", colour.encode())))


def _drawn(renderer: QSvgRenderer, size: int, ratio: float = 1.0) -> QPixmap:
    edge = round(size * ratio)
    pixmap = QPixmap(QSize(edge, edge))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


_renderer = cache(_reader)


def paint(painter: QPainter, place: QRectF, name: str, colour: str) -> None:
    """Paint an icon as lines, for drawings that are written to files.

    Args:
        painter: of the file.
        place: where, in its coordinates.
        name: the file's stem in `icons/`.
        colour: `#rrggbb` for everything drawn in `currentColor`.
    """
    _renderer(name, colour).render(painter, place)


def faded(colour: str, ground: str) -> str:
    """Return `colour` mixed half and half with `ground`: how a disabled icon looks."""
    first, second = QColor(colour), QColor(ground)
    return QColor(
        (first.red() + second.red()) // 2,
        (first.green() + second.green()) // 2,
        (first.blue() + second.blue()) // 2,
    ).name()


def build_icon(name: str, colour: str, disabled: str) -> QIcon:
    """Return an icon with every size the window uses, sharp at 100 % and 200 %."""
    icon = QIcon()
    # Read once for all sizes: a window's first seconds see some 70 icons built.
    plain, dim = _reader(name, colour), _reader(name, disabled)
    for size in _SIZES:
        drawn = _drawn(plain, size)
        icon.addPixmap(drawn)
        # Without one of its own Qt would tint the icon of a selected row.
        icon.addPixmap(drawn, QIcon.Mode.Selected)
        icon.addPixmap(_drawn(dim, size), QIcon.Mode.Disabled)
    return icon
