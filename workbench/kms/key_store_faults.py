"""What can go wrong behind a custom key store, and what AWS makes of it.

One table: a fault to the ConnectionErrorCode of a failed connection, to the exceptions of the
operations that meet it, and to their message. Whatever a back end itself says never reaches a
caller.

Sources: AWS KMS API Reference, CustomKeyStoresListEntry; External Key Store Proxy API Specification
1.0.3, "Error codes".
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, NamedTuple

from workbench.api.errors import AwsError

CRYPTO_ERROR: Final = "KMSInvalidStateException"
_STATE: Final = "CustomKeyStoreInvalidStateException"
_KEY: Final = "XksKeyInvalidConfigurationException"
_REACH: Final = "XksProxyUriUnreachableException"
_RESPONSE: Final = "XksProxyInvalidResponseException"
_CONFIGURATION: Final = "XksProxyInvalidConfigurationException"
_CLUSTER: Final = "CloudHsmClusterInvalidConfigurationException"
_NOT_UNDERSTOOD: Final = (
    "AWS KMS cannot interpret the response from the external key store proxy. If you see this "
    "error repeatedly, report it to your external key store proxy administrator."
)


class Fault(Enum):
    """Why a back end could not do what it was asked."""

    # External key stores; first those that a proxy's `errorName` says.
    VALIDATION = "the proxy found the request invalid"
    KEY_DISABLED = "the external key is not enabled"
    CIPHERTEXT = "the proxy found ciphertext or context changed"
    KEY_USAGE = "the external key is not for that"
    AUTHENTICATION = "the proxy does not know the credential"
    ACCESS_DENIED = "the proxy denies access"
    KEY_NOT_FOUND = "there is no such external key"
    URI_PATH = "the proxy has no such path"
    UNSUPPORTED = "the proxy cannot do that"
    DEPENDENCY_TIMEOUT = "the external key manager did not answer the proxy in time"
    THROTTLED = "the proxy is asked too often"
    PROXY_INTERNAL = "the proxy failed"
    UNREACHABLE = "no TCP connection to the proxy"
    TLS = "no TLS connection to the proxy"
    TIMED_OUT = "the proxy did not answer in time"
    MALFORMED = "the proxy's answer cannot be read"
    WRONG_CIPHERTEXT = "the proxy's ciphertext is not of what it was given"
    MANAGERS_UNAVAILABLE = "every external key manager is unavailable"
    VPC_NOT_FOUND = "there is no such VPC endpoint service"
    VPC_CONFIGURATION = "the VPC endpoint service is not configured as it must be"
    # CloudHSM key stores.
    CLUSTER_NOT_FOUND = "there is no such cluster"
    CLUSTER_NOT_ACTIVE = "the cluster is not active"
    CLUSTER_NOT_RELATED = "the cluster has another certificate than the former one"
    CLUSTER_CONFIGURATION = "the cluster is not configured as it must be"
    TOO_FEW_HSMS = "the cluster has too few active HSMs"
    TRUST_ANCHOR = "the certificate is not the cluster's"
    PASSWORD = "the cluster refuses the password of kmsuser"  # noqa: S105 - says what failed
    USER_LOCKED_OUT = "kmsuser is locked out"
    USER_NOT_FOUND = "the cluster has no kmsuser"
    USER_LOGGED_IN = "kmsuser is logged in elsewhere"
    SUBNET_NOT_FOUND = "a subnet of the cluster is gone"
    NO_FREE_ADDRESS = "a subnet of the cluster has no free address"
    # Both.
    NETWORK = "the network is down"
    INTERNAL = "something else failed"


class Outcome(NamedTuple):
    """What AWS makes of a fault.

    Attributes:
        connection: ConnectionErrorCode of a store whose connection failed for it.
        store_error: exception of CreateCustomKeyStore and UpdateCustomKeyStore.
        key_error: exception of CreateKey.
        text: message of each exception.
    """

    connection: str
    store_error: str
    key_error: str
    text: str


OUTCOMES: Final[Mapping[Fault, Outcome]] = MappingProxyType(
    {
        Fault.VALIDATION: Outcome("XKS_PROXY_INVALID_RESPONSE", _RESPONSE, _STATE, _NOT_UNDERSTOOD),
        Fault.KEY_DISABLED: Outcome(
            "XKS_PROXY_INVALID_RESPONSE",
            _RESPONSE,
            _KEY,
            "The external key associated with this KMS key in an external key store is not enabled "
            "in the external key manager. Enable the external key in the external key manager and "
            "retry the request.",
        ),
        Fault.CIPHERTEXT: Outcome(
            "XKS_PROXY_INVALID_RESPONSE",
            _RESPONSE,
            _STATE,
            "The external key store proxy rejected the request because the specified ciphertext "
            "or encryption context is corrupted, missing, or otherwise invalid.",
        ),
        Fault.KEY_USAGE: Outcome(
            "XKS_PROXY_INVALID_RESPONSE",
            _RESPONSE,
            _KEY,
            "The external key associated with this KMS key in an external key store does not "
            "support the requested operation. Enable the operation on the key in your external key "
            "manager, and try the request again.",
        ),
        Fault.AUTHENTICATION: Outcome(
            "INVALID_CREDENTIALS",
            "XksProxyIncorrectAuthenticationCredentialException",
            _STATE,
            "The external key store proxy rejected the request because it could not authenticate "
            "AWS KMS. Verify the XKS proxy authentication credentials for your external key store "
            "and update if necessary.",
        ),
        Fault.ACCESS_DENIED: Outcome(
            "XKS_PROXY_ACCESS_DENIED",
            _CONFIGURATION,
            CRYPTO_ERROR,
            "The external key store proxy denied access to the operation. Verify that the user and "
            "the external key are both authorized for this operation, and try the request again.",
        ),
        Fault.KEY_NOT_FOUND: Outcome(
            "XKS_PROXY_INVALID_RESPONSE",
            _RESPONSE,
            "XksKeyNotFoundException",
            "The external key associated with this KMS key in an external key store was not found "
            "in its external key manager. If the external key ID associated with this KMS key is "
            "incorrect, create a new KMS key with the correct external key ID.",
        ),
        Fault.URI_PATH: Outcome(
            "XKS_PROXY_INVALID_CONFIGURATION",
            _CONFIGURATION,
            _STATE,
            "The external key store proxy rejected the request because of an invalid URI path. "
            "Verify the URI path for your external key store and update if necessary.",
        ),
        Fault.UNSUPPORTED: Outcome(
            "XKS_PROXY_INVALID_RESPONSE",
            _RESPONSE,
            _KEY,
            "The external key store proxy rejected the request because it does not support the "
            "requested operation. If you see this error repeatedly, report it to your external key "
            "store proxy administrator.",
        ),
        Fault.DEPENDENCY_TIMEOUT: Outcome(
            "XKS_PROXY_TIMED_OUT",
            _REACH,
            _STATE,
            "The external key store proxy did not respond to the request in the time allotted. "
            "Retry the request. If you see this error repeatedly, report it to your external key "
            "store proxy administrator.",
        ),
        Fault.THROTTLED: Outcome(
            "XKS_PROXY_NOT_REACHABLE",
            _REACH,
            _STATE,
            "The external key store proxy rejected the request due to a very high request rate. "
            "Reduce the frequency of your calls using KMS keys in this external key store.",
        ),
        Fault.PROXY_INTERNAL: Outcome(
            "XKS_PROXY_INVALID_RESPONSE",
            _RESPONSE,
            _STATE,
            "The external key store proxy rejected the request because it cannot communicate with "
            "the external key manager. Verify that the external key store proxy configuration is "
            "correct and that the external key manager is available.",
        ),
        Fault.UNREACHABLE: Outcome(
            "XKS_PROXY_NOT_REACHABLE",
            _REACH,
            _STATE,
            "AWS KMS cannot communicate with the external key store proxy. This might be a "
            "transient network issue. If you see this error repeatedly, verify that your external "
            "key store proxy is active and is connected to the network, and that its endpoint URI "
            "is correct in your external key store.",
        ),
        Fault.TLS: Outcome(
            "XKS_PROXY_INVALID_TLS_CONFIGURATION",
            _REACH,
            _STATE,
            "AWS KMS cannot establish a TLS connection to the external key store proxy. Verify the "
            "TLS configuration, including its certificate.",
        ),
        Fault.TIMED_OUT: Outcome(
            "XKS_PROXY_TIMED_OUT",
            _REACH,
            _STATE,
            "AWS KMS rejected the request because the external key store proxy did not respond in "
            "time. Retry the request. If you see this error repeatedly, report it to your external "
            "key store proxy administrator.",
        ),
        Fault.MALFORMED: Outcome("XKS_PROXY_INVALID_RESPONSE", _RESPONSE, _STATE, _NOT_UNDERSTOOD),
        Fault.WRONG_CIPHERTEXT: Outcome(
            "XKS_PROXY_INVALID_RESPONSE",
            _RESPONSE,
            _STATE,
            "The ciphertext that the external key store proxy submitted for decryption, or the "
            "encryption context, is corrupted, missing, or otherwise invalid.",
        ),
        Fault.MANAGERS_UNAVAILABLE: Outcome(
            "XKS_PROXY_NOT_REACHABLE",
            _REACH,
            _STATE,
            "The external key store proxy reports that all external key manager instances are "
            "unavailable.",
        ),
        Fault.VPC_NOT_FOUND: Outcome(
            "XKS_VPC_ENDPOINT_SERVICE_NOT_FOUND",
            "XksProxyVpcEndpointServiceNotFoundException",
            _STATE,
            "AWS KMS could not find the specified VPC endpoint service.",
        ),
        Fault.VPC_CONFIGURATION: Outcome(
            "XKS_VPC_ENDPOINT_SERVICE_INVALID_CONFIGURATION",
            "XksProxyVpcEndpointServiceInvalidConfigurationException",
            _STATE,
            "The VPC endpoint service does not fulfill the requirements for an external key store.",
        ),
        Fault.CLUSTER_NOT_FOUND: Outcome(
            "CLUSTER_NOT_FOUND",
            "CloudHsmClusterNotFoundException",
            _CLUSTER,
            "AWS KMS cannot find the AWS CloudHSM cluster with the specified cluster ID.",
        ),
        Fault.CLUSTER_NOT_ACTIVE: Outcome(
            "INSUFFICIENT_CLOUDHSM_HSMS",
            "CloudHsmClusterNotActiveException",
            _CLUSTER,
            "The AWS CloudHSM cluster associated with the custom key store is not active.",
        ),
        Fault.CLUSTER_NOT_RELATED: Outcome(
            "CLUSTER_NOT_FOUND",
            "CloudHsmClusterNotRelatedException",
            _CLUSTER,
            "The AWS CloudHSM cluster has a different cluster certificate than the original "
            "cluster.",
        ),
        Fault.CLUSTER_CONFIGURATION: Outcome(
            "INTERNAL_ERROR",
            _CLUSTER,
            _CLUSTER,
            "The AWS CloudHSM cluster does not meet the configuration requirements for a custom "
            "key store.",
        ),
        Fault.TOO_FEW_HSMS: Outcome(
            "INSUFFICIENT_CLOUDHSM_HSMS",
            _CLUSTER,
            _CLUSTER,
            "The AWS CloudHSM cluster does not contain enough active HSMs for this operation.",
        ),
        Fault.TRUST_ANCHOR: Outcome(
            "INTERNAL_ERROR",
            "IncorrectTrustAnchorException",
            _CLUSTER,
            "The trust anchor certificate in the request is not the trust anchor certificate of "
            "the AWS CloudHSM cluster.",
        ),
        Fault.PASSWORD: Outcome(
            "INVALID_CREDENTIALS",
            _CLUSTER,
            _STATE,
            "The key store password does not match the password of the kmsuser crypto user in the "
            "AWS CloudHSM cluster.",
        ),
        Fault.USER_LOCKED_OUT: Outcome(
            "USER_LOCKED_OUT",
            _CLUSTER,
            _STATE,
            "The kmsuser crypto user is locked out of the AWS CloudHSM cluster.",
        ),
        Fault.USER_NOT_FOUND: Outcome(
            "USER_NOT_FOUND",
            _CLUSTER,
            _STATE,
            "AWS KMS cannot find a kmsuser crypto user in the AWS CloudHSM cluster.",
        ),
        Fault.USER_LOGGED_IN: Outcome(
            "USER_LOGGED_IN",
            _CLUSTER,
            _STATE,
            "The kmsuser crypto user is logged in to the AWS CloudHSM cluster.",
        ),
        Fault.SUBNET_NOT_FOUND: Outcome(
            "SUBNET_NOT_FOUND",
            _CLUSTER,
            _CLUSTER,
            "A subnet of the AWS CloudHSM cluster was deleted.",
        ),
        Fault.NO_FREE_ADDRESS: Outcome(
            "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET",
            _CLUSTER,
            _CLUSTER,
            "A private subnet of the AWS CloudHSM cluster has no free IP address.",
        ),
        Fault.NETWORK: Outcome(
            "NETWORK_ERRORS",
            "KMSInternalException",
            "KMSInternalException",
            "Network errors prevent AWS KMS from connecting to the key store.",
        ),
        Fault.INTERNAL: Outcome(
            "INTERNAL_ERROR",
            "KMSInternalException",
            "KMSInternalException",
            "AWS KMS could not complete the request due to an internal error.",
        ),
    }
)


class BackendFault(Exception):
    """A back end could not do what it was asked.

    Args:
        fault: why; all that a caller is told.
    """

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault

    def in_store(self) -> AwsError:
        """Return the error of CreateCustomKeyStore or UpdateCustomKeyStore."""
        outcome = OUTCOMES[self.fault]
        return AwsError(outcome.store_error, outcome.text)

    def in_creation(self) -> AwsError:
        """Return the error of CreateKey."""
        outcome = OUTCOMES[self.fault]
        return AwsError(outcome.key_error, outcome.text)

    def in_use(self) -> AwsError:
        """Return the error of a cryptographic operation."""
        return AwsError(CRYPTO_ERROR, OUTCOMES[self.fault].text)
