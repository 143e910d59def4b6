"""Tags, aliases and key policies: the names and words people hang on keys.

Source: AWS KMS API Reference, TagResource, CreateAlias, PutKeyPolicy; Developer Guide, "Quotas".
"""

import re
from dataclasses import replace
from operator import itemgetter
from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.kms.key_policies import KeyPolicies
from workbench.kms.limits import Limits
from workbench.kms.lookup import Finder, page
from workbench.kms.managed import PREDEFINED
from workbench.kms.records import KeyRecord
from workbench.kms.states import Group, require_state
from workbench.kms.store import Alias

_PAGE, _LONGEST_PAGE = 50, 100
_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]+")


def checked_tags(
    present: dict[str, str], added: list[dict[str, str]], limits: Limits
) -> dict[str, str]:
    """Return the tags of a key once `added` are put on it.

    Raises:
        AwsError: TagException for duplicates, too many tags or the reserved prefix.
    """
    names = [tag["TagKey"] for tag in added]
    if len(set(names)) != len(names):
        raise AwsError("TagException", "Duplicate tag keys")
    if any(name.lower().startswith("aws:") for name in names):
        raise AwsError("TagException", "Tags beginning with aws: are reserved")
    merged = {**present, **{tag["TagKey"]: tag["TagValue"] for tag in added}}
    if len(merged) > limits.tags_per_key:
        raise AwsError("TagException", "Too many tags")
    return merged


