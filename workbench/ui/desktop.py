"""What the desktop says about the person being away: screen locked, suspend, user switched.

Best effort by D-Bus where there is one; elsewhere the idle time alone locks. Knows no vault.
"""

from typing import Any, Final

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection

_SAVERS: Final = (
    ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
    ("/org/cinnamon/ScreenSaver", "org.cinnamon.ScreenSaver"),
    ("/org/mate/ScreenSaver", "org.mate.ScreenSaver"),
)
_LOGIN: Final = "org.freedesktop.login1"


class Desktop(QObject):
    """Listens to the session and system buses.

    Signals:
        away: the screen was locked, the machine goes to sleep, or another user took over.
    """

    away = Signal()

    def listen(self) -> int:
        """Begin to listen; returns to how many sources (0 where there is no D-Bus)."""
        # Typed `Any`: PySide's stub asks for bytes as the slot, while the function takes text only.
        session: Any = QDBusConnection.sessionBus()
        system: Any = QDBusConnection.systemBus()
        begins = SLOT("flag(bool)")
        heard = 0
        if session.isConnected():
            for path, interface in _SAVERS:
                heard += session.connect("", path, interface, "ActiveChanged", self, begins)
        if system.isConnected():
            heard += system.connect(
                _LOGIN,
                "/org/freedesktop/login1",
                f"{_LOGIN}.Manager",
                "PrepareForSleep",
                self,
                begins,
            )
            heard += system.connect(_LOGIN, "", f"{_LOGIN}.Session", "Lock", self, SLOT("lock()"))
        return heard

    @Slot(bool)
    def flag(self, begins: bool) -> None:  # noqa: FBT001 - D-Bus passes it so
        """Take a signal that says whether it begins (or ends)."""
        if begins:
            self.away.emit()

    @Slot()
    def lock(self) -> None:
        """Take a signal that means it by itself."""
        self.away.emit()
