"""Rules and words of the Keys pane that need no window."""

from dataclasses import replace

import pytest

from workbench.bench import key_specs
from workbench.ui.panes.keys import words
from workbench.ui.panes.keys.alias_field import alias_problem
from workbench.ui.panes.keys.inventory import KeyRow
from workbench.ui.panes.keys.rotate import why_not_rotate, why_not_schedule
from workbench.ui.panes.keys.tag_editor import tag_problem

SYMMETRIC = KeyRow("k", "arn", spec="SYMMETRIC_DEFAULT", origin="AWS_KMS", state="Enabled")


@pytest.mark.parametrize("name", ["", "release-signing", "team/web_1", "a" * 250])
def test_an_alias_that_kms_takes_has_no_problem(name: str) -> None:
    assert alias_problem(name, lambda _name: False) == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("two words", "letters, digits"),
        ("änderung", "letters, digits"),
        ("aws/s3", "reserved"),
        ("a" * 251, "at most"),
    ],
)
def test_an_alias_that_kms_refuses_has_one(name: str, said: str) -> None:
    assert said in alias_problem(name, lambda _name: False)


def test_an_alias_of_another_key_is_told() -> None:
    assert "Another key" in alias_problem("taken", lambda name: name == "taken")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("team", "orders", ""),
        ("", "", ""),
        ("kürzel", "€", "letters"),
        ("", "x", "needs a key"),
        ("aws:x", "", "reserved"),
        ("AWS:x", "", "reserved"),
        ("used", "", "two tags"),
        ("a" * 129, "", "at most"),
        ("a", "b" * 257, "at most"),
    ],
)
def test_tags_are_checked_as_kms_checks_them(key: str, value: str, said: str) -> None:
    problem = tag_problem(key, value, ("used",))
    assert problem == "" if not said else said in problem


def test_every_spec_has_a_group_a_purpose_and_a_strength() -> None:
    for spec in key_specs():
        assert words.purpose(spec), spec.name
        assert f"{spec.strength}-bit" in words.strength_line(spec)
        said = "not quantum-safe" in words.strength_line(spec)
        assert said is not spec.quantum_safe
    assert {words.group_of(spec.name) for spec in key_specs()} == {"pq", "classical", "symmetric"}
    assert words.group_of("ML_KEM_768") == "pq"
    assert words.group_of("HMAC_256") == "symmetric"
    assert words.group_of("SM2") == "classical", "one that we cannot make, on AWS in China"


def test_every_algorithm_has_words() -> None:
    algorithms = (
        "RSASSA_PSS_SHA_256",
        "RSASSA_PKCS1_V1_5_SHA_512",
        "RSAES_OAEP_SHA_1",
        "ECDSA_SHA_384",
        "HMAC_SHA_224",
        "ML_DSA_SHAKE_256",
        "ED25519_PH_SHA_512",
    )
    for name in algorithms:
        assert words.algorithm_words(name) != name
    assert words.algorithm_words("RSAES_OAEP_SHA_1") == "RSAES-OAEP with SHA-1 and MGF1"
    assert words.algorithm_words("NEW_ONE") == "NEW_ONE"


def test_why_a_key_cannot_rotate_is_said() -> None:
    pair = KeyRow("k", "arn", spec="ML_DSA_65", origin="AWS_KMS", state="Enabled")
    mac = KeyRow("k", "arn", spec="HMAC_256", origin="AWS_KMS", state="Enabled")
    assert "public key" in why_not_rotate(pair)
    assert "HMAC" in why_not_schedule(mac)
    managed = replace(SYMMETRIC, managed_by_aws=True)
    assert "AWS manages" in why_not_rotate(managed)
    assert "AWS manages" in why_not_schedule(managed)
    assert "no key" in why_not_rotate(None)
    assert why_not_rotate(SYMMETRIC) == why_not_schedule(SYMMETRIC) == ""


def test_a_disabled_key_and_an_exhausted_one_do_not_rotate() -> None:
    from workbench.ui.panes.keys.materials import ON_DEMAND, Material

    assert "not enabled" in why_not_schedule(replace(SYMMETRIC, state="Disabled"))
    rotated = tuple(Material("", "", None, None, ON_DEMAND) for _ in range(25))
    assert why_not_rotate(replace(SYMMETRIC, materials=rotated[1:])) == ""
    used = replace(SYMMETRIC, materials=rotated)
    assert "25 on-demand rotations" in why_not_rotate(used)
    assert why_not_schedule(used) == "", "the automatic ones go on"
