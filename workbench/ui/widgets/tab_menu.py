"""The way to tabs for which there is no room: a button beside them that names every one.

Knows tabs by Qt's interface only.
"""

from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QMenu, QTabWidget, QToolButton

from workbench.ui.look import Look


class TabMenu(QToolButton):
    """Stands in the corner of tabs that are wider than their place, in place of scroll arrows.

    Args:
        look: where the icon comes from.
        tabs: whose corner it takes.
    """

    def __init__(self, look: Look, tabs: QTabWidget) -> None:
        super().__init__()
        self._tabs = tabs
        self.setProperty("role", "flat")
        look.dress(self, "more", "muted")
        self.setIconSize(QSize(look.icon_size, look.icon_size))
        self.setToolTip(self.tr("All tabs"))
        self.setAccessibleName(self.tr("All tabs"))
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill)
        self.setMenu(self._menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        tabs.setUsesScrollButtons(True)
        tabs.tabBar().setProperty("role", "overflow")
        for arrow in tabs.tabBar().findChildren(QToolButton):
            arrow.setMaximumSize(0, 0)
        tabs.setCornerWidget(self, Qt.Corner.TopRightCorner)
        tabs.installEventFilter(self)
        tabs.tabBar().installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See whether there is room, as tabs come and go or the place changes."""
        if event.type() in {QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show}:
            wanted = self._tabs.tabBar().sizeHint().width()
            self.setVisible(wanted > self._tabs.width())
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        self._menu.clear()
        for number in range(self._tabs.count()):
            if self._tabs.isTabVisible(number):
                action = self._menu.addAction(self._tabs.tabText(number))
                action.setCheckable(True)
                action.setChecked(number == self._tabs.currentIndex())
                action.triggered.connect(partial(self._turn, number))

    def _turn(self, number: int) -> None:
        self._tabs.setCurrentIndex(number)
        self._tabs.tabBar().setFocus(Qt.FocusReason.OtherFocusReason)
