"""Who may do what with certificate authorities.

Identity policies decide within the account, as for most services of AWS; a CA's resource policy,
and the permissions given to ACM, let in others: another account's principals need their own
policies' consent besides. An explicit deny in any of them ends it. What the collection's service
does with a CA is asked for by AWS's names, so that no right is got around by taking the other way.

Source: AWS Private CA User Guide, "Resource-based policies", "Attach a policy for cross-account
access"; Service Authorization Reference, AWS Private Certificate Authority.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.api.calls import Call, Caller
from workbench.api.errors import AwsError
from workbench.iam import context as contexts
from workbench.iam.credentials import Credentials
from workbench.iam.judging import Question, judge
from workbench.iam.policy.decisions import Decision, Why
from workbench.iam.policy.documents import PolicyKind
from workbench.iam.principals import Principals
from workbench.iam.records import Pairs
from workbench.pki.authority import Authority
from workbench.pki.permissions import permission_policy
from workbench.pki.store import AuthorityStore, CertificateStore
from workbench.pki.templates import DEFAULT_TEMPLATE, TEMPLATES
from workbench.vault.vault import Vault

_PREFIX: Final = "acm-pca:"
_MEMBERS: Final = ("CertificateAuthorityArn", "ResourceArn", "IssuerArn")
_CERTIFICATE: Final = "/certificate/"
_OF_POLICIES: Final = frozenset({"PutPolicy", "GetPolicy", "DeletePolicy"})
"""What the account's root may always do, so that a policy cannot lock everyone out."""

_ISSUE: Final = ("IssueCertificate",)
_AUTHORITY: Final = ("CreateCertificateAuthority",)
_INSTALL: Final = ("IssueCertificate", "ImportCertificateAuthorityCertificate")

OWN_ACTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "PreviewIssue": _ISSUE,
    "IssueCertificate": _ISSUE,
    "IssueCertificates": _ISSUE,
    "RenewCertificate": _ISSUE,
    "RekeyCertificate": _ISSUE,
    "CrossSignCertificateAuthority": _ISSUE,
    "RenewCertificateAuthority": _INSTALL,
    "RekeyCertificateAuthority": (*_AUTHORITY, *_INSTALL),
    "CreateCertificateAuthorityWithKey": _AUTHORITY,
    "ListAuthorityCertificates": ("GetCertificateAuthorityCertificate",),
    "ListRevocationLists": ("DescribeCertificateAuthority",),
    "GetRevocationList": ("DescribeCertificateAuthority",),
    "ListRevocations": ("DescribeCertificateAuthority",),
    "PreviewRevocation": ("GetCertificate",),
    "RenewRevocationLists": ("UpdateCertificateAuthority",),
    "ExportCertificateKey": ("GetCertificate",),
    "GetAuditReport": ("DescribeCertificateAuthorityAuditReport",),
}
"""Operations of the `shelf` service → the actions of AWS Private CA that allow them.

ExportCertificateKey needs kms:Decrypt besides, which KMS decides.
"""

_NEW: Final = frozenset({"CreateCertificateAuthority"})
"""Actions on no CA in particular."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One permission that a request needs."""

    action: str
    resource: str
    authority: Authority | None


