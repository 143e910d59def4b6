"""The page of an open vault: rail, panes, inspector.

Owns which pane is in front and how the width is shared. Knows panes by their protocol only.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.command import Command
from workbench.ui.pane import Context, Pane, PaneMaker
from workbench.ui.rail import Rail
from workbench.ui.shelf import Shelf
from workbench.ui.widgets.fields import roomy

_INSPECTOR = "inspector"
_WIDTHS = "widths"
_LAST = "pane"
_PAUSE: Final = 150
_LONGEST_PAUSES: Final = 20


class _Front(QStackedWidget):
    """Asks for the room that the pane in front needs, not for that of the widest."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _number: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        """Return what the pane in front needs."""
        front = self.currentWidget()
        return front.minimumSizeHint() if front is not None else super().minimumSizeHint()


class Workspace(QWidget):
    """Rail at the left, the pane in front, its inspector at the right.

    Only the pane in front is made at once. The others follow one by one while nothing is being
    read, or when somebody asks for one.

    Args:
        context: what panes are given.
        makers: the panes, in the order of the rail.
        foot: commands at the foot of the rail.
        parent: the window's pages.

    Signals:
        turned(str): another pane came to the front.
    """

    turned = Signal(str)

    def __init__(
        self,
        context: Context,
        makers: Iterable[PaneMaker],
        foot: Sequence[Command],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self.panes = Shelf(context, makers, self._place)
        self._front = _Front()
        self._side = QStackedWidget()
        self._inspectors: dict[str, int] = {}
        self._no_inspector = self._side.addWidget(QWidget())
        self._side_frame = QFrame()
        self._side_frame.setProperty("role", "inspector")
        self._side_frame.setAccessibleName(self.tr("Inspector"))
        # The frame first, and in its place: each move of a pane would style all of it once more.
        row = self._lay_out()
        self.rail = Rail(context.look, list(self.panes.makers.values()), foot)
        self.rail.picked.connect(self.turn_to)
        row.insertWidget(0, self.rail)
        self._wanted = context.preferences.get(_INSPECTOR, True) is not False
        self._save_later = QTimer(self, singleShot=True, interval=300)
        self._save_later.timeout.connect(self._remember_widths)
        self._pauses = 0
        self._rest_later = QTimer(self, singleShot=True, interval=_PAUSE)
        self._rest_later.timeout.connect(self._make_next)
        last = context.preferences.get(_LAST)
        self.turn_to(last if last in self.panes else next(iter(self.panes)))

    @property
    def front(self) -> Pane:
        """The pane in front."""
        pane: Pane = self.panes[self._name]
        return pane

    @property
    def front_widget(self) -> QWidget:
        """The pane in front, as a widget."""
        widget: QWidget = self.panes[self._name]
        return widget

    @property
    def inspector_shown(self) -> bool:
        """Whether the inspector may stand at the right."""
        return self._wanted

    def turn_to(self, name: str) -> None:
        """Bring a pane to the front."""
        self._name = name
        self.rail.check(name)
        self._front.setCurrentWidget(self.panes[name])
        self._side.setCurrentIndex(self._inspectors.get(name, self._no_inspector))
        self._side_frame.setVisible(self._wanted and name in self._inspectors)
        self._room.horizontalScrollBar().setValue(0)
        self._context.preferences.set(_LAST, name)
        self.turned.emit(name)

    def show_inspector(self, *, shown: bool) -> None:
        """Let the inspector stand at the right, or not."""
        self._wanted = shown
        self._side_frame.setVisible(shown and self._name in self._inspectors)
        self._context.preferences.set(_INSPECTOR, shown)

    def running(self) -> list[tuple[str, float]]:
        """Return what every pane has under way."""
        return [job for pane in self.panes.made for job in pane.running]

    def refresh(self) -> None:
        """Have every pane that has been shown read again."""
        for pane in self.panes.made:
            if pane.loaded:
                pane.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the other panes by and by."""
        super().showEvent(event)
        self._rest_later.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the inspector keep its width."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._share)

    def hideEvent(self, event: QHideEvent) -> None:
        """Make no pane behind the lock screen."""
        super().hideEvent(event)
        self._rest_later.stop()

    def _make_next(self) -> None:
        """Make one more pane, unless the pane in front is still reading."""
        missing = self.panes.missing
        if not missing:
            return
        self._pauses += 1
        if not self._context.session.idle and self._pauses < _LONGEST_PAUSES:
            self._rest_later.start()
            return
        maker = missing[0]

        def loaded(_none: None) -> None:
            if self.isVisible():
                self.panes[maker.id]
                self._rest_later.start()

        self._context.session.start(self, maker.load, loaded)

    def _place(self, pane: Any) -> None:
        self._front.addWidget(pane)
        if pane.inspector is not None:
            self._inspectors[pane.id] = self._side.addWidget(pane.inspector)

    def _lay_out(self) -> QHBoxLayout:
        unit = self._context.look.unit
        inside = QVBoxLayout(self._side_frame)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._side)
        self._side_frame.setMinimumWidth(unit * 70)
        self._halves = QSplitter(Qt.Orientation.Horizontal)
        self._halves.setChildrenCollapsible(False)
        self._halves.addWidget(self._front)
        self._halves.addWidget(self._side_frame)
        self._halves.setStretchFactor(0, 1)
        self._halves.setStretchFactor(1, 0)
        widths = self._context.preferences.get(_WIDTHS)
        usable = isinstance(widths, list) and len(widths) == 2
        whole = usable and all(isinstance(width, int) and width > 0 for width in widths)
        self._side_width = widths[1] if whole else unit * 95
        self._halves.splitterMoved.connect(lambda _at, _number: self._moved())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._room = roomy(self._halves)
        row.addWidget(self._room, 1)
        return row

    def _share(self) -> None:
        """Give the inspector its width, also after there was no room for it."""
        side = self._side_width
        self._halves.setSizes([max(1, self._halves.width() - side), side])

    def _moved(self) -> None:
        self._side_width = self._halves.sizes()[1]
        self._save_later.start()

    def _remember_widths(self) -> None:
        self._context.preferences.set(_WIDTHS, self._halves.sizes())
