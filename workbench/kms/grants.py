"""CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant.

Source: AWS KMS Developer Guide, "Grants in AWS KMS"; API Reference.
"""

import re
from typing import Any, Final

from workbench.api.calls import Call, Caller, Operation, Operations
from workbench.api.errors import AwsError
from workbench.crypto.table import (
    ENCAPSULATE_DECAPSULATE,
    ENCRYPT_DECRYPT,
    GENERATE_VERIFY_MAC,
    KEY_AGREEMENT,
    SIGN_VERIFY,
)
from workbench.iam.unique_ids import AsWritten, UnknownPrincipal
from workbench.kms.grant_store import Grant, GrantStore, new_id, new_secret
from workbench.kms.lookup import Finder, dry_run, page
from workbench.kms.records import KeyRecord
from workbench.kms.states import Group, require_state

_PAGE, _LONGEST_PAGE = 50, 100
_GRANT_ID: Final = re.compile(r"[0-9a-f]{64}")
_PRINCIPAL: Final = re.compile(
    r"arn:aws[a-z-]*:(iam::\d{12}:(root|user/.+|role/.+)"
    r"|sts::\d{12}:(assumed-role/.+/.+|federated-user/.+))"
)
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.amazonaws\.com")
_MOST_PAIRS, _LONGEST_VALUE = 8, 384
_EVERY_KEY: Final = frozenset({"CreateGrant", "RetireGrant", "DescribeKey"})
_SYMMETRIC_ONLY: Final = frozenset(
    {
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    }
)
_OF_USAGE: Final = {
    ENCRYPT_DECRYPT: _SYMMETRIC_ONLY
    | {"Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"},
    SIGN_VERIFY: {"Sign", "Verify", "GetPublicKey"},
    GENERATE_VERIFY_MAC: {"GenerateMac", "VerifyMac"},
    KEY_AGREEMENT: {"DeriveSharedSecret", "GetPublicKey"},
    ENCAPSULATE_DECAPSULATE: {"Encapsulate", "Decapsulate", "GetPublicKey"},
}


