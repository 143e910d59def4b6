"""The choices of a signature format as fields that appear as the format needs them.

Owns the fields; what there is to choose, the format says itself.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from workbench.signing.formats.registry import Choice, Value, choices_of
from workbench.ui.look import Look
from workbench.ui.panes.signing.format_words import choice_label, value_label
from workbench.ui.widgets.basics import set_role
from workbench.ui.widgets.spin import padded

_MOST: Final = 100_000
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True)
class _Field:
    """One choice on the page."""

    choice: Choice
    widget: QWidget
    read: Callable[[], Value]
    write: Callable[[Value], None]


class FormatFields(QWidget):
    """Fields for what there is to choose about one format.

    Args:
        look: spacing.

    Attributes:
        captions: the words before the fields.

    Signals:
        changed: something was chosen.
    """

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._kind = ""
        self._fields: list[_Field] = []
        self.captions: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(look.unit * 4)
        self._grid.setVerticalSpacing(look.unit * 2)
        self._grid.setColumnStretch(1, 1)

    @property
    def options(self) -> tuple[tuple[str, Value], ...]:
        """What is not as usual, by name, sorted."""
        chosen = ((one.choice, one.read()) for one in self._fields)
        return tuple(sorted((one.name, value) for one, value in chosen if value != one.usual))

    def show_format(
        self, kind: str, options: Mapping[str, Value], only: Collection[str] | None = None
    ) -> None:
        """Show the choices of a format, as they are chosen; all, or only some by name."""
        if kind != self._kind:
            self._kind = kind
            every = choices_of(kind)
            self._rebuild(tuple(one for one in every if only is None or one.name in only))
        for one in self._fields:
            value = options.get(one.choice.name, one.choice.usual)
            one.write(value if type(value) is type(one.choice.usual) else one.choice.usual)

    def reach(self, name: str) -> bool:
        """Put the keyboard into the field of a choice; False where there is none such."""
        widget = next((one.widget for one in self._fields if one.choice.name == name), None)
        if widget is not None:
            widget.setFocus(Qt.FocusReason.OtherFocusReason)
        return widget is not None

    def align(self, width: int) -> None:
        """Begin the fields where those above and below begin."""
        self._grid.setColumnMinimumWidth(0, width)

    def _rebuild(self, choices: tuple[Choice, ...]) -> None:
        self._fields.clear()
        self.captions.clear()
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for choice in choices:
            self._add(choice)

    def _add(self, choice: Choice) -> None:
        row, text = self._grid.rowCount(), choice_label(choice.name)
        if isinstance(choice.usual, bool):
            box = QCheckBox(text)
            box.toggled.connect(lambda _on: self.changed.emit())
            # An empty caption, so that the column keeps its distance.
            self._grid.addWidget(QLabel(), row, 0)
            self._grid.addWidget(box, row, 1)
            self._fields.append(
                _Field(choice, box, box.isChecked, lambda value: box.setChecked(bool(value)))
            )
            return
        made = self._field(choice)
        field = made.widget
        field.setAccessibleName(text)
        caption = QLabel(text)
        caption.setBuddy(field)
        set_role(caption, "strong")
        self._grid.addWidget(caption, row, 0)
        self._grid.addWidget(field, row, 1)
        self.captions.append(caption)
        self._fields.append(made)

    def _field(self, choice: Choice) -> _Field:
        if choice.values:
            several = QComboBox()
            keep_narrow(several)
            for value in choice.values:
                several.addItem(value_label(value), value)
            several.currentIndexChanged.connect(lambda _place: self.changed.emit())
            return _Field(
                choice,
                several,
                lambda: several.currentData() or choice.usual,
                lambda value: several.setCurrentIndex(max(0, several.findData(value))),
            )
        if isinstance(choice.usual, int):
            number = padded(self._look, QSpinBox())
            number.setRange(0, _MOST)
            number.valueChanged.connect(lambda _value: self.changed.emit())
            return _Field(choice, number, number.value, lambda value: number.setValue(int(value)))
        text = QLineEdit()
        text.setMaxLength(_LONGEST)
        text.setPlaceholderText(choice.usual)
        text.textChanged.connect(lambda _text: self.changed.emit())
        usual = choice.usual
        return _Field(
            choice,
            text,
            lambda: text.text().strip() or usual,
            lambda value: text.setText("" if value == usual else str(value)),
        )


def keep_narrow(box: QComboBox) -> None:
    """Let a list be narrower than its longest entry: the form has to fit into its dialog."""
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
