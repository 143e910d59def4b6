"""Several signatures, counter-signatures and timestamps, each drawn with its own chain."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.signing.verdict import Part
from workbench.ui.look import Look
from workbench.ui.panes.signing.chain_cards import ChainCards
from workbench.ui.widgets.basics import Badge, label
from workbench.ui.widgets.texts import local_time


class PartsView(QWidget):
    """The parts of a verdict, one below the other; what stands on one is indented.

    Args:
        look: colours and spacing.

    Attributes:
        titles: the line above each part.
        chains: the chain of each part that has one.

    Signals:
        picked(bytes): a certificate was picked; its DER.
    """

    picked = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.titles: list[QLabel] = []
        self.chains: list[ChainCards] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.unit * 4)

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Draw other parts; nothing where there is only one signature and nothing on it."""
        self.titles.clear()
        self.chains.clear()
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        several = len(parts) > 1 or any(part.parts for part in parts)
        self.setVisible(several)
        if several:
            for part in parts:
                for depth, one in part.walk():
                    self._column.addWidget(self._build(one, depth))

    def _build(self, part: Part, depth: int) -> QFrame:
        unit = self._look.unit
        box = QFrame()
        column = QVBoxLayout(box)
        column.setContentsMargins(unit * 5 * depth, 0, 0, 0)
        column.setSpacing(unit * 2)
        head = QHBoxLayout()
        title = label(f"{self._title(part)}: {part.signer}", "strong", wrap=True)
        head.addWidget(title, 1)
        words = self.tr("In order") if part.valid else self.tr("Not in order")
        head.addWidget(Badge(self._look, words, "ok" if part.valid else "danger"))
        column.addLayout(head)
        about = [part.algorithm] if part.algorithm else []
        if part.moment is not None:
            about.append(local_time(part.moment))
        if about:
            column.addWidget(label(", ".join(about), "muted"))
        broken = next((check for check in part.checks if check.state == "failed"), None)
        if broken is not None:
            column.addWidget(label(f"{broken.sentence} {broken.next_step}".strip(), wrap=True))
        if part.links:
            chain = ChainCards(self._look)
            chain.show_links(part.links)
            chain.picked.connect(self.picked)
            column.addWidget(chain)
            self.chains.append(chain)
        self.titles.append(title)
        return box

    def _title(self, part: Part) -> str:
        number = part.title.rpartition(" ")[2]
        place = f" {number}" if number.isdigit() else ""
        if part.kind == "timestamp":
            return self.tr("Timestamp") + place
        if part.kind == "counter-signature":
            return self.tr("Counter-signature") + place
        return self.tr("Signer") + place
