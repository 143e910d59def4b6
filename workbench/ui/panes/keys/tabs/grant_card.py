"""The selected grant told in words, with its members and what can be done.

Knows the kit; ends nothing itself.
"""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from workbench.ui.pane import Context
from workbench.ui.policies.grants import Grant, sentence_of, who
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.fields import FieldList


class GrantCard(QFrame):
    """What is selected: one grant whole, or how many.

    Args:
        context: the window.

    Attributes:
        retire: the button that retires what is selected.
        revoke: the button that revokes it.
    """

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._shown: tuple[Grant, ...] = ()
        look, unit = context.look, context.look.unit
        self._sentence = label("", wrap=True)
        self._sentence.setContentsMargins(unit * 4, unit * 3, unit * 4, 0)
        self._fields = FieldList(look, context.frame.copy)
        self.retire = push_button(self.tr("Retire…"), _nothing)
        self.revoke = push_button(self.tr("Revoke…"), _nothing)
        look.dress(self.revoke, "delete")
        buttons = QHBoxLayout()
        buttons.setContentsMargins(unit * 4, unit * 2, unit * 4, 0)
        buttons.setSpacing(unit * 2)
        buttons.addWidget(self.retire)
        buttons.addWidget(self.revoke)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._sentence)
        column.addLayout(buttons)
        column.addWidget(self._fields)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says about the grant."""
        return self._sentence.text()

    def show_grants(self, grants: Sequence[Grant], why_not_retire: str) -> None:
        """Show what is selected.

        Args:
            grants: the selection.
            why_not_retire: why it cannot be retired by whoever acts; empty if it can be.
        """
        self._shown = tuple(grants)
        self.setVisible(bool(grants))
        self.retire.setEnabled(not why_not_retire)
        self.retire.setToolTip(
            why_not_retire
            or self.tr("End it as its retiring principal, or as its grantee when it is done")
        )
        self.revoke.setToolTip(self.tr("End it, whatever its grantee says (Del)"))
        self._fields.clear()
        self._fields.setVisible(len(grants) == 1)
        if len(grants) == 1:
            self._show_one(grants[0])
        else:
            told = self.tr("{n} grants are selected.").format(n=len(grants))
            self._sentence.setText(told if grants else "")

    def copy_ids(self) -> None:
        """Copy the ids of what is shown."""
        ids = "\n".join(one.id for one in self._shown)
        self._context.frame.copy(ids, self.tr("Grant ID"))

    def _show_one(self, grant: Grant) -> None:
        fields, terms = self._fields, grant.terms
        self._sentence.setText(sentence_of(terms, self._context.bench.place.account))
        fields.text(self.tr("Grant ID"), grant.id, mono=True, copy=True)
        fields.text(self.tr("Grantee"), terms.grantee, copy=True)
        fields.text(self.tr("Operations"), ", ".join(terms.operations))
        for name, pairs in (
            (self.tr("Encryption context is exactly"), terms.equals),
            (self.tr("Encryption context has"), terms.subset),
        ):
            if pairs is not None:
                fields.text(name, "\n".join(f"{key}={value}" for key, value in pairs), mono=True)
        if terms.source_arn:
            fields.text(self.tr("Acting for"), terms.source_arn, copy=True)
        if terms.retiring:
            fields.text(self.tr("Retiring principal"), terms.retiring, copy=True)
        if grant.issuer:
            issuer = who(grant.issuer, self._context.bench.place.account)
            fields.text(self.tr("Made in the name of"), issuer, tip=grant.issuer)
        fields.time(self.tr("Created"), grant.created)


def _nothing() -> None:
    """Wait for whoever listens to the button itself."""
