"""The certificate request of a CA: shown, copied, saved, dragged out to whoever signs it.

Knows the request and the kit; the services and the file system are handed in.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QPlainTextEdit, QPushButton

from workbench.ui.help import HELP_PAGE
from workbench.ui.panes.certificates.host import Host
from workbench.ui.panes.certificates.outgoing import Outgoing
from workbench.ui.panes.certificates.sharing import plain_name
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.dialogs import BaseDialog


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class DragButton(QPushButton):
    """Can be dragged to another program; pressed without being moved, it does what `press` does.

    Args:
        text: what it says.
        mime: returns what is dragged.
        press: for the keyboard, and for who does not drag.
    """

    def __init__(self, text: str, mime: Callable[[], QMimeData], press: Callable[[], None]) -> None:
        super().__init__(text)
        self._mime = mime
        self._pressed = QPoint()
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.clicked.connect(lambda _checked: press())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where it begins."""
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        moved = event.position().toPoint() - self._pressed
        if moved.manhattanLength() < QApplication.startDragDistance() or not self.isDown():
            super().mouseMoveEvent(event)
            return
        self.setDown(False)
        drag = QDrag(self)
        drag.setMimeData(self._mime())
        drag.setPixmap(self.icon().pixmap(self.iconSize()))
        drag.exec(Qt.DropAction.CopyAction)


class RequestDialog(BaseDialog):
    """Shows a request, and what becomes of it.

    Args:
        host: the pane.
        outgoing: writes files.
        name: of the CA.
        csr: its request, PEM.
        install: goes on to the certificate, or None where there is nothing to install.
    """

    def __init__(
        self,
        host: Host,
        outgoing: Outgoing,
        name: str,
        csr: str,
        install: Callable[[], None] | None,
    ) -> None:
        look = host.context.look
        title = _tr("Certificate request of “{name}”").format(name=name)
        super().__init__(look, title, host.widget)
        self.setProperty(HELP_PAGE, "outside-ca")
        self._outgoing, self._csr = outgoing, csr.strip() + "\n"
        self._name = plain_name(name, "ca") + ".csr"
        self._files: QFileDialog | None = None
        self._install = install
        words = _tr("Send this request to the CA that is to sign it. It holds this CA's name and"
                    " public key, and nothing secret.")  # fmt: skip
        self.body.addWidget(label(words, "", wrap=True))
        self.text = QPlainTextEdit(self._csr)
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setProperty("role", "readonly")
        self.text.setAccessibleName(_tr("Certificate request as PEM"))
        self.text.setTabChangesFocus(True)
        self.text.setFont(look.mono)
        self.setMinimumWidth(look.unit * 150)
        self.text.setMinimumHeight(look.unit * 44)
        self.body.addWidget(self.text, 1)
        what = _tr("certificate request")
        self.copy_button = push_button(
            _tr("&Copy"), lambda: host.context.frame.copy(self._csr, what)
        )
        self.save_button = push_button(_tr("&Save…"), self._ask_where)
        self.drag_button = DragButton(_tr("&Drag out"), self.mime, self._ask_where)
        look.dress(self.drag_button, "file")
        self.drag_button.setToolTip(_tr("Drag the request to a folder or a mail; or save it"))
        row = QHBoxLayout()
        row.setSpacing(look.unit * 2)
        for button in (self.copy_button, self.save_button, self.drag_button):
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        if install is not None:
            words = _tr("When the certificate comes back, install it here, or drop it on the CA's"
                        " card. Until then the card says what is missing; closing the window loses"
                        " nothing.")  # fmt: skip
            self.body.addWidget(label(words, "muted", wrap=True))
        self.close_button = self.add_cancel(_tr("Close"))
        self.close_button.setDefault(True)
        if install is not None:
            self.install_button = push_button(_tr("&Install CA certificate…"), self._go_on)
            self.buttons.addWidget(self.install_button)

    def mime(self) -> QMimeData:
        """Return the request as a file and as text."""
        return self._outgoing.mime_of(self._csr, self._name)

    def save_to(self, path: Path) -> None:
        """Write the request to a file."""
        self._outgoing.write(path, self._csr.encode("ascii"))

    def _go_on(self) -> None:
        self.accept()
        if self._install is not None:
            self._install()

    def _ask_where(self) -> None:
        files = QFileDialog(self, _tr("Save certificate request"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setNameFilters([_tr("Certificate requests (*.csr *.pem)"), _tr("All files (*)")])
        files.selectFile(self._name)
        files.fileSelected.connect(lambda name: self.save_to(Path(name)))
        self._files = files
        files.open()
