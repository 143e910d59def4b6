"""Key material that the command line of OpenSSL makes, wraps and uses, imported into KMS keys.

The first test goes line by line through "How to use on-demand rotation for AWS KMS imported keys"
(AWS Security Blog), with the OpenSSL commands it prints.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.importing import World, create, import_into, materials, state

WRAP = ["-encrypt", "-keyform", "DER", "-pubin", "-pkeyopt", "rsa_padding_mode:oaep"]
SHA256 = ["-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256"]
SHA1 = ["-pkeyopt", "rsa_oaep_md:sha1", "-pkeyopt", "rsa_mgf1_md:sha1"]
OAEP: Any = "RSAES_OAEP_SHA_256"
HYBRID: Any = "RSA_AES_KEY_WRAP_SHA_256"
NEVER: Any = "KEY_MATERIAL_DOES_NOT_EXPIRE"
ALL: Any = "ALL_KEY_MATERIAL"


class Desk:
    """A folder with files of a person who works with OpenSSL."""

    def __init__(self, folder: Path, openssl: str) -> None:
        self.folder = folder
        self._openssl = openssl

    def run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        """Run OpenSSL in the folder."""
        return subprocess.run(
            [self._openssl, *words], cwd=self.folder, capture_output=True, check=False
        )

    def do(self, *words: str) -> bytes:
        """Run OpenSSL, which must succeed; returns what it printed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def write(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return name

    def wrap(self, material: str, wrapping_key: str, wrapped: str, *digest: str) -> bytes:
        """Wrap a file by RSAES-OAEP, as the post's step 4 does."""
        files = ("-in", material, "-out", wrapped, "-inkey", wrapping_key)
        self.do("pkeyutl", *files, *WRAP, *(digest or SHA256))
        return self.read(wrapped)

    def wrap_hybrid(self, material: str, wrapping_key: str, *digest: str) -> bytes:
        """Wrap a file by AES key wrap with padding, and the AES key by RSAES-OAEP."""
        self.do("rand", "-out", "aes.bin", "32")
        cipher = ("-id-aes256-wrap-pad", "-iv", "A65959A6", "-K", self.read("aes.bin").hex())
        self.do("enc", *cipher, "-in", material, "-out", "wrapped.bin")
        head = self.wrap("aes.bin", wrapping_key, "aes-wrapped.bin", *digest)
        return head + self.read("wrapped.bin")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("openssl-import") / "vault")
    yield made
    made.close()


@pytest.fixture
def desk(tmp_path: Path, openssl: str) -> Desk:
    return Desk(tmp_path, openssl)


def bring_in(world: World, desk: Desk, key: str, material: str, algorithm: Any = HYBRID) -> None:
    """Get parameters, wrap a file with OpenSSL, import it."""
    answer = world.kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
    )
    wrapping = desk.write("wrapping.der", answer["PublicKey"])
    digest = SHA1 if algorithm.endswith("SHA_1") else SHA256
    wrapped = (
        desk.wrap(material, wrapping, "material.wrapped", *digest)
        if algorithm.startswith("RSAES")
        else desk.wrap_hybrid(material, wrapping, *digest)
    )
    world.kms.import_key_material(
        KeyId=key,
        ImportToken=answer["ImportToken"],
        EncryptedKeyMaterial=wrapped,
        ExpirationModel=NEVER,
    )


