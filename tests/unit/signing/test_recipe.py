"""Recipes: what breaks a standard cannot be made."""

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa

from tests.fakes.certificates import CODE, Chain, Made, make, name, new_key
from tests.fakes.kms_client import FakeKms
from workbench.base.errors import Locked, Refused
from workbench.signing.recipe import Recipe, make_recipe


@pytest.fixture(scope="module")
def chain() -> Chain:
    return Chain()


def ders(*made: Made) -> tuple[bytes, ...]:
    return tuple(one.der for one in made)


def test_the_usual_recipe(chain: Chain) -> None:
    recipe = make_recipe(FakeKms(key=chain.leaf.key), "key", ders(chain.leaf, chain.sub))
    assert recipe.digest == "SHA-512"
    assert recipe.spec == "ML_DSA_65"
    assert recipe.plan.kms_algorithm == "ML_DSA_SHAKE_256"
    assert recipe.certificate == chain.leaf.certificate
    assert not recipe.replace_existing
    with pytest.raises(FrozenInstanceError):
        recipe.digest = "SHA-256"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("key", "digest"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "SHA-256"),
        (ec.generate_private_key(ec.SECP384R1()), "SHA-384"),
        (rsa.generate_private_key(65537, 2048), "SHA-256"),
        (mldsa.MLDSA87PrivateKey.generate(), "SHA-512"),
    ],
)
def test_each_family_has_its_usual_digest(chain: Chain, key: object, digest: str) -> None:
    leaf = make("Leaf", chain.sub, key=key, ca=False, eku=(CODE,))
    assert make_recipe(FakeKms(key=key), "key", ders(leaf)).digest == digest


def test_a_digest_too_weak_for_the_key_is_refused(chain: Chain) -> None:
    with pytest.raises(Refused, match="too weak for ML-DSA-65: RFC 9882"):
        make_recipe(FakeKms(key=chain.leaf.key), "key", ders(chain.leaf), "SHA-256")


def test_a_certificate_of_another_key_is_refused(chain: Chain) -> None:
    with pytest.raises(Refused, match="“Signer” belongs to another key than key"):
        make_recipe(FakeKms(key=new_key()), "key", ders(chain.leaf, chain.sub))


def test_a_chain_in_the_wrong_order_is_refused(chain: Chain) -> None:
    client = FakeKms(key=chain.leaf.key)
    with pytest.raises(Refused, match="“Root” follows “Signer” but did not issue it"):
        make_recipe(client, "key", ders(chain.leaf, chain.root, chain.sub))


def test_no_certificate_is_refused(chain: Chain) -> None:
    with pytest.raises(Refused, match="no certificate"):
        make_recipe(FakeKms(key=chain.leaf.key), "key", ())


def test_an_unreadable_certificate_is_refused(chain: Chain) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        make_recipe(FakeKms(key=chain.leaf.key), "key", (b"0\x03\x02\x01\x00",))


def test_a_certificate_that_may_not_sign_is_refused(chain: Chain) -> None:
    bits = frozenset({"key_cert_sign"})
    leaf = make("Only CA", chain.sub, key=chain.leaf.key, ca=False, bits=bits, eku=(CODE,))
    with pytest.raises(Refused, match=r"RFC 5280 §4\.2\.1\.3"):
        make_recipe(FakeKms(key=chain.leaf.key), "key", ders(leaf))


def test_a_certificate_without_key_usage_may_sign(chain: Chain) -> None:
    leaf = make("Plain", chain.sub, key=chain.leaf.key, ca=False, usage=False, eku=(CODE,))
    assert make_recipe(FakeKms(key=chain.leaf.key), "key", ders(leaf)).spec == "ML_DSA_65"


def test_a_locked_vault_is_said(chain: Chain) -> None:
    client = FakeKms(key=chain.leaf.key)
    client.locked = True
    with pytest.raises(Locked):
        make_recipe(client, "key", ders(chain.leaf))


@pytest.mark.parametrize("folder", [None, Path("/out/with space\udcff")])
def test_a_recipe_survives_its_record(chain: Chain, folder: Path | None) -> None:
    recipe = make_recipe(
        FakeKms(key=chain.leaf.key), "key", ders(chain.leaf, chain.sub), "SHAKE256",
        replace_existing=True, folder=folder,
    )  # fmt: skip
    again = Recipe.from_record(recipe.to_record())
    assert again == recipe
    assert again.plan.digest.name == "SHAKE256"


def test_names_are_only_shown_not_trusted(chain: Chain) -> None:
    twin = make("Root", key=new_key("P-256"))
    assert twin.certificate.subject == name("Root")
    recipe = make_recipe(FakeKms(key=chain.leaf.key), "key", ders(chain.leaf, chain.sub, twin))
    assert len(recipe.chain) == 3