class PkiAuthoriser:
    """Decides about requests to `acm-pca` and `shelf`; satisfies `api.door.Authoriser`.

    Args:
        vault: where the CAs and their policies are.
        principals: the identities.
        credentials: their policies.
    """

    def __init__(self, vault: Vault, principals: Principals, credentials: Credentials) -> None:
        self._authorities = AuthorityStore(vault)
        self._certificates = CertificateStore(vault)
        self._principals = principals
        self._credentials = credentials

    def authorise(self, call: Call, service: str, name: str, request: dict[str, Any]) -> None:
        """Let a request pass, or refuse it.

        Raises:
            AwsError: AccessDeniedException, its next step naming the statement that decided.
        """
        own = f"{service}:{name}"
        named = tuple(self._named(request))
        actions = (own,) if own.startswith(_PREFIX) else _translated(name)
        if not actions or actions == (own,):
            self._require(call, own, named or ("*",), request)
            return
        self._refuse_denied(call, own, named or ("*",), request)
        for action in actions:
            on = ("*",) if action.removeprefix(_PREFIX) in _NEW else named or ("*",)
            self._require(call, action, on, request)

    def _named(self, request: Mapping[str, Any]) -> Iterator[str]:
        """Yield the ARNs of the CAs that a request is about."""
        for member in _MEMBERS:
            if request.get(member):
                yield str(request[member])
        arn = request.get("CertificateArn")
        if not arn and request.get("CertificateId"):
            name = str(request["CertificateId"]).removeprefix("SHA256:").lower()
            kept = self._certificates.get(name)
            arn = kept.arn if kept is not None else ""
        if arn and "CertificateAuthorityArn" not in request and _CERTIFICATE in arn:
            yield str(arn).partition(_CERTIFICATE)[0]

    def _require(
        self, call: Call, action: str, resources: Sequence[str], request: dict[str, Any]
    ) -> None:
        for resource in resources:
            asked = _Asked(action, resource, self._authorities.get(resource))
            refusal = self._refusal(call, asked, request)
            if refusal is not None:
                raise _denied(call.caller, asked, *refusal)

    def _refuse_denied(
        self, call: Call, action: str, resources: Sequence[str], request: dict[str, Any]
    ) -> None:
        """Heed what is said of the collection's own name of an operation, if it is a deny."""
        for resource in resources:
            asked = _Asked(action, resource, None)
            decision = self._by_identity(call, asked, request)
            if decision.why is Why.DENIED:
                raise _denied(call.caller, asked, decision.aws_reason(action), _told(decision))

    def _refusal(
        self, call: Call, asked: _Asked, request: dict[str, Any]
    ) -> tuple[str, str] | None:
        """Return why a request is refused, in AWS's words and in a sentence; None if it is not."""
        by_resource = [
            self._judge(call, asked, request, (arn, self._principals.ids.policy_shown(policy)))
            for arn, policy in _policies(asked.authority)
        ]
        denied = next((one for one in by_resource if one.why is Why.DENIED), None)
        if denied is not None and not _owner_on_policies(call, asked):
            return denied.aws_reason(asked.action), _told(denied)
        if call.caller.account != call.place.account or call.caller.kind == "AWSService":
            return self._from_outside(asked, by_resource)
        if call.caller.kind == "Root":
            return None
        decision = self._by_identity(call, asked, request)
        if decision.allowed or any(one.allowed for one in by_resource):
            return None
        return decision.aws_reason(asked.action), _told(decision)

    @staticmethod
    def _from_outside(asked: _Asked, by_resource: Sequence[Decision]) -> tuple[str, str] | None:
        if any(one.allowed for one in by_resource):
            return None
        told = _told(by_resource[0]) if by_resource else ""
        silent = f"because no resource-based policy allows the {asked.action} action"
        return next((one.aws_reason(asked.action) for one in by_resource), silent) or silent, told

    def _by_identity(self, call: Call, asked: _Asked, request: dict[str, Any]) -> Decision:
        return self._judge(call, asked, request, None)

    def _judge(
        self, call: Call, asked: _Asked, request: dict[str, Any], policy: tuple[str, str] | None
    ) -> Decision:
        context = contexts.of_call(call, self._principals)
        context.update(contexts.of_tags("aws:RequestTag", _tags(request)))
        if asked.authority is not None:
            tags = [{"Key": key, "Value": value} for key, value in asked.authority.tags]
            context.update(contexts.of_tags("aws:ResourceTag", tags))
        if asked.action == f"{_PREFIX}IssueCertificate":
            default = TEMPLATES[DEFAULT_TEMPLATE].arn(call.place.partition)
            context["acm-pca:TemplateArn"] = (request.get("TemplateArn") or default,)
        question = Question(call.caller, asked.action, asked.resource, context, call.place.account)
        return judge(question, self._identity(call.caller), policy, PolicyKind.RESOURCE)

    def _identity(self, caller: Caller) -> Pairs:
        return () if caller.kind == "AWSService" else self._credentials.policies_for(caller)


def _translated(name: str) -> tuple[str, ...]:
    return tuple(f"{_PREFIX}{action}" for action in OWN_ACTIONS.get(name, ()))


def _policies(authority: Authority | None) -> Iterator[tuple[str, str]]:
    """Yield the documents that hang on a CA: its policy, and the permissions of ACM."""
    if authority is None:
        return
    if authority.policy:
        yield authority.arn, authority.policy
    for permission in authority.permissions:
        yield authority.arn, permission_policy(permission)


def _owner_on_policies(call: Call, asked: _Asked) -> bool:
    caller = call.caller
    at_home = caller.kind == "Root" and caller.account == call.place.account
    return at_home and asked.action.removeprefix(_PREFIX) in _OF_POLICIES


def _denied(caller: Caller, asked: _Asked, reason: str, told: str) -> AwsError:
    where = "" if asked.resource == "*" else f" on resource: {asked.resource}"
    return AwsError(
        "AccessDeniedException",
        f"User: {caller.arn} is not authorized to perform: {asked.action}{where} {reason}",
        told,
    )


def _told(decision: Decision) -> str:
    """Return a decision in a sentence that speaks of CAs where decisions speak of keys."""
    sentence = decision.sentence().replace("the key policy", "the CA's resource policy")
    return sentence.replace("another account's key", "another account's CA")


def _tags(request: Mapping[str, Any]) -> Sequence[dict[str, str]]:
    found = request.get("Tags")
    given = found if isinstance(found, list | tuple) else ()
    return [one for one in given if "Value" in one]
