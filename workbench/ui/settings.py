"""The settings dialog: how the window looks and when it locks."""

from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QWidget

from workbench.ui.guard import DEFAULT_MINUTES
from workbench.ui.look import Look, Scheme
from workbench.ui.preferences import Preferences
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.spin import padded

MINUTES = "auto_lock_minutes"
WITH_SCREEN = "lock_with_screen"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the dialog sets.

    Attributes:
        scheme: follow the desktop, or light, or dark.
        minutes: idle minutes until the vault locks, 0 for never.
        with_screen: whether it locks with the screen and at suspend.
    """

    scheme: Scheme
    minutes: int
    with_screen: bool


def stored_settings(look: Look, preferences: Preferences) -> Settings:
    """Return the settings now in force; damaged ones count as absent."""
    minutes = preferences.get(MINUTES, DEFAULT_MINUTES)
    usable = isinstance(minutes, int) and 0 <= minutes <= 24 * 60
    return Settings(
        look.scheme,
        minutes if usable else DEFAULT_MINUTES,
        preferences.get(WITH_SCREEN, True) is not False,
    )


class SettingsDialog(FormDialog):
    """Asks for the settings; `settings` is what was chosen."""

    def __init__(self, look: Look, now: Settings, parent: QWidget) -> None:
        super().__init__(
            look,
            QCoreApplication.translate("settings", "Settings"),
            QCoreApplication.translate("settings", "Save"),
            parent,
        )
        self.scheme = QComboBox()
        for name, text in (
            ("system", self.tr("As the desktop")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            self.scheme.addItem(text, name)
        self.scheme.setCurrentIndex(self.scheme.findData(now.scheme))
        self.minutes = padded(look, QSpinBox())
        self.minutes.setRange(0, 24 * 60)
        self.minutes.setSpecialValueText(self.tr("Never"))
        self.minutes.setSuffix(self.tr(" min"))
        self.minutes.setValue(now.minutes)
        self.with_screen = QCheckBox(self.tr("Lock when the screen locks or the computer sleeps"))
        self.with_screen.setChecked(now.with_screen)
        self.add_field(self.tr("&Colours"), self.scheme)
        self.add_field(
            self.tr("&Lock when nobody does anything for"),
            self.minutes,
            self.tr("Locking forgets every key in memory. What is typed stays."),
        )
        self.body.addWidget(self.with_screen)

    @property
    def settings(self) -> Settings:
        """What is chosen now."""
        return Settings(
            cast("Scheme", self.scheme.currentData()),
            self.minutes.value(),
            self.with_screen.isChecked(),
        )
