"""What can be told about a vault's condition, for `workbench doctor` and the window.

Owns the checks; repairs nothing and must not know the meaning of the rows.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from workbench.base.errors import WorkbenchError
from workbench.base.files import printable
from workbench.vault import slots as slots_file
from workbench.vault.database import Database
from workbench.vault.location import VaultFiles

_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and its outcome.

    Attributes:
        subject: what was looked at.
        passed: whether all is well.
        detail: what was found, in a sentence.
    """

    subject: str
    passed: bool
    detail: str


def files_findings(files: VaultFiles) -> tuple[Finding, ...]:
    """Check what can be seen while the vault is locked: the slots' file and permissions."""
    return (_slots(files.slots), _permissions(files))


def database_findings(database: Database) -> tuple[Finding, ...]:
    """Read every page of an unlocked database and check what must hold in it."""
    return (
        _pages(database),
        _references(database),
        _domain_keys(database),
        _rollbacks(database),
    )


def _slots(path: Path) -> Finding:
    try:
        found = slots_file.load(path)
    except WorkbenchError as error:
        return Finding("key slots", passed=False, detail=str(error))
    kinds = " and ".join(info.kind for info in found.infos())
    return Finding("key slots", passed=True, detail=f"Intact: {kinds}.")


def _permissions(files: VaultFiles) -> Finding:
    if os.name != "posix":
        return Finding("permissions", passed=True, detail="Left to Windows' own access lists.")
    paths = (files.directory, files.database, files.slots)
    open_to_others = [
        printable(path)
        for path in paths
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_to_others:
        detail = f"Other users of this machine can reach {', '.join(open_to_others)}."
        return Finding("permissions", passed=False, detail=detail)
    return Finding("permissions", passed=True, detail="For the owner alone.")


def _pages(database: Database) -> Finding:
    try:
        found = [str(row[0]) for row in database.read("PRAGMA integrity_check")]
    except WorkbenchError as error:
        return Finding("database pages", passed=False, detail=str(error))
    if found != ["ok"]:
        return Finding("database pages", passed=False, detail="; ".join(found[:_MOST_SHOWN]))
    return Finding("database pages", passed=True, detail="Every page is authentic and well formed.")


def _references(database: Database) -> Finding:
    try:
        broken = len(database.read("PRAGMA foreign_key_check"))
    except WorkbenchError as error:
        return Finding("references", passed=False, detail=str(error))
    if broken:
        detail = f"{broken} materials name a domain key that is not there."
        return Finding("references", passed=False, detail=detail)
    return Finding("references", passed=True, detail="Every material's domain key is there.")


def _domain_keys(database: Database) -> Finding:
    try:
        ((total, active),) = database.read("SELECT count(*), total(active) FROM domain_keys")
    except WorkbenchError as error:
        return Finding("domain keys", passed=False, detail=str(error))
    return Finding("domain keys", active == 1, f"{total} stored, {int(active)} active.")


def _rollbacks(database: Database) -> Finding:
    try:
        rows = database.read("SELECT value FROM meta WHERE name LIKE 'rollback %' ORDER BY name")
    except WorkbenchError as error:
        return Finding("history", passed=False, detail=str(error))
    if rows:
        return Finding("history", passed=False, detail=" ".join(str(row[0]) for row in rows))
    return Finding("history", passed=True, detail="No older copy was ever put in place.")
