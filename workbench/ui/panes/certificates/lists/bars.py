"""Lines of buttons in the dialog for lists: which rows are shown and chosen, and what is saved."""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QWidget,
)

from workbench.ui.look import Look
from workbench.ui.panes.certificates.lists.batch import Line, Stand
from workbench.ui.widgets.basics import push_button
from workbench.ui.widgets.dialogs import FormDialog

_REMARKED: Final = frozenset(Stand) - {Stand.GOOD, Stand.WAITING, Stand.ISSUED}


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class RowsBar(QWidget):
    """Chooses all or none of the rows that are shown, and which are shown.

    Args:
        look: spacing.

    Signals:
        every: all are wanted.
        none: none is wanted.
        filtered(Callable[[Line], bool]): only these rows are to be shown.
    """

    every = Signal()
    none = Signal()
    filtered = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.all_button = push_button(_tr("Choose &all"), self.every.emit, "link")
        self.none_button = push_button(_tr("Choose &none"), self.none.emit, "link")
        self.shown = QComboBox()
        self.shown.setAccessibleName(_tr("Which rows are shown"))
        for words, stands in (
            (_tr("Every row"), frozenset(Stand)),
            (_tr("With remarks or complaints"), _REMARKED),
            (_tr("That cannot be issued"), frozenset({Stand.UNREADABLE, Stand.REFUSED})),
            (_tr("Issued"), frozenset({Stand.ISSUED})),
            (_tr("Failed"), frozenset({Stand.FAILED})),
        ):
            self.shown.addItem(words, stands)
        caption = QLabel(_tr("S&how"))
        caption.setBuddy(self.shown)
        row = line_up(self, look)
        row.addWidget(self.all_button)
        row.addWidget(self.none_button)
        row.addStretch(1)
        row.addWidget(caption)
        row.addWidget(self.shown)
        self.shown.currentIndexChanged.connect(lambda _index: self._filter())

    def allow(self, *, possible: bool) -> None:
        """Let rows be chosen or not."""
        for button in (self.all_button, self.none_button):
            button.setEnabled(possible)

    def show_stands(self, stands: Collection[Stand]) -> None:
        """Let only what there is be chosen to be shown."""
        model = self.shown.model()
        assert isinstance(model, QStandardItemModel)  # a combo box's own
        for place in range(1, self.shown.count()):
            there = bool(self.shown.itemData(place) & set(stands))
            model.item(place).setEnabled(there or place == self.shown.currentIndex())

    def _filter(self) -> None:
        stands: Collection[Stand] = self.shown.currentData()

        def passes(line: Line) -> bool:
            return line.stand in stands or (
                stands == _REMARKED and line.stand is Stand.GOOD and bool(line.remarks)
            )

        self.filtered.emit(passes)


class FilesBar(QWidget):
    """Saves what was issued.

    Args:
        dialog: parent of file dialogs.
        save_each: is given a folder, and whether the chains go with them.
        save_one: is given a file.
        save_results: is given a file.
    """

    def __init__(
        self,
        dialog: FormDialog,
        save_each: Callable[[Path, bool], None],
        save_one: Callable[[Path], None],
        save_results: Callable[[Path], None],
    ) -> None:
        super().__init__()
        self._dialog = dialog
        self.save_each, self.save_one, self.save_results = save_each, save_one, save_results
        self.asked: QFileDialog | None = None
        self.certificates = QPushButton(_tr("&Save certificates"))
        self.certificates.setAutoDefault(False)
        menu = QMenu(self.certificates)
        for words, ask in (
            (_tr("&Each in a file of its own…"), partial(self._ask_folder, chain=False)),
            (_tr("Each with its &chain…"), partial(self._ask_folder, chain=True)),
            (_tr("&All in one file…"), self._ask_one),
        ):
            menu.addAction(words, ask)
        self.certificates.setMenu(menu)
        self.results = push_button(_tr("Save &results…"), self._ask_results)
        row = line_up(self, dialog.look)
        row.addWidget(self.certificates)
        row.addWidget(self.results)
        row.addStretch(1)

    def _ask_folder(self, *, chain: bool) -> None:
        files = QFileDialog(self._dialog, _tr("Folder for the certificates"))
        files.setFileMode(QFileDialog.FileMode.Directory)
        files.setOption(QFileDialog.Option.ShowDirsOnly)
        files.fileSelected.connect(lambda name: self.save_each(Path(name), chain))
        self.asked = files
        files.open()

    def _ask_one(self) -> None:
        files = ask_where(self._dialog, _tr("Save certificates"), "certificates.pem", "pem")
        files.fileSelected.connect(lambda name: self.save_one(Path(name)))
        self.asked = files
        files.open()

    def _ask_results(self) -> None:
        files = ask_where(self._dialog, _tr("Save results"), "results.csv", "csv")
        files.fileSelected.connect(lambda name: self.save_results(Path(name)))
        self.asked = files
        files.open()


def ask_where(parent: QWidget, title: str, name: str, suffix: str) -> QFileDialog:
    """Return a dialog that asks where a file is to be saved."""
    files = QFileDialog(parent, title)
    files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    files.setDefaultSuffix(suffix)
    files.setNameFilters([f"{suffix.upper()} (*.{suffix})", _tr("All files (*)")])
    files.selectFile(name)
    return files


def line_up(holder: QWidget, look: Look, gap: int = 2) -> QHBoxLayout:
    """Return a row without margins for what stands side by side in a widget."""
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(look.unit * gap)
    return row
