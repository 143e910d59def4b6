"""Keys in custom key stores: made, used, unavailable and back, deleted."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import KmsBench, make_kms_bench, without_backends
from workbench.hsm.user import User
from workbench.kms import key_store_blobs
from workbench.kms.key_store_backends import ExternalKey
from workbench.kms.key_store_faults import OUTCOMES, Fault
from workbench.kms.key_store_table import KEYS_IN_STORE

CLUSTER = {
    "CustomKeyStoreName": "cluster",
    "CloudHsmClusterId": "cluster-aaaabbbbccc",
    "KeyStorePassword": "a password",
    "TrustAnchorCertificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
}
PROXY = {
    "CustomKeyStoreName": "proxy",
    "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
    "XksProxyConnectivity": "PUBLIC_ENDPOINT",
    "XksProxyAuthenticationCredential": {
        "AccessKeyId": "A" * 20,
        "RawSecretAccessKey": "s" * 43,
    },
    "XksProxyUriEndpoint": "https://proxy.example.com",
    "XksProxyUriPath": "/kms/xks/v1",
}
CONTEXT = {"tenant": "blue"}
ORIGINS = ["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"]


class Stores:
    """A KMS with one connected store of each type."""

    def __init__(self, bench: KmsBench, backends: dict[str, FakeKeyStore]) -> None:
        self.bench = bench
        self.kms = bench.kms
        self._used: dict[str, str] = {}
        self.cluster, self.proxy = backends["AWS_CLOUDHSM"], backends["EXTERNAL_KEY_STORE"]
        self.ids = {
            "AWS_CLOUDHSM": self.kms.create_custom_key_store(**CLUSTER)["CustomKeyStoreId"],
            "EXTERNAL_KEY_STORE": self.kms.create_custom_key_store(**PROXY)["CustomKeyStoreId"],
        }
        for origin in ORIGINS:
            self.connect(origin)

    def backend(self, origin: str) -> FakeKeyStore:
        return self.cluster if origin == "AWS_CLOUDHSM" else self.proxy

    def connect(self, origin: str) -> None:
        self.kms.connect_custom_key_store(CustomKeyStoreId=self.ids[origin])
        self.bench.run_due()

    def disconnect(self, origin: str) -> None:
        self.kms.disconnect_custom_key_store(CustomKeyStoreId=self.ids[origin])
        self.bench.run_due()

    def request(self, origin: str, external: str = "") -> dict[str, Any]:
        request = {"Origin": origin, "CustomKeyStoreId": self.ids[origin]}
        if origin == "EXTERNAL_KEY_STORE":
            name = external or f"external-{len(self.proxy.keys)}"
            request["XksKeyId"] = self.proxy.add(name)
        return request

    def key(self, origin: str) -> str:
        made = self.kms.create_key(**self.request(origin))
        return str(made["KeyMetadata"]["KeyId"])

    def used(self, origin: str) -> str:
        """Return a key that other tests use too."""
        if origin not in self._used:
            self._used[origin] = self.key(origin)
        return self._used[origin]

    def state(self, key: str) -> str:
        return str(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])

    def refused(self, operation: str, **request: Any) -> tuple[str, str]:
        with pytest.raises(ClientError) as caught:
            getattr(self.kms, operation)(**request)
        error = caught.value.response["Error"]
        return error["Code"], error["Message"]


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    backends = {origin: FakeKeyStore() for origin in ORIGINS}
    bench = make_kms_bench(tmp_path / "vault", backends)
    yield Stores(bench, backends)
    bench.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """For tests that leave the stores connected and no fault behind."""
    backends = {origin: FakeKeyStore() for origin in ORIGINS}
    bench = make_kms_bench(tmp_path_factory.mktemp("keys") / "vault", backends)
    yield Stores(bench, backends)
    bench.close()


def test_what_is_told_of_them(shared: Stores) -> None:
    made = shared.kms.create_key(**shared.request("EXTERNAL_KEY_STORE", "bb8562717f809024"))
    metadata = made["KeyMetadata"]
    assert metadata["Origin"] == "EXTERNAL_KEY_STORE"
    assert metadata["CustomKeyStoreId"] == shared.ids["EXTERNAL_KEY_STORE"]
    assert metadata["XksKeyConfiguration"] == {"Id": "bb8562717f809024"}
    assert "CloudHsmClusterId" not in metadata
    metadata = shared.kms.create_key(**shared.request("AWS_CLOUDHSM"))["KeyMetadata"]
    assert metadata["Origin"] == "AWS_CLOUDHSM"
    assert metadata["CloudHsmClusterId"] == CLUSTER["CloudHsmClusterId"]
    assert "XksKeyConfiguration" not in metadata
    assert "CurrentKeyMaterialId" not in metadata
    assert metadata["KeyState"] == "Enabled"
    assert shared.kms.describe_key(KeyId=metadata["KeyId"])["KeyMetadata"] == metadata


@pytest.mark.parametrize("origin", ORIGINS)
def test_every_symmetric_operation(shared: Stores, origin: str) -> None:
    key = shared.key(origin)
    sealed = shared.kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=CONTEXT)
    blob = sealed["CiphertextBlob"]
    opened = shared.kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == b"secret"
    assert opened["KeyId"].endswith(key)
    assert blob[5:37].hex() == opened["KeyMaterialId"]
    data = shared.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert (
        shared.kms.decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"]
        == (data["Plaintext"])
    )
    here = shared.kms.create_key()["KeyMetadata"]["KeyId"]
    moved = shared.kms.re_encrypt(
        CiphertextBlob=blob, SourceEncryptionContext=CONTEXT, DestinationKeyId=here
    )
    back = shared.kms.re_encrypt(CiphertextBlob=moved["CiphertextBlob"], DestinationKeyId=key)
    assert shared.kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"secret"


@pytest.mark.parametrize("origin", ORIGINS)
def test_forged_ciphertexts(shared: Stores, origin: str) -> None:
    key = shared.key(origin)
    blob = shared.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)
    whole = blob["CiphertextBlob"]
    for place in (0, 2, 37, 41, 42, len(whole) - 1):
        forged = bytearray(whole)
        forged[place] ^= 1
        name, _ = shared.refused(
            "decrypt", CiphertextBlob=bytes(forged), EncryptionContext=CONTEXT, KeyId=key
        )
        assert name in {"InvalidCiphertextException", "KMSInvalidStateException"}
    expected = "InvalidCiphertextException" if origin == "AWS_CLOUDHSM" else (
        "KMSInvalidStateException"
    )  # fmt: skip
    name, _ = shared.refused("decrypt", CiphertextBlob=whole, EncryptionContext={"tenant": "red"})
    assert name == expected
    for cut in (whole[:42], whole[:20], whole[:5], whole + b"\0"):
        assert shared.refused("decrypt", CiphertextBlob=cut)[0] == "InvalidCiphertextException"
    other = shared.key(origin)
    answer = shared.refused("decrypt", CiphertextBlob=whole, EncryptionContext=CONTEXT, KeyId=other)
    assert answer[0] == "IncorrectKeyException"


def test_material_ids_do_not_swap_between_stores_keys(shared: Stores) -> None:
    first, second = shared.key("AWS_CLOUDHSM"), shared.key("AWS_CLOUDHSM")
    one, two = (
        shared.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"] for key in (first, second)
    )
    swapped = key_store_blobs.join(two[5:37].hex(), key_store_blobs.content(one))
    assert shared.refused("decrypt", CiphertextBlob=swapped)[0] == "InvalidCiphertextException"


def test_external_keys_never_see_the_plaintext(
    shared: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = shared.key("EXTERNAL_KEY_STORE")
    seen: list[bytes] = []
    encrypt = shared.proxy.encrypt

    def watching(store: Any, name: str, plaintext: bytes, aad: bytes, asking: Any) -> bytes:
        seen.append(plaintext)
        return encrypt(store, name, plaintext, aad, asking)

    monkeypatch.setattr(shared.proxy, "encrypt", watching)
    shared.kms.encrypt(KeyId=key, Plaintext=b"never seen outside")
    assert b"never seen outside" not in seen[0]
    assert seen[0][:5].hex() == "0102020078"
    _, asking = shared.proxy.asked[-1]
    assert asking.operation == "Encrypt"
    assert asking.key_arn.endswith(key)
    assert asking.principal == "arn:aws:iam::111122223333:root"


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.CIPHERTEXT])
def test_faults_in_use(shared: Stores, origin: str, fault: Fault) -> None:
    backend = shared.backend(origin)
    key_id = shared.used(origin)
    blob = shared.kms.encrypt(KeyId=key_id, Plaintext=b"x")["CiphertextBlob"]
    backend.failing = {"encrypt": fault, "decrypt": fault}
    try:
        expected = ("KMSInvalidStateException", OUTCOMES[fault].text)
        assert shared.refused("encrypt", KeyId=key_id, Plaintext=b"x") == expected
        assert shared.refused("decrypt", CiphertextBlob=blob) == expected
    finally:
        backend.failing = {}


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"Origin": "AWS_CLOUDHSM"}, "ValidationException"),
        ({"Origin": "EXTERNAL_KEY_STORE", "XksKeyId": "k"}, "ValidationException"),
        ({"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "PROXY"}, "ValidationException"),
        (
            {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "CLUSTER", "XksKeyId": "k"},
            "ValidationException",
        ),
        ({"CustomKeyStoreId": "CLUSTER"}, "ValidationException"),
        ({"Origin": "EXTERNAL", "XksKeyId": "k"}, "ValidationException"),
        ({"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "PROXY"}, "ValidationException"),
        (
            {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-00000000000000000"},
            "CustomKeyStoreNotFoundException",
        ),
        (
            {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "CLUSTER", "MultiRegion": True},
            "UnsupportedOperationException",
        ),
        (
            {
                "Origin": "AWS_CLOUDHSM",
                "CustomKeyStoreId": "CLUSTER",
                "KeySpec": "ECC_NIST_P256",
                "KeyUsage": "SIGN_VERIFY",
            },
            "UnsupportedOperationException",
        ),
        (
            {
                "Origin": "EXTERNAL_KEY_STORE",
                "CustomKeyStoreId": "PROXY",
                "XksKeyId": "k",
                "KeySpec": "HMAC_256",
                "KeyUsage": "GENERATE_VERIFY_MAC",
            },
            "UnsupportedOperationException",
        ),
        (
            {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "PROXY", "XksKeyId": "missing"},
            "XksKeyNotFoundException",
        ),
        (
            {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": "PROXY", "XksKeyId": "a/b"},
            "ValidationException",
        ),
    ],
)
def test_creation_refused(shared: Stores, request_: dict[str, Any], code: str) -> None:
    names = {"PROXY": shared.ids["EXTERNAL_KEY_STORE"], "CLUSTER": shared.ids["AWS_CLOUDHSM"]}
    request = {name: names.get(value, value) for name, value in request_.items()}
    before = shared.kms.list_keys()["Keys"]
    assert shared.refused("create_key", **request)[0] == code
    assert shared.kms.list_keys()["Keys"] == before


def test_an_external_key_serves_one_key(shared: Stores) -> None:
    request = shared.request("EXTERNAL_KEY_STORE")
    shared.kms.create_key(**request)
    assert shared.refused("create_key", **request)[0] == "XksKeyAlreadyInUseException"


@pytest.mark.parametrize(
    ("described", "text"),
    [
        (ExternalKey("AES_256", frozenset({"ENCRYPT", "DECRYPT"}), enabled=False), "not enabled"),
        (ExternalKey("AES_256", frozenset({"ENCRYPT"}), enabled=True), "does not support"),
        (ExternalKey("AES_128", frozenset({"ENCRYPT", "DECRYPT"}), enabled=True), "256-bit"),
    ],
)
def test_external_keys_that_do_not_fit(shared: Stores, described: ExternalKey, text: str) -> None:
    request = shared.request("EXTERNAL_KEY_STORE")
    shared.proxy.described[request["XksKeyId"]] = described
    code, said = shared.refused("create_key", **request)
    assert code == "XksKeyInvalidConfigurationException"
    assert text in said


def test_faults_of_creation(shared: Stores) -> None:
    for origin, method in (("AWS_CLOUDHSM", "create_key"), ("EXTERNAL_KEY_STORE", "describe_key")):
        backend = shared.backend(origin)
        backend.failing[method] = Fault.TOO_FEW_HSMS
        assert shared.refused("create_key", **shared.request(origin)) == (
            OUTCOMES[Fault.TOO_FEW_HSMS].key_error,
            OUTCOMES[Fault.TOO_FEW_HSMS].text,
        )
        backend.failing = {}


@pytest.mark.parametrize("origin", ORIGINS)
def test_unavailable_while_disconnected_and_back(stores: Stores, origin: str) -> None:
    enabled, disabled, leaving = (stores.key(origin) for _ in range(3))
    stores.kms.disable_key(KeyId=disabled)
    stores.kms.schedule_key_deletion(KeyId=leaving, PendingWindowInDays=7)
    blob = stores.kms.encrypt(KeyId=enabled, Plaintext=b"x")["CiphertextBlob"]
    stores.disconnect(origin)
    assert [stores.state(key) for key in (enabled, disabled, leaving)] == [
        "Unavailable",
        "Unavailable",
        "PendingDeletion",
    ]
    requests = {"encrypt": {"Plaintext": b"x"}, "decrypt": {"CiphertextBlob": blob}}
    for operation, request in requests.items():
        code, text = stores.refused(operation, KeyId=enabled, **request)
        assert code == "KMSInvalidStateException"
        assert text.endswith("is unavailable.") or "is not connected" in text
    code, text = stores.refused("create_key", **stores.request(origin))
    assert code == "CustomKeyStoreInvalidStateException"
    assert "DISCONNECTED" in text
    stores.kms.tag_resource(KeyId=enabled, Tags=[{"TagKey": "a", "TagValue": "b"}])
    stores.kms.enable_key(KeyId=disabled)
    stores.kms.cancel_key_deletion(KeyId=leaving)
    assert [stores.state(key) for key in (enabled, disabled, leaving)] == ["Unavailable"] * 3
    stores.connect(origin)
    assert [stores.state(key) for key in (enabled, disabled, leaving)] == [
        "Enabled",
        "Enabled",
        "Disabled",
    ]
    assert stores.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_failed_connection_leaves_keys_unavailable(stores: Stores) -> None:
    key = stores.key("EXTERNAL_KEY_STORE")
    stores.disconnect("EXTERNAL_KEY_STORE")
    stores.proxy.failing["connect"] = Fault.AUTHENTICATION
    stores.connect("EXTERNAL_KEY_STORE")
    assert stores.state(key) == "Unavailable"
    code, text = stores.refused("encrypt", KeyId=key, Plaintext=b"x")
    assert code == "KMSInvalidStateException"
    assert text == (
        "This KMS key is in a custom key store that is not connected to its external key store "
        "proxy. Connect the external key store and try the request again."
    )


def test_deletion_of_stores_waits_for_their_keys(stores: Stores) -> None:
    store = stores.ids["AWS_CLOUDHSM"]
    key = stores.key("AWS_CLOUDHSM")
    stores.disconnect("AWS_CLOUDHSM")
    answer = stores.refused("delete_custom_key_store", CustomKeyStoreId=store)
    assert answer[0] == "CustomKeyStoreHasCMKsException"
    stores.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    stores.bench.clock.travel(timedelta(days=7, seconds=1))
    assert len(stores.cluster.keys) == 1
    stores.bench.run_due()
    assert stores.cluster.keys == {}
    stores.kms.delete_custom_key_store(CustomKeyStoreId=store)


def test_deletion_goes_on_though_the_cluster_is_gone(stores: Stores) -> None:
    key = stores.key("AWS_CLOUDHSM")
    external = stores.key("EXTERNAL_KEY_STORE")
    stores.cluster.failing["delete_key"] = Fault.NETWORK
    for name in (key, external):
        stores.kms.schedule_key_deletion(KeyId=name, PendingWindowInDays=7)
    stores.bench.clock.travel(timedelta(days=7, seconds=1))
    assert stores.bench.run_due() == 2
    assert stores.kms.list_keys()["Keys"] == []
    assert len(stores.cluster.keys) == 1
    assert len(stores.proxy.keys) == 1


def test_what_such_keys_do_not_do(shared: Stores) -> None:
    key = shared.key("AWS_CLOUDHSM")
    pair = {"KeyId": key, "KeyPairSpec": "ECC_NIST_P256"}
    for operation, request in (
        ("generate_data_key_pair", pair),
        ("generate_data_key_pair_without_plaintext", pair),
        ("enable_key_rotation", {"KeyId": key}),
        ("rotate_key_on_demand", {"KeyId": key}),
        ("replicate_key", {"KeyId": key, "ReplicaRegion": "eu-west-1"}),
    ):
        assert shared.refused(operation, **request)[0] == "UnsupportedOperationException"


def test_random_bytes_from_a_cluster(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(User, "generate_random", lambda *_: b"not from the cluster")
    store = stores.ids["AWS_CLOUDHSM"]
    made = stores.kms.generate_random(NumberOfBytes=20, CustomKeyStoreId=store)["Plaintext"]
    assert len(made) == 20
    assert made != b"not from the cluster"
    external = {"NumberOfBytes": 20, "CustomKeyStoreId": stores.ids["EXTERNAL_KEY_STORE"]}
    assert stores.refused("generate_random", **external)[0] == "UnsupportedOperationException"
    unknown = {"NumberOfBytes": 20, "CustomKeyStoreId": "cks-00000000000000000"}
    assert stores.refused("generate_random", **unknown)[0] == "CustomKeyStoreNotFoundException"
    stores.cluster.failing["random"] = Fault.NETWORK
    cluster = {"NumberOfBytes": 20, "CustomKeyStoreId": store}
    assert stores.refused("generate_random", **cluster)[0] == "KMSInvalidStateException"
    stores.disconnect("AWS_CLOUDHSM")
    answer = stores.refused("generate_random", **cluster)
    assert answer[0] == "CustomKeyStoreInvalidStateException"


def test_a_vault_opened_without_its_back_ends(stores: Stores) -> None:
    key = stores.key("EXTERNAL_KEY_STORE")
    other = without_backends(stores.bench)
    with pytest.raises(ClientError, match="KMSInvalidStateException"):
        other.encrypt(KeyId=key, Plaintext=b"x")


def test_keys_of_a_store_are_found_without_looking_at_all(shared: Stores) -> None:
    plan = shared.bench.vault.read(
        f"EXPLAIN QUERY PLAN {KEYS_IN_STORE}", ("us-west-2", shared.ids["AWS_CLOUDHSM"])
    )
    assert "keys_in_store" in str(plan)
    assert "SCAN" not in str(plan)
