"""Noticing that the vault's file is older than what the keyring remembers.

Owns the comparison and what is written down about it. Must not know how the anchor is kept.
"""

from datetime import datetime

from workbench.base.errors import EnvironmentFault, IntegrityError
from workbench.vault.anchor import Anchor, AnchorKeeper, current
from workbench.vault.database import Database

_NO_KEYRING = "No keyring is in use: an older copy put in place of the vault would not be noticed."


def note_opening(
    database: Database, keeper: AnchorKeeper | None, now: datetime
) -> tuple[Anchor | None, tuple[str, ...]]:
    """Compare an opened database with the anchor and return the anchor and warnings.

    A rollback is written down in the database, so that the health check tells of it later, and the
    generation goes on above the anchor's, so that a second rollback is noticed as well.

    What cannot be compared or written down is a warning: the vault must open, if only to be read
    and backed up.

    Raises:
        IntegrityError: the database is damaged.
    """
    anchor, warnings = _remembered(keeper)
    rollback = ""
    try:
        found = current(database)
        rollback = "" if anchor is None else _difference(found, anchor)
    except IntegrityError as error:
        warnings = (*warnings, str(error))
    if rollback:
        warnings = (*warnings, rollback)
    try:
        with database.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO meta (name, value) VALUES ('opened', ?)", (now.isoformat(),)
            )
            if rollback and anchor is not None:
                transaction.execute(
                    "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)",
                    (f"rollback {now.isoformat()}", f"{now:%Y-%m-%d %H:%M} UTC: {rollback}"),
                )
                transaction.execute(
                    "UPDATE meta SET value = max(value, ?) WHERE name = 'generation'",
                    (anchor.generation,),
                )
    except EnvironmentFault as error:
        warnings = (*warnings, str(error))
    return anchor, warnings


def _remembered(keeper: AnchorKeeper | None) -> tuple[Anchor | None, tuple[str, ...]]:
    if keeper is None:
        return None, (_NO_KEYRING,)
    try:
        return keeper.read(), ()
    except EnvironmentFault as error:
        return None, (f"{error} An older copy put in place of the vault would not be noticed now.",)


def _difference(found: Anchor, anchor: Anchor) -> str:
    if found.generation < anchor.generation or found.size < anchor.size:
        behind = max(anchor.generation - found.generation, 0)
        return (
            f"This vault is an older copy: {behind} later changes and "
            f"{max(anchor.size - found.size, 0)} journal events that this machine remembers are "
            "not in it. If you did not restore a backup, find out who replaced the file."
        )
    if found.size == anchor.size and found.root != anchor.root:
        return (
            "This vault's journal differs from the one that this machine remembers. "
            "Find out who replaced the file."
        )
    return ""
