"""The dialog that asks what of a certificate is exported and how; then where to.

Knows what is on offer and the kit; writing is handed in. A file with a private key never takes the
place of another, and the dialog stays until it is written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from workbench.pki.bundles import SHORTEST_PASSWORD, Form
from workbench.ui.errors import Explanation
from workbench.ui.help import HELP_PAGE
from workbench.ui.look import Look
from workbench.ui.panes.certificates.key_password import PasswordFields
from workbench.ui.panes.certificates.sharing import CHAINS, Extent, Offer
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog

Write = Callable[[Path, Callable[[], bytes]], None]
"""Given a path and what makes the content, on a worker: a password takes its time."""


@dataclass(frozen=True, slots=True)
class KeyExport:
    """A private key that is wanted in a file.

    Attributes:
        certificate: id of the certificate it is of.
        path: of the file.
        form: how; one of the private forms.
        chain: how much of the chain goes with it, in the collection's words.
        password: protects it.
    """

    certificate: str
    path: Path
    form: Form
    chain: str
    password: str = field(repr=False)


class ExportDialog(FormDialog):
    """Asks what to export.

    Args:
        look: colours and spacing.
        offered: what there is.
        write: is given path and what makes the content.
        write_key: is given what is wanted of a private key, and answers by `key_written` or
            `key_refused`.
        parent: the pane.
    """

    def __init__(
        self,
        look: Look,
        offered: Offer,
        write: Write,
        write_key: Callable[[KeyExport], None],
        parent: QWidget,
    ) -> None:
        title = parent.tr("Export “{name}”").format(name=offered.record.name)
        super().__init__(look, title, parent.tr("Choose file…"), parent)
        self.setProperty(HELP_PAGE, "export")
        self._offered = offered
        self._write, self._write_key = write, write_key
        self._files: QFileDialog | None = None
        self.extent = QComboBox()
        for extent in offered.extents:
            self.extent.addItem(self._words(extent), extent)
        self.form = QComboBox()
        self._group = self.add_field(self.tr("&What"), self.extent)
        self.contents = label("", "muted", wrap=True)
        self.body.addWidget(self.contents)
        self.add_field(self.tr("&Format"), self.form)
        self.about = label("", "muted", wrap=True)
        self.body.addWidget(self.about)
        self._passwords = PasswordFields(self, SHORTEST_PASSWORD)
        self.password, self.again = self._passwords.first, self._passwords.second
        if not offered.complete:
            missing = self.tr(
                "The chain ends at “{name}”, whose issuer is missing here: the file will not lead"
                " to a root."
            ).format(name=offered.chain[-1].name)
            self.body.addWidget(label(missing, "muted", wrap=True))
        self.extent.currentIndexChanged.connect(lambda _index: self._extent_changed())
        self.form.currentIndexChanged.connect(lambda _index: self._form_changed())
        self.on_submit(self._ask_where)
        self._extent_changed()

    @property
    def chosen(self) -> tuple[Extent, Form]:
        """What is exported, and in which form."""
        return Extent(self.extent.currentData()), Form(self.form.currentData())

    def save_to(self, path: Path) -> None:
        """Write to a file and close; with a private key once it is written."""
        extent, form = self.chosen
        if form.private:
            self.show_working(working=True, text=self.tr("Exporting…"))
            self._write_key(
                KeyExport(self._offered.record.id, path, form, CHAINS[extent], self._passwords.text)
            )
            return
        self._write(path, partial(self._offered.data, extent, form, self._passwords.text))
        self.key_written()

    def key_written(self) -> None:
        """Forget the password and close."""
        self._passwords.clear()
        self.accept()

    def key_refused(self, words: Explanation) -> None:
        """Say why nothing was written; another try can be made."""
        self.show_working(working=False)
        self.show_problem(words)

    def _words(self, extent: Extent) -> str:
        return {
            Extent.ONE: self.tr("This certificate"),
            Extent.CHAIN: self.tr("Chain without the root, as signatures carry it"),
            Extent.CHAIN_WITH_ROOT: self.tr("Whole chain with the root"),
            Extent.ANCHOR: self.tr("Root, for verifiers to trust"),
            Extent.TRUSTED: self.tr("Every trusted root, as a trust bundle"),
        }[extent]

    def _form_words(self, form: Form) -> str:
        return {
            Form.PEM: self.tr("PEM (text)"),
            Form.DER: self.tr("DER (binary)"),
            Form.PKCS7: self.tr("PKCS#7 (.p7b)"),
            Form.PKCS12: self.tr("PKCS#12 with a password, certificates only"),
            Form.TRUSTSTORE: self.tr("PKCS#12 truststore for Java"),
            Form.KEY_PKCS12: self.tr("PKCS#12 with the private key"),
            Form.KEY_PKCS8: self.tr("Private key alone (encrypted PKCS#8, PEM)"),
        }[form]

    def _extent_changed(self) -> None:
        extent = Extent(self.extent.currentData())
        before = self.form.currentData()
        self.form.blockSignals(True)
        self.form.clear()
        for form in self._offered.forms(extent):
            self.form.addItem(self._form_words(form), form)
        self.form.setCurrentIndex(max(0, self.form.findData(before)))
        self.form.blockSignals(False)
        names = [f"“{record.name}”" for record in self._offered.records(extent)]
        self.contents.setText(", ".join(names) if extent is Extent.TRUSTED else " → ".join(names))
        self._form_changed()

    def _form_changed(self) -> None:
        form = Form(self.form.currentData())
        self._passwords.show_fields(shown=form.protected, private=form.private)
        about = self._about(form)
        self.about.setText(about)
        self.about.setVisible(bool(about))
        self.grow()

    def _about(self, form: Form) -> str:
        if form.private:
            return self.tr(
                "Whoever has the file and its password can use the key anywhere. Protected by PBES2"
                " with AES-256 and HMAC-SHA-256; the journal keeps that it was exported."
            )
        if not form.protected:
            return ""
        if self._offered.record.wrapping:
            return self.tr(
                "No private key is in it. Protected by PBES2 with AES-256 and HMAC-SHA-256, as"
                " current OpenSSL and Java read it."
            )
        return self.tr(
            "No private key is in it: the module gives none out. Protected by PBES2 with"
            " AES-256 and HMAC-SHA-256, as current OpenSSL and Java read it."
        )

    def _ask_where(self) -> None:
        extent, form = self.chosen
        files = QFileDialog(self, self.tr("Export"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setDefaultSuffix(form.suffix.removeprefix("."))
        # A file that is there already is refused later: a key takes no other file's place.
        files.setOption(QFileDialog.Option.DontConfirmOverwrite, form.private)
        kinds = f"{self._form_words(form)} (*{form.suffix})"
        files.setNameFilters([kinds, self.tr("All files (*)")])
        files.selectFile(self._offered.file_name(extent, form))
        files.fileSelected.connect(lambda name: self.save_to(Path(name)))
        self._files = files
        files.open()