class Grants:
    """Grants on the keys of one Region.

    Users and roles of the vault's account must exist; those of other accounts are taken as they
    are written.

    Args:
        finder: finds keys.
        store: the grants.
        ids: the principals that grants name.
    """

    def __init__(self, finder: Finder, store: GrantStore, ids: AsWritten) -> None:
        self._ids = ids
        self._finder = finder
        self._place = finder.place
        self._store = store

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreateGrant": Operation(self._create, **write),
            "ListGrants": Operation(self._list),
            "ListRetirableGrants": Operation(self._list_retirable),
            "RetireGrant": Operation(self._retire, **write),
            "RevokeGrant": Operation(self._revoke, **write),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        require_state(record, Group.GRANT, self._place)
        wanted = self._wanted(request, record, call)
        dry_run(request)
        if wanted.name:
            for grant in self._store.of_grantee(record.id, (wanted.grantee,)):
                if grant.same_terms(wanted):
                    return {"GrantId": grant.id, "GrantToken": grant.new_token()}
        present = self._store.count(record.id)
        self._finder.stores.limits.check_grants(present, record.arn(self._place))
        self._store.save(wanted)
        call.note(grantId=wanted.id)
        return {"GrantId": wanted.id, "GrantToken": wanted.new_token()}

    def _wanted(self, request: dict[str, Any], record: KeyRecord, call: Call) -> Grant:
        grantee, by_service = _principal(request, "Grantee", required=True)
        retiring, retired_by_service = _principal(request, "Retiring", required=False)
        operations = tuple(dict.fromkeys(request["Operations"]))
        if not operations:
            raise AwsError("ValidationException", "A grant must permit at least one operation.")
        for operation in operations:
            _require_fitting(operation, record)
        constraints = request.get("Constraints") or {}
        if record.spec != "SYMMETRIC_DEFAULT" and any(
            "Context" in name and value is not None for name, value in constraints.items()
        ):
            raise AwsError(
                "ValidationException",
                "Encryption context constraints are supported on symmetric encryption KMS keys "
                "only.",
            )
        _check_constraints(constraints)
        if by_service:
            _check_service(constraints, retiring)
        self._require_existing(grantee)
        self._require_existing(retiring)
        return Grant(
            id=new_id(),
            key_id=record.id,
            grantee=grantee,
            operations=operations,
            created=call.time,
            issuer=call.caller.account,
            name=request.get("Name") or "",
            retiring=retiring,
            equals=constraints.get("EncryptionContextEquals"),
            subset=constraints.get("EncryptionContextSubset"),
            source_arn=constraints.get("SourceArn") or "",
            grantee_is_service=by_service,
            retiring_is_service=retired_by_service,
            secret=new_secret(),
        )

    def _require_existing(self, principal: str) -> None:
        """Refuse a user or role that the vault's account does not have."""
        try:
            self._ids.kept(principal)
        except UnknownPrincipal as error:
            raise AwsError(
                "InvalidArnException",
                f"ARN does not refer to a valid principal: {principal}",
                error.next_step,
            ) from None

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        if request.get("GrantId"):
            found = self._store.get(_grant_id(request["GrantId"]))
            grants = [found] if found and found.key_id == record.id else []
            return {"Grants": [grant.entry(self._place) for grant in grants], "Truncated": False}
        grantee = _one_of(request, "Grantee")

        def after(marker: str, limit: int) -> list[Grant]:
            if not grantee:
                return self._store.of_key(record.id, marker, limit)
            found = self._store.of_grantee(record.id, (grantee,))
            return sorted((g for g in found if g.id > marker), key=lambda g: g.id)[:limit]

        return self._answer(page(after, request, _PAGE, _LONGEST_PAGE, _GRANT_ID))

    def _list_retirable(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        principal, _ = _principal(request, "Retiring", required=True)

        def after(marker: str, limit: int) -> list[Grant]:
            return self._store.retirable(principal, marker, limit)

        return self._answer(page(after, request, _PAGE, _LONGEST_PAGE, _GRANT_ID))

    def _answer(self, found: tuple[list[Grant], bool]) -> dict[str, Any]:
        shown, more = found
        answer: dict[str, Any] = {
            "Grants": [grant.entry(self._place) for grant in shown],
            "Truncated": more,
        }
        if more:
            answer["NextMarker"] = shown[-1].id
        return answer

    def _retire(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        grant = self.named(request)
        call.note(self._place.arn("kms", f"key/{grant.key_id}"), grantId=grant.id)
        dry_run(request)
        self._store.delete(grant.id)
        return {}

    def named(self, request: dict[str, Any]) -> Grant:
        """Return the grant that a RetireGrant request names by token or by key ARN and id.

        Raises:
            AwsError: InvalidGrantTokenException, InvalidGrantIdException, NotFoundException, or
                ValidationException where neither or both are given.
        """
        token, grant_id = request.get("GrantToken"), request.get("GrantId")
        if token and (grant_id or request.get("KeyId")):
            raise AwsError(
                "ValidationException",
                "Specify either the grant token or both the key ARN and the grant ID.",
            )
        if token:
            return self._store.of_token(token)
        if not (grant_id and request.get("KeyId")):
            raise AwsError(
                "ValidationException",
                "Specify either the grant token or both the key ARN and the grant ID.",
            )
        return self._on_key(self._finder.find(request["KeyId"]), grant_id)

    def _revoke(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        grant = self._on_key(record, request["GrantId"])
        call.note(grantId=grant.id)
        dry_run(request)
        self._store.delete(grant.id)
        return {}

    def _on_key(self, record: KeyRecord, grant_id: str) -> Grant:
        grant = self._store.get(_grant_id(grant_id))
        if grant is None or grant.key_id != record.id:
            raise AwsError("NotFoundException", f"Grant ID {grant_id} not found")
        return grant


def may_retire(caller: Caller, grant: Grant, account: str) -> bool:
    """Whether a caller may retire a grant without a policy that says so.

    The account's root, the retiring principal, and the grantee where the grant permits it.
    """
    if caller.kind == "Root" and caller.account == account:
        return True
    names = {caller.arn, caller.identity}
    return grant.retiring in names or (grant.grantee in names and "RetireGrant" in grant.operations)


def _principal(request: dict[str, Any], role: str, *, required: bool) -> tuple[str, bool]:
    """Return a principal of a request and whether it is a service."""
    named = _one_of(request, role)
    service = request.get(f"{role}ServicePrincipal")
    principal = "" if service else named
    if required and not (principal or service):
        raise AwsError("ValidationException", f"{role}Principal is required.")
    if principal and not _PRINCIPAL.fullmatch(principal):
        raise AwsError("InvalidArnException", f"Invalid Arn {principal}")
    if service and not _SERVICE.fullmatch(service):
        raise AwsError("ValidationException", f"{service} is not a service principal.")
    return (service, True) if service else (principal or "", False)


def _one_of(request: dict[str, Any], role: str) -> str:
    """Return the principal, or the service principal, that a request names; empty for none."""
    principal = request.get(f"{role}Principal")
    service = request.get(f"{role}ServicePrincipal")
    if principal and service:
        raise AwsError(
            "ValidationException",
            f"Specify either {role}Principal or {role}ServicePrincipal, not both.",
        )
    return str(principal or service or "")


def _check_constraints(constraints: dict[str, Any]) -> None:
    """Refuse an encryption context of more pairs, or longer values, than a constraint may have."""
    for member in ("EncryptionContextEquals", "EncryptionContextSubset"):
        pairs = constraints.get(member) or {}
        if len(pairs) > _MOST_PAIRS or any(len(v) > _LONGEST_VALUE for v in pairs.values()):
            raise AwsError(
                "ValidationException",
                f"{member} may have up to {_MOST_PAIRS} pairs, with values of up to "
                f"{_LONGEST_VALUE} characters.",
            )


def _check_service(constraints: dict[str, Any], retiring: str) -> None:
    """Refuse a grant to a service for any source, or that nobody could retire."""
    if not (constraints.get("SourceArn") and retiring):
        raise AwsError(
            "ValidationException",
            "A grant to a GranteeServicePrincipal must have a SourceArn constraint and a "
            "RetiringPrincipal or a RetiringServicePrincipal.",
        )


def _require_fitting(operation: str, record: KeyRecord) -> None:
    """Refuse a grant operation that keys of this usage and spec cannot do."""
    fits = operation in _EVERY_KEY or operation in _OF_USAGE[record.usage]
    symmetric = record.spec == "SYMMETRIC_DEFAULT"
    if not symmetric and operation in _SYMMETRIC_ONLY:
        fits = False
    if operation == "GetPublicKey" and not record.key_spec.asymmetric:
        fits = False
    if not fits:
        raise AwsError(
            "ValidationException",
            f"Grant operation {operation} is not valid for a KMS key with key usage "
            f"{record.usage} and key spec {record.spec}.",
        )


def _grant_id(text: str) -> str:
    if not _GRANT_ID.fullmatch(text):
        raise AwsError("InvalidGrantIdException", f"Invalid grant id {text}")
    return text
