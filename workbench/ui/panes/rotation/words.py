"""The Rotation pane's words for bars and marks. Knows no widget."""

from datetime import UTC, datetime

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from workbench.base.spec_names import spec_name
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.inventory import AWAITING_IMPORT
from workbench.ui.panes.rotation.axis import Tick
from workbench.ui.panes.rotation.lanes import Bar, Lane, Mark, MarkKind
from workbench.ui.widgets.texts import duration, elide, local_date, local_time, utc_time


def _tr(text: str) -> str:
    return QCoreApplication.translate("rotation", text)


def mark_name(kind: MarkKind) -> str:
    """Return what a mark stands for."""
    return {
        "created": _tr("Key created"),
        "automatic": _tr("Automatic rotation"),
        "on-demand": _tr("Rotation on demand"),
        "scheduled": _tr("Next automatic rotation"),
        "expiry": _tr("Imported material expires"),
        "deletion": _tr("Deletion date"),
    }[kind]


def bar_words(lane: Lane, bar: Bar) -> str:
    """Return what stands in a bar."""
    if lane.still:
        reason = words.why_no_rotation(lane.row)
        return _tr("does not rotate: {reason}").format(reason=reason)
    return condition_words(bar).lower()


def condition_words(bar: Bar) -> str:
    """Return what a bar's material is good for; until when, if it runs out."""
    name = words.condition_name(bar.condition)
    expires = bar.material.expires
    if expires is None or bar.condition in {"expired", "missing"}:
        return name
    return _tr("{state}, expires on {date}").format(state=name, date=local_date(expires))


def bar_tip(lane: Lane, bar: Bar) -> str:
    """Return a bar's tooltip."""
    start = bar.material.start
    lines = [words.short_name(lane.row)]
    if not lane.still:
        kind = words.rotation_kind(bar.material)
        lines.append(f"{condition_words(bar)} · {kind}")
        lines.append(words.condition_tip(bar.condition))
    else:
        reason = words.why_no_rotation(lane.row)
        lines.append(_tr("Does not rotate: {reason}").format(reason=reason))
    lines.append(span_words(bar))
    if start is not None:
        lines.append(_tr("Since {utc}").format(utc=utc_time(start)))
    if bar.material.description:
        lines.append(bar.material.description)
    if bar.material.id:
        lines.append(_tr("Material {id}").format(id=elide(bar.material.id, 20)))
    return "\n".join(lines)


def span_words(bar: Bar) -> str:
    """Return from when to when a material is in use, and how long that is."""
    start, end = bar.material.start, bar.material.end
    if start is None:
        return _tr("not in use yet")
    if end is None:
        return _tr("{start} until now, {length}").format(
            start=local_date(start), length=duration(bar.end - bar.start)
        )
    return _tr("{start} to {end}, {length}").format(
        start=local_date(start), end=local_date(end), length=duration(bar.end - bar.start)
    )


def mark_tip(lane: Lane, mark: Mark) -> str:
    """Return a mark's tooltip."""
    moment = datetime.fromtimestamp(mark.moment, UTC)
    name = mark_name(mark.kind)
    if mark.kind == "expiry" and mark.material is not None:
        name = f"{name}: {words.material_name(mark.material)}"
    lines = [words.short_name(lane.row), name]
    lines += [local_time(moment), utc_time(moment)]
    reason = words.why_no_rotation(lane.row)
    if reason:
        lines.append(_tr("Does not rotate: {reason}").format(reason=reason))
    return "\n".join(lines)


def lane_words(lane: Lane) -> str:
    """Return a lane in one sentence, for people who hear it."""
    row = lane.row
    parts = [words.short_name(row), spec_name(row.spec), words.state_name(row.state)]
    reason = words.why_no_rotation(row)
    if reason:
        parts.append(_tr("does not rotate: {reason}").format(reason=reason))
    elif row.rotating_since is not None:
        parts.append(_tr("is being rotated"))
    elif row.external:
        parts.append(_tr("rotates on demand only"))
    elif row.next_rotation is not None:
        parts.append(_tr("rotates next on {date}").format(date=local_date(row.next_rotation)))
    else:
        parts.append(_tr("automatic rotation is off"))
    if row.deletion is not None:
        parts.append(_tr("deleted on {date}").format(date=local_date(row.deletion)))
    return ", ".join(parts)


def rotation_line(lane: Lane) -> str:
    """Return what stands below a key's name: how it rotates, short."""
    row = lane.row
    if row.deletion is not None:
        return _tr("deleted on {date}").format(date=local_date(row.deletion))
    if row.rotating_since is not None:
        return _tr("rotating now…")
    if row.state == AWAITING_IMPORT:
        return _tr("pending import")
    return _usual_rotation(lane)


def _usual_rotation(lane: Lane) -> str:
    row = lane.row
    if not lane.rotates:
        return spec_name(row.spec)
    if row.external:
        return _tr("imported material")
    if row.rotation_days:
        return _tr("every {days} days").format(days=row.rotation_days)
    return _tr("on demand only")


def tick_label(tick: Tick) -> str:
    """Return what stands at a tick, in the person's locale."""
    locale = QLocale()
    moment = tick.moment
    if tick.unit == "hour":
        if tick.first:
            return locale.toString(_date(moment), "d MMM")
        return f"{moment:%H:%M}"
    if tick.unit == "day":
        return locale.toString(_date(moment), "d MMM")
    if tick.unit == "month":
        return locale.toString(_date(moment), "yyyy" if tick.first else "MMM")
    return str(moment.year)


def _date(moment: datetime) -> QDate:
    return QDate(moment.year, moment.month, moment.day)


def today_word() -> str:
    """Return the flag on the line of the present."""
    return _tr("Today")


def moment_of(mark: Mark) -> datetime:
    """Return when a mark is."""
    return datetime.fromtimestamp(mark.moment, UTC)
