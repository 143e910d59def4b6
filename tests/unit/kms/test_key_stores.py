"""The life of custom key stores: what may be asked of them, when, and what is never told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.engine import make_bench
from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import KmsBench, make_kms_bench
from workbench.kms.key_store_faults import OUTCOMES, Fault
from workbench.kms.key_store_records import KeyStoreRecord
from workbench.kms.key_store_table import KeyStoreTable
from workbench.kms.limits import Limits

SECRET = "BBrFz9sIuiPlSWhkrLqyWXRQjXIpMXP0CiFGVVQTlKaWTbHFZGJ8J+kYNZ2b1M7d"
PASSWORD = "kmsPswd-0451"
ANCHOR = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
CLUSTER = {
    "CloudHsmClusterId": "cluster-aaaabbbbccc",
    "KeyStorePassword": PASSWORD,
    "TrustAnchorCertificate": ANCHOR,
}
CREDENTIAL = {"AccessKeyId": "ABCDE7234567ABCDEFGH", "RawSecretAccessKey": SECRET}
PROXY: dict[str, Any] = {
    "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
    "XksProxyConnectivity": "PUBLIC_ENDPOINT",
    "XksProxyAuthenticationCredential": CREDENTIAL,
    "XksProxyUriEndpoint": "https://myproxy.xks.example.com",
    "XksProxyUriPath": "/kms/xks/v1",
}
VPC = {
    **PROXY,
    "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
    "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-west-2.vpce-svc-example1",
}
SHOWN = {
    "Connectivity": "PUBLIC_ENDPOINT",
    "AccessKeyId": CREDENTIAL["AccessKeyId"],
    "UriEndpoint": "https://myproxy.xks.example.com",
    "UriPath": "/kms/xks/v1",
}


@pytest.fixture
def proxy() -> FakeKeyStore:
    return FakeKeyStore()


@pytest.fixture
def bench(tmp_path: Path, proxy: FakeKeyStore) -> Iterator[KmsBench]:
    backends = {"EXTERNAL_KEY_STORE": proxy, "AWS_CLOUDHSM": proxy}
    made = make_kms_bench(tmp_path / "vault", backends)
    yield made
    made.close()


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[KmsBench]:
    """A KMS with nothing behind its key stores."""
    made = make_kms_bench(tmp_path / "alone", limits=Limits(custom_key_stores=3))
    yield made
    made.close()


def create(bench: KmsBench, settings: dict[str, Any], name: str = "store", **more: Any) -> str:
    made = bench.kms.create_custom_key_store(CustomKeyStoreName=name, **settings, **more)
    return str(made["CustomKeyStoreId"])


def entry(bench: KmsBench, store: str) -> dict[str, Any]:
    (found,) = bench.kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
    return dict(found)


def state(bench: KmsBench, store: str) -> str:
    return str(entry(bench, store)["ConnectionState"])


def refused(bench: KmsBench, operation: str, **request: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        getattr(bench.kms, operation)(**request)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_cloudhsm_store_from_beginning_to_end(bench: KmsBench) -> None:
    store = create(bench, CLUSTER)
    shown = entry(bench, store)
    assert store.startswith("cks-")
    assert len(store) == 21
    assert shown.pop("CreationDate") <= bench.clock.now()
    assert shown == {
        "CustomKeyStoreId": store,
        "CustomKeyStoreName": "store",
        "CustomKeyStoreType": "AWS_CLOUDHSM",
        "ConnectionState": "DISCONNECTED",
        "CloudHsmClusterId": CLUSTER["CloudHsmClusterId"],
        "TrustAnchorCertificate": ANCHOR,
    }
    bench.kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert state(bench, store) == "CONNECTING"
    assert bench.run_due() == 1
    assert state(bench, store) == "CONNECTED"
    bench.kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert state(bench, store) == "CONNECTED"
    bench.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert state(bench, store) == "DISCONNECTING"
    assert bench.run_due() == 1
    assert state(bench, store) == "DISCONNECTED"
    bench.kms.delete_custom_key_store(CustomKeyStoreId=store)
    assert bench.kms.describe_custom_key_stores()["CustomKeyStores"] == []
    assert refused(bench, "describe_custom_key_stores", CustomKeyStoreId=store)[0] == (
        "CustomKeyStoreNotFoundException"
    )


def test_an_external_store_shows_its_proxy(bench: KmsBench, proxy: FakeKeyStore) -> None:
    shown = entry(bench, create(bench, PROXY))
    assert shown["CustomKeyStoreType"] == "EXTERNAL_KEY_STORE"
    assert shown["XksProxyConfiguration"] == SHOWN
    assert "CloudHsmClusterId" not in shown
    assert [(name, asking.operation) for name, asking in proxy.asked] == [
        ("check", "CreateCustomKeyStore")
    ]


def test_a_vpc_store_is_first_met_when_it_is_connected(
    bench: KmsBench, proxy: FakeKeyStore
) -> None:
    proxy.failing["connect"] = Fault.VPC_NOT_FOUND
    store = create(bench, VPC, XksProxyVpcEndpointServiceOwner="444455556666")
    assert entry(bench, store)["XksProxyConfiguration"] == {
        **SHOWN,
        "Connectivity": "VPC_ENDPOINT_SERVICE",
        "VpcEndpointServiceName": VPC["XksProxyVpcEndpointServiceName"],
        "VpcEndpointServiceOwner": "444455556666",
    }
    assert proxy.asked == []
    bench.kms.connect_custom_key_store(CustomKeyStoreId=store)
    bench.run_due()
    assert entry(bench, store)["ConnectionErrorCode"] == "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND"


@pytest.mark.parametrize(
    ("settings", "code"),
    [(CLUSTER, "CLUSTER_NOT_FOUND"), (PROXY, "XKS_PROXY_NOT_REACHABLE")],
)
def test_with_nothing_behind_it_a_store_fails_to_connect(
    alone: KmsBench, settings: dict[str, Any], code: str
) -> None:
    store = create(alone, settings)
    alone.kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert "ConnectionErrorCode" not in entry(alone, store)
    alone.run_due()
    assert state(alone, store) == "FAILED"
    assert entry(alone, store)["ConnectionErrorCode"] == code
    name, text = refused(alone, "connect_custom_key_store", CustomKeyStoreId=store)
    assert name == "CustomKeyStoreInvalidStateException"
    assert "FAILED" in text
    alone.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    alone.run_due()
    assert state(alone, store) == "DISCONNECTED"
    assert "ConnectionErrorCode" not in entry(alone, store)


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_of_a_connection_has_aws_s_code(
    shared_proxy: tuple[KmsBench, FakeKeyStore, str], fault: Fault
) -> None:
    bench, proxy, store = shared_proxy
    proxy.failing["connect"] = fault
    bench.kms.connect_custom_key_store(CustomKeyStoreId=store)
    bench.run_due()
    code = entry(bench, store)["ConnectionErrorCode"]
    model = bench.kms.meta.service_model
    assert code == OUTCOMES[fault].connection
    assert code in model.shape_for("ConnectionErrorCodeType").enum
    bench.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    bench.run_due()
    proxy.failing["check"] = fault
    answer = refused(
        bench, "update_custom_key_store", CustomKeyStoreId=store, XksProxyUriPath="/a/kms/xks/v1"
    )
    del proxy.failing["check"]
    assert answer == (OUTCOMES[fault].store_error, OUTCOMES[fault].text)
    offered = {shape.name for shape in model.operation_model("CreateCustomKeyStore").error_shapes}
    offered |= {shape.name for shape in model.operation_model("UpdateCustomKeyStore").error_shapes}
    assert OUTCOMES[fault].store_error in offered
    offered = {shape.name for shape in model.operation_model("CreateKey").error_shapes}
    assert OUTCOMES[fault].key_error in offered | {"KMSInvalidStateException"}


@pytest.fixture(scope="module")
def shared_proxy(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[KmsBench, FakeKeyStore, str]]:
    proxy = FakeKeyStore()
    folder = tmp_path_factory.mktemp("stores") / "vault"
    made = make_kms_bench(folder, {"EXTERNAL_KEY_STORE": proxy})
    yield made, proxy, create(made, PROXY)
    made.close()


def test_a_back_end_with_a_bug_fails_the_connection(bench: KmsBench, proxy: FakeKeyStore) -> None:
    store = create(bench, PROXY)
    proxy.failing["connect"] = ZeroDivisionError(SECRET)
    bench.kms.connect_custom_key_store(CustomKeyStoreId=store)
    bench.run_due()
    assert entry(bench, store)["ConnectionErrorCode"] == "INTERNAL_ERROR"
    proxy.failing["disconnect"] = Fault.NETWORK
    bench.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    bench.run_due()
    assert state(bench, store) == "DISCONNECTED"


def test_a_store_disconnected_meanwhile_does_not_come_up(
    bench: KmsBench, proxy: FakeKeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = create(bench, PROXY)
    connect = proxy.connect

    def slowly(record: KeyStoreRecord, asking: Any) -> None:
        assert not bench.vault.in_transaction
        connect(record, asking)
        bench.kms.disconnect_custom_key_store(CustomKeyStoreId=store)

    monkeypatch.setattr(proxy, "connect", slowly)
    bench.kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert bench.run_due() == 0
    assert state(bench, store) == "DISCONNECTING"
    assert bench.run_due() == 1
    assert state(bench, store) == "DISCONNECTED"


@pytest.mark.parametrize("missing", [name for name in {**CLUSTER, **PROXY} if "Type" not in name])
def test_every_member_of_its_type_is_needed(alone: KmsBench, missing: str) -> None:
    whole = CLUSTER if missing in CLUSTER else PROXY
    settings = {name: value for name, value in whole.items() if name != missing}
    kind = settings.get("CustomKeyStoreType", "AWS_CLOUDHSM")
    assert refused(alone, "create_custom_key_store", CustomKeyStoreName="s", **settings) == (
        "ValidationException",
        f"{missing} is required for a custom key store of type {kind}.",
    )


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({**CLUSTER, "XksProxyUriPath": "/kms/xks/v1"}, "ValidationException"),
        ({**PROXY, "KeyStorePassword": PASSWORD}, "ValidationException"),
        ({**CLUSTER, "TrustAnchorCertificate": "no certificate"}, "IncorrectTrustAnchorException"),
        ({**PROXY, "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}, "ValidationException"),
        ({**VPC, "XksProxyConnectivity": "PUBLIC_ENDPOINT"}, "ValidationException"),
        ({**PROXY, "XksProxyUriEndpoint": "https://proxy.example.com:8443"}, "ValidationException"),
        ({**PROXY, "XksProxyUriEndpoint": "http://proxy.example.com"}, "ValidationException"),
        ({**PROXY, "XksProxyUriPath": "/xks/v1/kms"}, "ValidationException"),
        ({**CLUSTER, "CloudHsmClusterId": "cluster-0000000000000"}, "ValidationException"),
    ],
)
def test_settings_that_do_not_go_together(
    alone: KmsBench, settings: dict[str, Any], code: str
) -> None:
    assert refused(alone, "create_custom_key_store", CustomKeyStoreName="s", **settings)[0] == code
    assert alone.kms.describe_custom_key_stores()["CustomKeyStores"] == []


OTHER_CLUSTER = {**CLUSTER, "CloudHsmClusterId": "cluster-ddddeeeefff"}
OTHER_PROXY = {**PROXY, "XksProxyUriEndpoint": "https://other.example.com"}


@pytest.mark.parametrize(
    ("first", "second", "name", "code"),
    [
        (CLUSTER, OTHER_CLUSTER, "first", "CustomKeyStoreNameInUseException"),
        (CLUSTER, CLUSTER, "second", "CloudHsmClusterInUseException"),
        (PROXY, PROXY, "second", "XksProxyUriInUseException"),
        (
            PROXY,
            {**PROXY, "XksProxyUriEndpoint": "https://MyProxy.XKS.example.com"},
            "second",
            "XksProxyUriInUseException",
        ),
        (PROXY, VPC, "second", "XksProxyUriEndpointInUseException"),
        (
            VPC,
            {**VPC, "XksProxyUriEndpoint": "https://other.example.com"},
            "second",
            "XksProxyVpcEndpointServiceInUseException",
        ),
        (PROXY, {**PROXY, "XksProxyUriPath": "/a/kms/xks/v1"}, "second", ""),
        (PROXY, CLUSTER, "second", ""),
    ],
)
def test_what_must_be_unique(
    alone: KmsBench, first: dict[str, Any], second: dict[str, Any], name: str, code: str
) -> None:
    create(alone, first, "first")
    if code:
        answer = refused(alone, "create_custom_key_store", CustomKeyStoreName=name, **second)
        assert answer[0] == code
    else:
        assert create(alone, second, name)


def test_no_more_stores_than_the_quota(alone: KmsBench) -> None:
    for number in range(3):
        create(alone, {**PROXY, "XksProxyUriPath": f"/{number}/kms/xks/v1"}, f"store {number}")
    answer = refused(alone, "create_custom_key_store", CustomKeyStoreName="s", **CLUSTER)
    assert answer[0] == "LimitExceededException"


def test_pages_and_names(alone: KmsBench) -> None:
    made = [create(alone, PROXY, "a"), create(alone, OTHER_PROXY, "b"), create(alone, CLUSTER, "c")]
    first = alone.kms.describe_custom_key_stores(Limit=2)
    assert first["Truncated"] is True
    rest = alone.kms.describe_custom_key_stores(Limit=2, Marker=first["NextMarker"])
    assert rest["Truncated"] is False
    assert "NextMarker" not in rest
    both = first["CustomKeyStores"] + rest["CustomKeyStores"]
    assert [one["CustomKeyStoreId"] for one in both] == sorted(made)
    (named,) = alone.kms.describe_custom_key_stores(CustomKeyStoreName="b")["CustomKeyStores"]
    assert named["CustomKeyStoreId"] == made[1]
    unknown = refused(alone, "describe_custom_key_stores", CustomKeyStoreName="d")
    assert unknown[0] == "CustomKeyStoreNotFoundException"
    twice = {"CustomKeyStoreName": "b", "CustomKeyStoreId": made[1]}
    assert refused(alone, "describe_custom_key_stores", **twice)[0] == "ValidationException"


@pytest.mark.parametrize(
    "operation",
    [
        "update_custom_key_store",
        "connect_custom_key_store",
        "disconnect_custom_key_store",
        "delete_custom_key_store",
        "describe_custom_key_stores",
    ],
)
def test_stores_that_are_not_there(alone: KmsBench, operation: str) -> None:
    answer = refused(alone, operation, CustomKeyStoreId="cks-01234567890123456")
    assert answer[0] == "CustomKeyStoreNotFoundException"


ALLOWED = {
    "connect_custom_key_store": {"CONNECTED", "CONNECTING", "DISCONNECTED"},
    "disconnect_custom_key_store": {"CONNECTED", "CONNECTING", "FAILED"},
    "delete_custom_key_store": {"DISCONNECTED"},
}


@pytest.mark.parametrize("operation", ALLOWED)
@pytest.mark.parametrize(
    "present", ["CONNECTED", "CONNECTING", "FAILED", "DISCONNECTED", "DISCONNECTING"]
)
def test_what_each_state_allows(
    bench: KmsBench, proxy: FakeKeyStore, operation: str, present: str
) -> None:
    store = create(bench, PROXY)
    bring_to(bench, proxy, store, present)
    if present in ALLOWED[operation]:
        getattr(bench.kms, operation)(CustomKeyStoreId=store)
        return
    name, text = refused(bench, operation, CustomKeyStoreId=store)
    assert name == "CustomKeyStoreInvalidStateException"
    assert present in text
    assert state(bench, store) == present


def bring_to(bench: KmsBench, proxy: FakeKeyStore, store: str, wanted: str) -> None:
    if wanted == "DISCONNECTED":
        return
    bench.kms.connect_custom_key_store(CustomKeyStoreId=store)
    if wanted == "FAILED":
        proxy.failing["connect"] = Fault.NETWORK
    if wanted in {"CONNECTED", "FAILED"}:
        bench.run_due()
    if wanted == "DISCONNECTING":
        bench.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert state(bench, store) == wanted


def test_updates(bench: KmsBench, proxy: FakeKeyStore) -> None:
    store = create(bench, PROXY)
    bring_to(bench, proxy, store, "CONNECTED")
    credential = {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43}
    bench.kms.update_custom_key_store(
        CustomKeyStoreId=store,
        NewCustomKeyStoreName="renamed",
        XksProxyAuthenticationCredential=credential,
        XksProxyUriPath="/b/kms/xks/v1",
    )
    shown = entry(bench, store)
    assert shown["CustomKeyStoreName"] == "renamed"
    assert shown["XksProxyConfiguration"]["AccessKeyId"] == "A" * 20
    assert shown["XksProxyConfiguration"]["UriPath"] == "/b/kms/xks/v1"
    kept = KeyStoreTable(bench.vault, "us-west-2").store(store)
    assert kept is not None
    assert kept.secret_access_key == "s" * 43
    endpoint = {"XksProxyUriEndpoint": "https://new.example.com"}
    answer = refused(bench, "update_custom_key_store", CustomKeyStoreId=store, **endpoint)
    assert answer[0] == "CustomKeyStoreInvalidStateException"
    bench.kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    answer = refused(
        bench, "update_custom_key_store", CustomKeyStoreId=store, NewCustomKeyStoreName="x"
    )
    assert answer[0] == "CustomKeyStoreInvalidStateException"
    bench.run_due()
    vpc = {"XksProxyVpcEndpointServiceName": VPC["XksProxyVpcEndpointServiceName"]}
    bench.kms.update_custom_key_store(
        CustomKeyStoreId=store, XksProxyConnectivity="VPC_ENDPOINT_SERVICE", **endpoint, **vpc
    )
    assert entry(bench, store)["XksProxyConfiguration"]["VpcEndpointServiceName"]
    bench.kms.update_custom_key_store(
        CustomKeyStoreId=store, XksProxyConnectivity="PUBLIC_ENDPOINT", **endpoint
    )
    assert "VpcEndpointServiceName" not in entry(bench, store)["XksProxyConfiguration"]


@pytest.mark.parametrize(
    ("settings", "request_", "code"),
    [
        (CLUSTER, {}, "ValidationException"),
        (CLUSTER, {"XksProxyUriPath": "/kms/xks/v1"}, "ValidationException"),
        (PROXY, {"KeyStorePassword": PASSWORD}, "ValidationException"),
        (PROXY, {"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}, "ValidationException"),
        (PROXY, {"NewCustomKeyStoreName": "taken"}, "CustomKeyStoreNameInUseException"),
    ],
)
def test_updates_refused(
    alone: KmsBench, settings: dict[str, Any], request_: dict[str, Any], code: str
) -> None:
    store = create(alone, settings)
    create(alone, {**PROXY, "XksProxyUriEndpoint": "https://third.example.com"}, "taken")
    before = entry(alone, store)
    answer = refused(alone, "update_custom_key_store", CustomKeyStoreId=store, **request_)
    assert answer[0] == code
    assert entry(alone, store) == before


def test_a_related_cluster_and_a_new_password(bench: KmsBench, proxy: FakeKeyStore) -> None:
    store = create(bench, CLUSTER)
    bench.kms.update_custom_key_store(
        CustomKeyStoreId=store,
        CloudHsmClusterId="cluster-ddddeeeefff",
        KeyStorePassword="another-password",
    )
    assert entry(bench, store)["CloudHsmClusterId"] == "cluster-ddddeeeefff"
    proxy.failing["check"] = Fault.CLUSTER_NOT_RELATED
    request = {"CustomKeyStoreId": store, "CloudHsmClusterId": "cluster-gggghhhhiii"}
    answer = refused(bench, "update_custom_key_store", **request)
    assert answer[0] == "CloudHsmClusterNotRelatedException"


def test_secrets_are_told_to_nobody(
    bench: KmsBench, caplog: pytest.LogCaptureFixture, proxy: FakeKeyStore
) -> None:
    caplog.set_level("DEBUG")
    made = [create(bench, PROXY, "x"), create(bench, CLUSTER, "c")]
    bench.kms.update_custom_key_store(
        CustomKeyStoreId=made[0],
        XksProxyAuthenticationCredential=CREDENTIAL,
    )
    proxy.failing["connect"] = ZeroDivisionError(SECRET)
    for store in made:
        bench.kms.connect_custom_key_store(CustomKeyStoreId=store)
    bench.run_due()
    bad = {**PROXY, "XksProxyAuthenticationCredential": {
        "AccessKeyId": "lower case letters!!", "RawSecretAccessKey": "?" + SECRET[1:]}}  # fmt: skip
    texts = [refused(bench, "create_custom_key_store", CustomKeyStoreName="b", **bad)[1]]
    with pytest.raises(Exception, match="Invalid type") as wrong:
        bench.kms.create_custom_key_store(
            CustomKeyStoreName="w", **{**PROXY, "XksProxyAuthenticationCredential": SECRET}
        )
    texts.append(str(wrong.value))
    texts.append(str(bench.kms.describe_custom_key_stores()))
    bench.journal.flush()
    texts += [row[0] for row in bench.vault.read("SELECT event FROM journal")]
    texts += [repr(KeyStoreTable(bench.vault, "us-west-2").everything()), caplog.text]
    for text in texts:
        assert SECRET[1:] not in text
        assert PASSWORD not in text
    assert "store" in texts[-1]
    assert SHOWN["AccessKeyId"] not in "".join(texts[3:])


def test_in_the_whole_program(tmp_path: Path) -> None:
    """Nothing stands behind key stores there yet; its own thread may have been faster."""
    whole = make_bench(tmp_path / "vault")
    made = whole.kms.create_custom_key_store(CustomKeyStoreName="x", **PROXY)["CustomKeyStoreId"]
    whole.kms.connect_custom_key_store(CustomKeyStoreId=made)
    whole.run_due()
    (found,) = whole.kms.describe_custom_key_stores()["CustomKeyStores"]
    assert found["ConnectionState"] == "FAILED"
    assert found["ConnectionErrorCode"] == "XKS_PROXY_NOT_REACHABLE"
    whole.close()
