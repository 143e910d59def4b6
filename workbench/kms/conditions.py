"""What a request says to the conditions of policies: AWS's global and `kms:` condition keys.

A value is looked up when a statement asks for it; most requests are decided without.

Source: AWS KMS Developer Guide, "Condition keys for AWS KMS"; IAM User Guide, "AWS global
condition context keys".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from workbench.api.calls import Caller
from workbench.base.identifiers import Place
from workbench.kms.records import KeyRecord


class People(Protocol):
    """What is known of users, roles and accounts: `workbench.iam.principals.Principals`."""

    def user_id(self, caller: Caller) -> str:
        """Return a caller's `aws:userid`."""

    def organization(self, account: str) -> str:
        """Return the organization of an account, or empty."""

    def organization_path(self, account: str) -> str:
        """Return where in its organization an account is, or empty."""


class Nobody:
    """Knows only what a caller brings along."""

    def user_id(self, caller: Caller) -> str:
        """Return a caller's name, or the root's account."""
        return caller.account if caller.kind == "Root" else caller.arn.rpartition("/")[2]

    def organization(self, account: str) -> str:
        """Return nothing."""
        del account
        return ""

    def organization_path(self, account: str) -> str:
        """Return nothing."""
        del account
        return ""


Value = str | tuple[str, ...]
Values = Callable[["RequestContext"], Value | None]

CONTEXT_MEMBERS: Final = {
    "ReEncryptFrom": "SourceEncryptionContext",
    "ReEncryptTo": "DestinationEncryptionContext",
}
"""Where a request has its encryption context, if not in `EncryptionContext`."""

