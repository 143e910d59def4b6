"""A tour through every operation of AWS KMS that keeps all answers, for tests of completeness."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from botocore.model import Shape
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.fakes.key_store import FakeKeyStore
from tests.fakes.kms_bench import KmsBench
from workbench.kms.key_store_faults import Fault

ANNA = "arn:aws:iam::111122223333:user/anna"
SERVICE = "dynamodb.amazonaws.com"
SOURCE = {"SourceArn": "arn:aws:dynamodb:us-west-2:111122223333:table/t"}
CLUSTER: dict[str, Any] = {
    "CustomKeyStoreName": "cluster",
    "CloudHsmClusterId": "cluster-aaaabbbbccc",
    "KeyStorePassword": "a password",
    "TrustAnchorCertificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
}
PROXY: dict[str, Any] = {
    "CustomKeyStoreName": "proxy",
    "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
    "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
    "XksProxyVpcEndpointServiceName": "com.amazonaws.vpce.us-west-2.vpce-svc-example1",
    "XksProxyVpcEndpointServiceOwner": "444455556666",
    "XksProxyAuthenticationCredential": {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43},
    "XksProxyUriEndpoint": "https://proxy.example.com",
    "XksProxyUriPath": "/kms/xks/v1",
}


class Tour:
    """Visits every operation.

    Args:
        bench: a KMS with `backend` behind stores of both types.
        backend: the key store.

    Attributes:
        answers: every answer, by operation.
    """

    def __init__(self, bench: KmsBench, backend: FakeKeyStore) -> None:
        self._bench = bench
        self._backend = backend
        self._methods = {name: py for py, name in bench.kms.meta.method_to_api_mapping.items()}
        self.answers: dict[str, list[dict[str, Any]]] = {}

    def go(self) -> None:
        """Make the whole tour."""
        self._keys()
        self._encryption()
        self._signatures()
        self._agreement()
        self._names()
        self._grants()
        self._rotation()
        self._key_stores()
        self._replicas()
        self._imports()
        self._deletion()

    def _ask(self, name: str, **request: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self._bench.kms, self._methods[name])(**request)
        answer.pop("ResponseMetadata")
        self.answers.setdefault(name, []).append(answer)
        return answer

    def _key(
        self, spec: str = "SYMMETRIC_DEFAULT", usage: str = "ENCRYPT_DECRYPT", **more: Any
    ) -> str:
        request = {"KeySpec": spec, "KeyUsage": usage, **more}
        key = self._ask("CreateKey", **request)["KeyMetadata"]["KeyId"]
        self._ask("DescribeKey", KeyId=key)
        if spec.startswith(("RSA", "ECC", "ML")):
            self._ask("GetPublicKey", KeyId=key)
        return str(key)

    def _keys(self) -> None:
        first, _ = self._key(Description="d"), self._key()
        self._ask("ListKeys", Limit=1)
        self._ask("DisableKey", KeyId=first)
        self._ask("EnableKey", KeyId=first)
        self._ask("UpdateKeyDescription", KeyId=first, Description="new")
        policy = self._ask("GetKeyPolicy", KeyId=first)["Policy"]
        self._ask("PutKeyPolicy", KeyId=first, Policy=policy)
        self._ask("ListKeyPolicies", KeyId=first)

    def _encryption(self) -> None:
        key, other = self._key(), self._key()
        blob = self._ask("Encrypt", KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        self._ask("Decrypt", CiphertextBlob=blob)
        self._ask("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)
        for name in ("GenerateDataKey", "GenerateDataKeyWithoutPlaintext"):
            self._ask(name, KeyId=key, KeySpec="AES_256")
        for name in ("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"):
            self._ask(name, KeyId=key, KeyPairSpec="ECC_NIST_P256")
        self._ask("GenerateRandom", NumberOfBytes=1)
        self._ask("GetKeyLastUsage", KeyId=key)
        self._key("RSA_2048")

    def _signatures(self) -> None:
        key = self._key("ECC_NIST_P256", "SIGN_VERIFY")
        request = {"KeyId": key, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
        signature = self._ask("Sign", **request)["Signature"]
        self._ask("Verify", **request, Signature=signature)
        key = self._key("HMAC_256", "GENERATE_VERIFY_MAC")
        request = {"KeyId": key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
        self._ask("VerifyMac", **request, Mac=self._ask("GenerateMac", **request)["Mac"])

    def _agreement(self) -> None:
        first, second = (self._key("ECC_NIST_P256", "KEY_AGREEMENT") for _ in range(2))
        public = self._ask("GetPublicKey", KeyId=second)["PublicKey"]
        ecdh = {"KeyAgreementAlgorithm": "ECDH", "PublicKey": public}
        self._ask("DeriveSharedSecret", KeyId=first, **ecdh)
        kem = self._key("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
        request = {"KeyId": kem, "EncapsulationAlgorithm": self._kem(kem)}
        sealed = self._ask("Encapsulate", **request)["SharedSecretCiphertextBlob"]
        self._ask("Decapsulate", **request, SharedSecretCiphertextBlob=sealed)

    def _kem(self, key: str) -> str:
        described = self._ask("DescribeKey", KeyId=key)["KeyMetadata"]
        return str(described["EncapsulationAlgorithms"][0])

    def _names(self) -> None:
        key = self._key()
        self._ask("CreateAlias", AliasName="alias/a", TargetKeyId=key)
        self._ask("CreateAlias", AliasName="alias/b", TargetKeyId=key)
        self._ask("UpdateAlias", AliasName="alias/a", TargetKeyId=key)
        self._ask("ListAliases", Limit=1)
        self._ask("DeleteAlias", AliasName="alias/a")
        tags = [{"TagKey": name, "TagValue": "v"} for name in "ab"]
        self._ask("TagResource", KeyId=key, Tags=tags)
        self._ask("ListResourceTags", KeyId=key, Limit=1)
        self._ask("UntagResource", KeyId=key, TagKeys=["a"])

    def _grants(self) -> None:
        key = self._key()
        grant = {"KeyId": key, "Operations": ["Encrypt"]}
        people = {"GranteePrincipal": ANNA, "RetiringPrincipal": ANNA, "Name": "n"}
        services = {
            "GranteeServicePrincipal": SERVICE,
            "RetiringServicePrincipal": SERVICE,
        }
        made = []
        for members, constraints in (
            (people, {"EncryptionContextEquals": {"a": "b"}}),
            (people, {"EncryptionContextSubset": {"a": "b"}}),
            ({"GranteeServicePrincipal": SERVICE, "RetiringPrincipal": ANNA}, SOURCE),
            (services, SOURCE),
        ):
            made.append(self._ask("CreateGrant", **grant, **members, Constraints=constraints))
        self._ask("ListGrants", KeyId=key)
        self._ask("ListGrants", KeyId=key, Limit=1)
        self._ask("ListRetirableGrants", RetiringPrincipal=ANNA, Limit=1)
        self._ask("ListRetirableGrants", RetiringPrincipal=ANNA)
        self._ask("ListRetirableGrants", RetiringServicePrincipal=SERVICE)
        self._ask("RevokeGrant", KeyId=key, GrantId=made[0]["GrantId"])
        self._ask("RetireGrant", GrantToken=made[1]["GrantToken"])

    def _rotation(self) -> None:
        key = self._key()
        self._ask("EnableKeyRotation", KeyId=key)
        for _ in range(2):
            self._ask("RotateKeyOnDemand", KeyId=key)
            self._ask("GetKeyRotationStatus", KeyId=key)
            self._bench.run_due()
        self._ask("ListKeyRotations", KeyId=key, Limit=1)
        self._ask("DisableKeyRotation", KeyId=key)

    def _key_stores(self) -> None:
        cluster = self._ask("CreateCustomKeyStore", **CLUSTER)["CustomKeyStoreId"]
        proxy = self._ask("CreateCustomKeyStore", **PROXY)["CustomKeyStoreId"]
        self._ask("UpdateCustomKeyStore", CustomKeyStoreId=proxy, NewCustomKeyStoreName="p")
        self._backend.failing = {"connect": Fault.NETWORK}
        self._ask("ConnectCustomKeyStore", CustomKeyStoreId=proxy)
        self._bench.run_due()
        self._ask("DescribeCustomKeyStores")
        self._ask("DescribeCustomKeyStores", Limit=1)
        self._ask("DisconnectCustomKeyStore", CustomKeyStoreId=proxy)
        self._bench.run_due()
        self._backend.failing = {}
        for store in (cluster, proxy):
            self._ask("ConnectCustomKeyStore", CustomKeyStoreId=store)
        self._bench.run_due()
        self._key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=cluster)
        external = self._backend.add("external")
        self._key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=proxy, XksKeyId=external)
        spare = {**CLUSTER, "CustomKeyStoreName": "x", "CloudHsmClusterId": "cluster-ddddeeeefff"}
        made = self._ask("CreateCustomKeyStore", **spare)["CustomKeyStoreId"]
        self._ask("DeleteCustomKeyStore", CustomKeyStoreId=made)

    def _replicas(self) -> None:
        for spec, usage in (
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
            ("ECC_NIST_P256", "SIGN_VERIFY"),
            ("ECC_NIST_P256", "KEY_AGREEMENT"),
            ("HMAC_256", "GENERATE_VERIFY_MAC"),
            ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
        ):
            key = self._key(spec, usage, MultiRegion=True)
            tags = [{"TagKey": "a", "TagValue": "b"}]
            self._ask("ReplicateKey", KeyId=key, ReplicaRegion="eu-west-1", Tags=tags)
            self._bench.run_due()
            self._ask("DescribeKey", KeyId=key)
        gone = self._key(MultiRegion=True)
        self._ask("ReplicateKey", KeyId=gone, ReplicaRegion="eu-west-1")
        self._bench.run_due()
        self._ask("ScheduleKeyDeletion", KeyId=gone)
        self._ask("DescribeKey", KeyId=gone)
        self._ask("UpdatePrimaryRegion", KeyId=key, PrimaryRegion="eu-west-1")

    def _imports(self) -> None:
        key = self._key(Origin="EXTERNAL")
        terms = {
            "ExpirationModel": "KEY_MATERIAL_EXPIRES",
            "ValidTo": self._bench.clock.now() + timedelta(days=9),
            "KeyMaterialDescription": "d",
        }
        self._import(key, bytes(32), **terms)
        self._ask("DescribeKey", KeyId=key)
        self._import(key, b"2" * 32, ImportType="NEW_KEY_MATERIAL", **terms)
        self._ask("ListKeyRotations", KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        self._ask("DeleteImportedKeyMaterial", KeyId=key)
        replicated = self._key(Origin="EXTERNAL", MultiRegion=True)
        self._import(replicated, b"3" * 32)
        self._ask("ReplicateKey", KeyId=replicated, ReplicaRegion="eu-west-1")
        self._bench.run_due()

    def _import(self, key: str, material: bytes, **terms: Any) -> None:
        given = self._ask(
            "GetParametersForImport",
            KeyId=key,
            WrappingAlgorithm="RSAES_OAEP_SHA_256",
            WrappingKeySpec="RSA_2048",
        )
        public = load_der_public_key(given["PublicKey"])
        assert isinstance(public, rsa.RSAPublicKey)
        oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
        request = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", **terms}
        self._ask(
            "ImportKeyMaterial",
            KeyId=key,
            ImportToken=given["ImportToken"],
            EncryptedKeyMaterial=public.encrypt(material, oaep),
            **request,
        )

    def _deletion(self) -> None:
        key = self._key()
        self._ask("ScheduleKeyDeletion", KeyId=key)
        self._ask("DescribeKey", KeyId=key)
        self._ask("CancelKeyDeletion", KeyId=key)


def members(shape: Shape, path: str) -> Iterator[str]:
    """Yield the path of every member of a response's shape."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield f"{path}.{name}"
            yield from members(member, f"{path}.{name}")
    elif shape.type_name == "list":
        yield from members(shape.member, path)


def present(value: Any, path: str) -> Iterator[str]:
    """Yield the path of every member that an answer has; keys of maps are among them."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield f"{path}.{name}"
            yield from present(item, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from present(item, path)
