"""The members of requests that describe a custom key store, checked against each other.

Owns which members which type of store takes, and what must be unique in a Region. Must not know
back ends, states or tables.

Source: AWS KMS API Reference, CreateCustomKeyStore and UpdateCustomKeyStore.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from workbench.api.errors import AwsError
from workbench.kms.key_store_records import PUBLIC, VPC, KeyStoreRecord
from workbench.kms.records import AWS_CLOUDHSM, EXTERNAL_KEY_STORE

_CLOUDHSM_MEMBERS: Final = ("CloudHsmClusterId", "KeyStorePassword", "TrustAnchorCertificate")
_PROXY_MEMBERS: Final = (
    "XksProxyConnectivity",
    "XksProxyAuthenticationCredential",
    "XksProxyUriEndpoint",
    "XksProxyUriPath",
)
_VPC_MEMBERS: Final = ("XksProxyVpcEndpointServiceName", "XksProxyVpcEndpointServiceOwner")
_FIELDS: Final[Mapping[str, str]] = {
    "CloudHsmClusterId": "cluster",
    "KeyStorePassword": "password",
    "TrustAnchorCertificate": "trust_anchor",
    "XksProxyConnectivity": "connectivity",
    "XksProxyUriEndpoint": "endpoint",
    "XksProxyUriPath": "path",
    "XksProxyVpcEndpointServiceName": "vpc_service",
    "XksProxyVpcEndpointServiceOwner": "vpc_owner",
}
_CHANGED_WHILE_CONNECTED: Final = frozenset(
    {"NewCustomKeyStoreName", "XksProxyAuthenticationCredential", "XksProxyUriPath"}
)
_CERTIFICATE: Final = re.compile(
    r"\s*-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*"
)


def completed(blank: KeyStoreRecord, request: Mapping[str, Any]) -> KeyStoreRecord:
    """Return a new store with what the request says about it.

    Args:
        blank: a record with id, name and type.
        request: CreateCustomKeyStore.

    Raises:
        AwsError: ValidationException or IncorrectTrustAnchorException.
    """
    _refuse_other_type(blank.kind, request)
    required = _CLOUDHSM_MEMBERS if blank.kind == AWS_CLOUDHSM else _PROXY_MEMBERS
    for member in required:
        if not request.get(member):
            raise AwsError(
                "ValidationException",
                f"{member} is required for a custom key store of type {blank.kind}.",
            )
    made = _with_members(blank, request)
    anchor = made.trust_anchor
    if blank.kind == AWS_CLOUDHSM and not _CERTIFICATE.fullmatch(anchor):
        raise AwsError(
            "IncorrectTrustAnchorException",
            "The trust anchor certificate in the request is not a certificate in PEM format.",
            "Give the content of the cluster's customerCA.crt.",
        )
    _check_connectivity(made)
    return made


def changed(store: KeyStoreRecord, request: Mapping[str, Any]) -> KeyStoreRecord:
    """Return a store with what an UpdateCustomKeyStore request changes.

    Raises:
        AwsError: ValidationException.
    """
    _refuse_other_type(store.kind, request)
    if len(request) == 1:
        raise AwsError(
            "ValidationException", "At least one property of the custom key store must be updated."
        )
    after = _with_members(store, request)
    connectivity = request.get("XksProxyConnectivity")
    if connectivity and connectivity != store.connectivity:
        if "XksProxyUriEndpoint" not in request:
            raise AwsError(
                "ValidationException",
                "XksProxyUriEndpoint is required to change XksProxyConnectivity.",
            )
        if connectivity == PUBLIC and not any(request.get(name) for name in _VPC_MEMBERS):
            after = replace(after, vpc_service="", vpc_owner="")
    name = request.get("NewCustomKeyStoreName")
    after = replace(after, name=name) if name else after
    _check_connectivity(after)
    return after


def needs_disconnection(request: Mapping[str, Any]) -> bool:
    """Whether an UpdateCustomKeyStore request changes what a connected store must keep."""
    return bool(set(request) - _CHANGED_WHILE_CONNECTED - {"CustomKeyStoreId"})


def require_unique(store: KeyStoreRecord, all_stores: Iterable[KeyStoreRecord]) -> None:
    """Refuse a store whose name, cluster or proxy another store of the Region has.

    Raises:
        AwsError: the exception AWS has for each.
    """
    for other in all_stores:
        if other.id == store.id:
            continue
        if other.name == store.name:
            raise AwsError(
                "CustomKeyStoreNameInUseException",
                f"The custom key store name {store.name} is already in use.",
                "Choose another name.",
            )
        if store.kind == other.kind == AWS_CLOUDHSM and store.cluster == other.cluster:
            raise AwsError(
                "CloudHsmClusterInUseException",
                f"The cluster {store.cluster} is already associated with a custom key store.",
            )
        if store.kind == other.kind == EXTERNAL_KEY_STORE:
            _require_unique_proxy(store, other)


def _require_unique_proxy(store: KeyStoreRecord, other: KeyStoreRecord) -> None:
    same_endpoint = store.endpoint.lower() == other.endpoint.lower()
    if same_endpoint and VPC in {store.connectivity, other.connectivity}:
        raise AwsError(
            "XksProxyUriEndpointInUseException",
            f"The XksProxyUriEndpoint {store.endpoint} is already in use by another external key "
            "store, and one of them has VPC_ENDPOINT_SERVICE connectivity.",
        )
    if same_endpoint and store.path == other.path:
        raise AwsError(
            "XksProxyUriInUseException",
            f"The XksProxyUriEndpoint and XksProxyUriPath {store.endpoint}{store.path} are already "
            "in use by another external key store.",
        )
    if store.vpc_service and store.vpc_service == other.vpc_service:
        raise AwsError(
            "XksProxyVpcEndpointServiceInUseException",
            f"The VPC endpoint service {store.vpc_service} is already in use by another external "
            "key store.",
        )


def _refuse_other_type(kind: str, request: Mapping[str, Any]) -> None:
    foreign = (*_PROXY_MEMBERS, *_VPC_MEMBERS) if kind == AWS_CLOUDHSM else _CLOUDHSM_MEMBERS
    for member in foreign:
        if request.get(member):
            raise AwsError(
                "ValidationException",
                f"{member} is not valid for a custom key store of type {kind}.",
            )


def _with_members(store: KeyStoreRecord, request: Mapping[str, Any]) -> KeyStoreRecord:
    fields = {field: request[member] for member, field in _FIELDS.items() if request.get(member)}
    credential = request.get("XksProxyAuthenticationCredential")
    if credential:
        fields["access_key_id"] = credential["AccessKeyId"]
        fields["secret_access_key"] = credential["RawSecretAccessKey"]
    return replace(store, **fields)


def _check_connectivity(store: KeyStoreRecord) -> None:
    if store.connectivity == VPC and not store.vpc_service:
        raise AwsError(
            "ValidationException",
            f"XksProxyVpcEndpointServiceName is required for XksProxyConnectivity {VPC}.",
        )
    if store.connectivity == PUBLIC and (store.vpc_service or store.vpc_owner):
        raise AwsError(
            "ValidationException",
            "XksProxyVpcEndpointServiceName and XksProxyVpcEndpointServiceOwner are not valid for "
            f"XksProxyConnectivity {PUBLIC}.",
        )
