"""Who there is: the account's root, its users and roles, read through IAM; ARNs in plain words.

Knows no widget; reading runs on a worker, through boto3's methods alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QCoreApplication

from workbench.base.errors import Locked
from workbench.base.identifiers import Place
from workbench.iam.ids import USER
from workbench.iam.policy.principals import UNIQUE_ID
from workbench.ui.errors import explain

_PAGE: Final = 1000


def _tr(text: str) -> str:
    return QCoreApplication.translate("policies", text)


@dataclass(frozen=True, slots=True)
class Person:
    """An identity of the account.

    Attributes:
        arn: what policies name.
        kind: `root`, `user`, `role`.
        name: without path.
    """

    arn: str
    kind: str
    name: str

    @property
    def title(self) -> str:
        """What people call it."""
        return name_of(self.arn)

    @property
    def icon(self) -> str:
        """Its icon."""
        return icon_of(self.arn)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody one may see.

    Attributes:
        people: root first, then users and roles by name.
        problem: why there may be more; empty if this is everybody.
    """

    people: tuple[Person, ...]
    problem: str = ""


def root_of(place: Place) -> Person:
    """Return the root of an account."""
    return Person(place.iam("root"), "root", "root")


def read_people(iam: Any, place: Place) -> People:
    """Return the identities of an account; what may not be listed is left out and said."""
    found = [root_of(place)]
    problems: list[str] = []
    for kind, operation, member in (
        ("user", "list_users", "Users"),
        ("role", "list_roles", "Roles"),
    ):
        try:
            named = [
                Person(item["Arn"], kind, item[f"{kind.capitalize()}Name"])
                for item in _pages(iam, operation, member)
            ]
        except Exception as error:
            words = explain(error)
            if words.bug or isinstance(error, Locked):
                raise
            problems.append(words.text)
        else:
            found += sorted(named, key=lambda person: person.name.casefold())
    return People(tuple(found), " ".join(problems))


def _pages(iam: Any, operation: str, member: str) -> Iterator[Any]:
    for page in iam.get_paginator(operation).paginate(PaginationConfig={"PageSize": _PAGE}):
        yield from page.get(member, ())


def kind_of(arn: str) -> str:
    """Return what a principal is: `root`, `user`, `role`, `session`, `service`, `deleted`.

    A user or role that was deleted is named by the unique id it had. Empty for anything else.
    """
    if UNIQUE_ID.fullmatch(arn):
        return "deleted"
    if arn.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        return "service"
    resource = arn.rpartition(":")[2]
    if resource == "root":
        return "root"
    first = resource.partition("/")[0]
    return {"user": "user", "role": "role", "assumed-role": "session"}.get(first, "")


def icon_of(arn: str) -> str:
    """Return the icon of a principal."""
    icons = {
        "root": "shield",
        "user": "user",
        "role": "role",
        "session": "role",
        "deleted": "delete",
    }
    return icons.get(kind_of(arn), "external")


def name_of(arn: str) -> str:
    """Return a principal in words: `user alice`, `role signer`, `account root`."""
    kind, resource = kind_of(arn), arn.rpartition(":")[2]
    name = resource.rpartition("/")[2]
    match kind:
        case "root":
            return _tr("account root")
        case "user":
            return _tr("user {name}").format(name=name)
        case "role":
            return _tr("role {name}").format(name=name)
        case "deleted":
            words = _tr("deleted user {id}") if arn.startswith(USER) else _tr("deleted role {id}")
            return words.format(id=arn)
        case "session":
            return _tr("role {name}").format(name=resource.split("/")[1])
    return arn
