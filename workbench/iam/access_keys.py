"""Long-term access keys of users and of the account root.

Source: IAM API Reference, CreateAccessKey, UpdateAccessKey, GetAccessKeyLastUsed; User Guide, "IAM
and AWS STS quotas".
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.iam.answers import listed, whole_second
from workbench.iam.credentials import Credentials
from workbench.iam.directory import Directory
from workbench.iam.ids import LONG_TERM, new_access_key_id, new_secret
from workbench.iam.records import ACTIVE, AccessKey
from workbench.iam.store import IdentityStore
from workbench.iam.users import needs_user_name

_MOST_KEYS: Final = 2
_ROOT: Final = "root"


def new_access_key(store: IdentityStore, owner: str, moment: datetime) -> AccessKey:
    """Make and save a long-term access key.

    Args:
        store: where it is kept.
        owner: ARN of a user or of an account root.
        moment: now, UTC.

    Raises:
        AwsError: LimitExceeded, when the owner has two.
    """
    if len(store.long_term_keys(owner)) >= _MOST_KEYS:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {_MOST_KEYS}")
    account = owner.split(":", 5)[4]
    key_id = new_access_key_id(LONG_TERM, account)
    while store.access_key(key_id) is not None:
        key_id = new_access_key_id(LONG_TERM, account)
    made = AccessKey(key_id, owner, new_secret(), whole_second(moment))
    store.save_key(made)
    return made


class AccessKeys:
    """The operations on access keys.

    Args:
        directory: finds users.
        credentials: knows the latest uses.
    """

    def __init__(self, directory: Directory, credentials: Credentials) -> None:
        self._directory = directory
        self._store = directory.store
        self._credentials = credentials

    def operations(self) -> Operations:
        """Return what the door registers."""
        write = {"mutates": True, "read_only": False}
        return {
            "CreateAccessKey": Operation(self._create, **write),
            "ListAccessKeys": Operation(self._list),
            "UpdateAccessKey": Operation(self._update, **write),
            "DeleteAccessKey": Operation(self._delete, **write),
            "GetAccessKeyLastUsed": Operation(self._last_used),
        }

    def _create(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        owner = self._owner(request, call)
        made = new_access_key(self._store, owner, call.time)
        return {"AccessKey": {**_metadata(made), "SecretAccessKey": made.secret}}

    def _list(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        keys = self._store.long_term_keys(self._owner(request, call))
        keys.sort(key=lambda key: key.id)
        documents = [_metadata(key) for key in keys]
        return listed("AccessKeyMetadata", documents, [key.id for key in keys], request)

    def _update(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        self._store.save_key(replace(self._owned(request, call), status=request["Status"]))
        return {}

    def _delete(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        self._store.delete_key(self._owned(request, call).id)
        return {}

    def _last_used(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        key = self._store.access_key(request["AccessKeyId"])
        if key is None or key.session is not None or key.account != call.caller.account:
            raise _unknown(request)
        # AWS says N/A for a key that was never used.
        used: dict[str, Any] = {"ServiceName": "N/A", "Region": "N/A"}
        moment, service, region = self._credentials.last_use(key)
        if moment is not None:
            used = {"LastUsedDate": moment, "ServiceName": service, "Region": region}
        answer: dict[str, Any] = {"AccessKeyLastUsed": used}
        if not _of_root(key.owner):
            answer["UserName"] = _user_name(key.owner)
        return answer

    def _owner(self, request: dict[str, Any], call: Call) -> str:
        """Return the ARN of whose keys are meant: the user named, or whoever asks."""
        if "UserName" in request:
            return self._directory.user(request["UserName"], call).arn
        caller = call.caller
        if caller.kind == "Root":
            return self._directory.arn(caller.account, _ROOT)
        if caller.kind != "IAMUser" or self._store.identity(caller.identity) is None:
            raise needs_user_name()
        call.note(caller.identity)
        return caller.identity

    def _owned(self, request: dict[str, Any], call: Call) -> AccessKey:
        owner = self._owner(request, call)
        key = self._store.access_key(request["AccessKeyId"])
        if key is None or key.owner != owner or key.session is not None:
            raise _unknown(request)
        return key


def _unknown(request: dict[str, Any]) -> AwsError:
    key_id = request["AccessKeyId"]
    return AwsError("NoSuchEntity", f"The Access Key with id {key_id} cannot be found.")


def _metadata(key: AccessKey) -> dict[str, Any]:
    document = {"AccessKeyId": key.id, "Status": key.status, "CreateDate": key.created}
    if not _of_root(key.owner):
        document["UserName"] = _user_name(key.owner)
    return document


def root_key(store: IdentityStore, root: str, moment: datetime) -> AccessKey:
    """Return the oldest active access key of an account root; make one if it has none.

    Args:
        store: where keys are kept.
        root: the root's ARN.
        moment: now, UTC.

    Raises:
        AwsError: LimitExceeded, when it has two and both are inactive.
    """
    for key in store.long_term_keys(root):
        if key.status == ACTIVE:
            return key
    return new_access_key(store, root, moment)


def _of_root(owner: str) -> bool:
    return owner.endswith(f":{_ROOT}")


def _user_name(owner: str) -> str:
    return owner.rpartition("/")[2]
