"""The grants of a key: read page by page, told in sentences, and asked for again.

Owns what a grant is to the window. Reads through boto3's methods alone, on a worker; knows no
widget. Source: AWS KMS API Reference, GrantListEntry; Developer Guide, "Grants in AWS KMS".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from PySide6.QtCore import QCoreApplication

from workbench.api.calls import Caller
from workbench.ui.policies.people import kind_of, name_of
from workbench.ui.policies.sentences import joined

_PAGE: Final = 100
_PAGES: Final = 5
_FEW: Final = 2

Pairs = tuple[tuple[str, str], ...]


def _tr(text: str) -> str:
    return QCoreApplication.translate("grants", text)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a grant permits, to whom.

    Attributes:
        grantee: ARN, or service principal.
        operations: AWS grant operations.
        retiring: ARN or service principal that may retire it; empty if none.
        name: makes CreateGrant idempotent; empty if none.
        equals: pairs that the encryption context must be, or None.
        subset: pairs that the encryption context must hold, or None.
        source_arn: resource that a service must act for; empty if any.
    """

    grantee: str
    operations: tuple[str, ...]
    retiring: str = ""
    name: str = ""
    equals: Pairs | None = None
    subset: Pairs | None = None
    source_arn: str = ""

    def request(self) -> dict[str, Any]:
        """Return CreateGrant's parameters, all but the key."""
        asked: dict[str, Any] = {
            _member("Grantee", self.grantee): self.grantee,
            "Operations": list(self.operations),
        }
        if self.retiring:
            asked[_member("Retiring", self.retiring)] = self.retiring
        if self.name:
            asked["Name"] = self.name
        constraints: dict[str, Any] = {}
        if self.equals is not None:
            constraints["EncryptionContextEquals"] = dict(self.equals)
        if self.subset is not None:
            constraints["EncryptionContextSubset"] = dict(self.subset)
        if self.source_arn:
            constraints["SourceArn"] = self.source_arn
        return asked | ({"Constraints": constraints} if constraints else {})


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant.

    Attributes:
        id: 64 hexadecimal digits.
        key: ARN of the key it is on.
        terms: what it permits.
        created: when it was made.
        issuer: who made it: ARN of an account's root.
    """

    id: str
    key: str
    terms: Terms
    created: datetime | None = None
    issuer: str = ""

    @property
    def title(self) -> str:
        """What people call it: its name, or the beginning of its id."""
        return self.terms.name or f"{self.id[:8]}…"


@dataclass(frozen=True, slots=True)
class GrantPage:
    """Grants in the order they came.

    Attributes:
        grants: these.
        marker: where the next ones begin; empty if these are the last.
    """

    grants: tuple[Grant, ...]
    marker: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A grant that was made.

    Attributes:
        id: its id.
        token: lets it be used before it is known everywhere. AWS: not secret.
        terms: what it permits.
    """

    id: str
    token: str
    terms: Terms = field(compare=False)


def read_grants(kms: Any, key: str, marker: str = "") -> GrantPage:
    """Return some hundred grants of a key, those from a marker on.

    Raises:
        ClientError: AccessDeniedException, NotFoundException.
    """
    found: list[Grant] = []
    for _ in range(_PAGES):
        request = {"Marker": marker} if marker else {}
        answer = kms.list_grants(KeyId=key, Limit=_PAGE, **request)
        found += [_grant(entry) for entry in answer.get("Grants", ())]
        marker = answer.get("NextMarker", "") if answer.get("Truncated") else ""
        if not marker:
            break
    return GrantPage(tuple(found), marker)


def create_grant(kms: Any, key: str, terms: Terms) -> Made:
    """Make a grant; one of the same name and terms is returned instead of another.

    Raises:
        ClientError: as CreateGrant.
    """
    answer = kms.create_grant(KeyId=key, **terms.request())
    return Made(answer["GrantId"], answer["GrantToken"], terms)


