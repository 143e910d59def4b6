"""Tables of digests and signature algorithms, against asn1crypto's encodings and the standards."""

import pytest
from asn1crypto import algos, core

from workbench.base.errors import Refused
from workbench.crypto.table import KEY_SPECS
from workbench.signing.algorithms import (
    DIGESTS,
    ML_DSA,
    ML_DSA_DIGESTS,
    allowed_digests,
    plan,
    pss_parameters,
)

ABSENT = {"SHA-256", "SHA-384", "SHA-512", "SHAKE256"}


def test_digests_are_those_of_rfc_9882() -> None:
    for oid, (name, strength) in ML_DSA.items():
        assert oid.startswith("2.16.840.1.101.3.4.3.")
        strong = {d.name for d in DIGESTS.values() if d.strength >= strength}
        assert set(ML_DSA_DIGESTS[name]) == strong


def test_digests_have_their_sizes() -> None:
    for digest in DIGESTS.values():
        running = digest.start()
        running.update(b"abc")
        assert len(running.digest()) == digest.size


def test_digest_identifiers_have_no_parameters() -> None:
    for name in ABSENT:
        loaded = algos.DigestAlgorithm.load(DIGESTS[name].identifier, strict=True)
        assert loaded["algorithm"].dotted == DIGESTS[name].oid
        assert len(DIGESTS[name].identifier) == 13


@pytest.mark.parametrize(
    ("spec", "digests"),
    [
        ("ML_DSA_44", ("SHA-512", "SHAKE256", "SHA-384", "SHA-256")),
        ("ML_DSA_65", ("SHA-512", "SHAKE256", "SHA-384")),
        ("ML_DSA_87", ("SHA-512", "SHAKE256")),
        ("ECC_NIST_P256", ("SHA-256",)),
        ("ECC_NIST_P384", ("SHA-384",)),
        ("ECC_NIST_P521", ("SHA-512",)),
        ("RSA_3072", ("SHA-256", "SHA-384", "SHA-512")),
        ("ECC_NIST_EDWARDS25519", ("SHA-512",)),
        ("ECC_SECG_P256K1", ("SHA-256",)),
        ("SYMMETRIC_DEFAULT", ()),
        ("ML_KEM_768", ()),
    ],
)
def test_allowed_digests(spec: str, digests: tuple[str, ...]) -> None:
    assert allowed_digests(spec) == digests


def test_every_plan_is_one_that_kms_offers() -> None:
    planned = 0
    for spec, facts in KEY_SPECS.items():
        for digest in allowed_digests(spec):
            chosen = plan(spec, digest)
            assert chosen.kms_algorithm in facts.signing
            algos.SignedDigestAlgorithm.load(chosen.identifier, strict=True)
            planned += 1
    assert planned > 15


@pytest.mark.parametrize(
    ("spec", "digest", "words"),
    [
        ("ML_DSA_65", "SHA-256", r"RFC 9882 §3\.3"),
        ("ML_DSA_87", "SHA-384", r"RFC 9882 §3\.3"),
        ("ML_DSA_65", "SHA3-512", "not offered"),
        ("ML_DSA_65", "MD5", "no digest named"),
        ("ECC_NIST_P256", "SHA-512", "own digest"),
        ("RSA_2048", "SHAKE256", "no RSA signature"),
        ("ECC_NIST_EDWARDS25519", "SHA-256", "RFC 8419"),
        ("ECC_SECG_P256K1", "SHA-512", "own digest"),
        ("HMAC_256", "SHA-256", "no signature algorithm"),
    ],
)
def test_what_a_standard_forbids_is_refused(spec: str, digest: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as caught:
        plan(spec, digest)
    assert caught.value.next_step


@pytest.mark.parametrize("digest", ["SHA-256", "SHA-384", "SHA-512"])
def test_pss_parameters_are_asn1cryptos(digest: str) -> None:
    name = digest.lower().replace("-", "")
    hashed = {"algorithm": name, "parameters": core.Null()}
    expected = algos.RSASSAPSSParams(
        {
            "hash_algorithm": hashed,
            "mask_gen_algorithm": {"algorithm": "mgf1", "parameters": hashed},
            "salt_length": DIGESTS[digest].size,
        }
    )
    assert pss_parameters(DIGESTS[digest]) == expected.dump(force=True)
    assert plan("RSA_2048", digest, pss=True).kms_algorithm.startswith("RSASSA_PSS")
