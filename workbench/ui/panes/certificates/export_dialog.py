"""The dialog that asks what of a certificate is exported and how; then where to.

Knows what is on offer and the kit; writing is handed in.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from workbench.ui.look import Look
from workbench.ui.panes.certificates.sharing import Extent, Offer
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.dialogs import FormDialog

Write = Callable[[Path, bytes], None]


class ExportDialog(FormDialog):
    """Asks what to export.

    Args:
        look: colours and spacing.
        offered: what there is.
        write: is given path and content.
        parent: the pane.
    """

    def __init__(self, look: Look, offered: Offer, write: Write, parent: QWidget) -> None:
        title = parent.tr("Export “{name}”").format(name=offered.record.name)
        super().__init__(look, title, parent.tr("Choose file…"), parent)
        self._offered = offered
        self._write = write
        self._files: QFileDialog | None = None
        self.extent = QComboBox()
        for extent in offered.extents:
            self.extent.addItem(self._words(extent), extent)
        self.form = QComboBox()
        self._group = self.add_field(self.tr("&What"), self.extent)
        self.contents = label("", "muted", wrap=True)
        self.body.addWidget(self.contents)
        self.add_field(self.tr("&Format"), self.form)
        if not offered.complete:
            missing = self.tr(
                "The chain ends at “{name}”, whose issuer is missing here: the file will not lead"
                " to a root."
            ).format(name=offered.chain[-1].name)
            self.body.addWidget(label(missing, "muted", wrap=True))
        self.extent.currentIndexChanged.connect(lambda _index: self._extent_changed())
        self.on_submit(self._ask_where)
        self._extent_changed()

    @property
    def chosen(self) -> tuple[Extent, bool]:
        """What is exported, and whether as DER."""
        return Extent(self.extent.currentData()), self.form.currentData() == "der"

    def save_to(self, path: Path) -> None:
        """Write to a file and close."""
        extent, der = self.chosen
        self._write(path, self._offered.data(extent, der=der))
        self.accept()

    def _words(self, extent: Extent) -> str:
        return {
            Extent.ONE: self.tr("This certificate"),
            Extent.CHAIN: self.tr("Chain without the root, as signatures carry it"),
            Extent.CHAIN_WITH_ROOT: self.tr("Whole chain with the root"),
            Extent.ANCHOR: self.tr("Root, for verifiers to trust"),
        }[extent]

    def _extent_changed(self) -> None:
        extent = Extent(self.extent.currentData())
        single = len(self._offered.records(extent)) == 1
        before = self.form.currentData()
        self.form.clear()
        self.form.addItem(self.tr("PEM (text)"), "pem")
        if single:
            self.form.addItem(self.tr("DER (binary)"), "der")
        self.form.setCurrentIndex(max(0, self.form.findData(before)))
        names = [f"“{record.name}”" for record in self._offered.records(extent)]
        self.contents.setText(" → ".join(names))

    def _ask_where(self) -> None:
        extent, der = self.chosen
        files = QFileDialog(self, self.tr("Export"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setDefaultSuffix("cer" if der else "pem")
        kinds = self.tr("DER certificates (*.cer)") if der else self.tr("PEM files (*.pem)")
        files.setNameFilters([kinds, self.tr("All files (*)")])
        files.selectFile(self._offered.file_name(extent, der=der))
        files.fileSelected.connect(lambda name: self.save_to(Path(name)))
        self._files = files
        files.open()
