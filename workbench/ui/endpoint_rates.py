"""How often each operation may be asked for, to see a client back off: a short list to edit.

Owns the rows. What a rate does is the endpoint's.
"""

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QVBoxLayout, QWidget

from workbench.api.models import aws_model
from workbench.ui.look import Look
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.spin import padded

Rates = Mapping[tuple[str, str], float]

SERVICES: Final = ("kms", "acm-pca", "sts", "iam", "cloudtrail")
_MOST: Final = 10_000.0
_FIRST: Final = "kms:Encrypt"
_FIRST_RATE: Final = 5.0
_SHOWN: Final = 24
"""Characters of an operation's name that are seen at least."""

_BY_LENGTH: Final = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon


class _Row(QWidget):
    """One operation and its rate."""

    changed = Signal()

    def __init__(self, look: Look, operation: str, rate: float, rows: "RatesEditor") -> None:
        super().__init__(rows)
        self.operation = QComboBox()
        self.operation.setEditable(True)
        self.operation.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.operation.addItems(operations())
        self.operation.setCurrentText(operation)
        self.operation.setAccessibleName(self.tr("Operation"))
        self.operation.setMinimumContentsLength(_SHOWN)
        self.operation.setSizeAdjustPolicy(_BY_LENGTH)
        self.rate = padded(look, QDoubleSpinBox())
        self.rate.setDecimals(1)
        self.rate.setRange(0.1, _MOST)
        self.rate.setSuffix(self.tr(" /s"))
        self.rate.setValue(rate)
        self.rate.setAccessibleName(self.tr("Requests per second"))
        self.remove = push_button(self.tr("Remove"), lambda: rows.remove(self), "flat")
        self.remove.setAccessibleName(self.tr("Remove the limit"))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(look.unit * 2)
        line.addWidget(self.operation, 1)
        line.addWidget(self.rate)
        line.addWidget(self.remove)
        self.operation.currentTextChanged.connect(lambda _text: self.changed.emit())
        self.rate.valueChanged.connect(lambda _value: self.changed.emit())


class RatesEditor(QWidget):
    """Rows of operations and rates; none at all limits nothing.

    Signals:
        changed: `rates` is another.
    """

    changed = Signal()

    def __init__(self, look: Look, rates: Rates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.rows: list[_Row] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(look.unit * 2)
        self._none = label(self.tr("No operation is limited."), "muted", wrap=True)
        self.add = push_button(self.tr("&Limit an operation"), self._add_first)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.unit * 2)
        column.addWidget(self._none)
        column.addLayout(self._column)
        line = QHBoxLayout()
        line.addWidget(self.add)
        line.addStretch(1)
        column.addLayout(line)
        for (service, operation), rate in rates.items():
            self._append(f"{service}:{operation}", rate)
        self._show_none()

    @property
    def rates(self) -> dict[tuple[str, str], float]:
        """Requests per second by (service, operation); rows that name no operation are left out."""
        known = set(operations())
        named = ((row.operation.currentText(), row.rate.value()) for row in self.rows)
        return {split(name): rate for name, rate in named if name in known}

    def remove(self, row: _Row) -> None:
        """Take a row away."""
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        self._changed()
        self.add.setFocus()

    def _add_first(self) -> None:
        self._append(_FIRST, _FIRST_RATE).operation.setFocus()
        self._changed()

    def _append(self, operation: str, rate: float) -> _Row:
        row = _Row(self._look, operation, rate, self)
        row.changed.connect(self.changed)
        self.rows.append(row)
        self._column.addWidget(row)
        return row

    def _changed(self) -> None:
        self._show_none()
        self.changed.emit()

    def _show_none(self) -> None:
        self._none.setVisible(not self.rows)


def operations() -> list[str]:
    """Return every operation that is served, as `kms:Encrypt`."""
    return [
        f"{service}:{name}" for service in SERVICES for name in aws_model(service).operation_names
    ]


def split(name: str) -> tuple[str, str]:
    """Return service and operation of `kms:Encrypt`."""
    service, _, operation = name.partition(":")
    return service, operation


def read_rates(stored: Any) -> dict[tuple[str, str], float]:
    """Return rates out of preferences; what is damaged counts as absent."""
    if not isinstance(stored, dict):
        return {}
    known = set(operations())
    return {
        split(name): float(rate)
        for name, rate in stored.items()
        if name in known and isinstance(rate, int | float) and 0 < rate <= _MOST
    }


def written_rates(rates: Rates) -> dict[str, float]:
    """Return rates as preferences keep them."""
    return {f"{service}:{operation}": rate for (service, operation), rate in rates.items()}
