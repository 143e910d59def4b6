"""Findings of a check, one below the other, each with the sign of how serious it is."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.pki.precheck import Finding
from workbench.ui.look import Look
from workbench.ui.tokens import Tone
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.texts import breakable

SIGNS: Final[Mapping[str, tuple[Tone, str]]] = {
    "REFUSED": ("danger", "error"),
    "ERROR": ("danger", "error"),
    "WARNING": ("warning", "warning"),
    "NOTICE": ("info", "info"),
}
"""Tone and icon of each severity, most serious first."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _words() -> dict[str, str]:
    return {
        "REFUSED": _tr("Refused"),
        "ERROR": _tr("Would be rejected"),
        "WARNING": _tr("Warning"),
        "NOTICE": _tr("Note"),
    }


def entries(found: Iterable[Finding]) -> list[dict[str, str]]:
    """Return findings as the services give them."""
    return [
        {"Severity": str(one.severity), "Sentence": one.sentence, "Rule": one.rule} for one in found
    ]


def told_entries(found: Iterable[Mapping[str, Any]]) -> str:
    """Return findings, as the services give them, line by line, most serious first."""
    return "\n".join(_line(one) for one in _ranked(found))


def _ranked(found: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    order = list(SIGNS)
    return sorted(found, key=lambda one: order.index(one["Severity"]))


def _line(one: Mapping[str, Any]) -> str:
    rule = f" [{one['Rule']}]" if one["Rule"] else ""
    return f"{_words()[one['Severity']]}: {one['Sentence']}{rule}"


class FindingList(QWidget):
    """Shows findings, most serious first; hidden while there are none.

    Args:
        look: colours and spacing.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._text = ""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.unit)
        self.hide()

    def text(self) -> str:
        """Return what is shown, a line for each finding."""
        return self._text

    def show_entries(self, found: Iterable[Mapping[str, Any]]) -> None:
        """Show findings as the services give them, in place of those before."""
        ranked = _ranked(found)
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for one in ranked:
            self._column.addWidget(self._row(one))
        self._text = told_entries(ranked)
        self.setAccessibleName(self._text)
        self.setVisible(bool(ranked))

    def _row(self, one: Mapping[str, Any]) -> QWidget:
        row = QWidget(self)
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(self._look.unit * 2)
        mark = QLabel()
        tone, icon = SIGNS[one["Severity"]]
        mark.setAccessibleName(_words()[one["Severity"]])
        self._look.dress_label(mark, icon, tone)
        across.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        across.addWidget(label(breakable(_line(one)), wrap=True), 1)
        return row