_ALGORITHM_MEMBERS: Final = {
    "ReEncryptFrom": "SourceEncryptionAlgorithm",
    "ReEncryptTo": "DestinationEncryptionAlgorithm",
}
_WITH_CONTEXT: Final = frozenset(
    {
        "Encrypt",
        "Decrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "ReEncryptFrom",
        "ReEncryptTo",
    }
)
_ENCRYPTING: Final = frozenset({"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about.

    Attributes:
        record: the key, or None where the operation has none.
        aliases: returns the names of the key's aliases.
        partner: the other key of ReEncrypt, or None.
    """

    record: KeyRecord | None
    aliases: Callable[[], tuple[str, ...]] = tuple
    partner: KeyRecord | None = None


class RequestContext(Mapping[str, Value]):
    """The condition keys of one request on one key, by lower-case name.

    Args:
        caller: who asks.
        place: where.
        time: when, UTC.
        action: KMS action without its prefix; `ReEncryptFrom` and `ReEncryptTo` for ReEncrypt.
        request: its parameters.
        subject: the key it is about.
        people: knows unique ids and organizations.
        extra: values that stand before all others, by lower-case name, as a simulation gives.

    Attributes:
        agent: the client's user agent; empty until it is set.
    """

    def __init__(
        self,
        caller: Caller,
        place: Place,
        time: datetime,
        action: str,
        request: Mapping[str, Any],
        subject: Subject,
        people: People,
        extra: Mapping[str, Value] | None = None,
    ) -> None:
        self.caller = caller
        self.place = place
        self.time = time
        self.action = action
        self.request = request
        self.record = subject.record
        self.aliases = subject.aliases
        self.partner = subject.partner
        self.people = people
        self._extra = extra or {}
        self.agent = ""

    def __getitem__(self, name: str) -> Value:
        """Return a condition key's value; KeyError where the request has none."""
        found = self._extra.get(name)
        if found is None:
            found = self._value(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        """Go through the names that have a value, tags and encryption context included."""
        names = [*CONDITION_KEYS, *self._extra]
        names += [f"aws:principaltag/{key.lower()}" for key, _ in self.caller.tags]
        names += [f"aws:requesttag/{key.lower()}" for key in self.request_tags()]
        if self.record is not None:
            names += [f"aws:resourcetag/{key.lower()}" for key in self.record.tags]
        names += [f"kms:encryptioncontext:{key.lower()}" for key in self.encryption_context()]
        return (name for name in dict.fromkeys(names) if name in self)

    def __len__(self) -> int:
        """Return how many names have a value."""
        return sum(1 for _ in self)

    def encryption_context(self) -> Mapping[str, str]:
        """Return the request's encryption context; empty where it has none.

        That of CreateGrant is the one which the new grant's constraint asks for.
        """
        if self.action == "CreateGrant":
            constraints = self.request.get("Constraints") or {}
            equals = constraints.get("EncryptionContextEquals")
            return equals or constraints.get("EncryptionContextSubset") or {}
        if self.action not in _WITH_CONTEXT:
            return {}
        member = CONTEXT_MEMBERS.get(self.action, "EncryptionContext")
        return self.request.get(member) or {}

    def request_tags(self) -> dict[str, str]:
        """Return the tags the request would set."""
        return {tag["TagKey"]: tag["TagValue"] for tag in self.request.get("Tags") or ()}

    def _value(self, name: str) -> Value | None:
        compute = CONDITION_KEYS.get(name)
        if compute is not None:
            return compute(self)
        if name.startswith("kms:encryptioncontext:"):
            return _folded(self.encryption_context(), name.removeprefix("kms:encryptioncontext:"))
        kind, _, key = name.partition("/")
        if kind == "aws:principaltag":
            return _folded(dict(self.caller.tags), key)
        if kind == "aws:requesttag":
            return _folded(self.request_tags(), key)
        if kind == "aws:resourcetag" and self.record is not None:
            return _folded(self.record.tags, key)
        return None


def _folded(pairs: Mapping[str, str], name: str) -> str | None:
    """Return a value by a name in lower case: condition key names ignore case."""
    return next((value for key, value in pairs.items() if key.lower() == name), None)


def _member(name: str) -> Values:
    """Return a request member as condition values are written."""

    def value(context: RequestContext) -> Value | None:
        found = context.request.get(name)
        if found is None:
            return None
        if isinstance(found, bool):
            return str(found).lower()
        if isinstance(found, datetime):
            return str(int(found.timestamp()))  # date operators read it too
        if isinstance(found, list | tuple):
            return tuple(str(one) for one in found)
        return str(found)

    return value


def _only(actions: frozenset[str] | set[str], value: Values) -> Values:
    """Return a value that only these actions have."""
    return lambda context: value(context) if context.action in actions else None


def _spec(context: RequestContext) -> Value | None:
    if context.record is not None:
        return context.record.spec
    if context.action != "CreateKey":
        return None
    request = context.request
    return str(request.get("KeySpec") or request.get("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"))


def _usage(context: RequestContext) -> Value | None:
    if context.record is not None:
        return context.record.usage
    found = context.request.get("KeyUsage", "ENCRYPT_DECRYPT")
    return str(found) if context.action == "CreateKey" else None


def _origin(context: RequestContext) -> Value | None:
    if context.record is not None:
        return context.record.origin
    return str(context.request.get("Origin", "AWS_KMS")) if context.action == "CreateKey" else None


def _multi_region(context: RequestContext) -> Value | None:
    if context.record is not None:
        return str(context.record.multi_region).lower()
    if context.action != "CreateKey":
        return None
    return str(bool(context.request.get("MultiRegion", False))).lower()


def _multi_region_type(context: RequestContext) -> Value | None:
    record = context.record
    if record is None or not record.multi_region:
        return None
    return "PRIMARY" if record.primary_region == context.place.region else "REPLICA"


def _request_alias(context: RequestContext) -> Value | None:
    named = context.request.get("KeyId")
    if context.action in {"ReEncryptFrom", "ReEncryptTo"}:
        member = "SourceKeyId" if context.action == "ReEncryptFrom" else "DestinationKeyId"
        named = context.request.get(member)
    if not isinstance(named, str) or "alias/" not in named:
        return None
    return named[named.index("alias/") :]


def _encryption_algorithm(context: RequestContext) -> Value | None:
    if context.action not in _ENCRYPTING:
        return None
    member = _ALGORITHM_MEMBERS.get(context.action, "EncryptionAlgorithm")
    return str(context.request.get(member, "SYMMETRIC_DEFAULT"))


def _message_type(context: RequestContext) -> Value | None:
    if context.action not in {"Sign", "Verify"}:
        return None
    return str(context.request.get("MessageType", "RAW"))


def _via_service(context: RequestContext) -> Value | None:
    service = context.caller.invoked_by
    if not service or service == context.caller.arn:
        return None
    return context.place.host(service.removesuffix(".amazonaws.com"))


def _grant_source(context: RequestContext) -> Value | None:
    return (context.request.get("Constraints") or {}).get("SourceArn")


def _grant_constraint(context: RequestContext) -> Value | None:
    names = tuple(sorted((context.request.get("Constraints") or {}).keys()))
    return names if context.action == "CreateGrant" and names else None


def _same_key(context: RequestContext) -> Value | None:
    if context.record is None or context.partner is None:
        return None
    return str(context.record.id == context.partner.id).lower()


def _if_any(value: str) -> Value | None:
    return (value,) if value else None


def _is_service(context: RequestContext) -> bool:
    return context.caller.kind == "AWSService"


def _principal_type(context: RequestContext) -> Value | None:
    return {"Root": "Account", "IAMUser": "User"}.get(context.caller.kind, context.caller.kind)


def _user_name(context: RequestContext) -> Value | None:
    return context.caller.arn.rpartition("/")[2] if context.caller.kind == "IAMUser" else None


def _tag_keys(context: RequestContext) -> Value | None:
    names = tuple(context.request_tags()) or tuple(context.request.get("TagKeys") or ())
    return names or None


_GRANTING = frozenset({"CreateGrant"})
CONDITION_KEYS: Final[Mapping[str, Values]] = {
    "aws:currenttime": lambda c: c.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
    "aws:epochtime": lambda c: str(int(c.time.timestamp())),
    "aws:principalaccount": lambda c: None if _is_service(c) else c.caller.account,
    "aws:principalarn": lambda c: None if _is_service(c) else c.caller.identity,
    "aws:principalisawsservice": lambda c: str(_is_service(c)).lower(),
    "aws:principalservicename": lambda c: c.caller.arn if _is_service(c) else None,
    "aws:principalorgid": lambda c: c.caller.organization or None,
    "aws:principalorgpaths": lambda c: (
        None if _is_service(c) else _if_any(c.people.organization_path(c.caller.account))
    ),
    "aws:principaltype": _principal_type,
    "aws:requestedregion": lambda c: c.place.region,
    "aws:resourceaccount": lambda c: c.place.account,
    "aws:securetransport": lambda _: "true",
    "aws:sourceaccount": lambda c: c.caller.source_account or None,
    "aws:sourcearn": lambda c: c.caller.source_arn or None,
    "aws:sourceorgid": lambda c: c.people.organization(c.caller.source_account) or None,
    "aws:sourceip": lambda c: None if c.caller.invoked_by else "127.0.0.1",
    "aws:tagkeys": _tag_keys,
    "aws:useragent": lambda c: c.agent or None,
    "aws:userid": lambda c: None if _is_service(c) else c.people.user_id(c.caller),
    "aws:username": _user_name,
    "aws:viaawsservice": lambda c: str(_via_service(c) is not None).lower(),
    "aws:calledvia": lambda c: (c.caller.invoked_by,) if _via_service(c) else None,
    "kms:bypasspolicylockoutsafetycheck": _member("BypassPolicyLockoutSafetyCheck"),
    "kms:calleraccount": lambda c: None if _is_service(c) else c.caller.account,
    "kms:customermasterkeyspec": _spec,
    "kms:customermasterkeyusage": _usage,
    "kms:datakeypairspec": _member("KeyPairSpec"),
    "kms:encryptionalgorithm": _encryption_algorithm,
    "kms:encryptioncontextkeys": lambda c: tuple(c.encryption_context()) or None,
    "kms:expirationmodel": _member("ExpirationModel"),
    "kms:grantconstraintsourcearn": _only(_GRANTING, _grant_source),
    "kms:grantconstrainttype": _grant_constraint,
    "kms:grantisforawsresource": lambda c: (
        str(bool(c.caller.invoked_by)).lower()
        if c.action in {"CreateGrant", "ListGrants", "RevokeGrant"}
        else None
    ),
    "kms:granteeprincipal": _only(_GRANTING, _member("GranteePrincipal")),
    "kms:granteeserviceprincipal": _only(_GRANTING, _member("GranteeServicePrincipal")),
    "kms:grantoperations": _only(_GRANTING, _member("Operations")),
    "kms:keyagreementalgorithm": _member("KeyAgreementAlgorithm"),
    "kms:keyorigin": _origin,
    "kms:keyspec": _spec,
    "kms:keyusage": _usage,
    "kms:macalgorithm": _member("MacAlgorithm"),
    "kms:messagetype": _message_type,
    "kms:multiregion": _multi_region,
    "kms:multiregionkeytype": _multi_region_type,
    "kms:primaryregion": _member("PrimaryRegion"),
    "kms:reencryptonsamekey": _same_key,
    "kms:replicaregion": _member("ReplicaRegion"),
    "kms:requestalias": _request_alias,
    "kms:resourcealiases": lambda c: c.aliases() or None,
    "kms:retiringprincipal": _only(_GRANTING, _member("RetiringPrincipal")),
    "kms:retiringserviceprincipal": _only(_GRANTING, _member("RetiringServicePrincipal")),
    "kms:rotationperiodindays": _member("RotationPeriodInDays"),
    "kms:schedulekeydeletionpendingwindowindays": _only(
        {"ScheduleKeyDeletion"},
        lambda c: str(c.request.get("PendingWindowInDays", 30)),
    ),
    "kms:signingalgorithm": _member("SigningAlgorithm"),
    "kms:validto": _member("ValidTo"),
    "kms:viaservice": _via_service,
    "kms:wrappingalgorithm": _member("WrappingAlgorithm"),
    "kms:wrappingkeyspec": _member("WrappingKeySpec"),
}
