"""A policy's statements as cards: allow or deny, in a sentence, with the way to the text.

Knows the kit; the sentences come from `workbench.ui.policies.sentences`.
"""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from workbench.ui.look import Look
from workbench.ui.policies.sentences import Told
from workbench.ui.widgets.basics import Badge, label, push_button


def effect_badge(look: Look, *, allows: bool) -> Badge:
    """Return the badge of a statement's effect."""
    translate = QCoreApplication.translate
    words = translate("policies", "Allow") if allows else translate("policies", "Deny")
    return Badge(look, words, "ok" if allows else "danger", "ok" if allows else "disable")


class StatementList(QWidget):
    """One card for each statement.

    Signals:
        chosen(int): a statement is to be shown in the text, counted from 0.
    """

    chosen = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._told: tuple[Told, ...] = ()
        self._note = label("", "muted", wrap=True)
        self._cards = QVBoxLayout()
        unit = look.unit
        self._cards.setSpacing(unit * 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(unit * 4, unit * 3, unit * 4, unit * 4)
        column.setSpacing(unit * 2)
        column.addWidget(self._note)
        column.addLayout(self._cards)
        column.addStretch(1)

    def show_statements(self, told: Sequence[Told], note: str = "") -> None:
        """Show statements, below a note if there is one."""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        if tuple(told) == self._told:
            return
        self._told = tuple(told)
        while self._cards.count():
            item = self._cards.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for one in told:
            self._cards.addWidget(self._card(one))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the cards say."""
        return tuple(one.sentence for one in self._told)

    def _card(self, told: Told) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        unit = self._look.unit
        head = QHBoxLayout()
        head.setSpacing(unit * 2)
        head.addWidget(effect_badge(self._look, allows=told.allows))
        head.addWidget(label(told.title, "strong", wrap=True), 1)
        show = push_button(self.tr("Show"), partial(self.chosen.emit, told.index), "link")
        show.setAccessibleName(self.tr("Show statement {title}").format(title=told.title))
        head.addWidget(show)
        column = QVBoxLayout(card)
        column.setContentsMargins(unit * 3, unit * 2, unit * 2, unit * 3)
        column.setSpacing(unit)
        column.addLayout(head)
        column.addWidget(label(told.sentence, wrap=True))
        return card
