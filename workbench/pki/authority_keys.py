"""The key of a CA: made for it, or chosen from the vault.

A key that is chosen was there before its CA: it must be one that signs, be enabled, and fit the
CA's algorithm; it is not deleted with the CA; and it belongs to one CA only, unless the caller says
otherwise, because two CAs of one key can pass for each other (RFC 5280 §4.2.1.2, one identifier).
"""

from dataclasses import dataclass
from typing import Final

from workbench.api.calls import Call
from workbench.api.errors import AwsError
from workbench.pki.algorithms import OWN_KEY_SPEC_OF
from workbench.pki.clients import KmsClient
from workbench.pki.finder import Finder, key_in_use

_ALGORITHM_OF: Final = {spec: algorithm for algorithm, spec in OWN_KEY_SPEC_OF.items()}


@dataclass(frozen=True, slots=True)
class AuthorityKey:
    """A KMS key for a CA.

    Attributes:
        arn: its ARN.
        spki: its public half.
        kms: the client that signs the CSR with it.
        chosen: whether it was there before.
        algorithm: AWS Private CA's KeyAlgorithm.
    """

    arn: str
    spki: bytes
    kms: KmsClient
    chosen: bool
    algorithm: str


def new_key(kms: KmsClient, algorithm: str, authority_arn: str) -> AuthorityKey:
    """Make the key of a CA.

    Args:
        kms: the client that makes it.
        algorithm: AWS Private CA's KeyAlgorithm, or ED25519.
        authority_arn: the CA's ARN, for the key's description.

    Raises:
        botocore.exceptions.ClientError: KMS refused.
    """
    made = kms.create_key(
        KeySpec=OWN_KEY_SPEC_OF[algorithm],
        KeyUsage="SIGN_VERIFY",
        Description=f"Key of {authority_arn}",
    )["KeyMetadata"]
    public = kms.get_public_key(KeyId=made["KeyId"])["PublicKey"]
    return AuthorityKey(str(made["Arn"]), bytes(public), kms, chosen=False, algorithm=algorithm)


def chosen_key(finder: Finder, call: Call, key_id: str, *, shared: bool = False) -> AuthorityKey:
    """Return a key of the vault for a CA, reached with the caller's own rights.

    Args:
        finder: the stores.
        call: who chooses.
        key_id: key id, ARN or alias.
        shared: whether another CA may have the same key.

    Raises:
        AwsError: InvalidArgsException: it cannot be a CA's key. KeyInUseException: another CA has
            it. RequestFailedException: KMS refused.
    """
    kms = finder.kms_as(call.caller)
    with key_in_use("look at the key"):
        metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    arn, spec = str(metadata["Arn"]), str(metadata["KeySpec"])
    _refuse_unfit(arn, metadata["KeyUsage"], metadata["KeyState"], spec)
    if not shared:
        _refuse_taken(finder, call, arn)
    with key_in_use("get the key's public half"):
        public = bytes(kms.get_public_key(KeyId=arn)["PublicKey"])
    return AuthorityKey(arn, public, kms, chosen=True, algorithm=_ALGORITHM_OF[spec])


def _refuse_unfit(arn: str, usage: str, state: str, spec: str) -> None:
    if usage != "SIGN_VERIFY":
        raise AwsError(
            "InvalidArgsException",
            f"The key {arn} is for {usage}: a CA's key signs.",
            "Choose a key whose usage is SIGN_VERIFY.",
        )
    if spec not in _ALGORITHM_OF:
        raise AwsError(
            "InvalidArgsException",
            f"A {spec} key cannot be a CA's.",
            f"Choose a key of one of {', '.join(_ALGORITHM_OF)}.",
        )
    if state != "Enabled":
        raise AwsError(
            "InvalidArgsException", f"The key {arn} is {state}.", "Enable it, or choose another."
        )


def _refuse_taken(finder: Finder, call: Call, arn: str) -> None:
    """Refuse a key that another CA signs certificates or OCSP answers with."""
    for other in finder.authorities.all():
        if not other.gone(call.time) and arn in {other.key_arn, other.responder_key}:
            raise AwsError(
                "KeyInUseException",
                f"The key {arn} is that of {other.arn}: with one key, each of two CAs could pass "
                "for the other.",
                "Choose a key of its own, or allow it to be shared.",
            )
