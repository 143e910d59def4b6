"""Keys that can be exported: data key pairs of AWS KMS, kept as ciphertexts beside certificates.

Owns what is kept of one, and how it signs its certificate request. The private half was made by
GenerateDataKeyPairWithoutPlaintext and is in the clear in the module only; whoever may decrypt its
ciphertext, in its encryption context, may sign and export with it.
"""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import uuid4

from botocore.exceptions import ClientError

from workbench.api.errors import AwsError
from workbench.pki.clients import KmsClient, PairsClient, error_code
from workbench.pki.external import ExternalKey, known_external_key

SPECS: Final = (
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_EDWARDS25519",
)
"""The KeyPairSpecs that certificates have a place for; AWS has none of ML-DSA."""

CONTEXT_KEY: Final = "exportable-key"
"""What the encryption context names the pair by, with an id of its own; policies can demand it."""

_ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True)
class WrappedPair:
    """A data key pair, as it is kept.

    Attributes:
        key_arn: of the KMS key that its private half is encrypted under.
        spec: its KeyPairSpec.
        blob: the ciphertext of its private half.
        context: the encryption context.
        added: when it was kept.
    """

    key_arn: str
    spec: str
    blob: bytes = field(repr=False)
    context: Mapping[str, str]
    added: datetime

    @property
    def region(self) -> str:
        """The Region of the KMS key."""
        return region_of(self.key_arn)

    @property
    def members(self) -> dict[str, Any]:
        """What a request names it by, here and in the `datapairs` service."""
        return {
            "KeyId": self.key_arn,
            "KeyPairSpec": self.spec,
            "CiphertextBlob": self.blob,
            "EncryptionContext": dict(self.context),
        }

    @property
    def summary(self) -> dict[str, Any]:
        """What is told of it: no ciphertext."""
        return {
            "KeyId": self.key_arn,
            "KeyPairSpec": self.spec,
            "EncryptionContext": dict(self.context),
            "CreatedAt": self.added,
        }

    def to_record(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        return {
            "key": self.key_arn,
            "spec": self.spec,
            "blob": base64.b64encode(self.blob).decode(),
            "context": dict(self.context),
            "added": self.added.isoformat(),
        }

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "WrappedPair":
        """Return what `to_record` gave."""
        return cls(
            record["key"],
            record["spec"],
            base64.b64decode(record["blob"]),
            record["context"],
            datetime.fromisoformat(record["added"]),
        )


def region_of(key_arn: str) -> str:
    """Return the Region of a KMS key.

    Raises:
        AwsError: InvalidArnException: it is no key's ARN; an alias's may lead elsewhere tomorrow.
    """
    parts = key_arn.split(":")
    if len(parts) != _ARN_PARTS or parts[2] != "kms" or not parts[5].startswith("key/"):
        raise AwsError("InvalidArnException", f"Invalid arn {key_arn}")
    return parts[3]


def kept_pair(members: Mapping[str, Any], moment: datetime) -> WrappedPair:
    """Return the pair that a request names, as it is kept from a moment on."""
    return WrappedPair(
        members["KeyId"],
        members["KeyPairSpec"],
        bytes(members["CiphertextBlob"]),
        members.get("EncryptionContext", {}),
        moment,
    )


class NewPair(NamedTuple):
    """A data key pair that was just made.

    Attributes:
        members: what requests name it by; see `WrappedPair.members`.
        spki: its public half, SubjectPublicKeyInfo in DER.
    """

    members: dict[str, Any]
    spki: bytes


def make_pair(kms: KmsClient, wrapping: str, spec: str) -> NewPair:
    """Have KMS make a data key pair.

    Args:
        kms: boto3-shaped KMS client.
        wrapping: id, ARN or alias of the symmetric key that its private half is encrypted under.
        spec: its KeyPairSpec.

    Raises:
        botocore.exceptions.ClientError: KMS refused.
    """
    context = {CONTEXT_KEY: str(uuid4())}
    made = kms.generate_data_key_pair_without_plaintext(
        KeyId=wrapping, KeyPairSpec=spec, EncryptionContext=context
    )
    members = {
        "KeyId": made["KeyId"],
        "KeyPairSpec": spec,
        "CiphertextBlob": bytes(made["PrivateKeyCiphertextBlob"]),
        "EncryptionContext": context,
    }
    return NewPair(members, bytes(made["PublicKey"]))


class _PairSigner:
    """Stands where a KMS client signs, and has a data key pair sign instead."""

    def __init__(self, pairs: PairsClient, members: Mapping[str, Any]) -> None:
        self._pairs = pairs
        self._members = members

    def sign(self, **request: Any) -> dict[str, Any]:
        """Sign as AWS KMS's Sign does; the key is the pair's."""
        answer: dict[str, Any] = self._pairs.sign_with_data_key_pair(
            **request | dict(self._members)
        )
        return answer


def pair_key(pairs: PairsClient, pair: NewPair) -> ExternalKey:
    """Return a private-key object that signs with a data key pair, in the module."""
    name = pair.members["EncryptionContext"].get(CONTEXT_KEY, "")
    return known_external_key(_PairSigner(pairs, pair.members), name, pair.spki)


@contextmanager
def passed_on() -> Iterator[None]:
    """Have what KMS refuses reach the caller as it is, with the statement that decided.

    Raises:
        AwsError: KMS refused.
    """
    try:
        yield
    except ClientError as error:
        message = str(error.response.get("Error", {}).get("Message", ""))
        raise AwsError(error_code(error), message, getattr(error, "next_step", "")) from error
