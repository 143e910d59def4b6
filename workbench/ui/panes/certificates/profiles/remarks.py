"""What standards say about a profile, and what a certificate from it would say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from workbench.pki.describe import describe
from workbench.ui.errors import Explanation
from workbench.ui.look import Look
from workbench.ui.panes.certificates.finding_list import SIGNS
from workbench.ui.widgets.basics import label
from workbench.ui.widgets.texts import breakable

_ALL_KEYS: Final = 3
_OF_KEYS: Final = frozenset({"Subject key identifier", "Authority key identifier"})


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


class Remarks(QScrollArea):
    """Stands beside the fields of a profile.

    Args:
        look: colours and spacing.
    """

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.texts: list[str] = []
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedWidth(look.unit * 82)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(_tr("What standards say"))
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, look.unit * 2, 0)
        column.setSpacing(look.unit * 2)
        self._state = label("", "muted", wrap=True)
        self._found = QVBoxLayout()
        self._found.setSpacing(look.unit * 2)
        self.sample = label("", wrap=True)
        self._heading = label(_tr("A certificate says"), "heading")
        column.addWidget(label(_tr("What standards say"), "heading"))
        column.addWidget(self._state)
        column.addLayout(self._found)
        column.addWidget(self._heading)
        column.addWidget(self.sample)
        column.addStretch(1)
        self.setWidget(content)
        self.show_checking()

    def show_checking(self) -> None:
        """Say that the check is under way; what it said before stays until it ends."""
        self._say(_tr("Checking…"))

    def show_findings(self, answer: Mapping[str, Any], now: datetime) -> None:
        """Show what `CheckProfile` answered."""
        self._clear()
        found: Sequence[Mapping[str, Any]] = answer["Findings"]
        for one in found:
            self._add(one["Severity"], f"{_with_keys(one)} [{one['Rule']}]")
        good = _tr("Certificates from it keep RFC 5280 and the standards of their purpose, with"
                   " ML-DSA, elliptic-curve and RSA keys.")  # fmt: skip
        self._say("" if found else good)
        sample = bytes(answer.get("Sample", b""))
        self.sample.setText(_told(sample, now) if sample else "")
        self._heading.setVisible(bool(sample))

    def show_refused(self, words: Explanation | str) -> None:
        """Say why it cannot be checked as it is."""
        self._clear()
        self._say("")
        self._add("REFUSED", words if isinstance(words, str) else words.message)
        self.sample.setText("")
        self._heading.hide()

    def _say(self, text: str) -> None:
        self._state.setText(text)
        self._state.setVisible(bool(text))

    def _clear(self) -> None:
        self.texts.clear()
        while self._found.count():
            item = self._found.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    def _add(self, severity: str, text: str) -> None:
        tone, icon = SIGNS[severity]
        row = QWidget()
        across = QHBoxLayout(row)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(self._look.unit * 2)
        mark = QLabel()
        mark.setAccessibleName(severity.lower())
        self._look.dress_label(mark, icon, tone)
        across.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        across.addWidget(label(breakable(text), wrap=True), 1)
        self._found.addWidget(row)
        self.texts.append(text)


def _with_keys(one: Mapping[str, Any]) -> str:
    names = {"ML_DSA": "ML-DSA", "ECC": _tr("elliptic-curve"), "RSA": "RSA"}
    specs = one["KeySpecs"]
    if len(specs) == _ALL_KEYS:
        return str(one["Sentence"])
    keys = ", ".join(next((words for start, words in names.items() if spec.startswith(start)), spec)
                     for spec in specs)  # fmt: skip
    return _tr("With {keys} keys: {sentence}").format(keys=keys, sentence=one["Sentence"])


def _told(sample: bytes, now: datetime) -> str:
    groups = [
        one
        for one in describe(sample, now).groups
        if one.critical is not None and one.title not in _OF_KEYS
    ]
    return "\n\n".join(
        "\n".join(
            [
                f"{one.title} ({_tr('critical')})" if one.critical else one.title,
                *(f"    {row.label}: {breakable(row.value)}" for row in one.rows),
            ]
        )
        for one in groups
    )
