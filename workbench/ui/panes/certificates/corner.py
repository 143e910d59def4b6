"""What stays in a corner over a view."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QWidget

from workbench.ui.look import Look


class Corner(QFrame):
    """Stays in a corner of a view, as large as it wants to be.

    Args:
        look: spacing.
        view: over which it stays.
        corner: which one.
    """

    def __init__(self, look: Look, view: QWidget, corner: Qt.Corner) -> None:
        super().__init__(view)
        self.look = look
        self._view = view
        self._corner = corner
        self.lift = 0
        """How much higher than the corner it stays, in pixels."""
        self.setProperty("role", "card")
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if watched is self._view and event.type() in {QEvent.Type.Resize, QEvent.Type.Show}:
            self.settle()
        return False

    def settle(self) -> None:
        """Go to the corner."""
        self.adjustSize()
        margin = self.look.unit * 4
        left = self._corner in {Qt.Corner.TopLeftCorner, Qt.Corner.BottomLeftCorner}
        top = self._corner in {Qt.Corner.TopLeftCorner, Qt.Corner.TopRightCorner}
        self.move(
            margin if left else self._view.width() - self.width() - margin,
            margin if top else self._view.height() - self.height() - margin - self.lift,
        )
        self.raise_()
