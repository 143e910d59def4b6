"""Named recipes in the vault.

Owns their rows in table `settings`, one for each name. Must not know keys: a stored recipe names
them, and what it may do is decided when it is used.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from workbench.base.errors import NotFound, Refused
from workbench.base.files import printable
from workbench.signing.choices import Choices, read_choices
from workbench.vault.vault import Vault

_LOG = logging.getLogger(__name__)
_PREFIX: Final = "signing/recipe/"


class RecipeBook:
    """Reads and writes named recipes. Thread-safe; every call asks the vault's database.

    Args:
        vault: where they are kept.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def all(self) -> tuple[Choices, ...]:
        """Return every recipe, by name; one that cannot be read is logged and left out.

        Raises:
            Locked: the vault is.
        """
        rows = self._vault.read(
            "SELECT name, value FROM settings WHERE substr(name, 1, ?) = ?",
            (len(_PREFIX), _PREFIX),
        )
        found = []
        for name, text in rows:
            try:
                found.append(read_choices(json.loads(text)))
            except (ValueError, TypeError, Refused):
                _LOG.warning("the recipe in %r cannot be read", name)
        return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.name)))

    def get(self, name: str) -> Choices:
        """Return a recipe; raises `NotFound` where there is none of that name."""
        rows = self._vault.read("SELECT value FROM settings WHERE name = ?", (_PREFIX + name,))
        if not rows:
            raise NotFound(
                f"There is no recipe named {printable(name)}.",
                "“workbench recipes list” names them.",
            )
        return read_choices(json.loads(rows[0][0]))

    def save(self, recipes: Sequence[Choices], *, replace_existing: bool = True) -> None:
        """Keep recipes under their names, all or none.

        Raises:
            Refused: a name is missing, or taken and must not be replaced; or it breaks a standard.
            Locked: the vault is.
        """
        checked = [read_choices(one.to_record()) for one in recipes]
        with self._vault.transaction() as transaction:
            for one in checked:
                taken = self._vault.read(
                    "SELECT 1 FROM settings WHERE name = ?", (_PREFIX + one.name,)
                )
                if taken and not replace_existing:
                    raise Refused(
                        f"There is a recipe named {printable(one.name)} already.",
                        "Rename or delete it, or allow replacing it.",
                    )
                transaction.execute(
                    "INSERT OR REPLACE INTO settings(name, value) VALUES(?,?)",
                    (_PREFIX + one.name, json.dumps(one.to_record(), sort_keys=True)),
                )

    def rename(self, name: str, new: str) -> None:
        """Give a recipe another name.

        Raises:
            NotFound: there is none of that name.
            Refused: the new name is taken, or none.
        """
        if name == new:
            return
        with self._vault.transaction():
            self.save([replace(self.get(name), name=new)], replace_existing=False)
            self.delete(name)

    def delete(self, name: str) -> None:
        """Forget a recipe; raises `NotFound` where there is none of that name."""
        with self._vault.transaction() as transaction:
            self.get(name)
            transaction.execute("DELETE FROM settings WHERE name = ?", (_PREFIX + name,))