class Walk:
    """The post's seven steps on one key; each method is one of its numbered lines or more."""

    def __init__(self, world: World, desk: Desk) -> None:
        self.kms, self.run_due, self.desk = world.kms, world.engine.run_due, desk
        self.arn = ""
        self.ids: list[str] = []
        self.tokens: list[bytes] = []
        self.blobs: list[bytes] = []

    def create(self) -> None:
        made = self.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
        self.arn = made["Arn"]
        self.metadata(made, "PendingImport", None, expiration=False)

    def metadata(self, shown: Any, state: str, current: str | None, *, expiration: bool) -> None:
        """Compare with a KeyMetadata that the post prints, member by member."""
        expected = {
            "AWSAccountId": "111122223333",
            "KeyId": self.arn.partition("/")[2],
            "Arn": self.arn,
            "CreationDate": shown["CreationDate"],
            "Enabled": state == "Enabled",
            "Description": "",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeyState": state,
            "Origin": "EXTERNAL",
            "KeyManager": "CUSTOMER",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "MultiRegion": False,
        }
        if expiration:
            expected["ExpirationModel"] = NEVER
        if current is not None:
            expected["CurrentKeyMaterialId"] = current
        assert shown == expected

    def describe(self, state: str, current: str, *, expiration: bool = True) -> None:
        shown = self.kms.describe_key(KeyId=self.arn)["KeyMetadata"]
        self.metadata(shown, state, current, expiration=expiration)

    def prepare(self, number: int) -> None:
        """Make material and wrap it under a 4096-bit key: steps 1.2-1.4, 3.1-3.3."""
        if not (self.desk.folder / f"KeyMaterial{number}.bin").exists():
            self.desk.do("rand", "-out", f"KeyMaterial{number}.bin", "32")
        answer = self.kms.get_parameters_for_import(
            KeyId=self.arn, WrappingAlgorithm=OAEP, WrappingKeySpec="RSA_4096"
        )
        assert answer["KeyId"] == self.arn
        wrapping = self.desk.write(f"WrappingKeyForKeyMaterial{number}.bin", answer["PublicKey"])
        self.desk.wrap(f"KeyMaterial{number}.bin", wrapping, f"WrappedKeyMaterial{number}.bin")
        self.tokens[number - 1 : number] = [answer["ImportToken"]]

    def bring_in(self, number: int, **terms: Any) -> str:
        answer = self.kms.import_key_material(
            KeyId=self.arn,
            EncryptedKeyMaterial=self.desk.read(f"WrappedKeyMaterial{number}.bin"),
            ImportToken=self.tokens[number - 1],
            ExpirationModel=NEVER,
            **terms,
        )
        assert answer["KeyId"] == self.arn
        return answer["KeyMaterialId"]

    def rotations(self) -> list[Any]:
        answer = self.kms.list_key_rotations(KeyId=self.arn, IncludeKeyMaterial=ALL)
        assert answer["Truncated"] is False
        return answer["Rotations"]

    def entry(self, number: int, state: str, **more: Any) -> dict[str, Any]:
        """Return an entry that the post prints."""
        return {
            "KeyId": self.arn,
            "KeyMaterialId": self.ids[number - 1],
            "KeyMaterialDescription": f"Q{number} 2025 key from HSM1",
            "ImportState": "IMPORTED",
            "KeyMaterialState": state,
            "ExpirationModel": NEVER,
            **more,
        }

    def use(self, material: str) -> None:
        """Make a data key and open it: steps 2 and 5."""
        made = self.kms.generate_data_key(KeyId=self.arn, NumberOfBytes=32)
        assert (made["KeyId"], made["KeyMaterialId"]) == (self.arn, material)
        assert made["CiphertextBlob"][5:37].hex() == material
        self.blobs.append(made["CiphertextBlob"])
        self.open(-1, material, made["Plaintext"])

    def open(self, number: int, material: str, plaintext: bytes | None = None) -> None:
        opened = self.kms.decrypt(CiphertextBlob=self.blobs[number])
        assert (opened["KeyId"], opened["KeyMaterialId"]) == (self.arn, material)
        assert opened["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
        assert plaintext is None or opened["Plaintext"] == plaintext


def test_the_walk_through_of_the_post(world: World, desk: Desk) -> None:
    walk = Walk(world, desk)
    walk.create()  # step 1: create a key and import key material
    walk.prepare(1)
    walk.ids.append(walk.bring_in(1, KeyMaterialDescription="Q1 2025 key from HSM1"))
    first = walk.ids[0]
    walk.describe("Enabled", first)
    assert walk.rotations() == [walk.entry(1, "CURRENT")]

    walk.use(first)  # step 2: use the first key material

    walk.prepare(2)  # step 3: import a second key material
    for terms in ({}, {"ImportType": "EXISTING_KEY_MATERIAL"}):  # the post's note
        with pytest.raises(world.kms.exceptions.IncorrectKeyMaterialException):
            walk.bring_in(2, **terms)
    terms = {"KeyMaterialDescription": "Q2 2025 key from HSM1", "ImportType": "NEW_KEY_MATERIAL"}
    walk.ids.append(walk.bring_in(2, **terms))
    second = walk.ids[1]
    assert second != first
    assert walk.rotations() == [walk.entry(1, "CURRENT"), walk.entry(2, "PENDING_ROTATION")]
    walk.describe("Enabled", first)

    rotate(walk)  # step 4
    entries = walk.rotations()
    when = entries[1]["RotationDate"]
    rotated = walk.entry(2, "CURRENT", RotationDate=when, RotationType="ON_DEMAND")
    assert entries == [walk.entry(1, "NON_CURRENT"), rotated]
    walk.describe("Enabled", second)

    walk.use(second)  # step 5: use the second key material, and what the first one made
    walk.open(0, first)

    delete(walk, rotated)  # step 6
    restore(walk, rotated)  # step 7


def rotate(walk: Walk) -> None:
    """Step 4: rotate on demand; the start date shows while the worker has not done it."""
    assert walk.kms.rotate_key_on_demand(KeyId=walk.arn)["KeyId"] == walk.arn
    status: Any = walk.kms.get_key_rotation_status(KeyId=walk.arn)
    started = status.pop("OnDemandRotationStartDate")
    del status["ResponseMetadata"]
    assert status == {"KeyRotationEnabled": False, "KeyId": walk.arn}
    walk.run_due()
    status = walk.kms.get_key_rotation_status(KeyId=walk.arn)
    assert "OnDemandRotationStartDate" not in status
    assert walk.rotations()[1]["RotationDate"] >= started


def delete(walk: Walk, rotated: dict[str, Any]) -> None:
    """Step 6: delete the first material; the key is unusable, for the second one's data too."""
    first, second = walk.ids
    answer: Any = walk.kms.delete_imported_key_material(KeyId=walk.arn, KeyMaterialId=first)
    del answer["ResponseMetadata"]
    assert answer == {"KeyId": walk.arn, "KeyMaterialId": first}
    walk.describe("PendingImport", second, expiration=False)
    gone = walk.entry(1, "NON_CURRENT", ImportState="PENDING_IMPORT")
    del gone["ExpirationModel"]
    assert walk.rotations() == [gone, rotated]
    invalid = walk.kms.exceptions.KMSInvalidStateException
    for number in (0, 1):
        with pytest.raises(invalid, match=f"{walk.arn} is pending import"):
            walk.open(number, first)
    with pytest.raises(invalid, match="is pending import"):
        walk.use(second)


def restore(walk: Walk, rotated: dict[str, Any]) -> None:
    """Step 7: import the first material again; everything works as before."""
    first, second = walk.ids
    walk.prepare(1)
    assert walk.bring_in(1, KeyMaterialId=first) == first
    walk.describe("Enabled", second)
    assert walk.rotations() == [walk.entry(1, "NON_CURRENT"), rotated]
    walk.open(0, first)
    walk.open(1, second)
    walk.use(second)


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", OAEP, "RSA_AES_KEY_WRAP_SHA_1", HYBRID])
def test_macs_agree(world: World, desk: Desk, algorithm: str) -> None:
    key = create(world.kms, KeySpec="HMAC_384", KeyUsage="GENERATE_VERIFY_MAC")
    desk.do("rand", "-out", "mac.key", "48")
    bring_in(world, desk, key, "mac.key", algorithm)
    made = world.kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_384", Message=b"message")
    desk.write("message", b"message")
    option = ("-macopt", f"hexkey:{desk.read('mac.key').hex()}")
    desk.do("mac", "-digest", "SHA384", *option, "-in", "message", "-binary", "-out", "tag", "HMAC")
    assert made["Mac"] == desk.read("tag")


SIGNERS = [
    ("RSA_2048", ("RSA", "rsa_keygen_bits:2048"), "RSASSA_PKCS1_V1_5_SHA_256", "sha256", ()),
    (
        "RSA_4096",
        ("RSA", "rsa_keygen_bits:4096"),
        "RSASSA_PSS_SHA_512",
        "sha512",
        ("-pkeyopt", "rsa_padding_mode:pss", "-pkeyopt", "rsa_pss_saltlen:digest"),
    ),
    ("ECC_NIST_P256", ("EC", "ec_paramgen_curve:P-256"), "ECDSA_SHA_256", "sha256", ()),
    ("ECC_NIST_P521", ("EC", "ec_paramgen_curve:P-521"), "ECDSA_SHA_512", "sha512", ()),
    ("ECC_SECG_P256K1", ("EC", "ec_paramgen_curve:secp256k1"), "ECDSA_SHA_256", "sha256", ()),
    ("ECC_NIST_EDWARDS25519", ("ED25519", ""), "ED25519_SHA_512", "", ()),
    ("ML_DSA_44", ("ML-DSA-44", ""), "ML_DSA_SHAKE_256", "", ()),
    ("ML_DSA_87", ("ML-DSA-87", ""), "ML_DSA_SHAKE_256", "", ()),
]


@pytest.mark.parametrize(
    ("spec", "made", "algorithm", "digest", "options"), SIGNERS, ids=[one[0] for one in SIGNERS]
)
def test_signatures_go_both_ways(
    world: World,
    desk: Desk,
    spec: str,
    made: tuple[str, str],
    algorithm: Any,
    digest: str,
    options: tuple[str, ...],
) -> None:
    kind, parameter = made
    chosen = ("-pkeyopt", parameter) if parameter else ()
    # OpenSSL writes ML-DSA keys with seed and expanded form unless told; KMS keys are seeds.
    seed = ("-provparam", "ml-dsa.output_formats=seed-only") if kind.startswith("ML") else ()
    desk.do("genpkey", "-algorithm", kind, *chosen, *seed, "-outform", "DER", "-out", "own.der")
    desk.do("pkey", "-in", "own.der", "-pubout", "-outform", "DER", "-out", "public.der")
    key = create(world.kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    bring_in(world, desk, key, "own.der")
    assert world.kms.get_public_key(KeyId=key)["PublicKey"] == desk.read("public.der")
    asked: Any = {"KeyId": key, "SigningAlgorithm": algorithm, "Message": b"a message"}
    desk.write("message", b"a message")
    desk.write("theirs", world.kms.sign(**asked)["Signature"])
    raw = ("-rawin", *(("-digest", digest) if digest else ()), *options, "-in", "message")
    files = ("-pubin", "-inkey", "public.der", "-keyform", "DER", "-sigfile", "theirs")
    desk.do("pkeyutl", "-verify", *raw, *files)
    desk.do("pkeyutl", "-sign", *raw, "-inkey", "own.der", "-keyform", "DER", "-out", "ours")
    assert world.kms.verify(**asked, Signature=desk.read("ours"))["SignatureValid"]
    desk.write("message", b"another one")
    assert desk.run("pkeyutl", "-verify", *raw, *files).returncode != 0
    with pytest.raises(world.kms.exceptions.KMSInvalidSignatureException):
        world.kms.verify(**{**asked, "Message": b"another one"}, Signature=desk.read("ours"))


def test_a_seed_and_expanded_ml_dsa_key_is_told_what_to_do(world: World, desk: Desk) -> None:
    desk.do("genpkey", "-algorithm", "ML-DSA-65", "-outform", "DER", "-out", "own.der")
    key = create(world.kms, KeySpec="ML_DSA_65", KeyUsage="SIGN_VERIFY")
    with pytest.raises(world.kms.exceptions.IncorrectKeyMaterialException) as refused:
        import_into(world.kms, key, desk.read("own.der"), algorithm=HYBRID)
    assert "seed form" in vars(refused.value)["next_step"]
    assert state(world.kms, key) == "PendingImport"


def test_ciphertexts_go_in_and_secrets_agree(world: World, desk: Desk) -> None:
    """An imported RSA key opens what OpenSSL encrypts; an imported curve key agrees with it."""
    desk.do("genpkey", "-algorithm", "RSA", "-outform", "DER", "-out", "own.der")
    desk.do("pkey", "-in", "own.der", "-pubout", "-outform", "DER", "-out", "public.der")
    key = create(world.kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    bring_in(world, desk, key, "own.der", "RSA_AES_KEY_WRAP_SHA_1")
    desk.write("plaintext", b"a plaintext")
    blob = desk.wrap("plaintext", "public.der", "ciphertext")
    opened = world.kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm=OAEP)
    assert opened["Plaintext"] == b"a plaintext"

    curve = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-outform", "DER")
    for name in ("mine", "peer"):
        desk.do("genpkey", *curve, "-out", f"{name}.der")
        desk.do("pkey", "-in", f"{name}.der", "-pubout", "-outform", "DER", "-out", f"{name}.pub")
    key = create(world.kms, KeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")
    bring_in(world, desk, key, "mine.der", OAEP)
    secret = world.kms.derive_shared_secret(
        KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=desk.read("peer.pub")
    )["SharedSecret"]
    desk.do("pkeyutl", "-derive", "-inkey", "peer.der", "-peerkey", "mine.pub", "-out", "secret")
    assert secret == desk.read("secret")


def test_what_openssl_wraps_under_another_key_does_not_come_in(world: World, desk: Desk) -> None:
    key, other = create(world.kms), create(world.kms)
    desk.do("rand", "-out", "material", "32")
    bring_in(world, desk, other, "material")
    answer = world.kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm=HYBRID, WrappingKeySpec="RSA_2048"
    )
    with pytest.raises(ClientError) as refused:  # "wrapping.der" is the other key's
        world.kms.import_key_material(
            KeyId=key,
            ImportToken=answer["ImportToken"],
            EncryptedKeyMaterial=desk.wrap_hybrid("material", "wrapping.der"),
            ExpirationModel=NEVER,
        )
    assert refused.value.response["Error"]["Code"] == "InvalidCiphertextException"
    assert materials(world.kms, key) == []
