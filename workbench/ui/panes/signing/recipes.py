"""What was chosen last about signing, as it is remembered beside the vault.

Named recipes are the vault's (`workbench.signing.recipe_book`); those that an earlier version kept
here are handed over once. Nothing here is private.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from workbench.base.errors import Refused
from workbench.signing.choices import LONGEST_NAME, Choices, KeyChoice, read_choices
from workbench.ui.preferences import Preferences

__all__ = ["LONGEST_NAME", "Choices", "KeyChoice", "Remembered"]

_LAST: Final = "signing/last"
_NAMED: Final = "signing/recipes"
_OLD: Final[Mapping[str, Any]] = {
    "key": "", "digest": "", "pss": False, "folder": "", "replace": False, "name": "",
}  # fmt: skip


def _choices(stored: Any) -> Choices | None:
    """Read what was stored; what is damaged counts as absent."""
    if not isinstance(stored, Mapping):
        return None
    if "format" not in stored:
        return _of_before(stored)
    try:
        return read_choices(dict(stored), named=False)
    except Refused:
        return None


def _of_before(stored: Mapping[str, Any]) -> Choices | None:
    """Read what was stored before there were formats."""
    values = {name: stored.get(name, usual) for name, usual in _OLD.items()}
    if not all(isinstance(values[name], type(usual)) for name, usual in _OLD.items()):
        return None
    keys = (KeyChoice(values["key"]),) if values["key"] else ()
    return Choices(
        keys=keys,
        digest=values["digest"],
        pss=values["pss"] or None,
        folder=values["folder"],
        replace=values["replace"],
        name=values["name"],
    )


class Remembered:
    """The last choices.

    Args:
        preferences: where they are kept.
    """

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    @property
    def last(self) -> Choices:
        """What was used last, or nothing chosen."""
        return _choices(self._preferences.get(_LAST)) or Choices()

    def remember(self, choices: Choices) -> None:
        """Keep what was used; names are for the vault."""
        self._preferences.set(_LAST, replace(choices, name="").to_record())

    def take_old(self) -> tuple[Choices, ...]:
        """Return the named recipes of an earlier version; forget them with `drop_old`."""
        stored = self._preferences.get(_NAMED)
        entries = stored if isinstance(stored, list) else []
        found = [one for one in map(_choices, entries) if one is not None]
        return tuple(one for one in found if one.name and one.keys)

    def drop_old(self) -> None:
        """Forget what `take_old` returned: the vault has it."""
        if self._preferences.get(_NAMED):
            self._preferences.set(_NAMED, [])
