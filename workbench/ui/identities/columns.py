"""The columns of the tables of identities. Knows words and rows; knows no widget."""

from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QCoreApplication

from workbench.ui.identities import words
from workbench.ui.identities.rows import ROOT, USER, IdentityRow
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.texts import local_date, utc_time

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ORDER: Final = {ROOT: 0, USER: 1}


def _tr(text: str) -> str:
    return QCoreApplication.translate("identities", text)


def name_column() -> Column[IdentityRow]:
    """Return the column that leads every table."""
    return Column(
        "name",
        _tr("Name"),
        lambda row: row.name,
        key=lambda row: (_ORDER.get(row.kind, 2), row.name.casefold()),
        mark=lambda row: Mark(words.icon_of(row.kind), "muted"),
        tip=lambda row: row.arn,
        width=24,
    )


def kind_column() -> Column[IdentityRow]:
    """Return the column that says user or role."""
    return Column("kind", _tr("Kind"), lambda row: words.kind_name(row.kind), width=14)


def identity_columns() -> tuple[Column[IdentityRow], ...]:
    """Return the columns of the window of users and roles."""
    return (
        name_column(),
        kind_column(),
        Column("path", _tr("Path"), lambda row: row.path, width=12),
        Column(
            "created",
            _tr("Created"),
            lambda row: local_date(row.created),
            key=lambda row: row.created or _LONG_AGO,
            tip=lambda row: utc_time(row.created),
            width=14,
        ),
        Column("description", _tr("Description"), lambda row: row.description, width=24),
        Column("id", _tr("Unique ID"), lambda row: row.id, width=24, hidden=True, mono=True),
        Column("arn", _tr("ARN"), lambda row: row.arn, width=48, hidden=True, mono=True),
    )
