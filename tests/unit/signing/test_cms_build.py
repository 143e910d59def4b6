"""The quick encoding is, byte for byte, what asn1crypto writes for the same values."""

from datetime import UTC, datetime
from typing import Any

import pyhanko_certvalidator.asn1_types  # noqa: F401 - names ML-DSA in asn1crypto's tables
import pytest
from asn1crypto import algos, cms, x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa

from tests.fakes.certificates import CODE, Chain, make
from tests.fakes.kms_client import FakeKms
from workbench.signing.cms_build import CmsTemplate
from workbench.signing.recipe import Recipe, make_recipe

KEYS: dict[str, Any] = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey.generate(),
    "ML-DSA-65": mldsa.MLDSA65PrivateKey.generate(),
    "ML-DSA-87": mldsa.MLDSA87PrivateKey.generate(),
    "P-256": ec.generate_private_key(ec.SECP256R1()),
    "P-384": ec.generate_private_key(ec.SECP384R1()),
    "P-521": ec.generate_private_key(ec.SECP521R1()),
    "RSA": rsa.generate_private_key(65537, 2048),
    "Ed25519": ed25519.Ed25519PrivateKey.generate(),
}
TIMES = [datetime(2026, 11, 23, 9, 8, 7, tzinfo=UTC), datetime(2051, 1, 2, 3, 4, 5, tzinfo=UTC)]


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain()


def recipe_for(chain: Chain, kind: str, digest: str = "", *, pss: bool = False) -> Recipe:
    key = KEYS[kind]
    leaf = make("Leaf", chain.sub, key=key, ca=False, eku=(CODE,))
    certificates = (leaf.der, chain.sub.der, chain.root.der)
    return make_recipe(FakeKms(key=key), "key", certificates, digest, pss=pss)


def by_asn1crypto(recipe: Recipe, digest: bytes, time: datetime, signature: bytes) -> bytes:
    """Encode the same SignedData the slow way."""
    signer = x509.Certificate.load(recipe.chain[0])
    hashed = algos.DigestAlgorithm.load(recipe.plan.digest.identifier)
    algorithm = algos.SignedDigestAlgorithm.load(recipe.plan.identifier)
    protection = cms.CMSAlgorithmProtection(
        {"digest_algorithm": hashed, "signature_algorithm": algorithm}
    )
    moment = cms.Time({"utc_time" if time.year < 2050 else "generalized_time": time})
    attributes = [
        ("content_type", "data"),
        ("signing_time", moment),
        ("message_digest", digest),
        ("cms_algorithm_protection", protection),
    ]
    info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                {"issuer": signer.issuer, "serial_number": signer.serial_number},
            ),
            "digest_algorithm": hashed,
            "signed_attrs": [{"type": kind, "values": [value]} for kind, value in attributes],
            "signature_algorithm": algorithm,
            "signature": signature,
        }
    )
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [hashed],
            "encap_content_info": {"content_type": "data"},
            "certificates": [x509.Certificate.load(der) for der in recipe.chain[:2]],
            "signer_infos": [info],
        }
    )
    encoded: bytes = cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()
    return encoded


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize(
    ("kind", "digest", "pss"),
    [
        ("ML-DSA-44", "SHA-256", False),
        ("ML-DSA-65", "SHA-512", False),
        ("ML-DSA-65", "SHAKE256", False),
        ("ML-DSA-65", "SHA-384", False),
        ("ML-DSA-87", "SHA-512", False),
        ("P-256", "", False),
        ("P-384", "", False),
        ("P-521", "", False),
        ("RSA", "SHA-256", False),
        ("RSA", "SHA-512", True),
        ("Ed25519", "", False),
    ],
)
def test_bytes_are_those_of_asn1crypto(
    chain: Chain, kind: str, digest: str, time: datetime, *, pss: bool
) -> None:
    recipe = recipe_for(chain, kind, digest, pss=pss)
    template = CmsTemplate(recipe)
    hashed = bytes(range(recipe.plan.digest.size))
    attributes = template.attributes(hashed, time)
    for size in (0, 64, 71, 127, 128, 256, 3309, 70_000):
        signature = bytes(size)
        built = template.finish(attributes, signature)
        assert built == by_asn1crypto(recipe, hashed, time, signature)


def test_what_is_inside(chain: Chain) -> None:
    recipe = recipe_for(chain, "ML-DSA-65")
    template = CmsTemplate(recipe)
    attributes = template.attributes(bytes(64), TIMES[0])
    data = cms.ContentInfo.load(template.finish(attributes, b"s"), strict=True)["content"]
    inside = {one.chosen.dump() for one in data["certificates"]}
    assert inside == {recipe.chain[0], chain.sub.der}
    assert attributes[0] == 0x31
    assert data["signer_infos"][0]["signed_attrs"].untag().dump() == attributes
    assert data["encap_content_info"]["content"].native is None
    kinds = [one["type"].native for one in data["signer_infos"][0]["signed_attrs"]]
    assert sorted(kinds) == [
        "cms_algorithm_protection", "content_type", "message_digest", "signing_time",
    ]  # fmt: skip


def test_a_self_signed_signer_is_inside_all_the_same(chain: Chain) -> None:
    alone = make("Alone", key=KEYS["P-256"])
    recipe = make_recipe(FakeKms(key=alone.key), "key", (alone.der,))
    built = CmsTemplate(recipe).finish(b"\x31\x00", b"s")
    assert alone.der in built


def test_fractions_of_a_second_are_dropped(chain: Chain) -> None:
    template = CmsTemplate(recipe_for(chain, "P-256"))
    later = TIMES[0].replace(microsecond=999_999)
    assert template.attributes(bytes(32), later) == template.attributes(bytes(32), TIMES[0])
