"""The columns of the keys table. Knows words and rows; knows no widget."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QCoreApplication

from workbench.base.spec_names import spec_name
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import ROTATION, TAGS, KeyRow
from workbench.ui.panes.keys.last_uses import UNKNOWN_ORDER, LastUses
from workbench.ui.widgets.rows import Column
from workbench.ui.widgets.texts import NOTHING, duration, local_date, local_time, utc_time

LAST_USED: Final = "used"
"""The column that tells when a key was last used."""

_READING: Final = "…"
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FAR_AHEAD: Final = datetime(9999, 1, 1, tzinfo=UTC)


def _tr(text: str) -> str:
    return QCoreApplication.translate("keys", text)


def key_columns(now: Callable[[], datetime], uses: LastUses) -> tuple[Column[KeyRow], ...]:
    """Return the columns.

    Args:
        now: the bench's clock, for ages.
        uses: when keys were last used; asked for those that are painted.
    """

    def used(row: KeyRow) -> str:
        use = uses.look(row.id)
        return _READING if use is None else use.text(now())

    def used_tip(row: KeyRow) -> str:
        use = uses.known(row.id)
        return _tr("Being read") if use is None else use.tip()

    def used_order(row: KeyRow) -> tuple[int, float]:
        use = uses.known(row.id)
        return UNKNOWN_ORDER if use is None else use.order

    return (
        Column(
            "name",
            _tr("Name"),
            lambda row: row.title,
            key=lambda row: (not row.names, row.title.casefold()),
            mark=lambda row: words.group_mark(words.group_of(row.spec)),
            tip=_name_tip,
            width=15,
        ),
        Column("spec", _tr("Key spec"), lambda row: row.spec or NOTHING, tip=_spec_tip, width=23),
        Column(
            "usage",
            _tr("Usage"),
            lambda row: words.usage_name(row.usage),
            tip=lambda row: words.usage_tip(row.usage),
            width=18,
            yields=3,
        ),
        Column(
            "state",
            _tr("State"),
            lambda row: words.state_name(row.state),
            mark=lambda row: words.state_mark(row.state),
            tip=lambda row: row.problem or words.deletion_words(row, now()) or "",
            width=17,
        ),
        Column(
            "material",
            _tr("Material age"),
            lambda row: _age(row.material_since, now()),
            key=lambda row: -(row.material_since or _LONG_AGO).timestamp(),
            tip=lambda row: utc_time(row.material_since),
            width=13,
            yields=2,
            searched=False,
        ),
        Column(
            "rotation",
            _tr("Next rotation"),
            lambda row: _unless(row, ROTATION, words.rotation_words(row) or NOTHING),
            key=lambda row: (row.next_rotation or _FAR_AHEAD, not row.rotates),
            tip=_rotation_tip,
            width=17,
            searched=False,
        ),
        Column(
            LAST_USED,
            _tr("Last used"),
            used,
            key=used_order,
            tip=used_tip,
            width=13,
            yields=1,
            searched=False,
        ),
        Column("tags", _tr("Tags"), _tags, width=24, yields=4, tip=lambda row: _tags(row, "\n")),
        Column(
            "created",
            _tr("Created"),
            lambda row: local_date(row.created),
            key=lambda row: row.created or _LONG_AGO,
            tip=lambda row: f"{local_time(row.created)}\n{utc_time(row.created)}",
            width=12,
            yields=5,
            searched=False,
        ),
        Column(
            "origin",
            _tr("Origin"),
            lambda row: words.origin_name(row.origin),
            width=19,
            hidden=True,
        ),
        Column(
            "deletion",
            _tr("Deletion date"),
            lambda row: local_date(row.deletion),
            key=lambda row: row.deletion or _FAR_AHEAD,
            width=14,
            hidden=True,
            searched=False,
        ),
        Column(
            "description", _tr("Description"), lambda row: row.description, width=30, hidden=True
        ),
        Column("id", _tr("Key ID"), lambda row: row.id, width=40, hidden=True, mono=True),
    )


def also_searched(row: KeyRow) -> str:
    """Return what the filter finds though no column says it: group, every alias, safety, tags."""
    group = words.group_name(words.group_of(row.spec))
    return "\n".join((row.arn, group, row.usage, spec_name(row.spec), *row.names))


def _age(moment: datetime | None, now: datetime) -> str:
    return duration(max(0.0, (now - moment).total_seconds())) if moment else NOTHING


def _unless(row: KeyRow, what: str, text: str) -> str:
    """Return a text, or that whoever asks may not see what it would say."""
    return _tr("Not permitted") if what in row.withheld else text


def _tags(row: KeyRow, between: str = ", ") -> str:
    told = between.join(f"{name}={value}" if value else name for name, value in row.tags)
    return _unless(row, TAGS, told)


def _name_tip(row: KeyRow) -> str:
    lines = [*row.names, row.id, row.description]
    return "\n".join(line for line in lines if line)


def _spec_tip(row: KeyRow) -> str:
    facts = words.SPECS.get(row.spec)
    return words.strength_line(facts) if facts else ""


def _rotation_tip(row: KeyRow) -> str:
    reason = words.why_no_rotation(row)
    if ROTATION in row.withheld:
        return _tr("Needs kms:GetKeyRotationStatus and kms:ListKeyRotations on this key")
    if reason:
        return _tr("Does not rotate: {reason}").format(reason=reason)
    if not row.rotation_days:
        return _tr("Automatic rotation is off")
    return _tr("Every {days} days, next on {date}").format(
        days=row.rotation_days, date=local_time(row.next_rotation)
    )
