"""Operations on certificate authorities: their life from creation to deletion.

Source: AWS Private CA API Reference.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from botocore.exceptions import ClientError
from cryptography import x509

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.base.identifiers import new_uuid
from workbench.pki.algorithms import signing_algorithms
from workbench.pki.authority import DELETABLE, Authority, Status
from workbench.pki.authority_keys import AuthorityKey, new_key
from workbench.pki.clients import error_code
from workbench.pki.csr import sign_csr
from workbench.pki.external import known_external_key
from workbench.pki.finder import Finder, after_token, key_in_use, page_token, wrong_state
from workbench.pki.names import from_subject
from workbench.pki.passthrough import access_of, usage_of
from workbench.pki.revocation_config import checked
from workbench.pki.store import Reused

_PAGE: Final = 100
_TAGS_PAGE: Final = 50
_DEFAULT_WINDOW: Final = 30


class Authorities:
    """Create, describe, list, update, delete, restore, and tag certificate authorities.

    Args:
        finder: the stores.
        changed: told of an authority whose revocation configuration or state changed.
        delay: how long one that CreateCertificateAuthority makes is in CREATING.
    """

    def __init__(
        self,
        finder: Finder,
        changed: Callable[[Authority, datetime], None],
        delay: timedelta = timedelta(),
    ) -> None:
        self._finder = finder
        self._changed = changed
        self._delay = delay

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "CreateCertificateAuthority": _changing(self._create),
            "DescribeCertificateAuthority": Operation(self._describe),
            "ListCertificateAuthorities": Operation(self._list),
            "GetCertificateAuthorityCsr": Operation(self._csr),
            "UpdateCertificateAuthority": _changing(self._update),
            "DeleteCertificateAuthority": _changing(self._delete),
            "RestoreCertificateAuthority": _changing(self._restore),
            "ListTags": Operation(self._list_tags),
            "TagCertificateAuthority": _changing(self._tag),
            "UntagCertificateAuthority": _changing(self._untag),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        scope = "acm-pca:CreateCertificateAuthority"
        known = self._recall(scope, request, call)
        if known is not None:
            return known
        _refuse_unoffered(request)
        algorithm = request["CertificateAuthorityConfiguration"]["KeyAlgorithm"]
        made = self.create(
            request,
            call,
            lambda arn: new_key(self._finder.kms, algorithm, arn),
            ready=call.time + self._delay if self._delay else None,
        )
        answer = {"CertificateAuthorityArn": made.arn}
        self._finder.idempotency.keep(scope, request, answer, call.time)
        return answer

    def create(
        self,
        request: dict[str, Any],
        call: Call,
        key_for: Callable[[str], AuthorityKey],
        *,
        ready: datetime | None = None,
    ) -> Authority:
        """Make a CA that waits for its certificate.

        Args:
            request: CreateCertificateAuthority's members.
            call: who asks, and when.
            key_for: returns the key of the CA with an ARN.
            ready: until when it is in CREATING, or None.

        Raises:
            AwsError: the request makes no CA, or KMS refused.
        """
        configuration = request["CertificateAuthorityConfiguration"]
        algorithm = configuration["KeyAlgorithm"]
        signing = configuration["SigningAlgorithm"]
        _refuse_mismatch(algorithm, signing)
        try:
            subject = from_subject(configuration["Subject"])
        except ValueError as error:
            raise AwsError("InvalidArgsException", f"Invalid subject: {error}") from error
        asked = _csr_extensions(configuration.get("CsrExtensions", {}))
        tags = self._with_tags((), request.get("Tags", ()))
        prefix = call.place.arn("acm-pca", "certificate-authority/")
        self._finder.limits.check_authorities(self._finder.authorities.living(prefix, call.time))
        usage_mode = request.get("UsageMode", "GENERAL_PURPOSE")
        revocation = checked(request.get("RevocationConfiguration", {}), {}, usage_mode)
        arn = call.place.arn("acm-pca", f"certificate-authority/{new_uuid()}")
        call.note(arn)
        with key_in_use("create the CA's key and sign its CSR"):
            key = key_for(arn)
            signer = known_external_key(key.kms, key.arn, key.spki)
            csr = sign_csr(signer, subject, ca=True, extensions=asked)
        made = Authority(
            arn=arn,
            kind=request["CertificateAuthorityType"],
            key_algorithm=algorithm,
            signing_algorithm=signing,
            subject=configuration["Subject"],
            usage_mode=usage_mode,
            key_arn=key.arn,
            spki=key.spki,
            csr=csr,
            created=call.time,
            changed=call.time,
            stored_status=Status.PENDING_CERTIFICATE,
            tags=tags,
            revocation=revocation,
            chosen_key=key.chosen,
            csr_extensions=configuration.get("CsrExtensions", {}),
            creating_until=ready,
        )
        self._finder.authorities.save(made)
        return made

    def _recall(self, scope: str, request: dict[str, Any], call: Call) -> dict[str, Any] | None:
        try:
            return self._finder.idempotency.recall(scope, request, call.time)
        except Reused as error:
            raise AwsError(
                "InvalidArgsException", "The idempotency token was used for another request."
            ) from error

    def _describe(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        return {"CertificateAuthority": authority.document(call.time)}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        if request.get("ResourceOwner", "SELF") != "SELF":
            return {"CertificateAuthorities": []}
        limit = request.get("MaxResults", _PAGE)
        prefix = call.place.arn("acm-pca", "certificate-authority/")
        after = after_token(request.get("NextToken"))
        found = self._finder.authorities.page(prefix, after, limit + 1)
        answer: dict[str, Any] = {
            "CertificateAuthorities": [
                one.document(call.time) for one in found[:limit] if not one.gone(call.time)
            ]
        }
        if len(found) > limit:
            answer["NextToken"] = page_token(found[limit - 1].arn)
        return answer

    def _csr(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request, call)
        if authority.status(call.time) is Status.CREATING:
            raise AwsError(
                "RequestInProgressException",
                f"The certificate authority {authority.arn} is still being created.",
                "Ask again in a moment.",
            )
        return {"Csr": authority.csr}

    def _update(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request, call)
        status = request.get("Status")
        if status is not None:
            if status not in {Status.ACTIVE, Status.DISABLED}:
                raise AwsError(
                    "InvalidArgsException", "Status can be set to ACTIVE or DISABLED only."
                )
            if authority.status(call.time) not in {Status.ACTIVE, Status.DISABLED}:
                raise wrong_state(
                    authority, call.time, "only an active or disabled one can be updated."
                )
            authority = authority.with_status(Status(status), call.time)
        wanted = request.get("RevocationConfiguration")
        if wanted is not None:
            revocation = checked(wanted, authority.revocation, authority.usage_mode)
            authority = replace(authority, revocation=revocation)
        if status is not None or wanted is not None:
            self._finder.authorities.save(authority)
            self._changed(authority, call.time)
        return {}

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request, call)
        if authority.status(call.time) not in DELETABLE:
            raise wrong_state(authority, call.time, "disable it before you delete it.")
        days = request.get("PermanentDeletionTimeInDays", _DEFAULT_WINDOW)
        self._finder.authorities.save(authority.deleted(call.time, days))
        if authority.chosen_key:
            # The key was there before the CA and may have other uses: it is not the CA's to delete.
            return {}
        try:
            self._finder.kms.schedule_key_deletion(
                KeyId=authority.key_arn, PendingWindowInDays=days
            )
        except ClientError as error:
            # Someone may have scheduled or finished the key's deletion already.
            if error_code(error) not in {"KMSInvalidStateException", "NotFoundException"}:
                raise
        return {}

    def _restore(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        if authority.status(call.time) is not Status.DELETED:
            raise wrong_state(authority, call.time, "only a deleted one can be restored.")
        if not authority.chosen_key:
            with key_in_use("restore the CA's key"):
                self._finder.kms.cancel_key_deletion(KeyId=authority.key_arn)
                self._finder.kms.enable_key(KeyId=authority.key_arn)
        self._finder.authorities.save(authority.restored(call.time))
        return {}

    def _list_tags(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request, call)
        limit = request.get("MaxResults", _TAGS_PAGE)
        after = after_token(request.get("NextToken"))
        left = [(name, value) for name, value in sorted(authority.tags) if name > after]
        answer: dict[str, Any] = {
            "Tags": [{"Key": name, "Value": value} for name, value in left[:limit]]
        }
        if len(left) > limit:
            answer["NextToken"] = page_token(left[limit - 1][0])
        return answer

    def _tag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request, call)
        tags = self._with_tags(authority.tags, request["Tags"])
        self._finder.authorities.save(replace(authority, tags=tags))
        return {}

    def _untag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        authority = self._existing(request, call)
        kept = dict(authority.tags)
        for tag in request["Tags"]:
            # A tag given with a value is removed only if it has that value.
            if "Value" not in tag or kept.get(tag["Key"]) == tag["Value"]:
                kept.pop(tag["Key"], None)
        self._finder.authorities.save(replace(authority, tags=tuple(kept.items())))
        return {}

    def _with_tags(
        self, old: tuple[tuple[str, str], ...], new: list[dict[str, str]] | tuple[()]
    ) -> tuple[tuple[str, str], ...]:
        merged = dict(old)
        for tag in new:
            if tag["Key"].lower().startswith("aws:"):
                raise AwsError("InvalidTagException", "Tag keys must not begin with aws:.")
            merged[tag["Key"]] = tag.get("Value", "")
        self._finder.limits.check_tags(len(merged))
        return tuple(merged.items())

    def _existing(self, request: dict[str, Any], call: Call) -> Authority:
        """Return the authority a request names, unless it is deleted."""
        authority = self._finder.authority(request["CertificateAuthorityArn"], call)
        if authority.status(call.time) is Status.DELETED:
            raise wrong_state(authority, call.time, "restore it first.")
        return authority


def _changing(handler: Any) -> Operation:
    return Operation(handler, mutates=True, read_only=False)


def _refuse_unoffered(request: dict[str, Any]) -> None:
    if "KeyStorageSecurityStandard" in request:
        raise AwsError(
            "InvalidArgsException",
            "KeyStorageSecurityStandard is not offered: the module is not validated to any.",
        )


def _csr_extensions(given: dict[str, Any]) -> tuple[tuple[x509.ExtensionType, bool], ...]:
    made: list[tuple[x509.ExtensionType, bool]] = []
    try:
        if "KeyUsage" in given:
            made.append((usage_of(given["KeyUsage"]), True))
        if given.get("SubjectInformationAccess"):
            made.append((access_of(given["SubjectInformationAccess"]), False))
    except ValueError as error:
        raise AwsError("InvalidArgsException", f"CsrExtensions: {error}") from error
    return tuple(made)


def _refuse_mismatch(algorithm: str, signing: str) -> None:
    offered = signing_algorithms(algorithm)
    if not offered:
        raise AwsError("InvalidArgsException", f"The key algorithm {algorithm} is not offered.")
    if signing not in offered:
        raise AwsError(
            "InvalidArgsException",
            f"A {algorithm} key cannot sign with {signing}; it signs with {', '.join(offered)}.",
        )
