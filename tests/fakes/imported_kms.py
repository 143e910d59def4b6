"""A small KMS of keys with imported material, with boto3's method names.

Wrapping is real (RSA-OAEP and RFC 5649 by `cryptography`), so that what another program wrapped can
be imported. Everything else is as little as the panes need.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap_with_padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workbench.base.clock import Clock

ACCOUNT = "111122223333"
REGION = "eu-central-1"
Answer = dict[str, Any]


def refused(code: str, message: str = "Refused for the test.") -> ClientError:
    """Return an error as boto3 raises it."""
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


def arn_of(key: str, region: str = REGION) -> str:
    """Return a key's ARN."""
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}"


@dataclass
class FakeMaterial:
    """One material of a key."""

    id: str
    secret: bytes
    state: str
    description: str = ""
    present: bool = True
    valid_to: datetime | None = None
    rotated: datetime | None = None


@dataclass
class FakeKey:
    """One key."""

    id: str
    created: datetime
    spec: str = "SYMMETRIC_DEFAULT"
    usage: str = "ENCRYPT_DECRYPT"
    origin: str = "EXTERNAL"
    enabled: bool = True
    description: str = ""
    multi_region: bool = False
    primary: str = REGION
    replicas: list[str] = field(default_factory=list)
    materials: list[FakeMaterial] = field(default_factory=list)
    tags: list[dict[str, str]] = field(default_factory=list)
    rotating: datetime | None = None

    @property
    def state(self) -> str:
        lasting = [one for one in self.materials if "PENDING" not in one.state]
        if self.origin == "EXTERNAL" and not (lasting and all(one.present for one in lasting)):
            return "PendingImport"
        return "Enabled" if self.enabled else "Disabled"


