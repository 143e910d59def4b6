"""Recipes as they are remembered: what was chosen last, and what was given a name.

A remembered recipe holds choices, not certificates: the chain is looked up when it is used, so that
a renewed certificate is taken up. Nothing here is private.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from workbench.ui.preferences import Preferences

_LAST: Final = "signing/last"
_NAMED: Final = "signing/recipes"
LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose.

    Attributes:
        key: key id.
        digest: digest of the files; empty for the key's usual one.
        pss: for RSA keys, PSS rather than PKCS#1 v1.5.
        folder: where signatures go; empty for beside each file.
        replace: whether existing signatures are replaced.
        name: what the recipe is called; empty for none.
    """

    key: str = ""
    digest: str = ""
    pss: bool = False
    folder: str = ""
    replace: bool = False
    name: str = ""

    @property
    def place(self) -> Path | None:
        """Where signatures go, or None for beside each file."""
        return Path(self.folder) if self.folder else None


def _choices(stored: Any) -> Choices | None:
    """Read what was stored; what is damaged counts as absent."""
    if not isinstance(stored, Mapping):
        return None
    values = {name: stored.get(name, default) for name, default in asdict(Choices()).items()}
    sound = all(
        isinstance(values[name], type(default)) for name, default in asdict(Choices()).items()
    )
    return Choices(**values) if sound else None


class RecipeBook:
    """The last recipe and the named ones.

    Args:
        preferences: where they are kept.
    """

    def __init__(self, preferences: Preferences) -> None:
        self._preferences = preferences

    @property
    def last(self) -> Choices:
        """What was used last, or nothing chosen."""
        return _choices(self._preferences.get(_LAST)) or Choices()

    @property
    def named(self) -> tuple[Choices, ...]:
        """Recipes with a name, by name."""
        stored = self._preferences.get(_NAMED)
        entries = stored if isinstance(stored, list) else []
        found = [one for one in map(_choices, entries) if one is not None and one.name]
        return tuple(sorted(found, key=lambda one: one.name.casefold()))

    def remember(self, choices: Choices) -> None:
        """Keep what was used, and under its name if it has one."""
        self._preferences.set(_LAST, asdict(replace(choices, name="")))
        if choices.name:
            self._store([one for one in self.named if one.name != choices.name] + [choices])

    def forget(self, name: str) -> None:
        """Delete a named recipe."""
        self._store([one for one in self.named if one.name != name])

    def _store(self, recipes: list[Choices]) -> None:
        self._preferences.set(_NAMED, [asdict(one) for one in recipes])
