"""The `datapairs` service: data key pairs used by ciphertext, by whoever may decrypt them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from tests.fakes.callers import ACCOUNT, allow, client_of, user
from tests.fakes.pki_orders import refused
from workbench.bench import Bench
from workbench.engine import model_of
from workbench.kms.data_pairs import SERVICE, data_pairs_model
from workbench.pki.clients import PAIRS

CONTEXT = {"Tenant": "blue"}


def make(bench: Bench, spec: Any = "ECC_NIST_P256") -> dict[str, Any]:
    """Make a wrapping key and a pair under it; return what requests name the pair by."""
    key = bench.kms.create_key()["KeyMetadata"]["Arn"]
    made = bench.kms.generate_data_key_pair_without_plaintext(
        KeyId=key, KeyPairSpec=spec, EncryptionContext=CONTEXT
    )
    return {
        "KeyId": key,
        "KeyPairSpec": spec,
        "CiphertextBlob": made["PrivateKeyCiphertextBlob"],
        "EncryptionContext": CONTEXT,
    }


def sign(pairs: Any, pair: dict[str, Any], **more: Any) -> Any:
    wanted = {"Message": b"a request", "SigningAlgorithm": "ECDSA_SHA_256", **more}
    return pairs.sign_with_data_key_pair(**pair, **wanted)


def test_every_operation_of_the_model_is_offered(shared: Bench) -> None:
    door = shared.client(SERVICE, "")._door
    operations = data_pairs_model()["operations"]
    assert operations
    assert all(door.offers(SERVICE, name) for name in operations)
    for name in operations:
        assert model_of(SERVICE).operation_model(name).output_shape is not None
    assert PAIRS == SERVICE


def test_it_is_the_key_that_decrypt_would_give_out(shared: Bench) -> None:
    pairs, pair = shared.client(SERVICE, ""), make(shared)
    blob = pair["CiphertextBlob"]
    plain = shared.kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"]
    public = load_der_private_key(plain, None).public_key()
    form = PublicFormat.SubjectPublicKeyInfo
    told = pairs.get_data_key_pair_public_key(**pair)["PublicKey"]
    assert told == public.public_bytes(Encoding.DER, form)
    made = sign(pairs, pair)
    assert made["KeyId"] == pair["KeyId"]
    assert isinstance(public, ec.EllipticCurvePublicKey)
    public.verify(made["Signature"], b"a request", ec.ECDSA(hashes.SHA256()))


def test_kms_decrypt_decides_and_its_condition_on_the_context(shared: Bench) -> None:
    pair = make(shared)
    narrow = allow("kms:Decrypt", StringEquals={"kms:EncryptionContext:Tenant": "red"})
    for caller in (user("erna", allow("kms:Sign", "datapairs:*")), user("fred", narrow)):
        with pytest.raises(ClientError) as caught:
            sign(client_of(shared, caller, name=SERVICE), pair)
        assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
        assert "kms:Decrypt" in str(caught.value)
        assert caller.arn.rpartition("/")[2] in caught.value.next_step
    fitting = allow("kms:Decrypt", StringEquals={"kms:EncryptionContext:Tenant": "blue"})
    assert sign(client_of(shared, user("gina", fitting), name=SERVICE), pair)["Signature"]


def test_the_journal_has_the_context_letter_by_letter(shared: Bench) -> None:
    pair = make(shared)
    sign(shared.client(SERVICE, ""), pair)
    shared.kms.create_grant(
        KeyId=pair["KeyId"],
        GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:root",
        Operations=["Decrypt"],
        Constraints={"EncryptionContextSubset": CONTEXT},
    )
    by_key = {"AttributeKey": "ResourceName", "AttributeValue": pair["KeyId"]}
    events = shared.cloudtrail.lookup_events(LookupAttributes=[by_key])["Events"]
    told = {one["EventName"]: json.loads(one["CloudTrailEvent"]) for one in events}
    for name in ("GenerateDataKeyPairWithoutPlaintext", "SignWithDataKeyPair"):
        assert told[name]["requestParameters"]["encryptionContext"] == CONTEXT
    constraints = told["CreateGrant"]["requestParameters"]["constraints"]
    assert constraints == {"encryptionContextSubset": CONTEXT}


def test_what_does_not_belong_together_is_refused(shared: Bench) -> None:
    pairs, pair, other = shared.client(SERVICE, ""), make(shared), make(shared)
    secret = shared.kms.encrypt(
        KeyId=pair["KeyId"], Plaintext=b"no key", EncryptionContext=CONTEXT
    )["CiphertextBlob"]
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"EncryptionContext": {}}, "InvalidCiphertextException"),
        ({"EncryptionContext": {"Tenant": "Blue"}}, "InvalidCiphertextException"),
        ({"KeyId": other["KeyId"]}, "IncorrectKeyException"),
        ({"CiphertextBlob": b"nonsense"}, "InvalidCiphertextException"),
        ({"CiphertextBlob": secret}, "InvalidKeyUsageException"),
        ({"KeyPairSpec": "RSA_2048"}, "InvalidKeyUsageException"),
    )
    for changed, code in cases:
        given = {**pair, **changed}
        assert refused(lambda given=given: sign(pairs, given)) == code  # type: ignore[misc]
    wrong = {"SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    assert refused(lambda: sign(pairs, pair, **wrong)) == "InvalidKeyUsageException"
    key = {"Format": "PKCS12", "Password": "correct horse battery"}
    assert refused(lambda: pairs.export_data_key_pair(**pair, **key)) == "ValidationException"


def test_keys_that_are_not_enabled_open_nothing(shared: Bench) -> None:
    pairs, pair = shared.client(SERVICE, ""), make(shared)
    shared.kms.disable_key(KeyId=pair["KeyId"])
    assert refused(lambda: sign(pairs, pair)) == "DisabledException"
    shared.kms.schedule_key_deletion(KeyId=pair["KeyId"], PendingWindowInDays=7)
    assert refused(lambda: sign(pairs, pair)) == "KMSInvalidStateException"


def test_post_quantum_pairs_are_beyond_aws(shared: Bench) -> None:
    with pytest.raises(ClientError, match="keyPairSpec"):
        make(shared, "ML_DSA_65")
