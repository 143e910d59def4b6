"""The fields of the dialog for lists: which list, and what holds where a row says nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QLineEdit,
    QWidget,
)

from workbench.base.files import printable
from workbench.base.spec_names import spec_name
from workbench.pki import asking
from workbench.pki.asking import Offered
from workbench.pki.order_table import Defaults
from workbench.ui.panes.certificates.days_box import DaysBox
from workbench.ui.panes.certificates.lists.bars import ask_where, line_up
from workbench.ui.panes.certificates.lists.batch import KEYS
from workbench.ui.panes.certificates.template_box import TemplateBox
from workbench.ui.widgets.basics import push_button
from workbench.ui.widgets.dialogs import FormDialog

_DAYS: Final = 365
_USUAL_KEY: Final = "ML_DSA_65"


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class ListFields(QObject):
    """Which list, and what holds where a row says nothing.

    Args:
        dialog: gets the fields.
        offered: what can be chosen.
        take: is given the list's path.
        save_example: is given where to.

    Signals:
        changed: what holds for every row is another.
    """

    changed = Signal()

    def __init__(
        self,
        dialog: FormDialog,
        offered: Offered,
        take: Callable[[Path], None],
        save_example: Callable[[Path], None],
    ) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._take, self._save_example = take, save_example
        self.asked: QFileDialog | None = None
        self.file = QLineEdit()
        self.issuer, self.days, self.key = QComboBox(), DaysBox(dialog.look, _DAYS), QComboBox()
        self.template = TemplateBox(offered, self.days)
        self.choose = push_button(_tr("&Choose…"), self._ask_file)
        self.example = push_button(_tr("Save an e&xample…"), self._ask_example)
        self._left = {one.arn: one.left for one in offered.issuers}
        self._fill(offered)
        self._arrange()
        self.issuer.currentIndexChanged.connect(lambda _index: self._stay_within())
        self._stay_within()
        for box in (self.issuer, self.template, self.key):
            box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        self.days.valueChanged.connect(lambda _value: self.changed.emit())

    @property
    def issuer_arn(self) -> str:
        """ARN of the CA."""
        return str(self.issuer.currentData())

    @property
    def defaults(self) -> Defaults:
        """What holds where a row says nothing."""
        return Defaults(
            str(self.template.currentData()), self.days.value(), str(self.key.currentData())
        )

    def choose_issuer(self, arn: str) -> None:
        """Choose a CA, if it can issue."""
        place = self.issuer.findData(arn)
        if place >= 0:
            self.issuer.setCurrentIndex(place)

    def show_file(self, path: Path) -> None:
        """Show which list is read."""
        self.file.setText(printable(path.name)[1:-1])
        self.file.setToolTip(printable(path)[1:-1])

    def show(self, *, shown: bool) -> None:
        """Show the fields; without them the rows have their room, and nothing can be changed."""
        for one in self._groups:
            one.setVisible(shown)

    def _fill(self, offered: Offered) -> None:
        for one in offered.issuers:
            self.issuer.addItem(f"{one.name} ({spec_name(one.algorithm)})", one.arn)
        for spec, words in KEYS.items():
            post_quantum = _tr("{name} (post-quantum)").format(name=words)
            self.key.addItem(post_quantum if spec.startswith("ML_") else words, spec)
        self.key.setCurrentIndex(self.key.findData(_USUAL_KEY))
        self.template.choose(asking.TLS_SERVER)
        for box in (self.issuer, self.key):
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            box.setMinimumContentsLength(20)
        self.file.setAccessibleName(_tr("List of certificates to issue"))
        self.file.setReadOnly(True)
        self.file.setPlaceholderText(_tr("Choose a CSV file, or drop one here"))

    def _stay_within(self) -> None:
        self.days.stay_within(self._left.get(self.issuer.currentData()))

    def _arrange(self) -> None:
        line = QWidget()
        row = line_up(line, self._dialog.look)
        row.addWidget(self.file, 1)
        row.addWidget(self.choose)
        row.addWidget(self.example)
        hint = _tr("A table saved as CSV: its first line names the columns, each further line is a"
                   " certificate.")  # fmt: skip
        self._groups = [self._dialog.add_field(_tr("&List"), line, hint)]
        line.setFocusProxy(self.choose)
        self._pair(
            self._dialog.add_field(_tr("&Issued by"), self.issuer),
            self._dialog.add_field(_tr("&Purpose, where a row names none"), self.template),
        )
        self._pair(
            self._dialog.add_field(_tr("&Valid for, where a row says nothing"), self.days),
            self._dialog.add_field(_tr("&Key made for rows without key or request"), self.key),
        )

    def _pair(self, left: QWidget, right: QWidget) -> None:
        both = QWidget()
        row = line_up(both, self._dialog.look, gap=4)
        for one in (left, right):
            self._dialog.body.removeWidget(one)
            row.addWidget(one, 1)
        self._dialog.body.addWidget(both)
        self._groups.append(both)

    def _ask_file(self) -> None:
        files = QFileDialog(self._dialog, _tr("Issue from a list"))
        files.setNameFilters([_tr("Tables (*.csv *.tsv *.txt)"), _tr("All files (*)")])
        files.fileSelected.connect(lambda name: self._take(Path(name)))
        self.asked = files
        files.open()

    def _ask_example(self) -> None:
        files = ask_where(self._dialog, _tr("Save an example"), "certificates.csv", "csv")
        files.fileSelected.connect(lambda name: self._save_example(Path(name)))
        self.asked = files
        files.open()
