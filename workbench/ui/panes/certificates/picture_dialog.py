"""The dialog that asks how the drawing is exported, and where to.

Knows the kit; what is drawn and writing are handed in.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from workbench.ui.look import Look
from workbench.ui.panes.certificates.ink import Paper
from workbench.ui.panes.certificates.picture import Form, Picture
from workbench.ui.panes.certificates.tree_view import TreeView
from workbench.ui.widgets.dialogs import FormDialog
from workbench.ui.widgets.texts import local_date

Make = Callable[[], bytes]
Write = Callable[[Path, Make], None]


class PictureDialog(FormDialog):
    """Asks for format and extent.

    Args:
        look: colours, fonts, spacing.
        tree: whose drawing is exported.
        write: is given the path and what makes the content, on a worker.
        parent: the pane.
    """

    def __init__(self, look: Look, tree: TreeView, write: Write, parent: QWidget) -> None:
        super().__init__(look, parent.tr("Export drawing"), parent.tr("Choose file…"), parent)
        self._tree = tree
        self._write = write
        self._fonts = look
        self.form = QComboBox()
        self.form.addItem(self.tr("PDF: one page, for printing and mailing"), Form.PDF)
        self.form.addItem(self.tr("SVG: lines and words, for editing"), Form.SVG)
        self.form.addItem(self.tr("PNG: pixels, for documents"), Form.PNG)
        self.add_field(self.tr("&Format"), self.form)
        self.extent = QComboBox()
        self.extent.addItem(self.tr("The whole drawing, as it is folded now"), userData=False)
        self.extent.addItem(self.tr("What is seen now"), userData=True)
        self.add_field(
            self.tr("&Extent"), self.extent, self.tr("Paper has light colours in either scheme.")
        )
        self.on_submit(self._ask_where)

    @property
    def picture(self) -> Picture:
        """What would be drawn."""
        tree = self._tree
        part = None
        if self.extent.currentData():
            seen = tree.mapToScene(tree.viewport().rect()).boundingRect()
            part = QRectF(seen).intersected(tree.sceneRect())
        moment = tree.canvas.moment
        title = self.tr("Certificate hierarchy as of {date}").format(date=local_date(moment))
        return Picture(tree.canvas, Paper(self._fonts), title, part)

    def save_to(self, path: Path) -> None:
        """Draw it and hand it on."""
        form = Form(self.form.currentData())
        picture = self.picture
        self.accept()
        self._write(path, lambda: picture.data(form))

    def _ask_where(self) -> None:
        form = Form(self.form.currentData())
        files = QFileDialog(self, self.tr("Export drawing"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setDefaultSuffix(form)
        words = self.tr("{form} files (*.{ending})").format(form=form.upper(), ending=form)
        files.setNameFilters([words, self.tr("All files (*)")])
        files.selectFile(f"{self.tr('certificate-hierarchy')}.{form}")
        files.fileSelected.connect(lambda name: self.save_to(Path(name)))
        self._files = files
        files.open()
