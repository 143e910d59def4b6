"""A form that ends as a report: once it is done, the one button left closes it."""

from PySide6.QtWidgets import QPushButton

from workbench.ui.widgets.dialogs import FormDialog


class ClosingForm(FormDialog):
    """A form whose buttons become a single `Close`.

    Attributes:
        cancel_button: the button that changes nothing.
    """

    cancel_button: QPushButton

    def add_cancel(self, text: str = "") -> QPushButton:
        """Add the button that changes nothing, and remember it."""
        self.cancel_button = super().add_cancel(text)
        return self.cancel_button

    def close_only(self) -> None:
        """Leave nothing to do but to close."""
        self.main_button.hide()
        self.cancel_button.setText(self.tr("Close"))
        self.cancel_button.setAutoDefault(True)
        self.cancel_button.setDefault(True)
        self.cancel_button.setFocus()
