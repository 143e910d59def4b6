"""What only some formats and few people need: a second key, timestamps, one list of checksums.

Owns these fields; each shows itself where the format and the keys there are make sense of it.
"""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from workbench.base.spec_names import spec_name
from workbench.signing.formats.base import Format
from workbench.signing.recipe import CHECKSUMS
from workbench.ui.look import Look
from workbench.ui.panes.signing.format_fields import keep_narrow
from workbench.ui.panes.signing.recipes import Choices
from workbench.ui.panes.signing.signers import Signer
from workbench.ui.widgets.basics import set_role


class Further(QWidget):
    """Further choices.

    Args:
        look: spacing.

    Signals:
        changed: something was chosen.
    """

    changed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(look.unit * 4)
        self._grid.setVerticalSpacing(look.unit * 2)
        self._grid.setColumnStretch(1, 1)
        self._second = self._row(self.tr("Second key"))
        self._stamper = self._row(self.tr("Timestamps"))
        self._list = self._row(self.tr("Signed"))
        self._list[1].addItem(self.tr("Each file by itself"), "")
        for digest in CHECKSUMS:
            text = self.tr("One list of checksums ({digest})").format(digest=digest)
            self._list[1].addItem(text, digest)
        self._show(self._second, shown=False)
        self._show(self._stamper, shown=False)

    @property
    def captions(self) -> tuple[QLabel, ...]:
        """The words before the fields."""
        return self._second[0], self._stamper[0], self._list[0]

    def align(self, width: int) -> None:
        """Begin the fields where those above and below begin."""
        self._grid.setColumnMinimumWidth(0, width)

    @property
    def second(self) -> Signer | None:
        """The second key, where one is chosen."""
        found = self._second[1].currentData()
        return found if isinstance(found, Signer) else None

    @property
    def stamper(self) -> str:
        """Id of the timestamp authority's key, or nothing."""
        found = self._stamper[1].currentData()
        return found.id if isinstance(found, Signer) else ""

    @property
    def checksums(self) -> str:
        """Digest of the list of checksums, or nothing."""
        return str(self._list[1].currentData() or "")

    def show_signers(self, form: Format, first: Signer | None, signers: Sequence[Signer]) -> None:
        """Offer second keys and timestamp authorities; what was chosen stays where it can."""
        others = [one for one in signers if one is not first and not one.why_not_in(form)]
        several = form.traits.most_signers > 1 and first is not None
        self._fill(self._second, self.tr("No second key"), others if several else [], self.second)
        stampers = [one for one in signers if one.stamps and one.state == "Enabled"]
        before = next((one for one in stampers if one.id == self.stamper), None)
        self._fill(self._stamper, self.tr("None"), stampers if form.traits.stamps else [], before)
        self._show(self._list, shown=not form.traits.takes)

    def apply(self, choices: Choices) -> None:
        """Choose what a recipe says, where it is offered."""
        second = choices.keys[1].id if len(choices.keys) > 1 else ""
        for (_, box), wanted in ((self._second, second), (self._stamper, choices.stamper)):
            place = next((n for n in range(box.count()) if _is_called(box.itemData(n), wanted)), 0)
            box.setCurrentIndex(place)
        self._list[1].setCurrentIndex(max(0, self._list[1].findData(choices.checksums)))

    def _row(self, name: str) -> tuple[QLabel, QComboBox]:
        row = self._grid.rowCount()
        caption, box = QLabel(name), QComboBox()
        caption.setBuddy(box)
        set_role(caption, "strong")
        keep_narrow(box)
        box.setAccessibleName(name)
        box.currentIndexChanged.connect(lambda _place: self.changed.emit())
        self._grid.addWidget(caption, row, 0)
        self._grid.addWidget(box, row, 1)
        return caption, box

    def _fill(
        self,
        row: tuple[QLabel, QComboBox],
        nothing: str,
        signers: Sequence[Signer],
        chosen: Signer | None,
    ) -> None:
        box = row[1]
        box.blockSignals(True)
        box.clear()
        box.addItem(nothing, None)
        for one in signers:
            box.addItem(f"{one.name} ({spec_name(one.spec)})", one)
            if chosen is not None and one.id == chosen.id:
                box.setCurrentIndex(box.count() - 1)
        box.blockSignals(False)
        self._show(row, shown=bool(signers))

    @staticmethod
    def _show(row: tuple[QLabel, QComboBox], *, shown: bool) -> None:
        for widget in row:
            widget.setVisible(shown)


def _is_called(signer: object, key: str) -> bool:
    return bool(key) and isinstance(signer, Signer) and signer.is_called(key)
