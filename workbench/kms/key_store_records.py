"""What is stored about a custom key store, and what AWS tells of it.

Owns the record and its stored form; knows neither back ends nor requests.

Secrets: a proxy's secret access key and a cluster's password must be given out again to sign and to
log in, so they cannot be hashed. They are kept in the record, in the vault's encrypted database
like the secrets of access keys: whoever can read one can open the vault. The HSM module has no
service for them, because one that gives a secret back would protect nothing more. No text made of a
record shows them.

Source: AWS KMS API Reference, CustomKeyStoresListEntry.
"""

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from workbench.kms.records import AWS_CLOUDHSM

CONNECTED = "CONNECTED"
CONNECTING = "CONNECTING"
FAILED = "FAILED"
DISCONNECTED = "DISCONNECTED"
DISCONNECTING = "DISCONNECTING"

PUBLIC = "PUBLIC_ENDPOINT"
VPC = "VPC_ENDPOINT_SERVICE"


@dataclass(frozen=True, slots=True)
class KeyStoreRecord:
    """One custom key store.

    Attributes:
        id: `cks-` and 17 hexadecimal digits.
        region: the Region it is in.
        name: the name its owner gave it.
        kind: AWS_CLOUDHSM or EXTERNAL_KEY_STORE.
        created: creation date, UTC.
        state: AWS's ConnectionState.
        error_code: AWS's ConnectionErrorCode of a store whose connection failed, else empty.
        cluster: id of a CloudHSM cluster.
        trust_anchor: PEM certificate of the cluster.
        password: the cluster's password of user kmsuser; a secret.
        endpoint: `https://` and the host of an external key store proxy.
        path: path of the proxy's API.
        connectivity: PUBLIC_ENDPOINT or VPC_ENDPOINT_SERVICE.
        vpc_service: name of the VPC endpoint service.
        vpc_owner: account that owns it, or empty.
        access_key_id: id of the proxy's credential; AWS treats it as a secret too.
        secret_access_key: the proxy's credential; a secret.
    """

    id: str
    region: str
    name: str
    kind: str
    created: datetime
    state: str = DISCONNECTED
    error_code: str = ""
    cluster: str = ""
    trust_anchor: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    endpoint: str = ""
    path: str = ""
    connectivity: str = ""
    vpc_service: str = ""
    vpc_owner: str = ""
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)

    def entry(self) -> dict[str, Any]:
        """Return AWS's CustomKeyStoresListEntry."""
        shown: dict[str, Any] = {
            "CustomKeyStoreId": self.id,
            "CustomKeyStoreName": self.name,
            "CustomKeyStoreType": self.kind,
            "ConnectionState": self.state,
            "CreationDate": self.created,
        }
        if self.state == FAILED:
            shown["ConnectionErrorCode"] = self.error_code
        if self.kind == AWS_CLOUDHSM:
            shown["CloudHsmClusterId"] = self.cluster
            shown["TrustAnchorCertificate"] = self.trust_anchor
            return shown
        proxy = {
            "Connectivity": self.connectivity,
            "AccessKeyId": self.access_key_id,
            "UriEndpoint": self.endpoint,
            "UriPath": self.path,
        }
        if self.connectivity == VPC:
            proxy["VpcEndpointServiceName"] = self.vpc_service
            if self.vpc_owner:
                proxy["VpcEndpointServiceOwner"] = self.vpc_owner
        shown["XksProxyConfiguration"] = proxy
        return shown

    def to_json(self) -> str:
        """Return the stored form, secrets included: for the encrypted database alone."""
        document = {**asdict(self), "created": self.created.isoformat()}
        return json.dumps(document, separators=(",", ":"), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "KeyStoreRecord":
        """Read the stored form."""
        document = json.loads(text)
        document["created"] = datetime.fromisoformat(document["created"])
        return cls(**document)
