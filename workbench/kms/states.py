"""What each key state allows.

One table: a group of operations to the states it works in. Everything else is refused with AWS's
exception and text.

Source: AWS KMS Developer Guide, "Key states of AWS KMS keys", key state table.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from workbench.api.errors import AwsError
from workbench.base.identifiers import Place
from workbench.kms.records import (
    CREATING,
    DISABLED,
    ENABLED,
    EXTERNAL_KEY_STORE,
    LEAVING,
    PENDING_DELETION,
    PENDING_IMPORT,
    PENDING_REPLICA_DELETION,
    UNAVAILABLE,
    UPDATING,
    KeyRecord,
)


class Group(Enum):
    """Operations that the same states allow."""

    USE = "Encrypt, Decrypt, Sign, GenerateMac and every other cryptographic operation"
    PUBLIC_KEY = "GetPublicKey"
    GRANT = "CreateGrant"
    DESCRIBE = "TagResource, UntagResource, UpdateKeyDescription, CreateAlias, UpdateAlias"
    SWITCH = "EnableKey, DisableKey"
    SCHEDULE = "ScheduleKeyDeletion"
    CANCEL = "CancelKeyDeletion"
    ROTATION = "EnableKeyRotation, DisableKeyRotation"
    ROTATE = "RotateKeyOnDemand"
    PARAMETERS = "GetParametersForImport"
    IMPORT = "ImportKeyMaterial"
    DELETE_IMPORTED = "DeleteImportedKeyMaterial"
    REPLICATE = "ReplicateKey"
    PRIMARY = "UpdatePrimaryRegion"


ALLOWED: Final[Mapping[Group, frozenset[str]]] = MappingProxyType(
    {
        Group.USE: frozenset({ENABLED, UPDATING}),
        # The table says no for DISABLED; AWS itself, asked, says yes.
        Group.PUBLIC_KEY: frozenset({ENABLED, DISABLED, UPDATING}),
        Group.GRANT: frozenset({ENABLED, UPDATING, UNAVAILABLE}),
        Group.DESCRIBE: frozenset(
            {ENABLED, DISABLED, PENDING_IMPORT, CREATING, UPDATING, UNAVAILABLE}
        ),
        Group.SWITCH: frozenset({ENABLED, DISABLED, UNAVAILABLE}),
        Group.SCHEDULE: frozenset({ENABLED, DISABLED, PENDING_IMPORT, CREATING, UNAVAILABLE}),
        Group.CANCEL: LEAVING,
        Group.ROTATION: frozenset({ENABLED, UPDATING}),
        Group.ROTATE: frozenset({ENABLED}),
        Group.PARAMETERS: frozenset({ENABLED, DISABLED, PENDING_IMPORT}),
        Group.IMPORT: frozenset({ENABLED, DISABLED, PENDING_IMPORT, UPDATING}),
        Group.DELETE_IMPORTED: LEAVING | {ENABLED, DISABLED, PENDING_IMPORT},
        Group.REPLICATE: frozenset({ENABLED}),
        Group.PRIMARY: frozenset({ENABLED, UPDATING}),
    }
)

_WORDS: Final = MappingProxyType(
    {
        PENDING_DELETION: ("is pending deletion", "Cancel the deletion first."),
        PENDING_REPLICA_DELETION: ("is pending deletion", "Cancel the deletion first."),
        PENDING_IMPORT: ("is pending import", "Import its key material first."),
        CREATING: ("is creating", "Wait a moment and try again."),
        UPDATING: ("is updating", "Wait a moment and try again."),
        UNAVAILABLE: ("is unavailable", "Connect its custom key store first."),
        ENABLED: ("is enabled", ""),
    }
)

_NO_PROXY: Final = (
    "This KMS key is in a custom key store that is not connected to its external key store proxy. "
    "Connect the external key store and try the request again."
)


def require_state(record: KeyRecord, group: Group, place: Place) -> None:
    """Let a request pass that the key's state allows.

    Raises:
        AwsError: DisabledException or KMSInvalidStateException with AWS's text.
    """
    if record.state in ALLOWED[group]:
        return
    arn = record.arn(place)
    if group is Group.CANCEL:
        raise AwsError("KMSInvalidStateException", f"{arn} is not pending deletion.")
    if record.state == DISABLED:
        raise AwsError("DisabledException", f"{arn} is disabled.", "Enable the key first.")
    if record.state == UNAVAILABLE and group is Group.USE and record.origin == EXTERNAL_KEY_STORE:
        raise AwsError("KMSInvalidStateException", _NO_PROXY)
    words, next_step = _WORDS[record.state]
    raise AwsError("KMSInvalidStateException", f"{arn} {words}.", next_step)
