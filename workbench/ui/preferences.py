"""What the window remembers.

`Preferences` keeps what belongs to a vault (columns, panes, minutes to auto-lock): read at once,
written behind on a worker, so that no widget waits for the disk. `Local` keeps what is needed
before a vault is chosen: scheme, geometry, where the vault lies. Neither is for anything private.
"""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, QTimer, Signal

from workbench.ui.ports import PreferencesPort
from workbench.ui.session import Session

_DELAY = 400


class Preferences(QObject):
    """Remembered JSON values by name.

    Signals:
        changed(str): the value of this name changed.
    """

    changed = Signal(str)

    def __init__(self, stored: PreferencesPort, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._stored = stored
        self._session = session
        self._unwritten: dict[str, Any] = {}
        self._timer = QTimer(self, singleShot=True, interval=_DELAY)
        self._timer.timeout.connect(self.flush)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a remembered value, at once; `default` if absent or None."""
        found = self._unwritten.get(name)
        if found is None and name not in self._unwritten:
            found = self._stored.get(f"window/{name}")
        return default if found is None else found

    def set(self, name: str, value: Any) -> None:
        """Remember a JSON value, at once here and a moment later on the disk.

        What is set once the session has ended, by widgets that go away, is not written.
        """
        if self.get(name) != value:
            self._unwritten[name] = value
            self._timer.start()
            self.changed.emit(name)

    def flush(self) -> None:
        """Write what was remembered."""
        self._timer.stop()
        values = dict(self._unwritten)

        def write() -> None:
            for name, value in values.items():
                self._stored.set(f"window/{name}", value)

        def written(_none: None) -> None:
            for name, value in values.items():
                if name in self._unwritten and self._unwritten[name] == value:
                    del self._unwritten[name]

        if values and not self._session.closed:
            self._session.start(self, write, written, mutates=True)


class Local:
    """What is remembered outside the vault; nothing here is private.

    Args:
        file: an INI file; the desktop's place for settings if None.
    """

    def __init__(self, file: Path | None = None) -> None:
        if file is None:
            self._store = QSettings("keyworkbench.org", "KeyWorkbench")
        else:
            self._store = QSettings(str(file), QSettings.Format.IniFormat)

    def text(self, name: str, default: str = "") -> str:
        """Return a remembered text."""
        return str(self._store.value(name, default))

    def number(self, name: str, default: int) -> int:
        """Return a remembered whole number; a damaged one counts as absent."""
        try:
            return int(self.text(name, str(default)))
        except ValueError:
            return default

    def data(self, name: str) -> QByteArray:
        """Return remembered bytes, or none."""
        value = self._store.value(name)
        return value if isinstance(value, QByteArray) else QByteArray()

    def set(self, name: str, value: str | int | QByteArray) -> None:
        """Remember a value."""
        self._store.setValue(name, value)
