"""The button that opens the filters, and the panel of choices under it.

Makes a `Sieve` of what is ticked; knows no certificate.
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPoint, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.pki.hierarchy import MISSING
from workbench.pki.purposes import PURPOSE_OIDS, in_words
from workbench.ui.look import Look
from workbench.ui.panes.certificates.sieve import Family, Kind, Origin, Sieve
from workbench.ui.panes.certificates.standing import Heat
from workbench.ui.panes.certificates.states import SIGNS, STEPS
from workbench.ui.widgets.basics import label, push_button


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


class _Choices(QWidget):
    """A question and its answers to tick.

    Args:
        title: the question.
        answers: value and words of each.
        changed: called at each tick.
    """

    def __init__(self, look: Look, title: str, answers: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.unit)
        column.addWidget(label(title, "strong"))
        self.boxes: dict[str, QCheckBox] = {}
        for value, words in answers:
            box = QCheckBox(words)
            box.setAccessibleName(f"{title}: {words}")
            self.boxes[value] = box
            column.addWidget(box)
        column.addStretch(1)

    @property
    def chosen(self) -> frozenset[str]:
        """The values that are ticked."""
        return frozenset(value for value, box in self.boxes.items() if box.isChecked())


class SievePanel(QFrame):
    """The choices.

    Args:
        look: spacing.

    Signals:
        changed: something was ticked.
    """

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("role", "card")
        self._look = look
        self._quiet = False
        purposes = [(str(one), _capital(in_words(one))) for one in PURPOSE_OIDS]
        heats = [(str(int(step)), STEPS[step].word()) for step in _HEATS]
        self.families = _Choices(look, _tr("Algorithm"), [
            (Family.POST_QUANTUM, _tr("Post-quantum")), (Family.CLASSICAL, _tr("Classical")),
        ])  # fmt: skip
        self.kinds = _Choices(look, _tr("Kind"), [
            (Kind.ROOT, _tr("Root CA")), (Kind.AUTHORITY, _tr("Subordinate CA")),
            (Kind.ENTITY, _tr("End entity")),
        ])  # fmt: skip
        self.origins = _Choices(look, _tr("Origin"), [
            (Origin.OWN, _tr("This vault's")), (Origin.IMPORTED, _tr("Imported")),
        ])  # fmt: skip
        self.states = _Choices(look, _tr("State"), [
            (state, sign.text) for state, sign in SIGNS.items() if state != MISSING
        ] + [(MISSING, SIGNS[MISSING].text)])  # fmt: skip
        self.purposes = _Choices(look, _tr("Purpose"), purposes)
        self.heat = QComboBox()
        self.heat.setAccessibleName(_tr("Time left"))
        self.heat.addItem(_tr("Any time left"), "")
        for value, words in heats:
            self.heat.addItem(words, value)
        self.hide_rest = QCheckBox(_tr("Show only what matches, and what is above it"))
        self.clear_button = push_button(_tr("Clear"), self.clear)
        self._arrange()

    @property
    def sieve(self) -> Sieve:
        """What is chosen."""
        heat = self.heat.currentData()
        return Sieve(
            self.families.chosen,
            self.states.chosen,
            Heat(int(heat)) if heat else None,
            self.kinds.chosen,
            self.purposes.chosen,
            self.origins.chosen,
        )

    def clear(self) -> None:
        """Untick everything."""
        self._quiet = True
        for group in self._groups:
            for box in group.boxes.values():
                box.setChecked(False)
        self.heat.setCurrentIndex(0)
        self._quiet = False
        self._tell()

    @property
    def _groups(self) -> tuple[_Choices, ...]:
        return (self.families, self.kinds, self.origins, self.states, self.purposes)

    def _arrange(self) -> None:
        unit = self._look.unit
        grid = QGridLayout()
        grid.setHorizontalSpacing(unit * 8)
        grid.setVerticalSpacing(unit * 4)
        grid.addWidget(self.families, 0, 0)
        grid.addWidget(self.kinds, 1, 0)
        grid.addWidget(self.origins, 2, 0)
        grid.addWidget(self.states, 0, 1, 3, 1)
        grid.addWidget(self.purposes, 0, 2, 3, 1)
        foot = QHBoxLayout()
        foot.setSpacing(unit * 4)
        foot.addWidget(self.heat)
        foot.addWidget(self.hide_rest, 1)
        foot.addWidget(self.clear_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 5, unit * 4, unit * 5, unit * 4)
        column.setSpacing(unit * 4)
        column.addLayout(grid)
        column.addLayout(foot)
        for group in self._groups:
            for box in group.boxes.values():
                box.toggled.connect(lambda _on: self._tell())
        self.heat.currentIndexChanged.connect(lambda _index: self._tell())
        self.hide_rest.toggled.connect(lambda _on: self._tell())

    def _tell(self) -> None:
        if not self._quiet:
            self.changed.emit()


class SieveButton(QToolButton):
    """Opens the filters and says how many are on.

    Args:
        look: icons and spacing.

    Signals:
        sieved: other filters are chosen.
    """

    sieved = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.panel = SievePanel(look, self)
        look.dress(self, "filter", "muted")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setToolTip(self.tr("Filter by algorithm, state, time left, purpose, kind and origin"))
        self.clicked.connect(lambda _checked=False: self.open_panel())
        self.panel.changed.connect(self._changed)
        self._tell()

    @property
    def sieve(self) -> Sieve:
        """What is chosen."""
        return self.panel.sieve

    @property
    def hiding(self) -> bool:
        """Whether what does not match is left out."""
        return self.panel.hide_rest.isChecked()

    def open_panel(self) -> None:
        """Show the choices, within the screen."""
        self.panel.adjustSize()
        place = self.mapToGlobal(QPoint(0, self.height()))
        area = self.screen().availableGeometry()
        left = min(place.x(), area.right() - self.panel.width())
        top = min(place.y(), area.bottom() - self.panel.height())
        self.panel.move(max(area.left(), left), max(area.top(), top))
        self.panel.show()
        self.panel.families.boxes[Family.POST_QUANTUM].setFocus(Qt.FocusReason.PopupFocusReason)

    def _changed(self) -> None:
        self._tell()
        self.sieved.emit()

    def _tell(self) -> None:
        count = self.sieve.count
        words = self.tr("Filters") if not count else self.tr("Filters: {n}").format(n=count)
        self.setText(words)
        self.setAccessibleName(words)


_HEATS = (Heat.YEAR, Heat.QUARTER, Heat.MONTH, Heat.WEEK)
