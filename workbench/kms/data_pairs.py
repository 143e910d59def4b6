"""Data key pairs used by their ciphertexts: the `datapairs` service.

AWS gives a pair's private half out in the clear to whoever may decrypt it. Here it can stay
in the module instead, and sign and be exported under a password from there: whoever may call
kms:Decrypt on its ciphertext, with its encryption context, may do that, and nobody else. The
decision is the KMS's own. The service model has botocore's format, as those of AWS.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any, Final

from workbench.api.calls import Call, Operation, Operations
from workbench.api.door import Authoriser
from workbench.api.errors import AwsError
from workbench.api.models import with_borrowed
from workbench.base.errors import IntegrityError, Refused
from workbench.base.identifiers import Place
from workbench.hsm.user import Holder, SealedPair
from workbench.kms.context import context_bytes
from workbench.kms.encryption import Encryption
from workbench.kms.login import Login
from workbench.kms.records import KeyRecord

SERVICE: Final = "datapairs"
_PKCS12: Final = "PKCS12"


def data_pairs_model() -> dict[str, Any]:
    """Return the service model, in botocore's format."""
    text = files("workbench.kms").joinpath("data_pairs_model.json").read_text("utf-8")
    return with_borrowed(json.loads(text))


class DecryptAuthoriser:
    """Lets a request pass if its caller may decrypt the ciphertext in it.

    Args:
        kms: decides about requests to KMS.
    """

    def __init__(self, kms: Authoriser) -> None:
        self._kms = kms

    def authorise(self, call: Call, service: str, name: str, request: dict[str, Any]) -> None:
        """Raise `AwsError("AccessDeniedException", …)` unless kms:Decrypt is allowed."""
        del service, name
        self._kms.authorise(call, "kms", "Decrypt", request)


class DataPairs:
    """GetDataKeyPairPublicKey, SignWithDataKeyPair and ExportDataKeyPair in one Region.

    Args:
        encryption: finds the key of a ciphertext.
        hsm: the session at the HSM module.
        place: the account and the Region.
    """

    def __init__(self, encryption: Encryption, hsm: Login, place: Place) -> None:
        self._encryption = encryption
        self._hsm = hsm
        self._place = place

    def operations(self) -> Operations:
        """Return what the door registers."""
        return {
            "GetDataKeyPairPublicKey": Operation(self._public_key),
            "SignWithDataKeyPair": Operation(self._sign),
            "ExportDataKeyPair": Operation(self._export, read_only=False),
        }

    def _public_key(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record, pair = self._pair(request, call)
        with _as_aws():
            public = self._hsm.user.pair_public_key(pair)
        return {"KeyId": record.arn(self._place), "PublicKey": public}

    def _sign(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        record, pair = self._pair(request, call)
        algorithm, kind = request["SigningAlgorithm"], request.get("MessageType", "RAW")
        with _as_aws():
            made = self._hsm.user.sign_with_pair(pair, algorithm, bytes(request["Message"]), kind)
        return {
            "KeyId": record.arn(self._place),
            "Signature": made,
            "SigningAlgorithm": algorithm,
        }

    def _export(self, request: dict[str, Any], call: Call) -> dict[str, Any]:
        holder = _holder(request) if request["Format"] == _PKCS12 else None
        record, pair = self._pair(request, call)
        with _as_aws():
            made = self._hsm.user.export_pair(pair, request["Password"], holder)
        return {"KeyId": record.arn(self._place), "Data": made}

    def _pair(self, request: dict[str, Any], call: Call) -> tuple[KeyRecord, SealedPair]:
        blob = bytes(request["CiphertextBlob"])
        record, material = self._encryption.find_sealed(request["KeyId"], blob, call)
        if record.key_store:
            raise AwsError(
                "UnsupportedOperationException",
                f"{record.arn(self._place)} origin is {record.origin} which is not valid for this "
                "operation.",
            )
        aad = context_bytes(request.get("EncryptionContext"))
        return record, SealedPair(material.token, blob, aad, request["KeyPairSpec"])


def _holder(request: dict[str, Any]) -> Holder:
    if "Certificate" not in request:
        raise AwsError("ValidationException", "PKCS12 needs the Certificate of the key.")
    chain = tuple(
        (one.get("Name", ""), bytes(one["Certificate"]))
        for one in request.get("CertificateChain", ())
    )
    return Holder(bytes(request["Certificate"]), chain, request.get("FriendlyName", ""))


@contextmanager
def _as_aws() -> Iterator[None]:
    """Turn what the module refuses into AWS's errors.

    Raises:
        AwsError: InvalidCiphertextException: changed, or another encryption context;
            InvalidKeyUsageException: the pair does not do that.
    """
    try:
        yield
    except IntegrityError as error:
        raise AwsError("InvalidCiphertextException") from error
    except Refused as error:
        raise AwsError("InvalidKeyUsageException", error.message, error.next_step) from error
