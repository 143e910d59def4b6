"""The time axis as a widget: lanes of bars, drawn by hand, reached by mouse and keyboard.

Draws only what is seen, so that ten thousand keys cost no more than twenty. Owns what is selected
and what span of time is seen; knows lanes, no service.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QToolTip

from workbench.ui.look import Look
from workbench.ui.panes.rotation import words
from workbench.ui.panes.rotation.axis import Span
from workbench.ui.panes.rotation.choosing import Chosen, Place
from workbench.ui.panes.rotation.hits import bar_at, tip_at
from workbench.ui.panes.rotation.lanes import Bar, Lane, extent
from workbench.ui.panes.rotation.painting import Painting, Scene

CLOSER = 0.8
"""By how much one step of zooming shortens what is seen."""


class Timeline(QAbstractScrollArea):
    """One line per key on a common time axis.

    Signals:
        chosen(str, int): a key, and the number of its bar, are selected now; see also `places`.
        opened: Enter or a double click on the selection.
        menu_wanted(QPoint): a context menu is wanted, at this global position.
    """

    chosen = Signal(str, int)
    opened = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.lanes: Sequence[Lane] = ()
        self._chosen = Chosen()
        self._now = 0.0
        self._whole = Span(0, 1)
        self.span = Span(0, 1)
        self._fitted = True
        self._grabbed: tuple[QPointF, Span, int] | None = None
        self._dragging = False
        self._painting = Painting(look)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName(self.tr("Key materials on a time axis"))
        self.setAccessibleDescription(
            self.tr("Up and down choose a key, left and right a material, plus and minus zoom.")
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda place: self.menu_wanted.emit(self.viewport().mapToGlobal(place))
        )
        look.follow(self, lambda: _measure(self))

    def show_lanes(self, lanes: Sequence[Lane], now: datetime) -> None:
        """Show these keys; selection stays, and the span unless everything was seen."""
        self.lanes = lanes
        self._chosen.show(lanes)
        self._now = now.timestamp()
        self._whole = extent(lanes, now)
        if self._fitted:
            self.span = self._whole
        _measure(self)
        self.viewport().update()

    @property
    def selected(self) -> tuple[Lane, Bar] | None:
        """The selected bar and its lane."""
        return self._chosen.selected

    @property
    def picked(self) -> list[tuple[Lane, Bar]]:
        """Every selected bar and its lane, in the order of the lanes."""
        return self._chosen.picked

    @property
    def places(self) -> tuple[Place, ...]:
        """Every selected bar as key and number, in the order of the lanes."""
        return self._chosen.places

    def select_all(self, places: Iterable[Place]) -> None:
        """Select several bars; one that is selected already keeps the lead."""
        self._chosen.choose_all(places)
        self._tell()

    def select(self, key: str, bar: int = -1) -> bool:
        """Select a bar of a key (the current one by default) and bring it into view.

        Returns:
            False if the key is not shown.
        """
        if not self._chosen.choose(key, bar):
            return False
        self._bring_into_view()
        self._tell()
        return True

    def fit(self) -> None:
        """Show all of the time there is."""
        self._fitted = True
        self.span = self._whole
        self.viewport().update()

    def zoom(self, factor: float, around: float | None = None) -> None:
        """Show `factor` times as much time; `around` keeps its place, else the selection."""
        if around is None:
            chosen = self.selected
            middle = (self.span.start + self.span.end) / 2
            around = chosen[1].start if chosen and self.span.holds(chosen[1].start) else middle
        self._fitted = False
        self.span = self.span.zoomed(factor, around)
        self.viewport().update()

    def pan(self, share: float) -> None:
        """Move by a share of what is seen; negative into the past."""
        self._fitted = False
        self.span = self.span.moved(self.span.length * share)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw what is seen."""
        del event
        painter = QPainter(self.viewport())
        self._painting.draw(painter, self.scene())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Measure again."""
        super().resizeEvent(event)
        _measure(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; over the names, or with Shift or sideways, scroll instead."""
        turned = event.angleDelta()
        scene = self.scene()
        place = event.position()
        if turned.x() and not turned.y():
            self.pan(-turned.x() / 1200)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.pan(-turned.y() / 1200)
        elif place.x() < scene.gutter:
            super().wheelEvent(event)
            return
        elif turned.y():
            factor = CLOSER ** (turned.y() / 120)
            self.zoom(factor, scene.moment(place.x()))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select, and begin to pan."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._select_at(event.position(), event.modifiers())
            self._grabbed = (event.position(), self.span, self.verticalScrollBar().value())
            self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan while the button is down."""
        if self._grabbed is None:
            return
        start, span, scrolled = self._grabbed
        way = event.position() - start
        if not self._dragging and way.manhattanLength() < QApplication.startDragDistance():
            return
        self._dragging = True
        self._fitted = False
        self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        self.span = span.moved(-way.x() / max(1.0, self.scene().width) * span.length)
        self.verticalScrollBar().setValue(round(scrolled - way.y()))
        self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End panning."""
        del event
        self._grabbed = None
        self.viewport().unsetCursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open what is under the pointer."""
        if self._select_at(event.position()):
            self.opened.emit()

    def viewportEvent(self, event: QEvent) -> bool:
        """Show tooltips."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(
                event.globalPos(), tip_at(self.scene(), QPointF(event.pos())), self.viewport()
            )
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through keys and materials, zoom, pan."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        page = max(1, self.viewport().height() // self.scene().lane_height - 1)
        lines = {
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -len(self.lanes),
            Qt.Key.Key_End: len(self.lanes),
        }
        bars = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        key = Qt.Key(event.key())
        if key in lines:
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._chosen.step_lane(lines[key], extend=shift)
            self._bring_into_view()
            self._tell()
        elif key == Qt.Key.Key_A and control:
            self.select_all([(lane.row.id, lane.main) for lane in self.lanes])
        elif key in bars and control:
            self.pan(bars[key] / 10)
        elif key in bars:
            self._chosen.step_bar(bars[key])
            self._bring_into_view()
            self._tell()
        elif not _zoom_by(self, key):
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the first key when the keyboard arrives."""
        super().focusInEvent(event)
        if not self._chosen.key and self.lanes:
            self.select(self.lanes[0].row.id)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Draw without the frame of focus."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _select_at(
        self, place: QPointF, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> bool:
        scene = self.scene()
        line = scene.line_at(place.y())
        if line is None:
            return False
        lane = self.lanes[line]
        bar = bar_at(scene, lane, place)
        number = -1 if bar is None else bar
        if held & Qt.KeyboardModifier.ControlModifier:
            self._chosen.toggle(lane.row.id, number)
        elif held & Qt.KeyboardModifier.ShiftModifier:
            self._chosen.extend_to(lane.row.id)
        else:
            self._chosen.choose(lane.row.id, number)
        self._tell()
        return True

    def _tell(self) -> None:
        chosen = self.selected
        if chosen is not None:
            lane, bar = chosen
            told = (
                f"{words.lane_words(lane)}. {words.bar_words(lane, bar)}, {words.span_words(bar)}"
            )
            count = len(self._chosen.places)
            if count > 1:
                told = self.tr("{n} selected. {told}").format(n=count, told=told)
            self.setAccessibleDescription(told)
        self.viewport().update()
        self.chosen.emit(self._chosen.key, self._chosen.bar)

    def _bring_into_view(self) -> None:
        line = self._chosen.line or 0
        scene = self.scene()
        bar = self.verticalScrollBar()
        top = line * scene.lane_height
        room = self.viewport().height() - scene.header
        if top < bar.value():
            bar.setValue(top)
        elif top + scene.lane_height > bar.value() + room:
            bar.setValue(top + scene.lane_height - room)
        chosen = self.selected
        if chosen is not None and not (
            chosen[1].start < self.span.end and chosen[1].end > self.span.start
        ):
            middle = (chosen[1].start + chosen[1].end) / 2
            self._fitted = False
            self.span = self.span.moved(middle - (self.span.start + self.span.end) / 2)

    def scene(self) -> Scene:
        """Return what is drawn now, and where."""
        unit = self._look.unit
        return Scene(
            lanes=self.lanes,
            span=self.span,
            now=self._now,
            unit=unit,
            size=self.viewport().size(),
            scrolled=self.verticalScrollBar().value(),
            key=self._chosen.key,
            bar=self._chosen.bar,
            focused=self.hasFocus(),
            picked=frozenset(self._chosen.places),
        )


def _zoom_by(timeline: Timeline, key: Qt.Key) -> bool:
    """Do what a key asks that zooms or opens; False for another key."""
    if key in {Qt.Key.Key_Plus, Qt.Key.Key_Equal}:
        timeline.zoom(CLOSER)
    elif key == Qt.Key.Key_Minus:
        timeline.zoom(1 / CLOSER)
    elif key == Qt.Key.Key_0:
        timeline.fit()
    elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
        timeline.opened.emit()
    else:
        return False
    return True


def _measure(timeline: Timeline) -> None:
    """Tell the scroll bar how much there is."""
    scene = timeline.scene()
    room = timeline.viewport().height() - scene.header
    bar = timeline.verticalScrollBar()
    bar.setRange(0, max(0, len(timeline.lanes) * scene.lane_height - room))
    bar.setPageStep(max(1, room))
    bar.setSingleStep(scene.lane_height)
    timeline.viewport().update()
