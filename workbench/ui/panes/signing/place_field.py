"""Where signatures are written, and whether those that exist already are replaced."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from workbench.ui.look import Look
from workbench.ui.panes.signing.format_fields import keep_narrow
from workbench.ui.panes.signing.recipes import Choices
from workbench.ui.widgets.basics import push_button


class PlaceField(QWidget):
    """Beside each file, or in one folder.

    Args:
        look: spacing.

    Attributes:
        where: beside each file (0) or in one folder (1).
        folder: that folder.
        replace: whether existing signatures are replaced.

    Signals:
        changed: something was chosen.
    """

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.where = QComboBox()
        keep_narrow(self.where)
        self.where.addItems([self.tr("Beside each file"), self.tr("In one folder")])
        self.where.setAccessibleName(self.tr("Where signatures are written"))
        self.where.currentIndexChanged.connect(self._chosen)
        self.folder = QLineEdit()
        self.folder.setPlaceholderText(self.tr("Folder for the signatures"))
        self.folder.setAccessibleName(self.tr("Folder for the signatures"))
        self.folder.textChanged.connect(lambda _text: self.changed.emit())
        self._browse = push_button(self.tr("Choose…"), self._choose_folder)
        self.replace = QCheckBox(self.tr("Re&place signatures that exist already"))
        self.replace.toggled.connect(lambda _on: self.changed.emit())
        line = QHBoxLayout()
        line.setSpacing(look.unit * 2)
        line.addWidget(self.folder, 1)
        line.addWidget(self._browse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.unit * 2)
        column.addWidget(self.where)
        column.addLayout(line)
        column.addWidget(self.replace)
        self.folder.hide()
        self._browse.hide()
        self.setFocusProxy(self.where)

    @property
    def chosen(self) -> str:
        """The folder, or nothing for beside each file."""
        return self.folder.text().strip() if self.where.currentIndex() == 1 else ""

    @property
    def problem(self) -> str:
        """Why this cannot be used, or nothing."""
        if self.where.currentIndex() == 1 and not (self.chosen and Path(self.chosen).is_absolute()):
            return self.tr("Choose the folder that the signatures go to.")
        return ""

    def apply(self, choices: Choices) -> None:
        """Choose what a recipe says."""
        self.replace.setChecked(choices.replace)
        self.folder.setText(choices.folder)
        self.where.setCurrentIndex(1 if choices.folder else 0)

    def _chosen(self, place: int) -> None:
        self.folder.setVisible(place == 1)
        self._browse.setVisible(place == 1)
        self.changed.emit()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder for the signatures"), self.folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.folder.setText(str(Path(name))))
        dialog.open()