def _grant(entry: Mapping[str, Any]) -> Grant:
    constraints = entry.get("Constraints") or {}
    terms = Terms(
        entry.get("GranteePrincipal") or entry.get("GranteeServicePrincipal", ""),
        tuple(entry.get("Operations", ())),
        entry.get("RetiringPrincipal") or entry.get("RetiringServicePrincipal", ""),
        entry.get("Name", ""),
        _pairs(constraints.get("EncryptionContextEquals")),
        _pairs(constraints.get("EncryptionContextSubset")),
        constraints.get("SourceArn", ""),
    )
    return Grant(
        entry["GrantId"],
        entry["KeyId"],
        terms,
        entry.get("CreationDate"),
        entry.get("IssuingAccount", ""),
    )


def _pairs(given: Mapping[str, str] | None) -> Pairs | None:
    return None if given is None else tuple(sorted(given.items()))


def _member(role: str, principal: str) -> str:
    return f"{role}ServicePrincipal" if kind_of(principal) == "service" else f"{role}Principal"


def retires_by_itself(grant: Grant, caller: Caller, account: str) -> bool:
    """Whether a caller may retire a grant though no policy says so.

    The account's root, the retiring principal, and the grantee if the grant permits it (AWS KMS
    Developer Guide, "Retiring and revoking grants").
    """
    if caller.kind == "Root" and caller.account == account:
        return True
    names = {caller.arn, caller.identity}
    terms = grant.terms
    return terms.retiring in names or (terms.grantee in names and "RetireGrant" in terms.operations)


def who(principal: str, account: str) -> str:
    """Return a principal in words; one of another account with its account."""
    kind = kind_of(principal)
    if kind == "service":
        return _tr("the AWS service {name}").format(name=principal)
    if not kind:
        return principal
    owner = principal.split(":")[4]
    name = _tr("the {name}").format(name=name_of(principal))
    if kind == "session":
        session = principal.rpartition("/")[2]
        name = _tr("the session {session} of the {name}").format(
            session=session, name=name_of(principal)
        )
    if owner == account:
        return name
    return _tr("{name} of account {account}").format(name=name, account=owner)


def sentence_of(terms: Terms, account: str) -> str:
    """Return what a grant says.

    Args:
        terms: of the grant.
        account: whose own users and roles are named without their account.
    """
    told = _tr("{who} may {operations} with this key{condition}.").format(
        who=_begun(who(terms.grantee, account)),
        operations=joined(terms.operations, _tr("and")),
        condition=_condition(terms),
    )
    if not terms.retiring:
        return told
    return " ".join((
        told,
        _tr("{who} may retire the grant.").format(who=_begun(who(terms.retiring, account))),
    ))  # fmt: skip


def ending_of(terms: Terms, account: str) -> str:
    """Return what ends with a grant."""
    return _tr(
        "{who} may no longer {operations} with this key, unless a policy or another grant"
        " allows it."
    ).format(
        who=_begun(who(terms.grantee, account)), operations=joined(terms.operations, _tr("and"))
    )


def constraint_words(terms: Terms) -> str:
    """Return a grant's constraints as a short text; empty if there are none."""
    parts = []
    if terms.equals is not None:
        words = _tr("exactly {pairs}") if terms.equals else _tr("none")
        parts.append(words.format(pairs=_told(terms.equals)))
    if terms.subset:
        parts.append(_tr("at least {pairs}").format(pairs=_told(terms.subset)))
    if terms.source_arn:
        parts.append(_tr("for {arn}").format(arn=terms.source_arn))
    return "; ".join(parts)


def operation_words(operations: Sequence[str]) -> str:
    """Return operations as a short text."""
    if len(operations) <= _FEW + 1:
        return ", ".join(operations)
    more = _tr("{n} more").format(n=len(operations) - _FEW)
    return ", ".join((*operations[:_FEW], more))


def _condition(terms: Terms) -> str:
    parts = []
    if terms.equals:
        words = _tr("the encryption context is exactly {pairs}")
        parts.append(words.format(pairs=_told(terms.equals)))
    elif terms.equals is not None:
        parts.append(_tr("the encryption context is empty"))
    if terms.subset:
        words = _tr("the encryption context has {pairs}")
        parts.append(words.format(pairs=_told(terms.subset)))
    if terms.source_arn:
        parts.append(_tr("it acts for {arn}").format(arn=terms.source_arn))
    return _tr(" if {conditions}").format(conditions=joined(parts, _tr("and"))) if parts else ""


def _told(pairs: Pairs) -> str:
    return joined([f"{name}={value}" for name, value in pairs], _tr("and"))


def _begun(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