class Names:
    """Tags, aliases and policies of keys."""

    def __init__(self, finder: Finder, policies: KeyPolicies) -> None:
        self._finder = finder
        self._limits = finder.stores.limits
        self._policies = policies
        self._store = finder.store
        self._place = finder.place

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "TagResource": Operation(self._tag, **write),
            "UntagResource": Operation(self._untag, **write),
            "ListResourceTags": Operation(self._list_tags),
            "CreateAlias": Operation(self._create_alias, **write),
            "UpdateAlias": Operation(self._update_alias, **write),
            "DeleteAlias": Operation(self._delete_alias, **write),
            "ListAliases": Operation(self._list_aliases),
            "GetKeyPolicy": Operation(self._get_policy),
            "PutKeyPolicy": Operation(self._put_policy, **write),
            "ListKeyPolicies": Operation(self._list_policies),
        }

    def _changeable(self, request: dict[str, Any], call: Call) -> KeyRecord:
        record = self._finder.key(request["KeyId"], call)
        require_state(record, Group.DESCRIBE, self._place)
        return record

    def _tag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._changeable(request, call)
        tags = checked_tags(record.tags, request["Tags"], self._limits)
        self._store.save_key(replace(record, tags=tags))
        return {}

    def _untag(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._changeable(request, call)
        gone = set(request["TagKeys"])
        kept = {name: value for name, value in record.tags.items() if name not in gone}
        self._store.save_key(replace(record, tags=kept))
        return {}

    def _list_tags(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        names = sorted(record.tags)

        def after(marker: str, limit: int) -> list[str]:
            return [name for name in names if name > marker][:limit]

        shown, more = page(after, request, _PAGE, _PAGE)
        answer: dict[str, Any] = {
            "Tags": [{"TagKey": name, "TagValue": record.tags[name]} for name in shown],
            "Truncated": more,
        }
        if more:
            answer["NextMarker"] = shown[-1]
        return answer

    def _create_alias(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        name = _alias_name(request)
        record = self._target(request, call)
        if self._store.alias(name) is not None:
            arn = self._place.arn("kms", name)
            raise AwsError("AlreadyExistsException", f"An alias with the name {arn} already exists")
        self._check_number(record)
        self._store.save_alias(Alias(name, record.id, call.time, call.time))
        return {}

    def _update_alias(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        name = _alias_name(request)
        alias = self._existing(name)
        record = self._target(request, call)
        former = self._store.key(alias.key_id)
        if former is not None and (
            former.usage != record.usage or former.key_spec.asymmetric != record.key_spec.asymmetric
        ):
            raise AwsError(
                "ValidationException",
                f"Alias {self._place.arn('kms', name)} cannot be changed from key usage "
                f"{former.usage} to key usage {record.usage}.",
            )
        if alias.key_id != record.id:
            self._check_number(record)
        self._store.save_alias(replace(alias, key_id=record.id, updated=call.time))
        return {}

    def _check_number(self, record: KeyRecord) -> None:
        """Refuse another alias of a key that has as many as it may have."""
        present = len(self._store.aliases(record.id, "", self._limits.aliases_per_key))
        self._limits.check_aliases(present, record.arn(self._place))

    def _delete_alias(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        alias = self._existing(_alias_name(request))
        call.note(self._place.arn("kms", alias.name), self._place.arn("kms", f"key/{alias.key_id}"))
        self._store.delete_alias(alias.name)
        return {}

    def _list_aliases(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        key_id = None
        if request.get("KeyId"):
            key_id = self._finder.key(request["KeyId"], call).id

        def after(marker: str, limit: int) -> list[tuple[str, Alias | None]]:
            found = self._store.aliases(key_id, marker, limit)
            named: dict[str, Alias | None] = {alias.name: alias for alias in found}
            if key_id is None:
                for name in PREDEFINED:
                    if name > marker:
                        named.setdefault(name, None)
            return sorted(named.items(), key=itemgetter(0))[:limit]

        shown, more = page(after, request, _PAGE, _LONGEST_PAGE, _ALIAS)
        answer: dict[str, Any] = {
            "Aliases": [self._alias_entry(name, alias) for name, alias in shown],
            "Truncated": more,
        }
        if more:
            answer["NextMarker"] = shown[-1][0]
        return answer

    def _alias_entry(self, name: str, alias: Alias | None) -> dict[str, Any]:
        """Return AWS's AliasListEntry; a predefined alias whose key is not made yet has no more."""
        entry: dict[str, Any] = {"AliasName": name, "AliasArn": self._place.arn("kms", name)}
        if alias is None:
            return entry
        dates = {"CreationDate": alias.created, "LastUpdatedDate": alias.updated}
        return {**entry, "TargetKeyId": alias.key_id, **dates}

    def _existing(self, name: str) -> Alias:
        alias = self._store.alias(name)
        if alias is None:
            arn = self._place.arn("kms", name)
            raise AwsError("NotFoundException", f"Alias {arn} is not found.")
        return alias

    def _target(self, request: dict[str, Any], call: Call) -> KeyRecord:
        call.note(self._place.arn("kms", request["AliasName"]))
        record = self._finder.key(request["TargetKeyId"], call)
        require_state(record, Group.DESCRIBE, self._place)
        return record

    def _get_policy(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        _only_default(request)
        return {"Policy": self._policies.shown(record), "PolicyName": "default"}

    def _put_policy(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._finder.key(request["KeyId"], call)
        _only_default(request)
        policy = self._policies.checked(record, request["Policy"], request, call)
        self._store.save_key(replace(record, policy=policy))
        return {}

    def _list_policies(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        self._finder.key(request["KeyId"], call)
        return {"PolicyNames": ["default"], "Truncated": False}


def _alias_name(request: dict[str, Any]) -> str:
    name = str(request["AliasName"])
    if not name.startswith("alias/"):
        raise AwsError(
            "ValidationException",
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        )
    if name.startswith("alias/aws/"):
        raise AwsError("NotAuthorizedException", "The alias prefix alias/aws/ is reserved for AWS.")
    if not _ALIAS.fullmatch(name):
        raise AwsError(
            "InvalidAliasNameException",
            "Alias names may hold letters, digits, slashes, underscores and dashes only.",
        )
    return name


def _only_default(request: dict[str, Any]) -> None:
    if request.get("PolicyName", "default") != "default":
        raise AwsError("NotFoundException", "No such policy exists")
