"""Puts dialogs out of sight while the vault is locked, and brings them back with what is typed."""

from collections.abc import Iterable

from PySide6.QtWidgets import QApplication, QDialog, QWidget


class Curtain:
    """Hides every dialog; nothing is closed."""

    def __init__(self) -> None:
        self._hidden: list[QDialog] = []

    def fall(self, but: Iterable[QWidget | None] = ()) -> None:
        """Hide dialogs, except those in `but`, and close menus."""
        popup = QApplication.activePopupWidget()
        while popup is not None:
            popup.close()
            following = QApplication.activePopupWidget()
            popup = following if following is not popup else None
        kept = set(but)
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible() and widget not in kept:
                # Marked, so that work begun for the dialog is still delivered to it (session.py).
                widget.setProperty("curtained", True)
                widget.destroyed.connect(self._forget_gone)
                self._hidden.append(widget)
                widget.hide()

    def rise(self) -> None:
        """Show them again."""
        hidden, self._hidden = self._hidden, []
        for dialog in hidden:
            dialog.setProperty("curtained", None)
            dialog.show()

    @property
    def holds(self) -> int:
        """How many dialogs are out of sight."""
        return len(self._hidden)

    def _forget_gone(self, gone: object) -> None:
        self._hidden = [dialog for dialog in self._hidden if dialog is not gone]
