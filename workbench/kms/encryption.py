"""Encrypt, Decrypt, ReEncrypt, data keys and random bytes.

Sources: AWS KMS API Reference; AWS KMS Cryptographic Details, "Encrypt" and "Decrypt".
"""

from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.base.errors import IntegrityError, Refused
from workbench.crypto.table import ENCRYPT_DECRYPT, Family
from workbench.kms.context import context_bytes
from workbench.kms.key_store_blobs import blob_material_id
from workbench.kms.key_store_keys import StoreKeys
from workbench.kms.login import Login
from workbench.kms.lookup import (
    Finder,
    dry_run,
    ignores_ciphertext,
    refuse_recipient,
    refuse_state,
    refuse_unsupported_spec,
    require_algorithm,
    require_usage,
)
from workbench.kms.records import KeyRecord, MaterialRecord

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_OAEP_HASH_BYTES = {"RSAES_OAEP_SHA_1": 20, "RSAES_OAEP_SHA_256": 32}
_WRONG_KEY = "The key ID in the request does not identify a CMK that can perform this operation."


class Encryption:
    """Symmetric and RSA encryption, data keys, random bytes."""

    def __init__(self, finder: Finder, hsm: Login, store_keys: StoreKeys) -> None:
        self._finder = finder
        self._store_keys = store_keys
        self._place = finder.place
        self._hsm = hsm

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "Encrypt": Operation(self._encrypt),
            "Decrypt": Operation(self._decrypt),
            "ReEncrypt": Operation(self._re_encrypt),
            "GenerateDataKey": Operation(self._data_key),
            "GenerateDataKeyWithoutPlaintext": Operation(self._data_key_sealed),
            "GenerateDataKeyPair": Operation(self._data_key_pair),
            "GenerateDataKeyPairWithoutPlaintext": Operation(self._data_key_pair_sealed),
            "GenerateRandom": Operation(self._random),
        }

    def _usable(self, identifier: str, operation: str, call: Call) -> KeyRecord:
        record = self._finder.key(identifier, call)
        refuse_state(record, self._place)
        require_usage(record, ENCRYPT_DECRYPT, operation, self._place)
        return record

    def _seal(self, record: KeyRecord, plaintext: bytes, aad: bytes, call: Call) -> bytes:
        if record.key_store:
            return self._store_keys.seal(record, plaintext, aad, call)
        material = self._finder.material(record)
        call.note(keyMaterialId=material.id)
        return self._hsm.user.encrypt(material.token, plaintext, aad)

    def _encrypt(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._usable(request["KeyId"], "Encrypt", call)
        algorithm = request.get("EncryptionAlgorithm", _SYMMETRIC)
        require_algorithm(record, algorithm)
        plaintext = bytes(request["Plaintext"])
        blob = self._encrypt_with(record, algorithm, plaintext, request, "EncryptionContext", call)
        return {
            "CiphertextBlob": blob,
            "KeyId": record.arn(self._place),
            "EncryptionAlgorithm": algorithm,
        }

    def _encrypt_with(
        self,
        record: KeyRecord,
        algorithm: str,
        plaintext: bytes,
        request: dict[str, Any],
        context_member: str,
        call: Call,
    ) -> bytes:
        if algorithm == _SYMMETRIC:
            dry_run(request)
            aad = context_bytes(request.get(context_member))
            return self._seal(record, plaintext, aad, call)
        _refuse_context(request, context_member)
        most = record.key_spec.bits // 8 - 2 * _OAEP_HASH_BYTES[algorithm] - 2
        if len(plaintext) > most:
            raise AwsError(
                "ValidationException",
                f"Algorithm {algorithm} and key spec {record.spec} cannot encrypt data larger "
                f"than {most} bytes.",
            )
        dry_run(request)
        return self._hsm.user.rsa_encrypt(self._finder.material(record).token, algorithm, plaintext)

    def _named(self, request: dict[str, Any], call: Call, key: str, algorithm_member: str) -> None:
        """Check the key that a dry run names instead of a ciphertext."""
        if not request.get(key):
            raise AwsError("ValidationException", f"{key} is required for IGNORE_CIPHERTEXT.")
        record = self._usable(request[key], "Decrypt", call)
        require_algorithm(record, request.get(algorithm_member, _SYMMETRIC))

    def _decrypt(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        refuse_recipient(request)
        record, material, plaintext, algorithm = self._open(
            request, call, "KeyId", "EncryptionContext", "EncryptionAlgorithm"
        )
        answer = {
            "KeyId": record.arn(self._place),
            "Plaintext": plaintext,
            "EncryptionAlgorithm": algorithm,
        }
        if algorithm == _SYMMETRIC:
            answer["KeyMaterialId"] = material.id
        return answer

    def _open(
        self, request: dict[str, Any], call: Call, key: str, context: str, algorithm_member: str
    ) -> tuple[KeyRecord, MaterialRecord, bytes, str]:
        """Decrypt the request's CiphertextBlob: the first half of Decrypt and ReEncrypt."""
        if ignores_ciphertext(request):
            self._named(request, call, key, algorithm_member)
            dry_run(request)
        if request.get("CiphertextBlob") is None:
            raise AwsError("ValidationException", "CiphertextBlob is required.")
        blob = bytes(request["CiphertextBlob"])
        algorithm = request.get(algorithm_member, _SYMMETRIC)
        if algorithm != _SYMMETRIC:
            return self._open_rsa(request, call, key, algorithm, blob)
        record, material = self.find_sealed(request.get(key, ""), blob, call)
        dry_run(request)
        try:
            plaintext = self._unseal(record, material, blob, request.get(context), call)
        except IntegrityError as error:
            raise AwsError("InvalidCiphertextException") from error
        return record, material, plaintext, algorithm

    def find_sealed(
        self, identifier: str, blob: bytes, call: Call
    ) -> tuple[KeyRecord, MaterialRecord]:
        """Return the key and the material that a symmetric ciphertext was made with.

        Args:
            identifier: the key the request names, or nothing.
            blob: the ciphertext.
            call: the request.

        Raises:
            AwsError: there is none that can be used, it is another, or it is no ciphertext.
        """
        material = self._material_of(blob)
        record = self._usable(identifier or material.binding.key_id, "Decrypt", call)
        require_algorithm(record, _SYMMETRIC)
        if record.id != material.binding.key_id:
            raise AwsError("IncorrectKeyException", _WRONG_KEY)
        call.note(keyMaterialId=material.id)
        return record, material

    def _unseal(
        self,
        record: KeyRecord,
        material: MaterialRecord,
        blob: bytes,
        context: dict[str, str] | None,
        call: Call,
    ) -> bytes:
        aad = context_bytes(context)
        if record.key_store:
            return self._store_keys.unseal(record, material, blob, aad, call)
        return self._hsm.user.decrypt(material.token, blob, aad)

    def _open_rsa(
        self, request: dict[str, Any], call: Call, key: str, algorithm: str, blob: bytes
    ) -> tuple[KeyRecord, MaterialRecord, bytes, str]:
        if not request.get(key):
            raise AwsError("ValidationException", f"{key} is required for {algorithm}.")
        record = self._usable(request[key], "Decrypt", call)
        require_algorithm(record, algorithm)
        dry_run(request)
        material = self._finder.material(record)
        try:
            plaintext = self._hsm.user.rsa_decrypt(material.token, algorithm, blob)
        except (IntegrityError, Refused) as error:
            raise AwsError("InvalidCiphertextException") from error
        return record, material, plaintext, algorithm

    def _material_of(self, blob: bytes) -> MaterialRecord:
        try:
            material = self._finder.store.material(blob_material_id(blob))
        except IntegrityError as error:
            raise AwsError("InvalidCiphertextException") from error
        if material is None:
            raise AwsError(
                "AccessDeniedException",
                "The ciphertext refers to a customer master key that does not exist, does not "
                "exist in this region, or you are not allowed to access.",
            )
        return material

    def _re_encrypt(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        if ignores_ciphertext(request):
            self._named(request, call, "SourceKeyId", "SourceEncryptionAlgorithm")
            target = self._usable(request["DestinationKeyId"], "ReEncrypt", call)
            require_algorithm(target, request.get("DestinationEncryptionAlgorithm", _SYMMETRIC))
            dry_run(request)
        inner = {k: v for k, v in request.items() if k != "DryRun"}
        source, source_material, plaintext, source_algorithm = self._open(
            inner, call, "SourceKeyId", "SourceEncryptionContext", "SourceEncryptionAlgorithm"
        )
        target = self._usable(request["DestinationKeyId"], "ReEncrypt", call)
        algorithm = request.get("DestinationEncryptionAlgorithm", _SYMMETRIC)
        require_algorithm(target, algorithm)
        blob = self._encrypt_with(
            target, algorithm, plaintext, request, "DestinationEncryptionContext", call
        )
        answer = {
            "CiphertextBlob": blob,
            "SourceKeyId": source.arn(self._place),
            "KeyId": target.arn(self._place),
            "SourceEncryptionAlgorithm": source_algorithm,
            "DestinationEncryptionAlgorithm": algorithm,
        }
        if source_algorithm == _SYMMETRIC:
            answer["SourceKeyMaterialId"] = source_material.id
        if algorithm == _SYMMETRIC:
            answer["DestinationKeyMaterialId"] = target.current_material
        return answer

    def _data_key(
        self, request: dict[str, Any], call: Call, name: str = "GenerateDataKey"
    ) -> dict[str, Any]:
        refuse_recipient(request)
        size = _data_key_bytes(request)
        record = self._symmetric(request, name, call)
        dry_run(request)
        plaintext = self._hsm.user.generate_random(size)
        aad = context_bytes(request.get("EncryptionContext"))
        return {
            "CiphertextBlob": self._seal(record, plaintext, aad, call),
            "Plaintext": plaintext,
            "KeyId": record.arn(self._place),
            "KeyMaterialId": record.current_material,
        }

    def _data_key_sealed(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        answer = self._data_key(request, call, "GenerateDataKeyWithoutPlaintext")
        del answer["Plaintext"]
        return answer

    def _data_key_pair(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._of_pair(request, "GenerateDataKeyPair", call)
        private, public = self._hsm.user.data_key_pair(request["KeyPairSpec"])
        aad = context_bytes(request.get("EncryptionContext"))
        return {
            "PrivateKeyCiphertextBlob": self._seal(record, private, aad, call),
            "PrivateKeyPlaintext": private,
            "PublicKey": public,
            "KeyId": record.arn(self._place),
            "KeyPairSpec": request["KeyPairSpec"],
            "KeyMaterialId": record.current_material,
        }

    def _data_key_pair_sealed(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record = self._of_pair(request, "GenerateDataKeyPairWithoutPlaintext", call)
        material, spec = self._finder.material(record), request["KeyPairSpec"]
        call.note(keyMaterialId=material.id)
        aad = context_bytes(request.get("EncryptionContext"))
        sealed, public = self._hsm.user.sealed_data_key_pair(material.token, spec, aad)
        return {
            "PrivateKeyCiphertextBlob": sealed,
            "PublicKey": public,
            "KeyId": record.arn(self._place),
            "KeyPairSpec": spec,
            "KeyMaterialId": record.current_material,
        }

    def _of_pair(self, request: dict[str, Any], name: str, call: Call) -> KeyRecord:
        """Return the key under which a pair is made."""
        refuse_recipient(request)
        refuse_unsupported_spec(request["KeyPairSpec"], self._place.region)
        record = self._symmetric(request, name, call)
        if record.key_store:
            raise AwsError(
                "UnsupportedOperationException",
                f"{record.arn(self._place)} origin is {record.origin} which is not valid for this "
                "operation.",
            )
        dry_run(request)
        return record

    def _symmetric(self, request: dict[str, Any], operation: str, call: Call) -> KeyRecord:
        record = self._usable(request["KeyId"], operation, call)
        if record.key_spec.family is not Family.SYMMETRIC:
            raise AwsError(
                "InvalidKeyUsageException",
                f"Algorithm {_SYMMETRIC} is incompatible with key spec {record.spec}.",
            )
        return record

    def _random(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        refuse_recipient(request)
        if "NumberOfBytes" not in request:
            raise AwsError("ValidationException", "NumberOfBytes is required.")
        size = request["NumberOfBytes"]
        if request.get("CustomKeyStoreId"):
            return {"Plaintext": self._store_keys.random(request["CustomKeyStoreId"], size, call)}
        return {"Plaintext": self._hsm.user.generate_random(size)}


def _refuse_context(request: dict[str, Any], member: str) -> None:
    if request.get(member):
        raise AwsError(
            "ValidationException",
            f"{member} is not supported for asymmetric encryption algorithms.",
        )


def _data_key_bytes(request: dict[str, Any]) -> int:
    spec, size = request.get("KeySpec"), request.get("NumberOfBytes")
    if (spec is None) == (size is None):
        raise AwsError(
            "ValidationException",
            "Please specify either number of bytes or key spec.",
        )
    return {"AES_256": 32, "AES_128": 16}[spec] if spec else int(size or 0)
