"""Sign, Verify, MACs, key agreement and key encapsulation.

Sources: AWS KMS API Reference; FIPS 204 (ML-DSA, external µ), FIPS 186-5, RFC 8017, FIPS 203.
"""

from typing import Any

from workbench.api.calls import Call, Operation, Operations
from workbench.api.errors import AwsError
from workbench.base.errors import IntegrityError, Refused
from workbench.crypto.table import (
    ENCAPSULATE_DECAPSULATE,
    GENERATE_VERIFY_MAC,
    KEY_AGREEMENT,
    SIGN_VERIFY,
    Family,
)
from workbench.kms.login import Login
from workbench.kms.lookup import (
    Finder,
    dry_run,
    refuse_recipient,
    refuse_state,
    require_algorithm,
    require_usage,
)
from workbench.kms.records import KeyRecord

_MU_BYTES = 64
_PREHASHED = "ED25519_PH_SHA_512"


class Signatures:
    """What asymmetric and HMAC keys do."""

    def __init__(self, finder: Finder, hsm: Login) -> None:
        self._finder = finder
        self._place = finder.place
        self._hsm = hsm

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "Sign": Operation(self._sign),
            "Verify": Operation(self._verify),
            "GenerateMac": Operation(self._generate_mac),
            "VerifyMac": Operation(self._verify_mac),
            "DeriveSharedSecret": Operation(self._derive_shared_secret),
            "Encapsulate": Operation(self._encapsulate),
            "Decapsulate": Operation(self._decapsulate),
        }

    def _usable(
        self, request: dict[str, Any], usage: str, operation: str, algorithm: str, call: Call
    ) -> KeyRecord:
        record = self._finder.key(request["KeyId"], call)
        refuse_state(record, self._place)
        require_usage(record, usage, operation, self._place)
        require_algorithm(record, algorithm)
        return record

    def _sign(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        algorithm = request["SigningAlgorithm"]
        record = self._usable(request, SIGN_VERIFY, "Sign", algorithm, call)
        kind = request.get("MessageType", "RAW")
        message = request["Message"]
        _check_message(record, algorithm, kind, message)
        if "DryRun" in request:
            dry_run(request)
        token = self._finder.material(record).token
        return {
            "KeyId": record.arn(self._place),
            "Signature": self._hsm.user.sign(token, algorithm, bytes(message), kind),
            "SigningAlgorithm": algorithm,
        }

    def _verify(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        algorithm = request["SigningAlgorithm"]
        record = self._usable(request, SIGN_VERIFY, "Verify", algorithm, call)
        kind = request.get("MessageType", "RAW")
        message = request["Message"]
        _check_message(record, algorithm, kind, message)
        dry_run(request)
        token = self._finder.material(record).token
        if not self._hsm.user.verify(
            token, algorithm, bytes(message), kind, bytes(request["Signature"])
        ):
            raise AwsError("KMSInvalidSignatureException")
        return {
            "KeyId": record.arn(self._place),
            "SignatureValid": True,
            "SigningAlgorithm": algorithm,
        }

    def _generate_mac(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        algorithm = request["MacAlgorithm"]
        record = self._usable(request, GENERATE_VERIFY_MAC, "GenerateMac", algorithm, call)
        dry_run(request)
        token = self._finder.material(record).token
        return {
            "Mac": self._hsm.user.mac(token, algorithm, bytes(request["Message"])),
            "MacAlgorithm": algorithm,
            "KeyId": record.arn(self._place),
        }

    def _verify_mac(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        algorithm = request["MacAlgorithm"]
        record = self._usable(request, GENERATE_VERIFY_MAC, "VerifyMac", algorithm, call)
        dry_run(request)
        token = self._finder.material(record).token
        if not self._hsm.user.verify_mac(
            token, algorithm, bytes(request["Message"]), bytes(request["Mac"])
        ):
            raise AwsError("KMSInvalidMacException")
        return {"KeyId": record.arn(self._place), "MacValid": True, "MacAlgorithm": algorithm}

    def _derive_shared_secret(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        refuse_recipient(request)
        algorithm = request["KeyAgreementAlgorithm"]
        record = self._usable(request, KEY_AGREEMENT, "DeriveSharedSecret", algorithm, call)
        dry_run(request)
        token = self._finder.material(record).token
        try:
            secret = self._hsm.user.agree(token, bytes(request["PublicKey"]))
        except (IntegrityError, Refused) as error:
            raise AwsError(
                "ValidationException",
                f"The public key in the request is not a valid {record.spec} public key.",
            ) from error
        return {
            "KeyId": record.arn(self._place),
            "SharedSecret": secret,
            "KeyAgreementAlgorithm": algorithm,
            "KeyOrigin": record.origin,
        }

    def _encapsulate(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        algorithm = request["EncapsulationAlgorithm"]
        record = self._usable(request, ENCAPSULATE_DECAPSULATE, "Encapsulate", algorithm, call)
        dry_run(request)
        secret, ciphertext = self._hsm.user.encapsulate(self._finder.material(record).token)
        return {
            "KeyId": record.arn(self._place),
            "SharedSecret": secret,
            "SharedSecretCiphertextBlob": ciphertext,
            "EncapsulationAlgorithm": algorithm,
        }

    def _decapsulate(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        algorithm = request["EncapsulationAlgorithm"]
        record = self._usable(request, ENCAPSULATE_DECAPSULATE, "Decapsulate", algorithm, call)
        dry_run(request)
        token = self._finder.material(record).token
        try:
            secret = self._hsm.user.decapsulate(token, bytes(request["SharedSecretCiphertextBlob"]))
        except (IntegrityError, Refused) as error:
            raise AwsError("InvalidCiphertextException") from error
        return {
            "KeyId": record.arn(self._place),
            "SharedSecret": secret,
            "EncapsulationAlgorithm": algorithm,
        }


def _check_message(record: KeyRecord, algorithm: str, kind: str, message: bytes) -> None:
    """Raise ValidationException unless the message suits its type and the algorithm."""
    family = record.key_spec.family
    if (algorithm == _PREHASHED) != (kind == "DIGEST") and family is Family.EDWARDS:
        raise AwsError(
            "ValidationException",
            f"Message type {kind} is incompatible with signing algorithm {algorithm}.",
            "Use RAW with ED25519_SHA_512 and DIGEST with ED25519_PH_SHA_512.",
        )
    if kind == "RAW":
        return
    if (family is Family.ML_DSA) != (kind == "EXTERNAL_MU"):
        raise AwsError(
            "ValidationException",
            f"Message type {kind} is incompatible with key spec {record.spec}.",
        )
    size = _MU_BYTES if kind == "EXTERNAL_MU" else int(algorithm[-3:]) // 8
    if len(message) != size:
        raise AwsError(
            "ValidationException", f"Digest is invalid length for algorithm {algorithm}."
        )
