"""The certificates as a table, for people who prefer lists."""

from PySide6.QtCore import QCoreApplication

from workbench.ui.look import Look
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.states import SIGNS
from workbench.ui.preferences import Preferences
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import NOTHING, local_date, local_time


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def _state_mark(record: Record) -> Mark:
    sign = SIGNS[record.state]
    return Mark(sign.icon, sign.tone)


def kind(record: Record) -> str:
    """Return what a certificate is for, in two or three words."""
    if record.root and record.authority:
        return _tr("Root CA")
    return _tr("Subordinate CA") if record.authority else _tr("End entity")


def kind_icon(record: Record) -> str:
    """Return the icon of what a certificate is for."""
    if record.root and record.authority:
        return "root"
    return "hierarchy" if record.authority else "certificate"


def columns() -> list[Column[Record]]:
    """Return the table's columns."""
    return [
        Column("name", _tr("Name"), lambda one: one.name, width=30,
               mark=lambda one: Mark(kind_icon(one), "muted"), tip=lambda one: one.subject),
        Column("issuer", _tr("Issuer"), lambda one: one.issuer, width=26),
        Column("kind", _tr("Kind"), kind, width=15, hidden=True),
        Column("algorithm", _tr("Algorithm"), lambda one: one.algorithm, width=14,
               mark=lambda one: Mark("pq", "pq") if one.post_quantum else None,
               tip=lambda one: f"{one.algorithm}, {_tr('post-quantum')}"
               if one.post_quantum else one.algorithm),
        Column("from", _tr("Valid from"), lambda one: local_date(one.starts), width=13, hidden=True,
               key=lambda one: one.starts.timestamp(), tip=lambda one: local_time(one.starts),
               searched=False),
        Column("until", _tr("Valid until"), lambda one: local_date(one.ends), width=13,
               key=lambda one: one.ends.timestamp(), tip=lambda one: local_time(one.ends),
               searched=False),
        Column("state", _tr("State"), lambda one: SIGNS[one.state].text, width=16,
               mark=_state_mark),
        Column("trusted", _tr("Trusted"), lambda one: _tr("Trusted root") if one.trusted
               else NOTHING, width=15,
               mark=lambda one: Mark("shield", "info") if one.trusted else None),
        Column("serial", _tr("Serial number"), lambda one: one.serial, width=34, mono=True),
    ]  # fmt: skip


def searched(record: Record) -> str:
    """Return what a search looks into beside the columns."""
    words = (record.subject, record.id, *record.arns)
    return "\n".join(words) + ("\n" + _tr("post-quantum") if record.post_quantum else "")


class CertificateTable(RowTable):
    """The table.

    Args:
        look: colours and spacing.
        preferences: where its columns are remembered.
        label: accessible name.
    """

    def __init__(self, look: Look, preferences: Preferences, label: str) -> None:
        self.records: RowModel[Record] = RowModel(
            look, columns(), lambda one: one.id, extra=searched
        )
        super().__init__(self.records, look, preferences, "certificates", label)
