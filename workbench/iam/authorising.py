"""Who may ask IAM and STS for what.

Owns the resource ARNs of their operations and AWS's refusal texts. Root may do everything in its
account; others what their policies say. Source: Service Authorization Reference, "Actions,
resources, and condition keys for AWS IAM" and "… for AWS STS".
"""

from typing import Any

from workbench.api.calls import Call, Caller
from workbench.api.errors import AwsError
from workbench.iam import context as contexts
from workbench.iam.answers import tag_list
from workbench.iam.credentials import Credentials
from workbench.iam.directory import name_member
from workbench.iam.ids import TEMPORARY
from workbench.iam.judging import Question, judge
from workbench.iam.principals import Principals
from workbench.iam.records import Kind
from workbench.iam.sts import not_authorized, refuse_mfa

_ANYTHING = frozenset(
    {
        "GetAccountAuthorizationDetails",
        "SimulateCustomPolicy",
        "GetAccessKeyLastUsed",
        "ListPolicies",
    }
)
_OF_OWN_USER = frozenset(
    {
        "GetUser",
        "CreateAccessKey",
        "ListAccessKeys",
        "UpdateAccessKey",
        "DeleteAccessKey",
    }
)


class IamAuthoriser:
    """Decides about requests to `iam` and `sts`.

    Args:
        principals: the identities.
        credentials: their policies.
    """

    def __init__(self, principals: Principals, credentials: Credentials) -> None:
        self._principals = principals
        self._store = principals.store
        self._credentials = credentials

    def authorise(self, call: Call, service: str, name: str, request: dict[str, Any]) -> None:
        """Let a request pass, or refuse it.

        Raises:
            AwsError: AccessDenied, or InvalidClientTokenId for the keys of GetSessionToken, which
                IAM does not take.
        """
        if service == "sts":
            self._sts(call, name, request)
            return
        if _session_token(call.caller):
            raise AwsError(
                "InvalidClientTokenId", "The security token included in the request is invalid"
            )
        if call.caller.kind == "Root":
            return
        resource = self._resource(call, name, request)
        self._by_identity(call, f"iam:{name}", resource, self._iam_context(call, resource, request))

    def _sts(self, call: Call, name: str, request: dict[str, Any]) -> None:
        caller = call.caller
        if name == "AssumeRole":
            self._assume_role(call, request)
        elif name == "GetCallerIdentity":
            return
        elif _session_token(caller) or (
            name == "GetSessionToken" and caller.kind not in ("Root", "IAMUser")
        ):
            raise AwsError("AccessDenied", f"Cannot call {name} with session credentials")
        elif name != "GetSessionToken" and caller.kind != "Root":
            self._by_identity(call, f"sts:{name}", "*", {})

    def _by_identity(self, call: Call, action: str, resource: str, more: contexts.Context) -> None:
        """Refuse what the caller's identity and session policies do not allow."""
        context = {**contexts.of_call(call, self._principals), **more}
        question = Question(call.caller, action, resource, context)
        decision = judge(question, self._credentials.policies_for(call.caller))
        if not decision.allowed:
            raise AwsError(
                "AccessDenied",
                f"User: {call.caller.arn} is not authorized to perform: {action} on resource: "
                f"{resource} {decision.aws_reason(action, resource)}",
            )

    def _assume_role(self, call: Call, request: dict[str, Any]) -> None:
        """Refuse unless the role trusts the caller, and the caller's account lets it."""
        caller, arn = call.caller, request["RoleArn"]
        refuse_mfa(request)
        if caller.kind == "Root":
            raise AwsError(
                "AccessDenied",
                "Roles may not be assumed by root accounts.",
                "Create a user with an access key, and let it assume the role.",
            )
        role = self._store.identity(arn)
        if role is None or role.kind != Kind.ROLE:
            raise not_authorized(caller.arn, "sts:AssumeRole", arn)
        context = {
            **contexts.of_call(call, self._principals),
            **contexts.of_tags("aws:ResourceTag", tag_list(role.tags)),
            **_session_context(request),
        }
        trust = self._principals.ids.policy_shown(role.trust)
        for action in self._wanted(call, request):
            question = Question(caller, action, arn, context, role.account)
            decision = judge(question, self._credentials.policies_for(caller), (role.name, trust))
            if not decision.allowed:
                raise not_authorized(caller.arn, action, arn)

    def _wanted(self, call: Call, request: dict[str, Any]) -> list[str]:
        """Return the actions that a request to assume a role needs."""
        wanted = ["sts:AssumeRole"]
        if request.get("Tags") or self._carries_tags(call.caller):
            wanted.append("sts:TagSession")
        former = contexts.source_identity(call.caller, self._principals)
        if former and request.get("SourceIdentity", former) != former:
            # Once set, it stays for the whole chain.
            raise not_authorized(call.caller.arn, "sts:SetSourceIdentity", request["RoleArn"])
        if former or "SourceIdentity" in request:
            wanted.append("sts:SetSourceIdentity")
        return wanted

    def _carries_tags(self, caller: Caller) -> bool:
        key = self._store.access_key(caller.access_key_id) if caller.access_key_id else None
        return key is not None and key.session is not None and bool(key.session.transitive)

    def _resource(self, call: Call, name: str, request: dict[str, Any]) -> str:
        """Return the ARN of what an IAM operation is about."""
        if name in _ANYTHING:
            return "*"
        if "PolicySourceArn" in request:
            return str(request["PolicySourceArn"])
        path = request.get("Path", "/")
        for kind in (Kind.GROUP, Kind.USER, Kind.ROLE):  # a membership is the group's business
            member = name_member(kind)
            if member in request:
                return self._named(call, kind, request[member], path)
        return self._unnamed(call, name, request)

    def _unnamed(self, call: Call, name: str, request: dict[str, Any]) -> str:
        """Return the ARN of what an operation is about that names nobody."""
        if "PolicyArn" in request:
            return str(request["PolicyArn"])
        if "PolicyName" in request:
            return self._arn(call, f"policy{request.get('Path', '/')}{request['PolicyName']}")
        if name in _OF_OWN_USER:
            return call.caller.identity
        kinds = (kind for kind in (Kind.ROLE, Kind.GROUP) if kind.capitalize() in name)
        kind = next(kinds, Kind.USER)
        return self._arn(call, f"{kind}{request.get('PathPrefix', '/')}")

    def _named(self, call: Call, kind: Kind, name: str, path: str) -> str:
        found = self._store.named(call.caller.account, kind, name)
        if found is not None and found.name == name:
            return found.arn
        return self._arn(call, f"{kind}{path}{name}")

    def _arn(self, call: Call, resource: str) -> str:
        return f"arn:{call.place.partition}:iam::{call.caller.account}:{resource}"

    def _iam_context(self, call: Call, resource: str, request: dict[str, Any]) -> contexts.Context:
        context = contexts.of_tags("aws:RequestTag", request.get("Tags", ()))
        if "TagKeys" in request:
            context["aws:TagKeys"] = tuple(request["TagKeys"])
        if "PolicyArn" in request:
            context["iam:PolicyARN"] = (str(request["PolicyArn"]),)
        identity = self._store.identity(resource) if resource != "*" else None
        if identity is not None and identity.account == call.caller.account:
            context.update(contexts.of_tags("aws:ResourceTag", tag_list(identity.tags)))
            context.update(contexts.of_tags("iam:ResourceTag", tag_list(identity.tags)))
        return context


def _session_token(caller: Caller) -> bool:
    """Whether a caller's key came from GetSessionToken."""
    return caller.kind != "AssumedRole" and caller.access_key_id.startswith(TEMPORARY)


def _session_context(request: dict[str, Any]) -> contexts.Context:
    context = contexts.of_tags("aws:RequestTag", request.get("Tags", ()))
    for member in ("ExternalId", "RoleSessionName", "SourceIdentity", "DurationSeconds"):
        if member in request:
            context[f"sts:{member}"] = (str(request[member]),)
    if request.get("TransitiveTagKeys"):
        context["sts:TransitiveTagKeys"] = tuple(request["TransitiveTagKeys"])
    return context
