"""A KMS with keys of every kind in every state and with key stores, made as they are asked for."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.fakes.importing import request
from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import KmsBench
from tests.fakes.kms_tour import ANNA, CLUSTER, PROXY
from workbench.kms.key_store_faults import Fault
from workbench.kms.limits import Limits

Request = dict[str, Any]

LIMITS: Final = Limits(
    aliases_per_key=1, grants_per_key=1, on_demand_rotations=1, custom_key_stores=9
)
REPLICA: Final = "eu-west-1"
KINDS: Final[dict[str, Request]] = {
    "symmetric": {},
    "hmac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "signing": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "agreement": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "kem": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
    "rsa": {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
    "external": {"Origin": "EXTERNAL"},
    "shared": {"MultiRegion": True},
    "shared external": {"MultiRegion": True, "Origin": "EXTERNAL"},
}
"""What keys of a kind are created with."""

GRANT: Final[Request] = {"GranteePrincipal": ANNA, "Operations": ["DescribeKey"]}


class Zoo:
    """Makes each thing once.

    Args:
        bench: a KMS with `LIMITS`, and with `backend` behind key stores of both types.
        backend: the key store.

    Attributes:
        kms: the client.
    """

    def __init__(self, bench: KmsBench, backend: FakeKeyStore) -> None:
        self.bench = bench
        self.kms = bench.kms
        self._backend = backend
        self._methods = {name: py for py, name in bench.kms.meta.method_to_api_mapping.items()}
        self._spare: list[str] = []
        self._key = cache(self._make_key)
        self._store = cache(self._make_store)
        self.blob = cache(self._blob)
        self.alias = cache(self._alias)
        self.grant = cache(self._grant)
        self.imported = cache(self._make_imported)
        self.external_key = cache(self._external_key)

    def ask(self, operation: str, wanted: Request) -> str:
        """Make a request; returns the code of the error, empty if it succeeded."""
        try:
            getattr(self.kms, self._methods[operation])(**wanted)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        finally:
            self._backend.failing = {}
            while self._spare:
                self.kms.delete_custom_key_store(CustomKeyStoreId=self._spare.pop())
        return ""

    def fail(self, method: str, fault: Fault) -> None:
        """Have what is behind the key stores fail during the next request."""
        self._backend.failing = {method: fault}

    def key(self, kind: str, state: str = "") -> str:
        """Return the id of a key, the same for the same arguments.

        Args:
            kind: one of `KINDS`.
            state: `disabled`, `leaving` (pending deletion), `updating`, `replicated`, `rotating`,
                `rotated`, `hollow` (its material was lost); any other word means another key of
                the kind.
        """
        return self._key(kind, state)

    def _make_key(self, kind: str, state: str) -> str:
        kms = self.kms
        name = str(kms.create_key(**KINDS[kind])["KeyMetadata"]["KeyId"])
        match state:
            case "disabled":
                kms.disable_key(KeyId=name)
            case "leaving":
                kms.schedule_key_deletion(KeyId=name)
            case "replicated":
                kms.replicate_key(KeyId=name, ReplicaRegion=REPLICA)
            case "updating":
                self._update(kind, name)
            case "rotating" | "rotated":
                kms.rotate_key_on_demand(KeyId=name)
            case "hollow":
                store = self.bench.service.region(kms.meta.region_name).finder.store
                for material in store.materials(name):
                    store.delete_material(name, material.id)
        if state == "rotated":
            self.bench.run_due()
        return name

    def _update(self, kind: str, name: str) -> None:
        """Have the primary key change its Region; nothing carries that out yet."""
        external = "external" in kind
        if external:
            self._import(self.kms, name)
        self.kms.replicate_key(KeyId=name, ReplicaRegion=REPLICA)
        self.bench.run_due()
        if external:
            self._import(self.bench.region(REPLICA), name)
        self.kms.update_primary_region(KeyId=name, PrimaryRegion=REPLICA)

    def _make_imported(self, kind: str) -> str:
        """Return the id of a key whose material was imported."""
        name = self.key(kind, "imported")
        self._import(self.kms, name)
        return name

    def _import(self, kms: Any, name: str) -> None:
        kms.import_key_material(**request(kms, name, b"1" * 32))

    def import_of(self, key: str, material: bytes, **change: Any) -> Request:
        """Return a request of ImportKeyMaterial."""
        return {**request(self.kms, key, material), **change}

    def _alias(self, name: str) -> str:
        """Return an alias, of the symmetric key of the same name."""
        self.kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=self.key("symmetric", name))
        return f"alias/{name}"

    def _blob(self, key: str) -> bytes:
        """Return a ciphertext of a key."""
        return bytes(self.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"])

    def _grant(self, key: str) -> str:
        """Return the id of a grant on a key."""
        return str(self.kms.create_grant(KeyId=key, **GRANT)["GrantId"])

    def store(self, kind: str, name: str = "idle") -> str:
        """Return the id of a custom key store; one of the name `connected` is connected.

        Args:
            kind: `cluster`, `proxy` (with a VPC endpoint service) or `public`.
            name: its name; the connection of one of the name `failed` failed.
        """
        return self._store(kind, name)

    def _make_store(self, kind: str, name: str) -> str:
        settings = {**store_settings(kind, name), "CustomKeyStoreName": f"{kind} {name}"}
        made = str(self.kms.create_custom_key_store(**settings)["CustomKeyStoreId"])
        if name == "failed":
            self.fail("connect", Fault.NETWORK)
        if name in {"connected", "failed"}:
            self.kms.connect_custom_key_store(CustomKeyStoreId=made)
            self.bench.run_due()
        return made

    def _external_key(self) -> str:
        """Return the id of an external key that a KMS key has."""
        self._backend.add("used")
        store = self.store("proxy", "connected")
        self.kms.create_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId="used")
        return "used"

    def fill_stores(self) -> None:
        """Have as many key stores as there may be until the next request is over."""
        present = len(self.kms.describe_custom_key_stores()["CustomKeyStores"])
        for number in range(LIMITS.custom_key_stores - present):
            self._spare.append(self._store("public", f"spare{number}"))


def store_settings(kind: str, name: str) -> Request:
    """Return what a key store is created with, but for its name; nothing is another's."""
    if kind == "cluster":
        return {**CLUSTER, "CloudHsmClusterId": f"cluster-{name:a<11}"}
    shared = {**PROXY, "XksProxyUriEndpoint": f"https://{kind}-{name}.example.com"}
    if kind == "proxy":
        service = f"com.amazonaws.vpce.us-west-2.vpce-svc-{name}"
        return {**shared, "XksProxyVpcEndpointServiceName": service}
    own = {**shared, "XksProxyConnectivity": "PUBLIC_ENDPOINT"}
    return {member: own[member] for member in own if "Vpc" not in member}


Refused = Callable[[Zoo], Request]
"""Makes a request that is refused."""
