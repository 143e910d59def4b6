"""What the desktop says about the person being away: screen locked, suspend, user switched.

Best effort by D-Bus where there is one; elsewhere the idle time alone locks. Knows no vault.
"""

from typing import Final

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage

_SAVERS: Final = (
    ("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/ScreenSaver", "org.freedesktop.ScreenSaver"),
    ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver"),
    ("/org/cinnamon/ScreenSaver", "org.cinnamon.ScreenSaver"),
    ("/org/mate/ScreenSaver", "org.mate.ScreenSaver"),
)


_FLAG: Final = SLOT("flag(QDBusMessage)").encode()
_LOCK: Final = SLOT("lock(QDBusMessage)").encode()


class Desktop(QObject):
    """Listens to the session and system buses.

    Signals:
        away: the screen was locked, the machine goes to sleep, or another user took over.
    """

    away = Signal()

    def listen(self) -> int:
        """Begin to listen; returns how many sources answered (0 where there is no D-Bus)."""
        session = QDBusConnection.sessionBus()
        found = 0
        if session.isConnected():
            for path, interface in _SAVERS:
                found += session.connect("", path, interface, "ActiveChanged", self, _FLAG)
        system = QDBusConnection.systemBus()
        if system.isConnected():
            login = "org.freedesktop.login1"
            found += system.connect(
                login,
                "/org/freedesktop/login1",
                f"{login}.Manager",
                "PrepareForSleep",
                self,
                _FLAG,
            )
            found += system.connect(login, "", f"{login}.Session", "Lock", self, _LOCK)
        return found

    @Slot(QDBusMessage)
    def flag(self, message: QDBusMessage) -> None:
        """Take a signal whose first argument says whether it begins."""
        arguments = message.arguments()
        if arguments and arguments[0] is True:
            self.away.emit()

    @Slot(QDBusMessage)
    def lock(self, _message: QDBusMessage) -> None:
        """Take a signal that means it by itself."""
        self.away.emit()
