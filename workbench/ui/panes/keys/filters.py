"""The two boxes beside the filter field: kind of key, and state."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtWidgets import QComboBox

from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import DISABLED, ENABLED, PENDING_DELETION, KeyRow


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


class StateAndGroup(QObject):
    """Which keys are shown.

    Signals:
        changed: another choice was made.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.group = QComboBox()
        self.group.setAccessibleName(_tr("Kind of key"))
        self.group.setToolTip(_tr("Show one kind of key only"))
        self.group.addItem(_tr("All kinds"), "")
        groups: tuple[words.Group, ...] = ("pq", "classical", "symmetric")
        for group in groups:
            self.group.addItem(words.group_name(group), group)
        self.state = QComboBox()
        self.state.setAccessibleName(_tr("Key state"))
        self.state.setToolTip(_tr("Show keys of one state only"))
        self.state.addItem(_tr("Any state"), "")
        for state in (ENABLED, DISABLED, PENDING_DELETION):
            self.state.addItem(words.state_name(state), state)
        for box in self.boxes:
            box.currentIndexChanged.connect(lambda _index: self.changed.emit())

    @property
    def boxes(self) -> tuple[QComboBox, QComboBox]:
        """The boxes, from left to right."""
        return self.group, self.state

    @property
    def predicate(self) -> Callable[[KeyRow], bool] | None:
        """Whether a key is shown; None if every key is."""
        group, state = self.group.currentData(), self.state.currentData()
        if not group and not state:
            return None

        def passes(row: KeyRow) -> bool:
            right_state = not state or row.state == state
            return right_state and (not group or words.group_of(row.spec) == group)

        return passes

    def clear(self) -> None:
        """Show every key."""
        for box in self.boxes:
            box.setCurrentIndex(0)
