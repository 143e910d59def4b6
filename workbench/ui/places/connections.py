"""Connections to AWS that are remembered: a name, a profile, a Region, an endpoint; no secret.

Knows no widget. What is damaged or could leak counts as absent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.base.errors import Refused
from workbench.base.sites import Site
from workbench.ui.preferences import Preferences

KEY: Final = "aws_connections"
"""Name of the preference."""

LONGEST_NAME: Final = 60
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Connection:
    """A site at AWS under the name a person gave it."""

    name: str
    site: Site


def read_connections(stored: object) -> tuple[Connection, ...]:
    """Return what was remembered, in the order of names."""
    listed = stored if isinstance(stored, list) else []
    found: dict[str, Connection] = {}
    for item in listed[:_MOST]:
        one = _read(item)
        if one is not None:
            found[one.name] = one
    return tuple(sorted(found.values(), key=lambda one: one.name.casefold()))


def connections_of(preferences: Preferences) -> tuple[Connection, ...]:
    """Return the connections of a vault."""
    return read_connections(preferences.get(KEY, []))


def remember(preferences: Preferences, one: Connection) -> None:
    """Keep a connection; one of the same name is replaced."""
    others = (other for other in connections_of(preferences) if other.name != one.name)
    _write(preferences, [*others, one])


def forget(preferences: Preferences, name: str) -> None:
    """Drop a connection."""
    _write(preferences, [one for one in connections_of(preferences) if one.name != name])


def name_problem(name: str) -> str:
    """Return whether something can be a connection's name: why not, or nothing."""
    fits = 0 < len(name.strip()) <= LONGEST_NAME and name.isprintable()
    return "" if fits else f"1 to {LONGEST_NAME} characters."


def _write(preferences: Preferences, every: Sequence[Connection]) -> None:
    preferences.set(KEY, [{"name": one.name, "site": one.site.to_record()} for one in every])


def _read(item: Any) -> Connection | None:
    try:
        name, site = item["name"], Site.from_record(item["site"])
    except (TypeError, KeyError, AttributeError, Refused):
        return None
    usable = isinstance(name, str) and not name_problem(name) and site.aws
    return Connection(name, site) if usable else None
