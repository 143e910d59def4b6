"""CreateKey, DescribeKey, ListKeys, key states and deletion.

Source: AWS KMS API Reference; AWS KMS Developer Guide, "Key states of AWS KMS keys".
"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.base.identifiers import Place, new_multi_region_key_id, new_uuid
from workbench.crypto.table import KEY_SPECS
from workbench.kms.login import Login
from workbench.kms.lookup import Finder, page, refuse_pending, refuse_state, refuse_unsupported_spec
from workbench.kms.records import (
    CURRENT,
    DISABLED,
    ENABLED,
    PENDING_DELETION,
    KeyRecord,
    MaterialRecord,
)
from workbench.kms.tags import checked_policy, checked_tags

_SHORTEST_WINDOW, _LONGEST_WINDOW, _DEFAULT_WINDOW = 7, 30, 30
_PAGE, _LONGEST_PAGE = 100, 1000


def default_policy(place: Place) -> str:
    """Return AWS's default key policy: the account's root may do everything."""
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [
                {
                    "Sid": "Enable IAM User Permissions",
                    "Effect": "Allow",
                    "Principal": {"AWS": place.iam("root")},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        },
        indent=2,
    )


class Keys:
    """The life of a key."""

    def __init__(self, finder: Finder, hsm: Login) -> None:
        self._finder = finder
        self._store = finder.store
        self._place = finder.place
        self._hsm = hsm

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreateKey": Operation(self._create, **write),
            "DescribeKey": Operation(self._describe),
            "ListKeys": Operation(self._list),
            "EnableKey": Operation(self._enable, **write),
            "DisableKey": Operation(self._disable, **write),
            "ScheduleKeyDeletion": Operation(self._schedule_deletion, **write),
            "CancelKeyDeletion": Operation(self._cancel_deletion, **write),
            "UpdateKeyDescription": Operation(self._update_description, **write),
            "GetPublicKey": Operation(self._public_key),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        spec_name = _requested_spec(request)
        refuse_unsupported_spec(spec_name, self._place.region)
        usage = _requested_usage(request, spec_name)
        _refuse_origin(request)
        tags = checked_tags({}, request.get("Tags", []))
        policy = checked_policy(request.get("Policy") or default_policy(self._place))
        multi_region = bool(request.get("MultiRegion", False))
        key_id = new_multi_region_key_id() if multi_region else new_uuid()
        made = self._hsm.user.generate(key_id, spec_name, usage)
        record = KeyRecord(
            id=key_id,
            spec=spec_name,
            usage=usage,
            created=call.time,
            description=request.get("Description", ""),
            multi_region=multi_region,
            policy=policy,
            tags=tags,
            current_material=made.token.binding.material_id,
        )
        self._store.save_key(record)
        self._store.save_material(
            MaterialRecord(made.token, 0, CURRENT, call.time, public_key=made.public_key)
        )
        call.note(record.arn(self._place))
        return {"KeyMetadata": record.metadata(self._place)}

    def _describe(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        return {"KeyMetadata": self._finder.key(request["KeyId"], call).metadata(self._place)}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        ids, more = page(self._store.key_ids, request, _PAGE, _LONGEST_PAGE)
        answer: dict[str, Any] = {
            "Keys": [
                {"KeyId": name, "KeyArn": self._place.arn("kms", f"key/{name}")} for name in ids
            ],
            "Truncated": more,
        }
        if more:
            answer["NextMarker"] = ids[-1]
        return answer

    def _enable(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        refuse_pending(record, self._place)
        self._store.save_key(replace(record, state=ENABLED))
        return {}

    def _disable(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        refuse_pending(record, self._place)
        self._store.save_key(replace(record, state=DISABLED))
        return {}

    def _schedule_deletion(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        refuse_pending(record, self._place)
        window = request.get("PendingWindowInDays", _DEFAULT_WINDOW)
        if not _SHORTEST_WINDOW <= window <= _LONGEST_WINDOW:
            raise AwsError(
                "ValidationException",
                f"PendingWindowInDays must be between {_SHORTEST_WINDOW} and {_LONGEST_WINDOW}.",
            )
        when = call.time + timedelta(days=window)
        self._store.save_key(replace(record, state=PENDING_DELETION, deletion_date=when))
        return {
            "KeyId": record.arn(self._place),
            "DeletionDate": when,
            "KeyState": PENDING_DELETION,
            "PendingWindowInDays": window,
        }

    def _cancel_deletion(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        if record.state != PENDING_DELETION:
            raise AwsError(
                "KMSInvalidStateException", f"{record.arn(self._place)} is not pending deletion."
            )
        self._store.save_key(replace(record, state=DISABLED, deletion_date=None))
        return {"KeyId": record.arn(self._place)}

    def _update_description(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        refuse_pending(record, self._place)
        self._store.save_key(replace(record, description=request["Description"]))
        return {}

    def _public_key(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        if not record.key_spec.asymmetric:
            raise AwsError(
                "UnsupportedOperationException",
                f"{record.arn(self._place)} is a {record.spec} key and has no public key.",
            )
        if record.state != DISABLED:
            refuse_state(record, self._place)
        return {
            "KeyId": record.arn(self._place),
            "PublicKey": self._finder.material(record).public_key,
            "CustomerMasterKeySpec": record.spec,
            "KeySpec": record.spec,
            "KeyUsage": record.usage,
            **record.algorithm_members(),
        }


def _requested_spec(request: dict[str, Any]) -> str:
    newer, older = request.get("KeySpec"), request.get("CustomerMasterKeySpec")
    if newer and older:
        raise AwsError(
            "ValidationException",
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
            "CustomerMasterKeySpec is deprecated.",
        )
    return str(newer or older or "SYMMETRIC_DEFAULT")


def _requested_usage(request: dict[str, Any], spec_name: str) -> str:
    spec = KEY_SPECS[spec_name]
    usage = request.get("KeyUsage") or spec.default_usage
    if usage is None:
        raise AwsError(
            "ValidationException",
            "You must specify a KeyUsage value for all KMS keys except for symmetric encryption "
            "keys.",
        )
    if usage not in spec.usages:
        raise AwsError(
            "ValidationException", f"KeyUsage {usage} is not compatible with KeySpec {spec_name}"
        )
    return str(usage)


def _refuse_origin(request: dict[str, Any]) -> None:
    origin = request.get("Origin", "AWS_KMS")
    if origin != "AWS_KMS":
        raise AwsError(
            "UnsupportedOperationException",
            f"Origin {origin} is not offered by this version of Key Workbench.",
        )
