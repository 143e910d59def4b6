"""Public key: in the forms people hand on, to copy, save and drag out.

Only public data comes here, so it may be copied and written to a file to drag.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.base.files import write_atomically
from workbench.ui.pane import Context
from workbench.ui.panes.keys.impact import has_public_key
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.public_forms import PublicForms, spaced
from workbench.ui.panes.keys.tabs.base import AskingTab
from workbench.ui.panes.keys.tabs.policy import CodeView
from workbench.ui.panes.keys.words import short_name
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.fields import FieldList
from workbench.ui.widgets.texts import number

_MIME = {"pem": "application/x-pem-file", "der": "application/octet-stream", "jwk": "text/plain"}


@dataclass(frozen=True, slots=True)
class _Shown:
    """A public key in every form.

    Attributes:
        forms: the key.
        jwk: RFC 7517, or nothing where there is none.
        thumbprint: RFC 7638, or nothing.
    """

    forms: PublicForms
    jwk: str
    thumbprint: str

    def content(self, form: str) -> bytes:
        """Return the bytes of a file in this form."""
        if form == "der":
            return self.forms.der
        return (self.forms.pem if form == "pem" else self.jwk + "\n").encode()

    def text(self, form: str) -> str:
        """Return a form to look at and copy; DER as hexadecimal."""
        if form == "der":
            return self.forms.der.hex(" ")
        return self.forms.pem if form == "pem" else self.jwk


class DragHandle(QPushButton):
    """Drag it to a folder or another program; pressed, it says so."""

    def __init__(self, tab: "PublicKeyTab") -> None:
        super().__init__(tab.tr("Drag out"))
        self._tab = tab
        self._from: QPoint | None = None
        tab.context.look.dress(self, "external")
        self.setToolTip(tab.tr("Drag this to a folder or another program: it carries the file"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag may begin."""
        self._from = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin the drag."""
        if self._from is None:
            return
        way = (event.position().toPoint() - self._from).manhattanLength()
        data = self._tab.make_mime() if way >= QApplication.startDragDistance() else None
        if data is not None:
            self._from = None
            drag = QDrag(self)
            drag.setMimeData(data)
            drag.setPixmap(self._tab.context.look.pixmap("keys", "accent", 32))
            drag.exec(Qt.DropAction.CopyAction)


class PublicKeyTab(AskingTab[_Shown]):
    """The form chosen by a box; fingerprints below."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        unit = context.look.unit
        self._shown: _Shown | None = None
        self._folder: TemporaryDirectory[str] | None = None
        self.form = QComboBox()
        self.form.setAccessibleName(self.tr("Form of the public key"))
        for name, title in (("pem", "PEM"), ("der", "DER"), ("jwk", "JWK")):
            self.form.addItem(title, name)
        self.form.currentIndexChanged.connect(lambda _index: self._show_form())
        self.text = CodeView(context, self.tr("Public key"))
        self.text.setMinimumHeight(unit * 36)
        self.copy_button = push_button(self.tr("Copy"), self.copy)
        context.look.dress(self.copy_button, "copy")
        self.save_button = push_button(self.tr("Save…"), self.ask_where)
        context.look.dress(self.save_button, "export")
        self._note = label("", "muted", wrap=True)
        self._page = QWidget()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(unit * 4, unit * 3, unit * 4, 0)
        page.setSpacing(unit * 2)
        choice = QHBoxLayout()
        choice.setSpacing(unit * 2)
        choice.addWidget(label(self.tr("Form"), "muted"))
        choice.addWidget(self.form)
        choice.addStretch(1)
        page.addLayout(choice)
        page.addWidget(self.text)
        page.addWidget(self._note)
        verbs = QHBoxLayout()
        verbs.setSpacing(unit * 2)
        for button in (self.copy_button, self.save_button, DragHandle(self)):
            verbs.addWidget(button)
        verbs.addStretch(1)
        page.addLayout(verbs)
        self.column.addWidget(self._page)
        self._fields = self.make_fields()
        self.column.setStretchFactor(self._fields, 1)
        self._page.hide()

    @property
    def title(self) -> str:
        """The translated heading of the tab."""
        return self.tr("Public key")

    @property
    def fields(self) -> FieldList:
        """The fingerprints."""
        return self._fields

    def applies(self, row: KeyRow) -> bool:
        """Whether the key is a pair."""
        return has_public_key(row)

    def ask(self, row: KeyRow) -> _Shown:
        """Read the public key and put it into every form; on a worker."""
        answer = self.context.bench.kms.get_public_key(KeyId=row.id)
        forms = PublicForms(bytes(answer["PublicKey"]), row.spec)
        if not forms.has_jwk:
            return _Shown(forms, "", "")
        return _Shown(forms, forms.jwk(), forms.thumbprint())

    def show_answer(self, row: KeyRow, answer: _Shown) -> None:
        """Show the key."""
        if self._shown == answer:
            return
        self._shown = answer
        self._page.show()
        item = self.form.model().index(2, 0)
        self.form.model().setData(item, None if answer.jwk else 0, Qt.ItemDataRole.UserRole - 1)
        if not answer.jwk and self.form.currentIndex() == 2:
            self.form.setCurrentIndex(0)
        self._show_form()
        fields = self._fields
        fields.clear()
        fields.heading(self.tr("Fingerprints"))
        digest = answer.forms.sha256
        shown = fields.text(
            self.tr("SHA-256 of the public key (SubjectPublicKeyInfo)"),
            spaced(digest),
            mono=True,
            copy=True,
        )
        shown.setToolTip(digest)
        fields.text(self.tr("The same in base64"), answer.forms.pin, mono=True, copy=True)
        if answer.thumbprint:
            name = self.tr("JWK thumbprint, SHA-256 (RFC 7638)")
            fields.text(name, answer.thumbprint, mono=True, copy=True)
        del row

    def show_nothing(self) -> None:
        """Take it away."""
        self._shown = None
        self._page.hide()
        self._fields.clear()

    def copy(self) -> None:
        """Copy the chosen form."""
        if self._shown is not None:
            words = self.tr("Public key, {form}").format(form=self.form.currentText())
            self.context.frame.copy(self._shown.text(self._form), words)

    def ask_where(self) -> None:
        """Ask where to save the chosen form."""
        if self._shown is None or self.row is None:
            return
        dialog = QFileDialog(self, self.tr("Save the public key"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(self._file_name())
        dialog.fileSelected.connect(partial(self.save, self._shown.content(self._form)))
        dialog.open()

    def save(self, content: bytes, path: str) -> None:
        """Write a form to a file, whole or not at all."""

        def done(_none: object) -> None:
            self.context.frame.notify(
                self.tr("The public key was saved to {path}.").format(path=path)
            )

        def work() -> None:
            # The file dialog has asked before it named a file that exists.
            write_atomically(Path(path), content, replace=True, mode=0o644)

        self.context.session.start(self, work, done, None, self.tr("Saving"))

    def make_mime(self) -> QMimeData | None:
        """Return the chosen form as text and as a file, to be dragged."""
        if self._shown is None:
            return None
        if self._folder is None:
            self._folder = TemporaryDirectory(prefix="public-key-", ignore_cleanup_errors=True)
            self.destroyed.connect(self._folder.cleanup)
        file = Path(self._folder.name, self._file_name())
        content = self._shown.content(self._form)
        file.write_bytes(content)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(file))])
        data.setText(self._shown.text(self._form))
        data.setData(_MIME[self._form], content)
        return data

    @property
    def _form(self) -> str:
        return str(self.form.currentData())

    def _file_name(self) -> str:
        stem = short_name(self.row).replace("/", "-") if self.row else "key"
        return f"{stem}.{'json' if self._form == 'jwk' else self._form}"

    def _show_form(self) -> None:
        if self._shown is None:
            return
        text = self._shown.text(self._form)
        modes = QPlainTextEdit.LineWrapMode
        self.text.setLineWrapMode(modes.NoWrap if self._form == "pem" else modes.WidgetWidth)
        if self.text.toPlainText() != text:
            self.text.setPlainText(text)
        size = number(len(self._shown.content(self._form)))
        notes = {
            "pem": self.tr("SubjectPublicKeyInfo in text, RFC 7468; {size} bytes."),
            "der": self.tr("SubjectPublicKeyInfo in DER, shown in hexadecimal; {size} bytes."),
            "jwk": self.tr("JSON Web Key, RFC 7517 and RFC 9964 for ML-DSA; {size} bytes."),
        }
        note = notes[self._form].format(size=size)
        if not self._shown.jwk:
            note += " " + self.tr("No JWK form is standardised for ML-KEM.")
        self._note.setText(note)

    def sizeHint(self) -> QSize:
        """Leave the width to the inspector."""
        return QSize(self.context.look.unit * 70, super().sizeHint().height())
