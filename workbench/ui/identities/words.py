"""Identities in words: what kinds there are, how one is called in short, what counts as a name.

Knows no widget.
"""

import re
from typing import Final

from PySide6.QtCore import QCoreApplication

from workbench.api.calls import Caller
from workbench.ui.identities.rows import ROLE, ROOT, USER, IdentityRow

_NAME: Final = re.compile(r"[A-Za-z0-9_+=,.@-]+")
_PATH: Final = re.compile(r"/|/[!-~]+/")
_LONGEST: Final = 64
_LONGEST_POLICY: Final = 128


def _tr(text: str) -> str:
    return QCoreApplication.translate("identities", text)


def short_name(caller: Caller) -> str:
    """Return whom somebody acts as in short: `root`, `user/anna`, `role/Signer`."""
    if caller.kind == "Root":
        return "root"
    kind = "role" if caller.kind == "AssumedRole" else "user"
    return f"{kind}/{caller.identity.rpartition('/')[2]}"


def icon_of(kind: str) -> str:
    """Return the icon of a kind of identity."""
    return {ROOT: "shield", USER: "user", ROLE: "role"}[kind]


def kind_name(kind: str) -> str:
    """Return a kind of identity in words."""
    return {ROOT: _tr("Account root"), USER: _tr("User"), ROLE: _tr("Role")}[kind]


def title_of(row: IdentityRow) -> str:
    """Return an identity with its kind: `user anna`."""
    if row.kind == ROOT:
        return _tr("account root")
    words = _tr("user {name}") if row.kind == USER else _tr("role {name}")
    return words.format(name=row.name)


def name_problem(name: str, longest: int = _LONGEST) -> str:
    """Return what is wrong with a new identity's name; empty if nothing is."""
    if not name:
        return _tr("It needs a name.")
    if len(name) > longest:
        return _tr("A name has at most {n} characters.").format(n=longest)
    if not _NAME.fullmatch(name):
        return _tr("Names may hold letters A to Z, digits and _ + = , . @ - only.")
    return ""


def path_problem(path: str) -> str:
    """Return what is wrong with a path; empty if nothing is."""
    if _PATH.fullmatch(path) and len(path) <= 512:
        return ""
    return _tr("A path begins and ends with a slash, such as /staff/.")


def policy_name_problem(name: str, taken: tuple[str, ...]) -> str:
    """Return what is wrong with a new policy's name; empty if nothing is."""
    if name in taken:
        return _tr("There is a policy of this name; edit that one.")
    return name_problem(name, _LONGEST_POLICY)