class ImportedKms:
    """Keys whose material comes from outside.

    Attributes:
        keys: every key by id.
        asked: every changing request, as (operation, request).
        refuse: error codes to answer operations with, by boto3's method name.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrapping: dict[bytes, tuple[rsa.RSAPrivateKey, str, str, datetime]] = {}
        self.keys: dict[str, FakeKey] = {}
        self.aliases: dict[str, str] = {}
        self.asked: list[tuple[str, Answer]] = []
        self.refuse: dict[str, str] = {}

    def add(self, name: str, **facts: Any) -> FakeKey:
        """Put a key there."""
        number = len(self.keys) + 1
        head = "mrk-" if facts.get("multi_region") else ""
        key = FakeKey(f"{head}{number:08}-0000-4000-8000-000000000000", self._clock.now(), **facts)
        self.keys[key.id] = key
        self.aliases[f"alias/{name}"] = key.id
        return key

    def put_material(
        self, key: FakeKey, seed: str, state: str = "CURRENT", **facts: Any
    ) -> FakeMaterial:
        """Put material into a key, as if imported."""
        secret = hashlib.sha256(seed.encode()).digest()
        made = FakeMaterial(material_id(key.id, secret), secret, state, **facts)
        key.materials.append(made)
        return made

    def finish_rotations(self) -> None:
        """Carry out what was asked for in the background."""
        for key in self.keys.values():
            if key.rotating is not None:
                key.rotating = None
                _rotate(key, self._clock.now())

    def list_keys(self, **_request: Any) -> Answer:
        return {"Keys": [{"KeyId": key, "KeyArn": arn_of(key)} for key in self.keys]}

    def list_aliases(self, **request: Any) -> Answer:
        wanted = request.get("KeyId")
        found = [
            {"AliasName": name, "TargetKeyId": key}
            for name, key in self.aliases.items()
            if wanted in {None, key}
        ]
        return {"Aliases": found}

    def list_resource_tags(self, **request: Any) -> Answer:
        return {"Tags": self.keys[request["KeyId"]].tags}

    def get_key_policy(self, **_request: Any) -> Answer:
        return {"Policy": '{"Statement": []}'}

    def describe_key(self, **request: Any) -> Answer:
        key = self._key(request)
        meta: Answer = {
            "KeyId": key.id,
            "Arn": arn_of(key.id),
            "KeySpec": key.spec,
            "KeyUsage": key.usage,
            "KeyState": key.state,
            "Origin": key.origin,
            "CreationDate": key.created,
            "Description": key.description,
            "MultiRegion": key.multi_region,
        }
        if key.multi_region:
            meta["MultiRegionConfiguration"] = {
                "MultiRegionKeyType": "PRIMARY" if key.primary == REGION else "REPLICA",
                "PrimaryKey": {"Arn": arn_of(key.id, key.primary), "Region": key.primary},
                "ReplicaKeys": [
                    {"Arn": arn_of(key.id, region), "Region": region} for region in key.replicas
                ],
            }
        return {"KeyMetadata": meta}

    def get_key_last_usage(self, **request: Any) -> Answer:
        key = self._key(request)
        return {"KeyId": key.id, "KeyCreationDate": key.created, "TrackingStartDate": key.created}

    def get_key_rotation_status(self, **request: Any) -> Answer:
        key = self._key(request)
        answer: Answer = {"KeyId": arn_of(key.id), "KeyRotationEnabled": False}
        if key.rotating is not None:
            answer["OnDemandRotationStartDate"] = key.rotating
        return answer

    def list_key_rotations(self, **request: Any) -> Answer:
        return {"Rotations": [_entry(one) for one in self._key(request).materials]}

    def create_key(self, **request: Any) -> Answer:
        self._ask("create_key", request)
        key = self.add(
            f"made-{len(self.keys)}",
            spec=request["KeySpec"],
            usage=request["KeyUsage"],
            origin=request["Origin"],
            multi_region=request["MultiRegion"],
        )
        return self.describe_key(KeyId=key.id)

    def create_alias(self, **request: Any) -> None:
        self.aliases[request["AliasName"]] = request["TargetKeyId"]

    def disable_key(self, **request: Any) -> None:
        self._ask("disable_key", request)
        self._key(request).enabled = False

    def get_parameters_for_import(self, **request: Any) -> Answer:
        self._ask("get_parameters_for_import", request)
        size = int(request["WrappingKeySpec"].removeprefix("RSA_"))
        private = rsa.generate_private_key(65537, min(size, 2048))
        public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        token = b"\x00token" + hashlib.sha256(public).digest()
        until = self._clock.now() + timedelta(hours=24)
        self._wrapping[token] = (private, request["WrappingAlgorithm"], request["KeyId"], until)
        return {
            "KeyId": arn_of(request["KeyId"]),
            "PublicKey": public,
            "ImportToken": token,
            "ParametersValidTo": until,
        }

    def import_key_material(self, **request: Any) -> Answer:
        self._ask("import_key_material", request)
        key = self._key(request)
        made = self._wrapping.get(request["ImportToken"])
        if made is None or made[2] != key.id:
            raise refused("InvalidImportTokenException")
        private, algorithm, _, until = made
        if until <= self._clock.now():
            raise refused("ExpiredImportTokenException")
        secret = _unwrap(private, algorithm, request["EncryptedKeyMaterial"])
        found = self._place(key, secret, request)
        found.present = True
        found.valid_to = request.get("ValidTo")
        found.description = request.get("KeyMaterialDescription", found.description)
        return {"KeyId": arn_of(key.id), "KeyMaterialId": found.id}

    def delete_imported_key_material(self, **request: Any) -> Answer:
        self._ask("delete_imported_key_material", request)
        key = self._key(request)
        for one in list(key.materials):
            if one.id == request.get("KeyMaterialId", key.materials[0].id):
                one.present = False
                if "PENDING" in one.state:
                    key.materials.remove(one)
        return {"KeyId": arn_of(key.id)}

    def rotate_key_on_demand(self, **request: Any) -> Answer:
        self._ask("rotate_key_on_demand", request)
        self._key(request).rotating = self._clock.now()
        return {"KeyId": arn_of(request["KeyId"])}

    def replicate_key(self, **request: Any) -> Answer:
        self._ask("replicate_key", request)
        self._key(request).replicas.append(request["ReplicaRegion"])
        return {"ReplicaKeyMetadata": {"Arn": arn_of(request["KeyId"], request["ReplicaRegion"])}}

    def update_primary_region(self, **request: Any) -> None:
        self._ask("update_primary_region", request)
        key = self._key(request)
        key.replicas = [one for one in key.replicas if one != request["PrimaryRegion"]]
        key.replicas.append(key.primary)
        key.primary = request["PrimaryRegion"]

    def _place(self, key: FakeKey, secret: bytes, request: Answer) -> FakeMaterial:
        identity = material_id(key.id, secret)
        known = next((one for one in key.materials if one.id == identity), None)
        default = "EXISTING_KEY_MATERIAL" if key.materials else "NEW_KEY_MATERIAL"
        new = request.get("ImportType", default) == "NEW_KEY_MATERIAL"
        if new is (known is not None) or request.get("KeyMaterialId", identity) != identity:
            raise refused("IncorrectKeyMaterialException")
        if known is None:
            state = "PENDING_ROTATION" if key.materials else "CURRENT"
            known = FakeMaterial(identity, secret, state)
            key.materials.append(known)
        return known

    def _key(self, request: Answer) -> FakeKey:
        named = str(request["KeyId"])
        key = self.keys.get(self.aliases.get(named, named))
        if key is None:
            raise refused("NotFoundException")
        return key

    def _ask(self, operation: str, request: Answer) -> None:
        self.asked.append((operation, request))
        if operation in self.refuse:
            raise refused(self.refuse[operation])


def material_id(key: str, secret: bytes) -> str:
    """Return the id of a material in a key."""
    return hashlib.sha256(key.encode() + secret).hexdigest()


def _rotate(key: FakeKey, now: datetime) -> None:
    for one in key.materials:
        if one.state == "CURRENT":
            one.state = "NON_CURRENT"
        elif one.state == "PENDING_ROTATION":
            one.state, one.rotated = "CURRENT", now


def _entry(one: FakeMaterial) -> Answer:
    entry: Answer = {
        "KeyMaterialId": one.id,
        "KeyMaterialState": one.state,
        "KeyMaterialDescription": one.description,
        "ImportState": "IMPORTED" if one.present else "PENDING_IMPORT",
        "ExpirationModel": "KEY_MATERIAL_EXPIRES"
        if one.valid_to
        else "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    if one.valid_to is not None:
        entry["ValidTo"] = one.valid_to
    if one.rotated is not None:
        entry |= {"RotationDate": one.rotated, "RotationType": "ON_DEMAND"}
    return entry


def _unwrap(private: rsa.RSAPrivateKey, algorithm: str, wrapped: bytes) -> bytes:
    digest = SHA1() if algorithm.endswith("_1") else SHA256()
    oaep = padding.OAEP(padding.MGF1(digest), digest, None)
    size = private.key_size // 8
    try:
        secret = private.decrypt(wrapped[:size], oaep)
    except ValueError as error:
        raise refused("InvalidCiphertextException") from error
    if algorithm.startswith("RSA_AES_KEY_WRAP"):
        return aes_key_unwrap_with_padding(secret, wrapped[size:])
    return secret
