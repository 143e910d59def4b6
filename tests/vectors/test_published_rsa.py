"""Published vectors: RSA-PSS, RSA PKCS#1 v1.5, RSA-OAEP."""

from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography_vectors import open_vector_file

from tests.vectors.published import Wycheproof, sections, wycheproof
from workbench.base.errors import IntegrityError
from workbench.crypto import encryption, keys, signatures
from workbench.crypto.table import KEY_SPECS

FOLDER = "asymmetric/RSA/FIPS_186-2/"


def agrees(case: Wycheproof, algorithm: str) -> bool:
    """Return whether our verdict is the vector's; an acceptable case may have either."""
    public = keys.public_from_der(bytes.fromhex(case.group["publicKeyDer"]))
    verdict = signatures.verify(public, algorithm, case.bytes("msg"), "RAW", case.bytes("sig"))
    return case.acceptable or verdict == case.valid


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("rsa_pss_2048_sha256_mgf1_32_test.json", "RSASSA_PSS_SHA_256"),
        ("rsa_signature_3072_sha256_test.json", "RSASSA_PKCS1_V1_5_SHA_256"),
    ],
)
def test_wycheproof_signatures(name: str, algorithm: str) -> None:
    cases = wycheproof(name)
    assert [case.label for case in cases if not agrees(case, algorithm)] == []
    assert {case.valid for case in cases} == {True, False}


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("SigVerPSS_186-3.rsp", "RSASSA_PSS"), ("SigVer15_186-3.rsp", "RSASSA_PKCS1_V1_5")],
)
def test_nist_signatures(name: str, scheme: str) -> None:
    modulus = 0
    verdicts: list[bool] = []
    for section in sections(FOLDER + name):
        for case in section.cases:
            modulus = int(case["n"], 16) if "n" in case else modulus
            hash_bits = case.get("SHAAlg", "")[3:]
            if modulus.bit_length() < 2048 or hash_bits not in {"256", "384", "512"}:
                continue
            salted = scheme == "RSASSA_PSS" and len(case["SaltVal"]) * 4 != int(hash_bits)
            expected = case["Result"].startswith("P") and not salted
            public = rsa.RSAPublicNumbers(int(case["e"], 16), modulus).public_key()
            assert expected == signatures.verify(
                public,
                f"{scheme}_SHA_{hash_bits}",
                bytes.fromhex(case["Msg"]),
                "RAW",
                bytes.fromhex(case["S"]),
            )
            verdicts.append(expected)
    assert len(verdicts) > 10
    assert False in verdicts
    assert (True in verdicts) == (scheme == "RSASSA_PKCS1_V1_5")


def test_wycheproof_oaep() -> None:
    opened = set()
    for case in wycheproof("rsa_oaep_2048_sha256_mgf1sha256_test.json"):
        der = bytes.fromhex(case.group["privateKeyPkcs8"])
        key = keys.private_from_der(der, KEY_SPECS["RSA_2048"], authentic=True)
        assert isinstance(key, rsa.RSAPrivateKey)
        ours = case.valid and not case.test["label"]
        opened.add(ours)
        if ours:
            plaintext = encryption.decrypt(key, "RSAES_OAEP_SHA_256", case.bytes("ct"))
            assert plaintext == case.bytes("msg"), case.label
        else:
            with pytest.raises(IntegrityError):
                encryption.decrypt(key, "RSAES_OAEP_SHA_256", case.bytes("ct"))
    assert opened == {True, False}


def oaep_examples() -> list[tuple[rsa.RSAPrivateKey, bytes, bytes]]:
    """Return (key, message, ciphertext) of pyca's OAEP vectors with SHA-256, 2048-bit keys."""
    with open_vector_file("asymmetric/RSA/oaep-custom/oaep-sha256-sha256.txt", "r") as stream:
        lines = [line.strip() for line in stream]
    examples = []
    values: dict[str, int] = {}
    private: rsa.RSAPrivateKey | None = None
    for title, value in pairwise(lines):
        name = title.removeprefix("# ").removesuffix(":")
        if not title.startswith("#") or value.startswith("#"):
            continue
        values[name] = int(value, 16)
        if name == "Coefficient":
            public = rsa.RSAPublicNumbers(values["Public exponent"], values["Modulus"])
            private = rsa.RSAPrivateNumbers(
                values["Prime 1"],
                values["Prime 2"],
                values["Exponent"],
                values["Prime exponent 1"],
                values["Prime exponent 2"],
                values["Coefficient"],
                public,
            ).private_key(unsafe_skip_rsa_key_validation=True)
        if name == "Encryption":
            assert private is not None
            size = private.key_size // 8
            examples.append((private, values["Message"], values["Encryption"].to_bytes(size)))
    return [(key, m.to_bytes((m.bit_length() + 7) // 8), c) for key, m, c in examples]


def test_pyca_oaep() -> None:
    examples = oaep_examples()
    assert len(examples) > 20
    for key, message, ciphertext in examples:
        opened = encryption.decrypt(key, "RSAES_OAEP_SHA_256", ciphertext)
        assert opened.lstrip(b"\0") == message
        with pytest.raises(IntegrityError):
            encryption.decrypt(key, "RSAES_OAEP_SHA_1", ciphertext)
