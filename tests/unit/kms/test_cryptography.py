import hashlib
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from workbench.bench import Bench
from workbench.crypto.mldsa import compute_mu
from workbench.crypto.table import KEY_SPECS

SIGNING = [
    (spec.name, algorithm)
    for spec in KEY_SPECS.values()
    for algorithm in spec.signing
    if algorithm != "ED25519_PH_SHA_512"
]
HASHES = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
LIBRARY = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


def create(bench: Bench, spec: str, usage: str) -> str:
    made = bench.kms.create_key(KeySpec=spec, KeyUsage=usage)  # type: ignore[arg-type]
    return made["KeyMetadata"]["KeyId"]


def message_of(refused: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    answer = refused.value.response["Error"]
    return answer["Code"], answer["Message"]


def check_independently(public_der: bytes, algorithm: str, message: bytes, sig: bytes) -> None:
    """Verify with the library directly; raises InvalidSignature."""
    public = load_der_public_key(public_der)
    if isinstance(public, rsa.RSAPublicKey):
        digest = HASHES[algorithm[-3:]]
        scheme: Any = (
            padding.PSS(padding.MGF1(digest), digest.digest_size)
            if "PSS" in algorithm
            else padding.PKCS1v15()
        )
        public.verify(sig, message, scheme, digest)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(sig, message, ec.ECDSA(HASHES[algorithm[-3:]]))
    else:
        assert isinstance(
            public,
            ed25519.Ed25519PublicKey
            | mldsa.MLDSA44PublicKey
            | mldsa.MLDSA65PublicKey
            | mldsa.MLDSA87PublicKey,
        )
        public.verify(sig, message)


@pytest.mark.parametrize(("spec", "algorithm"), SIGNING)
def test_signatures_verify_inside_and_outside(shared: Bench, spec: str, algorithm: str) -> None:
    key = create(shared, spec, "SIGN_VERIFY")
    message = b"release 1.0"
    request: dict[str, Any] = {"KeyId": key, "SigningAlgorithm": algorithm}
    signed = shared.kms.sign(Message=message, **request)
    public = shared.kms.get_public_key(KeyId=key)["PublicKey"]
    check_independently(public, algorithm, message, signed["Signature"])
    answer = shared.kms.verify(Message=message, Signature=signed["Signature"], **request)
    assert answer["SignatureValid"] is True
    with pytest.raises(shared.kms.exceptions.KMSInvalidSignatureException):
        shared.kms.verify(Message=b"release 1.1", Signature=signed["Signature"], **request)
    if algorithm[-3:] in LIBRARY and not algorithm.startswith(("ML_DSA", "ED25519")):
        digest = LIBRARY[algorithm[-3:]](message).digest()
        again = shared.kms.sign(Message=digest, MessageType="DIGEST", **request)
        check_independently(public, algorithm, message, again["Signature"])
        with pytest.raises(ClientError) as refused:
            shared.kms.sign(Message=digest[:-1], MessageType="DIGEST", **request)
        assert message_of(refused) == (
            "ValidationException",
            f"Digest is invalid length for algorithm {algorithm}.",
        )


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
def test_external_mu_agrees_with_raw(shared: Bench, spec: str) -> None:
    key = create(shared, spec, "SIGN_VERIFY")
    public = shared.kms.get_public_key(KeyId=key)["PublicKey"]
    message = b"x" * 4096
    mu = compute_mu(public, message)
    by_mu = shared.kms.sign(
        KeyId=key, Message=mu, MessageType="EXTERNAL_MU", SigningAlgorithm="ML_DSA_SHAKE_256"
    )
    assert len(by_mu["Signature"]) == KEY_SPECS[spec].signature_bytes
    assert shared.kms.verify(
        KeyId=key, Message=message, Signature=by_mu["Signature"],
        SigningAlgorithm="ML_DSA_SHAKE_256",
    )["SignatureValid"]  # fmt: skip
    with pytest.raises(ClientError) as refused:
        shared.kms.sign(
            KeyId=key, Message=mu, MessageType="DIGEST", SigningAlgorithm="ML_DSA_SHAKE_256"
        )
    assert message_of(refused)[1] == f"Message type DIGEST is incompatible with key spec {spec}."


def test_raw_messages_end_at_4096_bytes(shared: Bench) -> None:
    key = create(shared, "ML_DSA_44", "SIGN_VERIFY")
    with pytest.raises(ClientError) as refused:
        shared.kms.sign(KeyId=key, Message=b"x" * 4097, SigningAlgorithm="ML_DSA_SHAKE_256")
    assert message_of(refused) == (
        "ValidationException",
        "1 validation error detected: Value at 'message' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096",
    )


def test_wrong_usage_and_algorithm_are_refused(shared: Bench) -> None:
    signer = create(shared, "ECC_NIST_P256", "SIGN_VERIFY")
    arn = shared.kms.describe_key(KeyId=signer)["KeyMetadata"]["Arn"]
    with pytest.raises(ClientError) as refused:
        shared.kms.encrypt(KeyId=signer, Plaintext=b"x")
    assert message_of(refused) == (
        "InvalidKeyUsageException",
        f"{arn} key usage is SIGN_VERIFY which is not valid for Encrypt.",
    )
    with pytest.raises(ClientError) as refused:
        shared.kms.sign(KeyId=signer, Message=b"x", SigningAlgorithm="ECDSA_SHA_384")
    assert message_of(refused) == (
        "InvalidKeyUsageException",
        "Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.",
    )


def test_ed25519ph_signs_digests_alone(shared: Bench) -> None:
    key = create(shared, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    request: Any = {"KeyId": key, "SigningAlgorithm": "ED25519_PH_SHA_512"}
    digest: Any = {"Message": hashlib.sha512(b"text").digest(), "MessageType": "DIGEST"}
    signature = shared.kms.sign(**request, **digest)["Signature"]
    assert shared.kms.verify(**request, **digest, Signature=signature)["SignatureValid"]
    with pytest.raises(shared.kms.exceptions.KMSInvalidSignatureException):
        shared.kms.verify(**request, **{**digest, "Message": bytes(64)}, Signature=signature)
    pure = {**request, "SigningAlgorithm": "ED25519_SHA_512"}
    with pytest.raises(shared.kms.exceptions.KMSInvalidSignatureException):
        shared.kms.verify(**pure, Message=digest["Message"], Signature=signature)
    for wrong in (
        {**request, "Message": b"text"},
        {**request, **digest, "Message": bytes(63)},
        {**pure, **digest},
    ):
        with pytest.raises(ClientError) as refused:
            shared.kms.sign(**wrong)
        assert message_of(refused)[0] == "ValidationException"


def test_encryption_context_is_bound(shared: Bench) -> None:
    key = create(shared, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    context = {"tenant": "a", "purpose": "backup"}
    sealed = shared.kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext=context)
    blob = sealed["CiphertextBlob"]
    material = shared.kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert blob[5:37].hex() == material
    reordered = {"purpose": "backup", "tenant": "a"}
    opened = shared.kms.decrypt(CiphertextBlob=blob, EncryptionContext=reordered)
    assert opened["Plaintext"] == b"secret"
    assert opened["KeyMaterialId"] == material
    for wrong in ({}, {"tenant": "a"}, {"tenantp": "a", "urpose": "backup"}):
        with pytest.raises(shared.kms.exceptions.InvalidCiphertextException):
            shared.kms.decrypt(CiphertextBlob=blob, EncryptionContext=wrong)


def test_any_changed_byte_of_a_blob_is_refused(shared: Bench) -> None:
    key = create(shared, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    blob = shared.kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    for position in range(len(blob)):
        damaged = bytearray(blob)
        damaged[position] ^= 1
        with pytest.raises(ClientError) as refused:
            shared.kms.decrypt(CiphertextBlob=bytes(damaged), KeyId=key)
        expected = "AccessDeniedException" if 5 <= position < 37 else "InvalidCiphertextException"
        assert message_of(refused)[0] == expected, position
    for cut in (0, 1, 58, len(blob) - 1):
        with pytest.raises(ClientError):
            shared.kms.decrypt(CiphertextBlob=blob[:cut] or b"\0")
    with pytest.raises(shared.kms.exceptions.InvalidCiphertextException):
        shared.kms.decrypt(CiphertextBlob=blob + b"\0")


def test_decrypt_checks_the_named_key(shared: Bench) -> None:
    key = create(shared, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    other = create(shared, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    blob = shared.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    with pytest.raises(shared.kms.exceptions.IncorrectKeyException):
        shared.kms.decrypt(CiphertextBlob=blob, KeyId=other)


def test_re_encrypt_moves_between_keys(shared: Bench) -> None:
    key = create(shared, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    wrapping = create(shared, "RSA_2048", "ENCRYPT_DECRYPT")
    blob = shared.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})
    moved = shared.kms.re_encrypt(
        CiphertextBlob=blob["CiphertextBlob"], SourceEncryptionContext={"a": "b"},
        DestinationKeyId=wrapping, DestinationEncryptionAlgorithm="RSAES_OAEP_SHA_256",
    )  # fmt: skip
    opened = shared.kms.decrypt(
        CiphertextBlob=moved["CiphertextBlob"], KeyId=wrapping,
        EncryptionAlgorithm="RSAES_OAEP_SHA_256",
    )  # fmt: skip
    assert opened["Plaintext"] == b"x"
    assert moved["SourceKeyMaterialId"]


@pytest.mark.parametrize(
    ("spec", "algorithm", "most"),
    [
        ("RSA_2048", "RSAES_OAEP_SHA_1", 214),
        ("RSA_2048", "RSAES_OAEP_SHA_256", 190),
        ("RSA_3072", "RSAES_OAEP_SHA_1", 342),
        ("RSA_3072", "RSAES_OAEP_SHA_256", 318),
        ("RSA_4096", "RSAES_OAEP_SHA_256", 446),
    ],
)
def test_rsa_encryption_and_its_limits(shared: Bench, spec: str, algorithm: Any, most: int) -> None:
    key = create(shared, spec, "ENCRYPT_DECRYPT")
    sealed = shared.kms.encrypt(KeyId=key, Plaintext=b"x" * most, EncryptionAlgorithm=algorithm)
    opened = shared.kms.decrypt(
        KeyId=key, CiphertextBlob=sealed["CiphertextBlob"], EncryptionAlgorithm=algorithm
    )
    assert opened["Plaintext"] == b"x" * most
    with pytest.raises(ClientError) as refused:
        shared.kms.encrypt(KeyId=key, Plaintext=b"x" * (most + 1), EncryptionAlgorithm=algorithm)
    assert message_of(refused)[1] == (
        f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {most} bytes."
    )
    with pytest.raises(shared.kms.exceptions.InvalidCiphertextException):
        shared.kms.decrypt(
            KeyId=key, CiphertextBlob=bytes(len(sealed["CiphertextBlob"])),
            EncryptionAlgorithm=algorithm,
        )  # fmt: skip


def test_data_keys(shared: Bench) -> None:
    key = create(shared, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    made = shared.kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    assert len(made["Plaintext"]) == 32
    assert (
        shared.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"]
        == (made["Plaintext"])
    )
    AESGCM(made["Plaintext"])
    assert len(shared.kms.generate_data_key(KeyId=key, NumberOfBytes=17)["Plaintext"]) == 17
    sealed = shared.kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_128")
    assert "Plaintext" not in sealed
    for wrong in ({}, {"KeySpec": "AES_256", "NumberOfBytes": 32}):
        with pytest.raises(ClientError):
            shared.kms.generate_data_key(KeyId=key, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P384", "ECC_NIST_EDWARDS25519"])
def test_data_key_pairs(shared: Bench, spec: Any) -> None:
    key = create(shared, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    made = shared.kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)
    private = load_der_private_key(made["PrivateKeyPlaintext"], None)
    public = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert public == made["PublicKey"]
    opened = shared.kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])
    assert opened["Plaintext"] == made["PrivateKeyPlaintext"]


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs(shared: Bench, bits: int) -> None:
    key = create(shared, f"HMAC_{bits}", "GENERATE_VERIFY_MAC")
    request: Any = {"KeyId": key, "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": b"m"}
    mac = shared.kms.generate_mac(**request)["Mac"]
    assert len(mac) == bits // 8
    assert shared.kms.verify_mac(Mac=mac, **request)["MacValid"]
    with pytest.raises(shared.kms.exceptions.KMSInvalidMacException):
        shared.kms.verify_mac(Mac=bytes(len(mac)), **request)


@pytest.mark.parametrize(
    ("spec", "curve"),
    [
        ("ECC_NIST_P256", ec.SECP256R1()),
        ("ECC_NIST_P384", ec.SECP384R1()),
        ("ECC_NIST_P521", ec.SECP521R1()),
    ],
)
def test_key_agreement(shared: Bench, spec: str, curve: ec.EllipticCurve) -> None:
    key = create(shared, spec, "KEY_AGREEMENT")
    ours = load_der_public_key(shared.kms.get_public_key(KeyId=key)["PublicKey"])
    assert isinstance(ours, ec.EllipticCurvePublicKey)
    peer = ec.generate_private_key(curve)
    der = peer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    answer = shared.kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=der)
    assert answer["SharedSecret"] == peer.exchange(ec.ECDH(), ours)
    off_curve = bytearray(der)
    off_curve[-1] ^= 1
    with pytest.raises(ClientError) as refused:
        shared.kms.derive_shared_secret(
            KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=bytes(off_curve)
        )
    assert message_of(refused)[0] == "ValidationException"


@pytest.mark.parametrize("spec", ["ML_KEM_768", "ML_KEM_1024"])
def test_encapsulation(shared: Bench, spec: str) -> None:
    key = create(shared, spec, "ENCAPSULATE_DECAPSULATE")
    made = shared.kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
    opened = shared.kms.decapsulate(
        KeyId=key, EncapsulationAlgorithm="ML_KEM",
        SharedSecretCiphertextBlob=made["SharedSecretCiphertextBlob"],
    )  # fmt: skip
    assert opened["SharedSecret"] == made["SharedSecret"]
    assert len(made["SharedSecret"]) == 32
    with pytest.raises(shared.kms.exceptions.InvalidCiphertextException):
        shared.kms.decapsulate(
            KeyId=key, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=b"short"
        )


def test_dry_run_changes_nothing_and_says_so(shared: Bench) -> None:
    key = create(shared, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    with pytest.raises(shared.kms.exceptions.DryRunOperationException) as refused:
        shared.kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=True)
    assert message_of(refused)[1] == (
        "The request would have succeeded, but the DryRun option is set."
    )


def test_random_bytes(shared: Bench) -> None:
    assert len(shared.kms.generate_random(NumberOfBytes=1024)["Plaintext"]) == 1024
    with pytest.raises(ClientError) as refused:
        shared.kms.generate_random(NumberOfBytes=1025)
    assert message_of(refused)[1] == (
        "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy "
        "constraint: Member must have value less than or equal to 1024"
    )
    with pytest.raises(ClientError) as refused:
        shared.kms.generate_random()
    assert message_of(refused)[1] == "NumberOfBytes is required."
