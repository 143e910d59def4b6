"""The window of users and roles: the table at the left, whoever is chosen at the right.

Stays open beside the work; locking hides it and brings it back.
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QSplitter, QVBoxLayout, QWidget

from workbench.ui.identities.pane import IdentitiesPane
from workbench.ui.pane import Context
from workbench.ui.widgets.fields import roomy


class IdentitiesWindow(QDialog):
    """Shows `IdentitiesPane` and its inspector.

    Args:
        context: the main window.
        act_as: turns it to an identity by its ARN.
        parent: the workspace, with which it goes.
    """

    def __init__(self, context: Context, act_as: Callable[[str], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("identities.window")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMinMaxButtonsHint)
        self.pane = IdentitiesPane(context, act_as)
        self.setWindowTitle(self.pane.title)
        unit = context.look.unit
        side = QFrame()
        side.setProperty("role", "inspector")
        side.setMinimumWidth(unit * 80)
        inside = QVBoxLayout(side)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.pane.details)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pane, 1)
        self.pane.note.setContentsMargins(unit * 4, unit * 2, unit * 4, unit * 2)
        self.pane.note.hide()
        column.addWidget(self.pane.note)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(left)
        halves.addWidget(side)
        halves.setStretchFactor(0, 1)
        halves.setSizes([unit * 150, unit * 100])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(roomy(halves))
        room = self.screen().availableGeometry()
        self.resize(
            min(unit * 285, room.width() * 9 // 10), min(unit * 150, room.height() * 8 // 10)
        )
        self.pane.table.setFocus()
