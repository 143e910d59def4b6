"""What a person asks of a code-signing hierarchy, and what is wrong with it, field by field.

Knows no widget and no service; what is right here can still be refused by the services.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from PySide6.QtCore import QCoreApplication

from workbench.pki.quickstart import HierarchyRequest

ALGORITHMS: Final = (
    ("ML_DSA_65", "ML-DSA-65", True),
    ("ML_DSA_44", "ML-DSA-44", True),
    ("ML_DSA_87", "ML-DSA-87", True),
    ("EC_prime256v1", "ECDSA P-256", False),
    ("EC_secp384r1", "ECDSA P-384", False),
    ("RSA_3072", "RSA 3072", False),
)
"""AWS Private CA's KeyAlgorithm, what people call it, whether it is post-quantum."""

PREFIX: Final = "alias/"
_LONGEST_NAME: Final = 64
_LONGEST_ALIAS: Final = 256 - len(PREFIX)
_ALIAS: Final = re.compile(r"[a-zA-Z0-9/_-]+")


def _tr(text: str) -> str:
    return QCoreApplication.translate("certificates", text)


def fresh_name(name: str, taken: Collection[str], separator: str = " ") -> str:
    """Return a name that is not taken yet: itself, or with the lowest number that is free."""
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}{separator}{number}"
    return found


def suggestion(names: Collection[str], aliases: Collection[str]) -> HierarchyRequest:
    """Return what to prefill, so that nothing collides with what exists.

    Args:
        names: common names of certificates in the collection.
        aliases: aliases in use, with their prefix.
    """
    usual = HierarchyRequest()
    return HierarchyRequest(
        root_name=fresh_name(usual.root_name, names),
        subordinate_name=fresh_name(usual.subordinate_name, names),
        signer_name=fresh_name(usual.signer_name, names),
        alias=fresh_name(usual.alias, aliases, "-"),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What stands in the fields, and what exists already.

    Attributes:
        request: what would be asked for.
        now: when.
        names: common names of certificates in the collection.
        aliases: aliases in use, with their prefix.
    """

    request: HierarchyRequest
    now: datetime
    names: Collection[str] = ()
    aliases: Collection[str] = ()

    def name_problem(self, which: str) -> str:
        """Return what is wrong with the name of the `root`, `subordinate` or `signer`."""
        every = {
            "root": self.request.root_name,
            "subordinate": self.request.subordinate_name,
            "signer": self.request.signer_name,
        }
        name = every.pop(which)
        if not name:
            return _tr("Give it a name.")
        if len(name) > _LONGEST_NAME:
            return _tr("A name has at most {n} characters.").format(n=_LONGEST_NAME)
        if name in every.values():
            return _tr("Give each of the three another name.")
        if name in self.names:
            return _tr("A certificate of this name exists already. Choose another name.")
        return ""

    def lifetime_problem(self, which: str) -> str:
        """Return what is wrong with the validity of the `root`, `subordinate` or `signer`."""
        request = self.request
        days, above, issuer = {
            "root": (request.root_days, request.root_days, ""),
            "subordinate": (request.subordinate_days, request.root_days, _tr("root CA")),
            "signer": (request.signer_days, request.subordinate_days, _tr("subordinate CA")),
        }[which]
        if days > above:
            return _tr("It cannot be valid for longer than its {issuer}.").format(issuer=issuer)
        if self.end(days) is None:
            return _tr("It would end after the year 9999.")
        return ""

    def problem(self, which: str) -> str:
        """Return what is wrong with the name or validity of one of the three certificates."""
        return self.name_problem(which) or self.lifetime_problem(which)

    def organization_problem(self) -> str:
        """Return what is wrong with the organisation."""
        if len(self.request.organization) > _LONGEST_NAME:
            return _tr("An organization has at most {n} characters.").format(n=_LONGEST_NAME)
        return ""

    def alias_problem(self) -> str:
        """Return what is wrong with the alias of the signing key."""
        alias = self.request.alias
        name = alias.removeprefix(PREFIX)
        if not name:
            return _tr("Give the signing key an alias to find it by.")
        if name.startswith("aws/"):
            return _tr("Names that begin with aws/ are reserved for AWS.")
        if not _ALIAS.fullmatch(name):
            return _tr("Use letters, digits, / _ and - only.")
        if len(name) > _LONGEST_ALIAS:
            return _tr("An alias has at most {n} characters here.").format(n=_LONGEST_ALIAS)
        if alias in self.aliases:
            return _tr("Another key has this alias. Choose another one.")
        return ""

    def end(self, days: int) -> datetime | None:
        """Return when a validity of so many days ends; None if the calendar does."""
        try:
            return self.now + timedelta(days=days)
        except OverflowError:
            return None
