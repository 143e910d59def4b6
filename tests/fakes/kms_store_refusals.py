"""Requests about custom key stores that meet the errors which AWS's model declares."""

from typing import Any, Final

from tests.fakes.kms_zoo import Refused, Request, Zoo, store_settings
from workbench.kms.key_store_faults import Fault


def _new(kind: str, **change: Any) -> Refused:
    return lambda _zoo: {**store_settings(kind, "new"), "CustomKeyStoreName": "new", **change}


def _changed(kind: str, **change: Any) -> Refused:
    """Return a change of a store that nothing is wrong with but `change`."""
    usual = {"KeyStorePassword": "another one"} if kind == "cluster" else {}
    usual |= {"XksProxyUriPath": "/a/kms/xks/v1"} if kind != "cluster" else {}
    return lambda zoo: {"CustomKeyStoreId": zoo.store(kind), **usual, **change}


def _beside(other: Refused, kind: str, *members: str) -> Refused:
    """Return a request that wants what another store has already."""

    def request(zoo: Zoo) -> Request:
        zoo.store(kind, "connected")
        there = {**store_settings(kind, "connected"), "CustomKeyStoreName": f"{kind} connected"}
        return {**other(zoo), **{member: there[member] for member in members}}

    return request


def _failing(method: str, fault: Fault, other: Refused) -> Refused:
    """Return a request that what is behind the key stores refuses."""

    def request(zoo: Zoo) -> Request:
        made = other(zoo)
        zoo.fail(method, fault)
        return made

    return request


def _key_in(kind: str, name: str = "connected", **change: Any) -> Refused:
    """Return a request for a key in a store."""
    origin = "AWS_CLOUDHSM" if kind == "cluster" else "EXTERNAL_KEY_STORE"
    own = {"Origin": origin} | ({} if kind == "cluster" else {"XksKeyId": "external"})
    return lambda zoo: {**own, "CustomKeyStoreId": zoo.store(kind, name), **change}


def _named(store: str, **more: Any) -> Refused:
    return lambda _zoo: {"CustomKeyStoreId": store, **more}


def _stores(kind: str, name: str = "idle") -> Refused:
    return lambda zoo: {"CustomKeyStoreId": zoo.store(kind, name)}


def _one_too_many(zoo: Zoo) -> Request:
    zoo.fill_stores()
    return _new("cluster")(zoo)


def _failed(zoo: Zoo) -> Request:
    return {"CustomKeyStoreId": zoo.store("public", "failed")}


def _with_keys(zoo: Zoo) -> Request:
    zoo.external_key()
    return {"CustomKeyStoreId": zoo.store("proxy", "connected")}


def _key_twice(zoo: Zoo) -> Request:
    return _key_in("proxy", XksKeyId=zoo.external_key())(zoo)


_CREATE: Final = "CreateCustomKeyStore"
_UPDATE: Final = "UpdateCustomKeyStore"
_NONE: Final = "cks-00000000000000000"

_BY_FAULT: Final = {
    "CloudHsmClusterInvalidConfigurationException": ("cluster", Fault.TOO_FEW_HSMS),
    "CloudHsmClusterNotActiveException": ("cluster", Fault.CLUSTER_NOT_ACTIVE),
    "CloudHsmClusterNotFoundException": ("cluster", Fault.CLUSTER_NOT_FOUND),
    "KMSInternalException": ("cluster", Fault.INTERNAL),
    "XksProxyIncorrectAuthenticationCredentialException": ("public", Fault.AUTHENTICATION),
    "XksProxyInvalidConfigurationException": ("public", Fault.URI_PATH),
    "XksProxyInvalidResponseException": ("public", Fault.MALFORMED),
    "XksProxyUriUnreachableException": ("public", Fault.UNREACHABLE),
}
"""What makes a store that is made or changed be refused, with the type of store."""

_BY_FAULT_OF_CHANGE: Final = {
    "CloudHsmClusterNotRelatedException": ("cluster", Fault.CLUSTER_NOT_RELATED),
    "XksProxyVpcEndpointServiceInvalidConfigurationException": ("proxy", Fault.VPC_CONFIGURATION),
    "XksProxyVpcEndpointServiceNotFoundException": ("proxy", Fault.VPC_NOT_FOUND),
}
"""What makes the change of a store be refused besides."""

