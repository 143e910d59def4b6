"""CreateKey, DescribeKey, ListKeys, key states and deletion.

Source: AWS KMS API Reference; AWS KMS Developer Guide, "Key states of AWS KMS keys".
"""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from workbench.api.calls import Call, Operation, Operations, Prepared
from workbench.api.errors import AwsError
from workbench.base.identifiers import Place, new_multi_region_key_id, new_uuid
from workbench.crypto.table import ENCAPSULATE_DECAPSULATE, KEY_SPECS
from workbench.hsm.user import Generated
from workbench.kms.describe import metadata
from workbench.kms.imported import settle
from workbench.kms.key_policies import KeyPolicies
from workbench.kms.key_store_keys import STORE_ORIGINS, StoreKeys, check_origin, switched
from workbench.kms.login import Login
from workbench.kms.lookup import KEY_ID, Finder, page, refuse_unsupported_spec
from workbench.kms.records import (
    AWS_KMS,
    CREATING,
    CURRENT,
    DISABLED,
    ENABLED,
    EXTERNAL,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    KeyRecord,
    MaterialRecord,
)
from workbench.kms.states import Group, require_state
from workbench.kms.tags import checked_tags

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

    def __init__(
        self, finder: Finder, hsm: Login, policies: KeyPolicies, store_keys: StoreKeys
    ) -> None:
        self._finder = finder
        self._store_keys = store_keys
        self._policies = policies
        self._store = finder.store
        self._place = finder.place
        self._hsm = hsm

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreateKey": Prepared(self._create, prepare=self._plan),
            "DescribeKey": Operation(self._describe),
            "ListKeys": Operation(self._list),
            "EnableKey": Operation(self._enable, **write),
            "DisableKey": Operation(self._disable, **write),
            "ScheduleKeyDeletion": Operation(self._schedule_deletion, **write),
            "CancelKeyDeletion": Operation(self._cancel_deletion, **write),
            "UpdateKeyDescription": Operation(self._update_description, **write),
            "GetPublicKey": Operation(self._public_key),
        }

    def _plan(self, request: dict[str, Any], call: Call) -> tuple[KeyRecord, Generated | None]:
        """Return the key a request asks for and its material; an RSA key can take seconds."""
        spec_name = _requested_spec(request)
        refuse_unsupported_spec(spec_name, self._place.region)
        usage = _requested_usage(request, spec_name)
        multi_region = bool(request.get("MultiRegion", False))
        record = KeyRecord(
            id=new_multi_region_key_id() if multi_region else new_uuid(),
            spec=spec_name,
            usage=usage,
            created=call.time,
            description=request.get("Description", ""),
            origin=request.get("Origin", AWS_KMS),
            multi_region=multi_region,
            primary_region=self._place.region if multi_region else "",
            tags=checked_tags({}, request.get("Tags", []), self._finder.stores.limits),
        )
        if "Policy" in request:
            policy = self._policies.checked(record, request["Policy"], request, call)
        else:  # AWS asks of a policy that is given only whether it locks its giver out
            policy = default_policy(self._place)
        record = replace(record, policy=policy)
        check_origin(request, record.origin, record.spec)
        self._finder.stores.limits.check_keys(self._store.more_than)
        if record.origin == EXTERNAL and ENCAPSULATE_DECAPSULATE in record.key_spec.usages:
            raise AwsError(
                "ValidationException",
                f"KeySpec {record.spec} is not compatible with Origin {EXTERNAL}",
            )
        if record.origin != AWS_KMS:
            return record, None
        return record, self._hsm.user.generate(record.id, record.spec, record.usage)

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record, made = call.prepared
        if record.origin in STORE_ORIGINS:
            record = self._store_keys.create(record, request, call)
        elif made is None:
            record = replace(record, state=PENDING_IMPORT)
        else:
            binding, public_key = made.token.binding, made.public_key
            self._store.save_material(
                MaterialRecord(binding, made.token, 0, CURRENT, call.time, public_key=public_key)
            )
            record = replace(record, current_material=binding.material_id)
        self._store.save_key(record)
        call.note(record.arn(self._place))
        return {"KeyMetadata": metadata(record, self._finder)}

    def _describe(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        return {"KeyMetadata": metadata(record, self._finder)}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        del call
        ids, more = page(self._store.key_ids, request, _PAGE, _LONGEST_PAGE, KEY_ID)
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
        return self._switch(request, call, ENABLED)

    def _disable(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        return self._switch(request, call, DISABLED)

    def _switch(self, request: dict[str, Any], call: Call, state: str) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        require_state(record, Group.SWITCH, self._place)
        self._store.save_key(switched(record, state, self._finder))
        return {}

    def _schedule_deletion(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        require_state(record, Group.SCHEDULE, self._place)
        window = request.get("PendingWindowInDays", _DEFAULT_WINDOW)
        if not _SHORTEST_WINDOW <= window <= _LONGEST_WINDOW:
            raise AwsError(
                "ValidationException",
                f"PendingWindowInDays must be between {_SHORTEST_WINDOW} and {_LONGEST_WINDOW}.",
            )
        if record.state == CREATING:  # nothing is left to be finished
            record = replace(record, background="", background_start=None, resumed_state="")
        answer: dict[str, Any] = {"KeyId": record.arn(self._place), "PendingWindowInDays": window}
        if record.primary_region == self._place.region and self._has_replicas(record):
            # The window of a primary begins when its last replica is gone.
            changed = replace(record, state=PENDING_REPLICA_DELETION, deletion_window=window)
        else:
            when = call.time + timedelta(days=window)
            changed = replace(record, state=PENDING_DELETION, deletion_date=when)
            answer["DeletionDate"] = when
        self._store.save_key(changed)
        return {**answer, "KeyState": changed.state}

    def _has_replicas(self, record: KeyRecord) -> bool:
        return len(self._finder.stores.regions_of(record.id)) > 1

    def _cancel_deletion(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        require_state(record, Group.CANCEL, self._place)
        kept = replace(record, deletion_date=None, deletion_window=0)
        changed = switched(kept, DISABLED, self._finder)
        self._store.save_key(changed)
        if record.origin == EXTERNAL:  # its material may be gone
            settle(changed, self._store)
        return {"KeyId": record.arn(self._place)}

    def _update_description(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        require_state(record, Group.DESCRIBE, self._place)
        self._store.save_key(replace(record, description=request["Description"]))
        return {}

    def _public_key(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        if not record.key_spec.asymmetric:
            raise AwsError(
                "UnsupportedOperationException",
                f"{record.arn(self._place)} is a {record.spec} key and has no public key.",
            )
        require_state(record, Group.PUBLIC_KEY, self._place)
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
