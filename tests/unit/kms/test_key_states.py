"""Every operation on a key in every key state, as in AWS's key state table.

Source: AWS KMS Developer Guide, "Key states of AWS KMS keys", key state table and its footnotes.
Operations newer than the table's last printing are held to the rows of their kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import KmsBench, make_kms_bench
from tests.fakes.kms_tour import CLUSTER
from workbench.api.models import aws_model
from workbench.kms.questions import WITHOUT_KEY
from workbench.kms.records import Background, KeyRecord

STATES: Final = (
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingReplicaDeletion",
    "PendingImport",
    "Unavailable",
    "Creating",
    "Updating",
)
INVALID: Final = "KMSInvalidStateException"
ANSWERS: Final = {
    "+": ("", ""),
    "d": ("DisabledException", "is disabled."),
    "p": (INVALID, "is pending deletion."),
    "n": (INVALID, "is not pending deletion."),
    "i": (INVALID, "is pending import."),
    "u": (INVALID, "is unavailable."),
    "c": (INVALID, "is creating."),
    "g": (INVALID, "is updating."),
    "U": ("UnsupportedOperationException", ""),
}
"""What a letter of the table stands for; `-` is a state that such keys never have."""
MRK, PAIR, MAC, SYMMETRIC, IMPORTED = "multi-Region", "pair", "mac", "symmetric", "imported"
AGREEING, KEM = "agreeing", "kem"
USE, MANAGE = "+dppiuc+", "++pp++++"
TABLE: Final = {
    "CancelKeyDeletion": (SYMMETRIC, "nn++nnnn"),
    "CreateAlias": (SYMMETRIC, MANAGE),
    "CreateGrant": (SYMMETRIC, "+dppi+c+"),
    "Decapsulate": (KEM, "+dppi-c+"),
    "Decrypt": (SYMMETRIC, USE),
    "DeleteAlias": (SYMMETRIC, "++++++++"),
    "DeleteImportedKeyMaterial": (IMPORTED, "+++++-cg"),
    "DeriveSharedSecret": (AGREEING, "+dppi-c+"),
    "DescribeKey": (SYMMETRIC, "++++++++"),
    "DisableKey": (SYMMETRIC, "++ppi+cg"),
    "DisableKeyRotation": (SYMMETRIC, "+dppiUc+"),
    "EnableKey": (SYMMETRIC, "++ppi+cg"),
    "EnableKeyRotation": (SYMMETRIC, "+dppiUc+"),
    "Encapsulate": (KEM, "+dppi-c+"),
    "Encrypt": (SYMMETRIC, USE),
    "GenerateDataKey": (SYMMETRIC, USE),
    "GenerateDataKeyPair": (SYMMETRIC, USE),
    "GenerateDataKeyPairWithoutPlaintext": (SYMMETRIC, USE),
    "GenerateDataKeyWithoutPlaintext": (SYMMETRIC, USE),
    "GenerateMac": (MAC, "+dppi-c+"),
    "GetKeyLastUsage": (SYMMETRIC, "++++++++"),
    "GetKeyPolicy": (SYMMETRIC, "++++++++"),
    "GetKeyRotationStatus": (SYMMETRIC, "+++++U++"),
    "GetParametersForImport": (IMPORTED, "++pp+-cg"),
    # The table says that of a disabled key is refused; those who tried AWS were answered.
    "GetPublicKey": (PAIR, "++ppi-c+"),
    "ImportKeyMaterial": (IMPORTED, "++pp+-c+"),
    "ListAliases": (SYMMETRIC, "++++++++"),
    "ListGrants": (SYMMETRIC, "++++++++"),
    "ListKeyPolicies": (SYMMETRIC, "++++++++"),
    "ListKeyRotations": (SYMMETRIC, "+++++U++"),
    "ListResourceTags": (SYMMETRIC, "++++++++"),
    "PutKeyPolicy": (SYMMETRIC, "++++++++"),
    "ReEncrypt": (SYMMETRIC, USE),
    "ReplicateKey": (MRK, "+dppi-cg"),
    "RetireGrant": (SYMMETRIC, "++++++++"),
    "RevokeGrant": (SYMMETRIC, "++++++++"),
    "RotateKeyOnDemand": (SYMMETRIC, "+dppiUcg"),
    "ScheduleKeyDeletion": (SYMMETRIC, "++pp+++g"),
    "Sign": (PAIR, "+dppi-c+"),
    "TagResource": (SYMMETRIC, MANAGE),
    "UntagResource": (SYMMETRIC, MANAGE),
    "UpdateAlias": (SYMMETRIC, MANAGE),
    "UpdateKeyDescription": (SYMMETRIC, MANAGE),
    "UpdatePrimaryRegion": (MRK, "+dppi-c+"),
    "Verify": (PAIR, "+dppi-c+"),
    "VerifyMac": (MAC, "+dppi-c+"),
}
SPECS: Final[dict[str, dict[str, Any]]] = {
    SYMMETRIC: {},
    IMPORTED: {"Origin": "EXTERNAL"},
    MRK: {"MultiRegion": True},
    PAIR: {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    MAC: {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    AGREEING: {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    KEM: {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
}
AWAY: Final = "eu-west-1"
ANNA: Final = "arn:aws:iam::111122223333:root"
SIGNING: Final = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
MACING: Final = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
KEMMING: Final = {"EncapsulationAlgorithm": "ML_KEM"}
TOKEN: Final = {
    "ImportToken": b"t",
    "EncryptedKeyMaterial": b"m",
    "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
}


@dataclass
class Desk:
    """Keys of each kind, and one in a key store that is not connected.

    Attributes:
        bench: the KMS.
        keys: ids, by kind; `unavailable` is the one in the key store.
        parts: what requests on a key need, by kind.
    """

    bench: KmsBench
    keys: dict[str, str]
    parts: dict[str, dict[str, Any]]

    @property
    def store(self) -> Any:
        return self.bench.service.region("us-west-2").finder.store

    def grant(self, key: str) -> dict[str, Any]:
        """Grant something while that can be done."""
        return dict(
            self.bench.kms.create_grant(KeyId=key, GranteePrincipal=ANNA, Operations=["Encrypt"])
        )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    backend = FakeKeyStore()
    bench = make_kms_bench(tmp_path_factory.mktemp("states") / "vault", {"AWS_CLOUDHSM": backend})
    kms = bench.kms
    keys = {
        kind: kms.create_key(**request)["KeyMetadata"]["KeyId"] for kind, request in SPECS.items()
    }
    cluster = kms.create_custom_key_store(**CLUSTER)["CustomKeyStoreId"]
    kms.connect_custom_key_store(CustomKeyStoreId=cluster)
    bench.run_due()
    stored = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=cluster)["KeyMetadata"]["KeyId"]
    keys["unavailable"] = stored
    parts: dict[str, dict[str, Any]] = {kind: {} for kind in keys}
    for kind in (SYMMETRIC, "unavailable"):
        blob = kms.encrypt(KeyId=keys[kind], Plaintext=b"x")["CiphertextBlob"]
        parts[kind]["CiphertextBlob"] = blob
    kms.disconnect_custom_key_store(CustomKeyStoreId=cluster)
    bench.run_due()
    parts[PAIR]["Signature"] = kms.sign(KeyId=keys[PAIR], **SIGNING)["Signature"]
    parts[MAC]["Mac"] = kms.generate_mac(KeyId=keys[MAC], **MACING)["Mac"]
    sealed = kms.encapsulate(KeyId=keys[KEM], **KEMMING)["SharedSecretCiphertextBlob"]
    parts[KEM]["SharedSecretCiphertextBlob"] = sealed
    parts[AGREEING]["PublicKey"] = kms.get_public_key(KeyId=keys[AGREEING])["PublicKey"]
    kms.replicate_key(KeyId=keys[MRK], ReplicaRegion=AWAY)
    bench.run_due()
    yield Desk(bench, keys, parts)
    bench.close()


def request_of(desk: Desk, name: str, key: str, parts: dict[str, Any]) -> dict[str, Any]:
    """Return a request that would be carried out if the key's state allowed it."""
    kms = desk.bench.kms
    if name in {"UpdateAlias", "DeleteAlias"}:
        kms.create_alias(AliasName="alias/state", TargetKeyId=key)
    requests: dict[str, Any] = {
        "CreateAlias": lambda: {"AliasName": "alias/state", "TargetKeyId": key},
        "UpdateAlias": lambda: {"AliasName": "alias/state", "TargetKeyId": key},
        "DeleteAlias": lambda: {"AliasName": "alias/state"},
        "CreateGrant": lambda: {"GranteePrincipal": ANNA, "Operations": ["Encrypt"]},
        "Decapsulate": lambda: {**KEMMING, **parts},
        "Decrypt": lambda: parts,
        "DeriveSharedSecret": lambda: {"KeyAgreementAlgorithm": "ECDH", **parts},
        "Encapsulate": lambda: KEMMING,
        "Encrypt": lambda: {"Plaintext": b"x"},
        "GenerateDataKey": lambda: {"KeySpec": "AES_256"},
        "GenerateDataKeyWithoutPlaintext": lambda: {"KeySpec": "AES_256"},
        "GenerateDataKeyPair": lambda: {"KeyPairSpec": "ECC_NIST_P256"},
        "GenerateDataKeyPairWithoutPlaintext": lambda: {"KeyPairSpec": "ECC_NIST_P256"},
        "GenerateMac": lambda: MACING,
        "GetParametersForImport": lambda: {
            "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
            "WrappingKeySpec": "RSA_2048",
        },
        "ImportKeyMaterial": lambda: TOKEN,
        "PutKeyPolicy": lambda: {"Policy": kms.get_key_policy(KeyId=key)["Policy"]},
        "ReEncrypt": lambda: {**parts, "DestinationKeyId": key},
        "ReplicateKey": lambda: {"ReplicaRegion": "ap-south-1"},
        "RetireGrant": lambda: {"GrantToken": desk.grant(key)["GrantToken"]},
        "RevokeGrant": lambda: {"GrantId": desk.grant(key)["GrantId"]},
        "Sign": lambda: SIGNING,
        "TagResource": lambda: {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
        "UntagResource": lambda: {"TagKeys": ["a"]},
        "UpdateKeyDescription": lambda: {"Description": "d"},
        "UpdatePrimaryRegion": lambda: {"PrimaryRegion": AWAY},
        "Verify": lambda: {**SIGNING, **parts},
        "VerifyMac": lambda: {**MACING, **parts},
    }
    request = dict(requests.get(name, dict)())
    if not {"TargetKeyId", "AliasName", "GrantToken", "DestinationKeyId"} & request.keys():
        request["KeyId"] = key
    return request


def test_every_operation_is_in_the_table() -> None:
    assert set(TABLE) | WITHOUT_KEY == set(aws_model("kms").operation_names)


def in_state(record: KeyRecord, state: str) -> KeyRecord:
    """Return a key as it is stored in a state."""
    if state == "Creating":
        return replace(
            record,
            state=state,
            resumed_state="Enabled",
            background=Background.CREATE,
            background_start=record.created,
        )
    if state == "Updating":
        return replace(
            record,
            state=state,
            resumed_state="Enabled",
            background=Background.UPDATE_PRIMARY,
            background_start=record.created,
        )
    window = 7 if state == "PendingReplicaDeletion" else 0
    return replace(record, state=state, deletion_window=window)


CELLS = [
    (name, state, row[1][column])
    for name, row in TABLE.items()
    for column, state in enumerate(STATES)
    if row[1][column] != "-"
]


@pytest.mark.parametrize(("name", "state", "answer"), CELLS)
def test_a_state_allows_what_aws_s_table_says(
    desk: Desk, name: str, state: str, answer: str
) -> None:
    kind = "unavailable" if state == "Unavailable" else TABLE[name][0]
    key, parts, bench = desk.keys[kind], desk.parts[kind], desk.bench
    stores = [desk.store]
    if kind == MRK:
        stores.append(bench.service.region(AWAY).finder.store)
    before = [store.key(key) for store in stores]
    request = request_of(desk, name, key, parts)
    if state != "Unavailable":
        desk.store.save_key(in_state(before[0], state))
    code, text = "", ""
    try:
        getattr(bench.kms, xform_name(name))(**request)
    except ClientError as error:
        code, text = error.response["Error"]["Code"], error.response["Error"]["Message"]
    after = desk.store.key(key)
    for store, record in zip(stores, before, strict=True):
        store.save_key(record)
    desk.store.delete_alias("alias/state")
    if name == "ImportKeyMaterial" and answer == "+":
        assert code == "InvalidImportTokenException"
        return
    expected, words = ANSWERS[answer]
    assert code == expected
    assert words in text
    if expected:
        assert after == (before[0] if state == "Unavailable" else in_state(before[0], state))


def test_a_replica_that_is_deleted_before_it_was_made_stays_so(desk: Desk) -> None:
    """And comes back disabled, as any key whose deletion is cancelled."""
    kms = desk.bench.kms
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    away = desk.bench.region(AWAY)
    assert away.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Creating"
    away.schedule_key_deletion(KeyId=key)
    desk.bench.run_due()
    assert away.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    away.cancel_key_deletion(KeyId=key)
    desk.bench.run_due()
    assert away.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


def test_the_primary_moves_on_while_it_moves(desk: Desk) -> None:
    kms = desk.bench.kms
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    desk.bench.run_due()
    away = desk.bench.region(AWAY)
    kms.update_primary_region(KeyId=key, PrimaryRegion=AWAY)
    away.update_primary_region(KeyId=key, PrimaryRegion="us-west-2")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Updating"
    desk.bench.run_due()
    for client, kind in ((kms, "PRIMARY"), (away, "REPLICA")):
        described = client.describe_key(KeyId=key)["KeyMetadata"]
        assert described["KeyState"] == "Enabled"
        assert described["MultiRegionConfiguration"]["MultiRegionKeyType"] == kind
