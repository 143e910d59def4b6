"""The AWS Encryption SDK over keys of an endpoint: one JSON request in, one JSON answer out.

Run by the Python of `.cache/peers`; the environment names endpoint and credentials.
"""

import json
import sys
from typing import Any

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsEcdhKeyringInput,
    CreateAwsKmsKeyringInput,
    CreateMultiKeyringInput,
    KmsEcdhStaticConfigurationsKmsPrivateKeyToStaticPublicKey,
    KmsPrivateKeyToStaticPublicKeyInput,
)
from aws_cryptography_primitives.smithygenerated.aws_cryptography_primitives.models import (
    ECDHCurveSpec,
)
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError

DATA = b"a message for the future"
CONTEXT = {"tenant": "a", "purpose": "test"}
SDK = aws_encryption_sdk.EncryptionSDKClient()
PROVIDERS = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())


def kms(region: str) -> Any:
    """A client in a Region."""
    return boto3.client("kms", region_name=region)


def keyring(arn: str) -> Any:
    """A keyring of one KMS key, in the key's Region."""
    wanted = CreateAwsKmsKeyringInput(kms_key_id=arn, kms_client=kms(arn.split(":")[3]))
    return PROVIDERS.create_aws_kms_keyring(input=wanted)


def sealed(ring: Any) -> bytes:
    """The message under a keyring."""
    text, _ = SDK.encrypt(source=DATA, keyring=ring, encryption_context=CONTEXT)
    return bytes(text)


def opened(ring: Any, text: bytes) -> bool:
    """Whether a keyring opens the message and finds what was sealed."""
    plain, _ = SDK.decrypt(source=text, keyring=ring, encryption_context=CONTEXT)
    return bool(plain == DATA)


def ecdh(own: dict[str, str], peer: dict[str, str]) -> Any:
    """A keyring that agrees on a key with a peer's public key."""
    wanted = KmsPrivateKeyToStaticPublicKeyInput(
        sender_kms_identifier=own["arn"],
        sender_public_key=bytes.fromhex(own["public"]),
        recipient_public_key=bytes.fromhex(peer["public"]),
    )
    scheme = KmsEcdhStaticConfigurationsKmsPrivateKeyToStaticPublicKey(value=wanted)
    return PROVIDERS.create_aws_kms_ecdh_keyring(
        input=CreateAwsKmsEcdhKeyringInput(
            curve_spec=ECDHCurveSpec.ECC_NIST_P256,
            key_agreement_scheme=scheme,
            kms_client=kms(own["arn"].split(":")[3]),
        )
    )


def main() -> None:
    """Seal under each kind of keyring, and open where that must work and where it must not."""
    asked = json.load(sys.stdin)
    one, other = asked["keys"]
    both = PROVIDERS.create_multi_keyring(
        input=CreateMultiKeyringInput(generator=keyring(one), child_keyrings=[keyring(other)])
    )
    message = sealed(both)
    answer: dict[str, Any] = {
        "single": opened(keyring(one), sealed(keyring(one))),
        "either": [opened(keyring(arn), message) for arn in (one, other)],
    }
    try:
        opened(keyring(other), sealed(keyring(one)))
        answer["stranger"] = "opened"
    except AWSEncryptionSDKClientError as error:
        answer["stranger"] = type(error).__name__
    alice, bob = asked["pairs"]
    answer["ecdh"] = opened(ecdh(bob, alice), sealed(ecdh(alice, bob)))
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
