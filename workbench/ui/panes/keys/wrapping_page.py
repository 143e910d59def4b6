"""First step of an import: a wrapping key and its token, and the commands that wrap with them.

Knows what was asked for and answered; asking is the dialog's.
"""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.base.errors import WorkbenchError
from workbench.base.files import printable
from workbench.ui.errors import explain
from workbench.ui.pane import Context
from workbench.ui.panes.keys import import_terms as terms
from workbench.ui.panes.keys.import_terms import Parameters
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.tabs.policy import CodeView
from workbench.ui.panes.keys.words import short_name
from workbench.ui.widgets.basics import CopyButton, label, push_button
from workbench.ui.widgets.texts import local_time, number, utc_time


class WrappingPage(QWidget):
    """How to wrap, and what KMS answered.

    Args:
        context: the window.
        row: the key that gets the material.

    Signals:
        changed: something else is chosen, so that the answer no longer fits.
        trouble(Explanation): a file could not be written; an empty text once one could.
    """

    changed = Signal()
    trouble = Signal(object)

    def __init__(self, context: Context, row: KeyRow) -> None:
        super().__init__()
        self._context = context
        self._row = row
        self.parameters: Parameters | None = None
        stem = "".join(sign if sign.isalnum() else "-" for sign in short_name(row)).strip("-")
        self.key_path = Path(f"{stem}-wrapping-key.der")
        self.token_path = Path(f"{stem}-import-token.bin")
        self.wrapped_path = Path(f"{stem}-wrapped.bin")
        self.algorithm = QComboBox()
        for name in terms.wrapping_algorithms(row.spec):
            self.algorithm.addItem(_algorithm_words(self, name), name)
        self.spec = QComboBox()
        self._fill_specs()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(context.look.unit * 3)
        told = self.tr(
            "KMS makes a wrapping key for you. Encrypt your key material with it where the material"
            " is kept, so that it never travels in the clear, then bring the result back."
        )
        column.addWidget(label(told, wrap=True))
        column.addLayout(self._make_choices())
        self._answer = self._make_answer()
        self._answer.hide()
        column.addWidget(self._answer)
        self.algorithm.currentIndexChanged.connect(lambda _index: self._algorithm_chosen())
        self.spec.currentIndexChanged.connect(lambda _index: self._forget())

    @property
    def chosen(self) -> tuple[str, str]:
        """Wrapping algorithm and spec of the wrapping key."""
        return str(self.algorithm.currentData()), str(self.spec.currentData())

    def show_parameters(self, parameters: Parameters) -> None:
        """Show what KMS answered."""
        self.parameters = parameters
        left = parameters.valid_to - self._context.bench.clock.now()
        hours = number(round(left.total_seconds() / 3600))
        until = self.tr("Valid for {n} hours, until {time}. Key and token belong together.")
        self._valid.setText(until.format(n=hours, time=local_time(parameters.valid_to)))
        self._valid.setToolTip(utc_time(parameters.valid_to))
        self._show_commands()
        self._answer.show()
        self.save_key.setFocus(Qt.FocusReason.OtherFocusReason)

    def write_key(self, path: Path) -> None:
        """Write the wrapping key to a file; the commands name it from then on."""
        parameters = self.parameters
        if parameters is not None and self._write(lambda: terms.save_public_key(parameters, path)):
            self.key_path = path
            self.wrapped_path = path.parent / self.wrapped_path.name
            self._key_where.setText(printable(path))
            self._show_commands()

    def write_token(self, path: Path) -> None:
        """Write the token to a file."""
        parameters = self.parameters
        if parameters is not None and self._write(lambda: terms.save(parameters.token, path)):
            self.token_path = path
            self._token_where.setText(printable(path))

    def _write(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except WorkbenchError as error:
            self.trouble.emit(explain(error))
            return False
        self.trouble.emit("")
        return True

    def _make_choices(self) -> QGridLayout:
        unit = self._context.look.unit
        grid = QGridLayout()
        grid.setHorizontalSpacing(unit * 3)
        grid.setVerticalSpacing(unit)
        for place, (name, box) in enumerate(
            (
                (self.tr("&Wrapping algorithm"), self.algorithm),
                (self.tr("Wrapping &key"), self.spec),
            )
        ):
            caption = QLabel(name)
            caption.setProperty("role", "strong")
            caption.setBuddy(box)
            box.setAccessibleName(name.replace("&", ""))
            grid.addWidget(caption, 0, place)
            grid.addWidget(box, 1, place)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 1)
        return grid

    def _make_answer(self) -> QFrame:
        unit = self._context.look.unit
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setSpacing(unit * 2)
        self._valid = label("", "strong", wrap=True)
        column.addWidget(self._valid)
        self.save_key = push_button(self.tr("Save wrapping key…"), self._ask_key)
        self.save_token = push_button(self.tr("Save import token…"), self._ask_token)
        self._key_where = self._add_saving(column, self.save_key, self.tr("not saved yet"))
        self._token_where = self._add_saving(column, self.save_token, self.tr("not saved yet"))
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Then wrap, with OpenSSL 3:"), "muted"), 1)
        self.copy = CopyButton(self._context.look, self.tr("the commands"), self._copy_commands)
        head.addWidget(self.copy)
        column.addLayout(head)
        self.commands = CodeView(self._context, self.tr("OpenSSL commands"))
        self.commands.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        column.addWidget(self.commands)
        return card

    def _add_saving(self, column: QVBoxLayout, button: QPushButton, where: str) -> QLabel:
        line = QHBoxLayout()
        line.setSpacing(self._context.look.unit * 2)
        shown = label(where, "muted", wrap=True)
        line.addWidget(button)
        line.addWidget(shown, 1)
        column.addLayout(line)
        return shown

    def _algorithm_chosen(self) -> None:
        self._fill_specs()
        self._forget()

    def _fill_specs(self) -> None:
        before = self.spec.currentData()
        self.spec.blockSignals(True)
        self.spec.clear()
        for name in terms.wrapping_specs(self._row.spec, str(self.algorithm.currentData())):
            self.spec.addItem(name, name)
        self.spec.setCurrentIndex(max(0, self.spec.findData(before)))
        self.spec.blockSignals(False)

    def _forget(self) -> None:
        """Another choice needs another key and token."""
        self.parameters = None
        for shown in (self._key_where, self._token_where):
            shown.setText(self.tr("not saved yet"))
        self._answer.hide()
        self.changed.emit()

    def _show_commands(self) -> None:
        if self.parameters is None:
            return
        text = terms.commands(
            self._row.spec, self.parameters.algorithm, self.key_path, self.wrapped_path
        )
        self.commands.setPlainText(text)
        lines = text.count("\n") + 1
        height = self.commands.fontMetrics().lineSpacing() * (lines + 1)
        self.commands.setFixedHeight(height + self._context.look.unit * 6)

    def _copy_commands(self) -> None:
        self._context.frame.copy(self.commands.toPlainText(), self.tr("OpenSSL commands"))

    def _ask_key(self) -> None:
        filters = [self.tr("DER, binary (*.der)"), self.tr("PEM, text (*.pem)")]
        self._ask_where(self.save_key.text(), self.key_path, filters, self.write_key)

    def _ask_token(self) -> None:
        filters = [self.tr("Binary files (*.bin)")]
        self._ask_where(self.save_token.text(), self.token_path, filters, self.write_token)

    def _ask_where(
        self, title: str, path: Path, filters: list[str], take: Callable[[Path], None]
    ) -> None:
        files = QFileDialog(self, title.rstrip("…"))
        files.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        files.setNameFilters(filters)
        files.setDefaultSuffix(path.suffix.lstrip("."))
        files.filterSelected.connect(
            lambda chosen: (
                files.setDefaultSuffix("pem" if "pem" in chosen else "der")
                if len(filters) > 1
                else None
            )
        )
        files.selectFile(path.name)
        files.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        files.fileSelected.connect(lambda name: take(Path(name)))
        files.open()


def _algorithm_words(page: QWidget, name: str) -> str:
    known = {
        terms.OAEP_256: page.tr("RSAES_OAEP_SHA_256"),
        terms.WRAP_256: page.tr("RSA_AES_KEY_WRAP_SHA_256"),
        terms.OAEP_1: page.tr("RSAES_OAEP_SHA_1 (old)"),
        terms.WRAP_1: page.tr("RSA_AES_KEY_WRAP_SHA_1 (old)"),
    }
    return known.get(name, name)
