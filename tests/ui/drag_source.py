"""A foreign program that offers what its arguments name for dragging: `files PATH…` or `text TEXT`.

Drags out of the workbench's own process are refused by it, so tests need another process.
"""

import os
import sys
from urllib.parse import quote_from_bytes

from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


class Source(QLabel):
    """Begins a drag as soon as the pressed pointer moves."""

    def __init__(self, kind: str, values: list[str]) -> None:
        super().__init__(f"drag {kind}")
        self._kind = kind
        self._values = values
        # Where it is told to stand, at once: no window manager between.
        self.setWindowFlag(Qt.WindowType.BypassWindowManagerHint)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._begun = False
        self._seen = False

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._seen:
            self._seen = True
            say("ready")

    def mouseMoveEvent(self, _event: QMouseEvent) -> None:
        if self._begun:
            return
        self._begun = True
        mime = QMimeData()
        if self._kind == "files":
            # As file managers do: bytes that are no text stay percent-encoded.
            raw = [quote_from_bytes(os.fsencode(value)) for value in self._values]
            mime.setUrls([QUrl.fromEncoded(f"file://{name}".encode()) for name in raw])
        else:
            mime.setText(self._values[0])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.setHotSpot(QPoint(1, 1))
        drag.actionChanged.connect(lambda action: say(action.name))
        drag.exec(Qt.DropAction.CopyAction)
        # Stays until it is ended: the target fetches the data only now.
        say("done")


def main() -> int:
    x, y, kind, *values = sys.argv[1:]
    application = QApplication(sys.argv[:1])
    source = Source(kind, values)
    source.setGeometry(int(x), int(y), 80, 60)
    source.show()
    return application.exec()


if __name__ == "__main__":
    sys.exit(main())
