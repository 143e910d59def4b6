"""The certificates as a table, for people who prefer lists."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from PySide6.QtCore import QCoreApplication

from workbench.pki.roster import Held
from workbench.ui.look import Look
from workbench.ui.panes.certificates.records import Record
from workbench.ui.panes.certificates.states import AUTHORITIES, SIGNS, Sign
from workbench.ui.preferences import Preferences
from workbench.ui.widgets.rows import Column, Mark
from workbench.ui.widgets.table import RowModel, RowTable
from workbench.ui.widgets.texts import NOTHING, local_date, local_time


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


Line = Record | Held
"""A certificate, or a CA of this vault that waits for its own."""

_NEVER: Final = 0.0


def kind(line: Line) -> str:
    """Return what a certificate is for, in two or three words."""
    if _root(line):
        return _tr("Root CA")
    return _tr("Subordinate CA") if _authority(line) else _tr("End entity")


def kind_icon(line: Line) -> str:
    """Return the icon of what a certificate is for."""
    if _root(line):
        return "root"
    return "hierarchy" if _authority(line) else "certificate"


def _authority(line: Line) -> bool:
    return line.authority if isinstance(line, Record) else True


def _root(line: Line) -> bool:
    return line.root and _authority(line)


def _of(field: Callable[[Record], str], otherwise: str = NOTHING) -> Callable[[Line], str]:
    """Return what a certificate has, and a CA without one has not."""
    return lambda one: field(one) if isinstance(one, Record) else otherwise


def _dated(
    name: str, title: str, moment: Callable[[Record], datetime], *, hidden: bool = False
) -> Column[Line]:
    def key(one: Line) -> float:
        return moment(one).timestamp() if isinstance(one, Record) else _NEVER

    return Column(name, title, _of(lambda one: local_date(moment(one))), key, width=13,
                  tip=_of(lambda one: local_time(moment(one))), hidden=hidden,
                  searched=False)  # fmt: skip


def _algorithm(line: Line) -> str:
    return line.algorithm if isinstance(line, Record) else line.key


def _state(line: Line) -> Sign:
    return SIGNS[line.state] if isinstance(line, Record) else AUTHORITIES[line.status]


def _state_mark(line: Line) -> Mark:
    sign = _state(line)
    return Mark(sign.icon, sign.tone)


def _trusted(line: Line) -> bool:
    return isinstance(line, Record) and line.trusted


def _id(line: Line) -> str:
    return line.id if isinstance(line, Record) else line.arn


def columns() -> list[Column[Line]]:
    """Return the table's columns."""
    return [
        Column("name", _tr("Name"), lambda one: one.name, width=30,
               mark=lambda one: Mark(kind_icon(one), "muted"),
               tip=lambda one: one.subject if isinstance(one, Record) else one.arn),
        Column("issuer", _tr("Issuer"), _of(lambda one: one.issuer), width=26),
        Column("kind", _tr("Kind"), kind, width=15, hidden=True),
        Column("algorithm", _tr("Algorithm"), _algorithm, width=14,
               mark=lambda one: Mark("pq", "pq") if one.post_quantum else None,
               tip=lambda one: f"{_algorithm(one)}, {_tr('post-quantum')}"
               if one.post_quantum else _algorithm(one)),
        _dated("from", _tr("Valid from"), lambda one: one.starts, hidden=True),
        _dated("until", _tr("Valid until"), lambda one: one.ends),
        Column("state", _tr("State"), lambda one: _state(one).text, width=24, mark=_state_mark),
        Column("trusted", _tr("Trusted"), lambda one: _tr("Trusted root") if _trusted(one)
               else NOTHING, width=15,
               mark=lambda one: Mark("shield", "info") if _trusted(one) else None),
        Column("serial", _tr("Serial number"), _of(lambda one: one.serial), width=34, mono=True),
    ]  # fmt: skip


def searched(line: Line) -> str:
    """Return what a search looks into beside the columns."""
    if not isinstance(line, Record):
        return line.arn
    words = (line.subject, line.id, *line.arns)
    return "\n".join(words) + ("\n" + _tr("post-quantum") if line.post_quantum else "")


class CertificateTable(RowTable):
    """The table.

    Args:
        look: colours and spacing.
        preferences: where its columns are remembered.
        label: accessible name.
    """

    def __init__(self, look: Look, preferences: Preferences, label: str) -> None:
        self.records: RowModel[Line] = RowModel(look, columns(), _id, extra=searched)
        super().__init__(self.records, look, preferences, "certificates", label)
