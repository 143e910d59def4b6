"""The table of a key's grants: its columns, and the Delete key, which ends what is selected.

Knows the kit; ends nothing itself.
"""

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent

from workbench.ui.policies.grants import Grant, constraint_words, operation_words, sentence_of
from workbench.ui.policies.people import icon_of, name_of
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowTable
from workbench.ui.widgets.texts import NOTHING, elide, local_date, local_time, utc_time


def _tr(text: str) -> str:
    return QCoreApplication.translate("grants", text)


class GrantTable(RowTable):
    """A table whose Delete key is about its own rows, not about the pane's key.

    Signals:
        ending_wanted: the selected grants are to be ended.
    """

    ending_wanted = Signal()

    def event(self, event: QEvent) -> bool:
        """Take the Delete key before the pane's shortcut does."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Delete
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ask to end what is selected."""
        if event.key() == Qt.Key.Key_Delete:
            self.ending_wanted.emit()
        else:
            super().keyPressEvent(event)


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
