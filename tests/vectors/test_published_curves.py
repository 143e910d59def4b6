"""Published vectors: ECDSA, Ed25519, ECDH."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography_vectors import open_vector_file

from tests.vectors.published import Wycheproof, counted, sample, under, wycheproof
from workbench.base.errors import Refused
from workbench.crypto import agreement, keys, signatures

ED25519 = "ED25519_SHA_512"
CURVES = {"256": ec.SECP256R1(), "384": ec.SECP384R1(), "521": ec.SECP521R1()}


def verdict(case: Wycheproof, algorithm: str) -> bool:
    public = keys.public_from_der(bytes.fromhex(case.group["publicKeyDer"]))
    return signatures.verify(public, algorithm, case.bytes("msg"), "RAW", case.bytes("sig"))


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [
        ("ecdsa_secp256r1_sha256_test.json", "ECDSA_SHA_256"),
        ("ed25519_test.json", ED25519),
    ],
)
def test_wycheproof_signatures(name: str, algorithm: str) -> None:
    cases = wycheproof(name)
    assert [case.label for case in cases if verdict(case, algorithm) != case.valid] == []
    assert {case.valid for case in cases} == {True, False}


@pytest.mark.parametrize(("curve", "digest"), [("256", "256"), ("384", "384"), ("521", "512")])
def test_nist_ecdsa(curve: str, digest: str) -> None:
    name = "asymmetric/ECDSA/FIPS_186-3/SigVer.rsp"
    verdicts = set()
    for case in under(name, f"P-{curve},SHA-{digest}"):
        x, y, r, s = (int(case[key], 16) for key in ("Qx", "Qy", "R", "S"))
        expected = case["Result"].startswith("P")
        verdicts.add(expected)
        public = ec.EllipticCurvePublicNumbers(x, y, CURVES[curve]).public_key()
        message, signature = bytes.fromhex(case["Msg"]), encode_dss_signature(r, s)
        assert expected == signatures.verify(
            public, f"ECDSA_SHA_{digest}", message, "RAW", signature
        )
    assert verdicts == {True, False}


def test_secp256k1() -> None:
    cases = under("asymmetric/ECDSA/SECP256K1/SigGen.txt", "K-256,SHA-256")
    for case in sample(cases, 75):
        private = ec.derive_private_key(int(case["d"], 16), ec.SECP256K1())
        signature = encode_dss_signature(int(case["R"], 16), int(case["S"], 16))
        message = bytes.fromhex(case["Msg"])
        for changed in (b"", b"!"):
            assert (changed == b"") == signatures.verify(
                private.public_key(), "ECDSA_SHA_256", message + changed, "RAW", signature
            )


def test_ed25519_of_its_authors() -> None:
    with open_vector_file("asymmetric/Ed25519/sign.input", "r") as stream:
        lines = list(stream)
    for line in sample(lines, 1024):
        secret, _, message, signed = (bytes.fromhex(part) for part in line.split(":")[:4])
        private = Ed25519PrivateKey.from_private_bytes(secret[:32])
        signature = signatures.signer(private, ED25519, "RAW")(message)
        assert signature == signed[:64]
        public = private.public_key()
        assert signatures.verify(public, ED25519, message, "RAW", signature)
        assert not signatures.verify(public, ED25519, message + b"!", "RAW", signature)


@pytest.mark.parametrize(
    ("name", "curve"),
    [("ecdh_secp256r1_test.json", "256"), ("ecdh_secp384r1_test.json", "384")],
)
def test_wycheproof_ecdh(name: str, curve: str) -> None:
    outcomes = set()
    for case in wycheproof(name):
        private = ec.derive_private_key(int(case.test["private"], 16), CURVES[curve])
        try:
            shared = agreement.agree(private, case.bytes("public"))
        except Refused:
            assert not case.valid, case.label
            outcomes.add("refused")
        else:
            assert case.valid or case.acceptable, case.label
            assert shared == case.bytes("shared"), case.label
            outcomes.add("agreed")
    assert outcomes == {"refused", "agreed"}


@pytest.mark.parametrize(
    ("heading", "curve"), [("EC-SHA256", "256"), ("ED-SHA384", "384"), ("EE-SHA512", "521")]
)
def test_nist_ecdh(heading: str, curve: str) -> None:
    name = "asymmetric/ECDH/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_init.fax"
    outcomes = set()
    for case in under(name, heading):
        expected = case["Result"].startswith("P")
        try:
            private = ec.derive_private_key(int(case["dsIUT"], 16), CURVES[curve])
            shared = agreement.agree(private, spki(private, case["QsCAVSx"], case["QsCAVSy"]))
        except (Refused, ValueError):
            assert not expected
            outcomes.add("refused")
        else:
            size = (private.curve.key_size + 7) // 8
            assert (shared == int(case["Z"], 16).to_bytes(size)) or not expected
            outcomes.add("agreed")
    assert outcomes == {"refused", "agreed"}


def spki(like: ec.EllipticCurvePrivateKey, x: str, y: str) -> bytes:
    """Return a public key on the curve of `like`, by writing the point over that of another."""
    size = (like.curve.key_size + 7) // 8
    point = b"".join(int(part, 16).to_bytes(size) for part in (x, y))
    return keys.public_to_der(like.public_key())[: -2 * size] + point


def test_the_sample_is_spread() -> None:
    assert list(sample(range(10), 5)) == [0, 2, 4, 6, 8]
    assert list(sample(range(3), 5)) == [0, 1, 2]
    assert len(counted("asymmetric/MLKEM/kat_MLKEM_768.rsp", most=7)) == 7
