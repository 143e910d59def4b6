"""Published vectors: digests, HMAC, AES-256-GCM, KBKDF, Argon2id."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from tests.vectors.published import counted, under, wycheproof
from workbench.base.errors import IntegrityError
from workbench.crypto import aead, kdf, mac
from workbench.crypto.digests import new_digest

GCM = ("Keylen=256", "IVlen=96", "Taglen=128")


def unhex(case: dict[str, str], key: str) -> bytes:
    return bytes.fromhex(case.get(key, ""))


@pytest.mark.parametrize("bits", [256, 384, 512])
@pytest.mark.parametrize("length", ["Short", "Long"])
def test_sha2(bits: int, length: str) -> None:
    cases = under(f"hashes/SHA2/SHA{bits}{length}Msg.rsp", f"L={bits // 8}")
    for case in cases:
        digest = new_digest(f"SHA-{bits}")
        digest.update(unhex(case, "Msg")[: int(case["Len"]) // 8])
        assert digest.digest().hex() == case["MD"]


def test_shake256() -> None:
    cases = [
        case
        for case in counted("hashes/SHAKE/SHAKE256VariableOut.rsp", "COUNT", most=2000)
        if case["Outputlen"] == "512"
    ]
    assert cases
    for case in cases:
        digest = new_digest("SHAKE256")
        digest.update(unhex(case, "Msg"))
        assert digest.digest().hex() == case["Output"]


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_hmac_of_rfc_4231(bits: int) -> None:
    cases = counted(f"HMAC/rfc-4231-sha{bits}.txt", "Len")
    assert len(cases) == 6
    for case in cases:
        message, tag = unhex(case, "Msg"), unhex(case, "MD")
        assert mac.compute(unhex(case, "Key"), f"HMAC_SHA_{bits}", message) == tag
        assert not mac.matches(unhex(case, "Key"), f"HMAC_SHA_{bits}", message + b"\0", tag)


def test_hmac_of_wycheproof() -> None:
    results = []
    for case in wycheproof("hmac_sha256_test.json"):
        matches = mac.matches(
            case.bytes("key"), "HMAC_SHA_256", case.bytes("msg"), case.bytes("tag")
        )
        whole = case.group["tagSize"] == 256
        assert matches == (case.valid and whole), case.label
        results.append(matches)
    assert {True, False} == set(results)


def test_aes_256_gcm_of_nist_encrypts() -> None:
    for case in under("ciphers/AES/GCM/gcmEncryptExtIV256.rsp", *GCM):
        sealed = aead.seal_parts(
            unhex(case, "Key"), unhex(case, "IV"), unhex(case, "PT"), unhex(case, "AAD")
        )
        assert sealed == unhex(case, "CT") + unhex(case, "Tag")


def test_aes_256_gcm_of_nist_decrypts_or_refuses() -> None:
    failed = 0
    for case in under("ciphers/AES/GCM/gcmDecrypt256.rsp", *GCM):
        parts = (
            unhex(case, "Key"),
            unhex(case, "IV"),
            unhex(case, "CT") + unhex(case, "Tag"),
            unhex(case, "AAD"),
            "The vector",
        )
        if "FAIL" in case:
            failed += 1
            with pytest.raises(IntegrityError):
                aead.open_parts(*parts)
        else:
            assert aead.open_parts(*parts) == unhex(case, "PT")
    assert failed > 100


def test_aes_256_gcm_of_wycheproof() -> None:
    seen = set()
    for case in wycheproof("aes_gcm_test.json"):
        if (case.group["keySize"], case.group["ivSize"], case.group["tagSize"]) != (256, 96, 128):
            continue
        seen.add(case.valid)
        key, iv, aad = case.bytes("key"), case.bytes("iv"), case.bytes("aad")
        sealed = case.bytes("ct") + case.bytes("tag")
        if case.valid:
            assert aead.seal_parts(key, iv, case.bytes("msg"), aad) == sealed, case.label
            assert aead.open_parts(key, iv, sealed, aad, "It") == case.bytes("msg"), case.label
        else:
            with pytest.raises(IntegrityError):
                aead.open_parts(key, iv, sealed, aad, "It")
    assert seen == {True, False}


def test_kbkdf_of_nist() -> None:
    name = "KDF/nist-800-108-KBKDF-CTR.txt"
    cases = under(name, "PRF=HMAC_SHA256", "CTRLOCATION=BEFORE_FIXED", "RLEN=32_BITS")
    for case in cases:
        derived = KBKDFHMAC(
            algorithm=SHA256(),
            mode=Mode.CounterMode,
            length=int(case["L"]) // 8,
            rlen=4,
            llen=None,
            location=CounterLocation.BeforeFixed,
            label=None,
            context=None,
            fixed=unhex(case, "FixedInputData"),
        ).derive(unhex(case, "KI"))
        assert derived.hex() == case["KO"]


def test_argon2id() -> None:
    checked = 0
    for case in counted("KDF/argon2id.txt", "COUNT"):
        password, salt = unhex(case, "pass"), unhex(case, "salt")
        lacks = "secret" in case or "ad" in case or case["length"] != "32"
        if lacks or not password or len(salt) < kdf.MINIMUM_SALT_BYTES:
            continue
        cost = kdf.Argon2Cost(int(case["memcost"]), int(case["iter"]), int(case["lanes"]))
        assert kdf.stretch(password.decode(), salt, cost).hex() == case["output"]
        assert kdf.stretch(password.decode() + "!", salt, cost).hex() != case["output"]
        checked += 1
    assert checked
