"""The selected grant told in words, with its members and what can be done; the table's columns.

Knows the kit; ends nothing itself.
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from workbench.ui.pane import Context
from workbench.ui.policies.grants import (
    Grant,
    constraint_words,
    operation_words,
    sentence_of,
    who,
)
from workbench.ui.policies.people import icon_of, name_of
from workbench.ui.widgets.basics import label, push_button
from workbench.ui.widgets.fields import FieldList
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.texts import NOTHING, elide, local_date, local_time, utc_time


def _tr(text: str) -> str:
    return QCoreApplication.translate("grants", text)


def grant_columns(account: str) -> tuple[Column[Grant], ...]:
    """Return how a table shows grants.

    Args:
        account: whose own people need no account named.
    """
    return (
        Column(
            "grantee",
            _tr("Grantee"),
            lambda one: name_of(one.terms.grantee),
            mark=lambda one: Mark(icon_of(one.terms.grantee), "muted"),
            tip=lambda one: one.terms.grantee,
            width=14,
        ),
        Column("name", _tr("Name"), lambda one: one.terms.name or NOTHING, width=12),
        Column(
            "operations",
            _tr("May"),
            lambda one: operation_words(one.terms.operations),
            tip=lambda one: sentence_of(one.terms, account),
            width=20,
        ),
        Column(
            "constraints",
            _tr("Encryption context"),
            lambda one: constraint_words(one.terms) or NOTHING,
            width=22,
        ),
        Column(
            "retiring",
            _tr("Retired by"),
            lambda one: name_of(one.terms.retiring) or NOTHING,
            tip=lambda one: one.terms.retiring,
            width=16,
        ),
        Column(
            "created",
            _tr("Created"),
            lambda one: local_date(one.created),
            key=lambda one: one.created.timestamp() if one.created else 0.0,
            tip=lambda one: f"{local_time(one.created)}\n{utc_time(one.created)}",
            width=12,
        ),
        Column(
            "id",
            _tr("Grant ID"),
            lambda one: elide(one.id, 16),
            tip=lambda one: one.id,
            mono=True,
            width=18,
        ),
    )


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
        self.revoke.setToolTip(self.tr("End it, whatever its grantee says"))
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