_TAKEN: Final = {
    "XksProxyUriEndpointInUseException": ("proxy", ("XksProxyUriEndpoint",)),
    "XksProxyUriInUseException": ("public", ("XksProxyUriEndpoint", "XksProxyUriPath")),
    "XksProxyVpcEndpointServiceInUseException": ("proxy", ("XksProxyVpcEndpointServiceName",)),
}
"""Which settings are another store's."""

ON_STORES: Final[dict[str, Refused]] = {
    **{
        f"{_CREATE}.{error}": _failing("check", fault, _new(kind))
        for error, (kind, fault) in _BY_FAULT.items()
    },
    **{
        f"{_UPDATE}.{error}": _failing("check", fault, _changed(kind))
        for error, (kind, fault) in (_BY_FAULT | _BY_FAULT_OF_CHANGE).items()
    },
    **{
        f"{_CREATE}.{error}": _beside(_new(kind), kind, *members)
        for error, (kind, members) in _TAKEN.items()
    },
    **{
        f"{_UPDATE}.{error}": _beside(_changed(kind), kind, *members)
        for error, (kind, members) in _TAKEN.items()
    },
    f"{_CREATE}.CloudHsmClusterInUseException": _beside(
        _new("cluster"), "cluster", "CloudHsmClusterId"
    ),
    f"{_CREATE}.CustomKeyStoreNameInUseException": _beside(
        _new("cluster"), "cluster", "CustomKeyStoreName"
    ),
    f"{_CREATE}.IncorrectTrustAnchorException": _new("cluster", TrustAnchorCertificate="x"),
    f"{_CREATE}.LimitExceededException": _one_too_many,
    f"{_UPDATE}.CustomKeyStoreInvalidStateException": lambda zoo: {
        "CustomKeyStoreId": zoo.store("cluster", "connected"),
        "KeyStorePassword": "another one",
    },
    f"{_UPDATE}.CustomKeyStoreNameInUseException": lambda zoo: {
        "CustomKeyStoreId": zoo.store("cluster"),
        "NewCustomKeyStoreName": zoo.store("proxy") and "proxy idle",
    },
    f"{_UPDATE}.CustomKeyStoreNotFoundException": _named(_NONE, NewCustomKeyStoreName="x"),
    "ConnectCustomKeyStore.CustomKeyStoreInvalidStateException": _failed,
    "ConnectCustomKeyStore.CustomKeyStoreNotFoundException": _named(_NONE),
    "DeleteCustomKeyStore.CustomKeyStoreHasCMKsException": _with_keys,
    "DeleteCustomKeyStore.CustomKeyStoreInvalidStateException": _stores("public", "connected"),
    "DeleteCustomKeyStore.CustomKeyStoreNotFoundException": _named(_NONE),
    "DescribeCustomKeyStores.CustomKeyStoreNotFoundException": _named(_NONE),
    "DescribeCustomKeyStores.InvalidMarkerException": lambda _zoo: {"Marker": "none!"},
    "DisconnectCustomKeyStore.CustomKeyStoreInvalidStateException": _stores("cluster"),
    "DisconnectCustomKeyStore.CustomKeyStoreNotFoundException": _named(_NONE),
    "GenerateRandom.CustomKeyStoreInvalidStateException": lambda zoo: {
        "CustomKeyStoreId": zoo.store("cluster"),
        "NumberOfBytes": 1,
    },
    "GenerateRandom.CustomKeyStoreNotFoundException": _named(_NONE, NumberOfBytes=1),
    "GenerateRandom.UnsupportedOperationException": lambda zoo: {
        "CustomKeyStoreId": zoo.store("proxy"),
        "NumberOfBytes": 1,
    },
    "CreateKey.CloudHsmClusterInvalidConfigurationException": _failing(
        "create_key", Fault.TOO_FEW_HSMS, _key_in("cluster")
    ),
    "CreateKey.CustomKeyStoreInvalidStateException": _key_in("cluster", "idle"),
    "CreateKey.CustomKeyStoreNotFoundException": _named(_NONE, Origin="AWS_CLOUDHSM"),
    "CreateKey.KMSInternalException": _failing("create_key", Fault.INTERNAL, _key_in("cluster")),
    "CreateKey.XksKeyAlreadyInUseException": _key_twice,
    "CreateKey.XksKeyInvalidConfigurationException": _failing(
        "describe_key", Fault.KEY_DISABLED, _key_in("proxy")
    ),
    "CreateKey.XksKeyNotFoundException": _key_in("proxy"),
}
"""What meets one error of one operation, by `operation.error`."""
