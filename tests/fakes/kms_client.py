"""A small key service with boto3's method names over real keys that live in the test only."""

from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workbench.base.errors import Locked
from workbench.crypto.signatures import signer

LARGEST_RAW = 4096


class FakeKms:
    """Signs with the keys it is given; says which messages it was handed.

    Attributes:
        asked: (algorithm, message type, message) of every Sign request.
        locked: whether every request meets a locked vault.
        refusal: an AWS error code to answer Sign with, or empty.
    """

    def __init__(self, **keys: Any) -> None:
        self._keys = keys
        self.asked: list[tuple[str, str, bytes]] = []
        self.locked = False
        self.refusal = ""

    def get_public_key(self, **request: Any) -> dict[str, Any]:
        self._open()
        public = self._keys[request["KeyId"]].public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return {"KeyId": request["KeyId"], "PublicKey": der}

    def sign(self, **request: Any) -> dict[str, Any]:
        self._open()
        key, algorithm = request["KeyId"], request["SigningAlgorithm"]
        kind, message = request.get("MessageType", "RAW"), bytes(request["Message"])
        if self.refusal:
            raise _refused(self.refusal, f"{key} is disabled.")
        if kind == "RAW" and len(message) > LARGEST_RAW:
            raise _refused("ValidationException", f"The message is over {LARGEST_RAW} bytes.")
        self.asked.append((algorithm, kind, message))
        signature = signer(self._keys[key], algorithm, kind)(message)
        return {"KeyId": key, "Signature": signature, "SigningAlgorithm": algorithm}

    def _open(self) -> None:
        if self.locked:
            raise Locked("The vault is locked.", "Unlock it and try again.")


def _refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Sign")
