"""The inspector's check: what a strict verifier would say, and what pkilint finds.

Owns how findings look; the shelf's CheckCertificate makes them, on a worker.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.pki.lint import available
from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.pane import Context
from workbench.ui.panes.certificates.records import Record
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import Badge, label
from workbench.ui.widgets.fields import SelectableText
from workbench.ui.widgets.texts import number

_SIGNS: Final[Mapping[str, tuple[str, Tone, str]]] = {
    "REFUSED": ("Error", "danger", "error"),
    "ERROR": ("Error", "danger", "error"),
    "WARNING": ("Warning", "warning", "warning"),
    "NOTICE": ("Notice", "info", "info"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class CheckPage(QWidget):
    """Shows the findings on one certificate, most serious first.

    Args:
        context: session, bench, look.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._number = 0
        self._column = QVBoxLayout(self)
        unit = context.look.unit
        self._column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 4)
        self._column.setSpacing(unit * 3)
        self._column.addStretch(1)

    def show_record(self, record: Record) -> None:
        """Check a certificate of the collection."""
        self._number += 1
        mine = self._number
        shelf = self._context.bench.shelf
        self._say(self.tr("Checking…"))

        def show(answer: dict[str, Any]) -> None:
            if mine == self._number:
                self._show(answer["Findings"])

        def fail(words: Explanation) -> None:
            if mine == self._number:
                self._say(words.text)

        self._context.session.start(
            self,
            lambda: shelf.check_certificate(CertificateId=record.id, Lint=available()),
            show,
            fail,
        )

    def forget(self) -> None:
        """Show nothing any more; what is still checked is not shown."""
        self._number += 1
        self._clear()

    def _show(self, findings: Sequence[Mapping[str, Any]]) -> None:
        self._clear()
        if findings:
            words = {1: self.tr("1 finding")}.get(
                len(findings), self.tr("{n} findings").format(n=number(len(findings)))
            )
            self._add(label(words, "strong"))
        else:
            self._add(Badge(self._context.look, self.tr("Nothing found"), "ok", "ok"))
        for one in findings:
            self._add(_card(self._context.look, one))
        by = (
            self.tr("Checked by the rules that hold before issuing, and by pkilint.")
            if available()
            else self.tr("Checked by the rules that hold before issuing. pkilint, which "
                         "finds more, is not installed.")
        )  # fmt: skip
        self._add(label(by, "muted", wrap=True))

    def _say(self, text: str) -> None:
        self._clear()
        self._add(label(text, "muted", wrap=True))

    def _add(self, widget: QWidget) -> None:
        self._column.insertWidget(self._column.count() - 1, widget)

    def _clear(self) -> None:
        while self._column.count() > 1:
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()


def _card(look: Look, finding: Mapping[str, Any]) -> QFrame:
    title, tone, icon = _SIGNS[str(finding["Severity"])]
    card = QFrame()
    card.setProperty("role", "card-danger" if tone == "danger" else "card")
    unit = look.unit
    mark = QLabel()
    look.dress_label(mark, icon, tone)
    words = QVBoxLayout()
    words.setSpacing(unit)
    words.addWidget(label(_tr(title), "strong"))
    words.addWidget(SelectableText(look, str(finding["Sentence"])))
    words.addWidget(label(str(finding["Rule"]), "muted", wrap=True))
    row = QHBoxLayout(card)
    row.setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2)
    row.setSpacing(unit * 2)
    row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    card.setAccessibleName(f"{_tr(title)}: {finding['Sentence']}")
    return card
