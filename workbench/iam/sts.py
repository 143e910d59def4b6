"""AWS STS: who am I, and temporary credentials.

Owns sessions: their length, policy, tags and source identity. Whether a role may be assumed is
decided at the door by `iam.authorising`. Source: STS API Reference; IAM User Guide, "Passing
session tags in AWS STS" and "Roles terms and concepts: role chaining".
"""

import math
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.answers import checked_name, merged_tags, tag_list, whole_second
from workbench.iam.ids import (
    TEMPORARY,
    account_of,
    new_access_key_id,
    new_secret,
    new_session_token,
)
from workbench.iam.judging import checked_policy
from workbench.iam.policy.statements import PolicyKind
from workbench.iam.principals import Principals
from workbench.iam.records import AccessKey, Identity, Pairs, Session

_HOUR: Final = 3600
_USER_SESSION: Final = 43_200
_LONGEST_POLICY: Final = 2048
_PACKED: Final = 2048
_LARGEST_TOKEN: Final = 4096
_MOST_KEYS: Final = 10_000
_KEPT_EXPIRED: Final = timedelta(hours=12)
"""How long an expired key is remembered, so that its user learns that it expired."""
_BETWEEN_PURGES: Final = timedelta(minutes=1)


class StsService:
    """The `sts` service.

    Args:
        principals: the identities.
    """

    def __init__(self, principals: Principals) -> None:
        self._principals = principals
        self._store = principals.store
        self._purged: datetime | None = None

    def operations(self) -> Operations:
        """Return the operations of botocore's `sts` model that are offered."""
        return {
            "GetCallerIdentity": Operation(self._caller_identity),
            "AssumeRole": Operation(self._assume_role, mutates=True),
            "GetSessionToken": Operation(self._session_token, mutates=True),
            "GetAccessKeyInfo": Operation(self._access_key_info),
        }

    def _caller_identity(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del request
        caller = call.caller
        user_id = self._principals.user_id(caller)
        return {"UserId": user_id, "Account": caller.account, "Arn": caller.arn}

    def _access_key_info(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        key_id = request["AccessKeyId"]
        key = self._store.access_key(key_id)
        account = account_of(key_id) if key is None else key.account
        if not account:
            raise AwsError("ValidationError", f"Invalid access key: {key_id}")
        return {"Account": account}

    def _assume_role(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        if request.get("PolicyArns") or request.get("ProvidedContexts"):
            raise AwsError(
                "InvalidParameterValue",
                "PolicyArns and ProvidedContexts are not offered by this version of Key Workbench.",
                "Pass the policy itself as Policy.",
            )
        role = self._store.identity(request["RoleArn"])
        if role is None:  # deleted since the door looked
            raise not_authorized(call.caller.arn, "sts:AssumeRole", request["RoleArn"])
        call.note(role.arn)
        former = self._session_of(call)
        name = checked_name(request["RoleSessionName"], "roleSessionName")
        policies = _session_policies(request)
        tags, transitive = _session_tags(request, former)
        packed = _packed_size(policies, request.get("Tags", ()))
        source = request.get("SourceIdentity", former.source_identity if former else "")
        session = Session(
            new_session_token(request.get("MinimumSessionTokenSize", 0)),
            whole_second(call.time) + timedelta(seconds=_duration(request, role, call)),
            name,
            policies,
            tags,
            transitive,
            source,
        )
        caller = self._principals.session(role, name)
        answer = self._issue(role.arn, session, call)
        user_id = self._principals.user_id(caller)
        answer["AssumedRoleUser"] = {"AssumedRoleId": user_id, "Arn": caller.arn}
        if packed:
            answer["PackedPolicySize"] = packed
        if source:
            answer["SourceIdentity"] = source
        return answer

    def _session_token(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        refuse_mfa(request)
        caller = call.caller
        root = caller.kind == "Root"
        seconds = request.get("DurationSeconds", _HOUR if root else _USER_SESSION)
        if root and seconds > _HOUR:
            raise AwsError(
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for the root user.",
            )
        token = new_session_token(request.get("MinimumSessionTokenSize", 0))
        expires = whole_second(call.time) + timedelta(seconds=seconds)
        return self._issue(caller.identity, Session(token, expires), call)

    def _session_of(self, call: Call) -> Session | None:
        """Return the session whose key signed this request."""
        key_id = call.caller.access_key_id
        key = self._store.access_key(key_id) if key_id else None
        return None if key is None else key.session

    def _issue(self, owner: str, session: Session, call: Call) -> dict[str, Any]:
        self._purge(call.time)
        account = owner.split(":", 5)[4]
        key_id = new_access_key_id(TEMPORARY, account)
        while self._store.access_key(key_id) is not None:
            key_id = new_access_key_id(TEMPORARY, account)
        key = AccessKey(key_id, owner, new_secret(), whole_second(call.time), session=session)
        self._store.add_temporary_key(key)
        size = len(session.token)
        return {
            "Credentials": {
                "AccessKeyId": key.id,
                "SecretAccessKey": key.secret,
                "SessionToken": session.token,
                "Expiration": session.expires,
            },
            "SessionTokenSize": size,
            "SessionTokenUtilization": min(100, math.ceil(100 * size / _LARGEST_TOKEN)),
        }

    def _purge(self, moment: datetime) -> None:
        """Delete what expired long ago; when there are too many, whatever expired."""
        purged = self._purged
        if purged is None or abs(moment - purged) >= _BETWEEN_PURGES:
            self._store.delete_expired(moment - _KEPT_EXPIRED)
            self._purged = moment
        if self._store.count_keys() >= _MOST_KEYS:
            self._store.delete_expired(moment)
            if self._store.count_keys() >= _MOST_KEYS:
                raise AwsError(
                    "LimitExceeded",
                    f"There are {_MOST_KEYS} access keys that have not expired.",
                    "Wait until some have, or ask for shorter sessions.",
                )


def not_authorized(arn: str, action: str, resource: str) -> AwsError:
    """Return STS's refusal, which does not tell whether the role exists."""
    return AwsError(
        "AccessDenied",
        f"User: {arn} is not authorized to perform: {action} on resource: {resource}",
    )


def refuse_mfa(request: dict[str, Any]) -> None:
    """Refuse a one-time code: no identity of a vault has a device that makes them.

    Raises:
        AwsError: AccessDenied.
    """
    if "SerialNumber" in request or "TokenCode" in request:
        raise AwsError(
            "AccessDenied",
            "MultiFactorAuthentication failed, unable to validate MFA code. Please verify your MFA "
            "serial number is valid and associated with this user.",
        )


def _duration(request: dict[str, Any], role: Identity, call: Call) -> int:
    seconds = int(request.get("DurationSeconds", _HOUR))
    if call.caller.kind == "AssumedRole" and seconds > _HOUR:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining.",
        )
    if seconds > role.max_session:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return seconds


def _session_policies(request: dict[str, Any]) -> tuple[str, ...]:
    text = request.get("Policy")
    if text is None:
        return ()
    if len(text) > _LONGEST_POLICY:
        raise AwsError(
            "ValidationError",
            "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member "
            f"must have length less than or equal to {_LONGEST_POLICY}",
        )
    return (checked_policy(text, PolicyKind.SESSION),)


def _session_tags(request: dict[str, Any], former: Session | None) -> tuple[Pairs, tuple[str, ...]]:
    """Return a session's tags and the keys of those that pass on, inherited ones included."""
    given = merged_tags((), request.get("Tags", ()))
    keys = {key.lower() for key, _ in given}
    passing = tuple(request.get("TransitiveTagKeys", ()))
    if not {key.lower() for key in passing} <= keys:
        raise AwsError(
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        )
    if former is None:
        return given, passing
    carried = {key.lower() for key in former.transitive}
    if carried & keys:
        raise AwsError(
            "InvalidParameterValue",
            "One of the specified transitive tag keys can't be set because it conflicts with a "
            "transitive tag key from the calling session.",
        )
    inherited = [(key, value) for key, value in former.tags if key.lower() in carried]
    return merged_tags(given, tag_list(tuple(inherited))), (*former.transitive, *passing)


def _packed_size(policies: tuple[str, ...], tags: Sequence[dict[str, str]]) -> int:
    """Return how much of the space for policies and tags is used, in percent.

    AWS does not publish how it packs them; DEFLATE (RFC 1951) stands for it.
    """
    if not policies and not tags:
        return 0
    plain = "\0".join([*policies, *(f"{tag['Key']}\0{tag['Value']}" for tag in tags)])
    percent = math.ceil(100 * len(zlib.compress(plain.encode())) / _PACKED)
    if percent > 100:
        raise AwsError(
            "PackedPolicyTooLarge",
            f"Packed policy consumes {percent}% of allotted space, please use smaller policy.",
        )
    return percent
