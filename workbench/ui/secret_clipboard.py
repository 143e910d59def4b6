"""A secret on the clipboard: marked as one, for ten seconds, then gone.

Owns how long and how it is marked. The marks are those that password managers use: clipboard
managers that honour them neither show nor keep it.
"""

from typing import Final

from PySide6.QtCore import QMimeData, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

SECONDS: Final = 10
HINTS: Final = {
    "x-kde-passwordManagerHint": b"secret",
    "application/x-nspasteboard-concealed-type": b"",
    'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"': b"1",
}
"""What tells clipboard managers that it is a secret, by MIME type: Linux, macOS, Windows."""


class SecretClipboard(QObject):
    """Puts a secret on the clipboard and takes it away again.

    It belongs to the application, so that it takes the secret away even if whoever asked is gone.

    Signals:
        left(int): seconds until it is taken away; 0 when it is.
    """

    left = Signal(int)

    def __init__(self) -> None:
        application = QApplication.instance()
        super().__init__(application)
        self._seconds = 0
        self._text = ""
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self.tick)
        if application is not None:
            application.aboutToQuit.connect(self.clear)

    def put(self, text: str) -> None:
        """Copy a secret; the countdown begins."""
        data = QMimeData()
        data.setText(text)
        for kind, value in HINTS.items():
            data.setData(kind, value)
        QGuiApplication.clipboard().setMimeData(data)
        self._text, self._seconds = text, SECONDS
        self._timer.start()
        self.left.emit(SECONDS)

    def tick(self) -> None:
        """Count one second."""
        self._seconds -= 1
        if self._seconds <= 0:
            self.clear()
        else:
            self.left.emit(self._seconds)

    def clear(self) -> None:
        """Take it away, unless something else was copied meanwhile."""
        self._timer.stop()
        clipboard = QGuiApplication.clipboard()
        if self._text and clipboard.text() == self._text:
            clipboard.clear()
        if self._text:
            self._text, self._seconds = "", 0
            self.left.emit(0)
