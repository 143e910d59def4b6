"""Recipes by name: stored, exchanged, and refused with the place of what is wrong."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.signers import CLASSICAL, KEY, signing_bench
from workbench.base.errors import Locked, NotFound, Refused
from workbench.base.sites import Site
from workbench.bench import Bench
from workbench.signing.choices import (
    Choices,
    KeyChoice,
    read_choices,
    read_recipes,
    recipe_from,
    with_specs,
    write_recipes,
)
from workbench.signing.formats.jws import JsonWebSignature
from workbench.signing.recipe import Recipe

BOTH = Choices(
    (KeyChoice(CLASSICAL, "ECC_NIST_P256"), KeyChoice(KEY, "ML_DSA_65")),
    "cades",
    (("detached", False),),
    folder="/out",
    replace=True,
    name="Both, attached",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = signing_bench(tmp_path_factory.mktemp("choices") / "vault")
    yield made
    made.close()


def test_what_is_written_is_read_again() -> None:
    plain = Choices((KeyChoice("alias/a"),), name="Plain")
    tuned = Choices(
        (KeyChoice("k", "RSA_2048"),), "raw", (), "SHA-384", False, "", "", False, "SHA-256", "Raw"
    )
    text = write_recipes([BOTH, plain, tuned])
    assert read_recipes(text.encode()) == (BOTH, plain, tuned)
    assert json.loads(text)["version"] == 1


def edited(change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(write_recipes([BOTH]))
    change(document)
    return json.dumps(document).encode()


def recipe(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["recipes"][0]
    return found


WRONG: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "type": (lambda d: d.update(type="x"), r"\$\.type is not"),
    "version": (lambda d: d.update(version=2), r"\$\.version is not 1"),
    "version of another type": (lambda d: d.update(version=True), r"\$\.version"),
    "member": (lambda d: d.update(more=1), r"\$ has a member “more”"),
    "no recipes": (lambda d: d.update(recipes=[]), r"\$\.recipes is not a list"),
    "twice": (lambda d: d["recipes"].append(d["recipes"][0]), r"\$\.recipes\[1\]\.name is there"),
    "no object": (lambda d: d.update(recipes=[1]), r"\$\.recipes\[0\] is not an object"),
    "name": (lambda d: recipe(d).update(name=" "), r"\$\.recipes\[0\]\.name"),
    "name over two lines": (lambda d: recipe(d).update(name="a\nb"), r"\.name is not a line"),
    "format": (lambda d: recipe(d).update(format="pgp"), r"recipes\[0\]: There is no signature fo"),
    "option": (lambda d: recipe(d)["options"].update(x=1), r"recipes\[0\]: .* no option 'x'"),
    "option's type": (lambda d: recipe(d)["options"].update(detached=[]), r"options\.detached"),
    "keys": (lambda d: recipe(d).update(keys=[]), r"\.keys is not a list"),
    "key": (lambda d: recipe(d)["keys"][1].pop("id"), r"\.keys\[1\]\.id is missing"),
    "spec": (lambda d: recipe(d)["keys"][1].update(spec="DSA"), r"keys\[1\]\.spec is no AWS"),
    "padding": (lambda d: recipe(d).update(padding="oaep"), r"\.padding is neither"),
    "replace": (lambda d: recipe(d).update(replace=1), r"\.replace is not true or false"),
    "digest": (lambda d: recipe(d).update(digest="SHA-256"), r"ML_DSA_65 has no digest SHA-256"),
    "checksums": (lambda d: recipe(d).update(checksums="MD5"), r"recipes\[0\]: .*'MD5'"),
    "stamps": (lambda d: recipe(d).update(format="dsse", options={}, timestampKey="t"),
               r"recipes\[0\]: DSSE envelope has no place for timestamps"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_said_with_its_place(
    change: Callable[[dict[str, Any]], Any], words: str
) -> None:
    with pytest.raises(Refused, match=words):
        read_recipes(edited(change))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"type":"a","type":"b"}', b"\xff"])
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="not a file of recipes"):
        read_recipes(data)


def test_the_vault_keeps_recipes(bench: Bench) -> None:
    book = bench.recipes
    second = replace(BOTH, name="another")
    book.save([BOTH, second])
    assert book.all() == (second, BOTH)
    assert book.get("another") == second
    with pytest.raises(Refused, match="named “another” already"):
        book.save([replace(BOTH, name="new"), second], replace_existing=False)
    assert len(book.all()) == 2, "all or none"
    book.rename("another", "a third")
    with pytest.raises(Refused, match="already"):
        book.rename("a third", BOTH.name)
    with pytest.raises(NotFound, match="no recipe named “another”"):
        book.get("another")
    book.delete("a third")
    with pytest.raises(NotFound):
        book.delete("a third")
    assert book.all() == (BOTH,)
    with pytest.raises(Refused, match="has no digest"):
        book.save([replace(BOTH, digest="SHA-256")])
    book.delete(BOTH.name)


def test_a_locked_vault_keeps_them_to_itself(tmp_path: Path) -> None:
    bench = signing_bench(tmp_path / "vault")
    try:
        bench.recipes.save([BOTH])
        bench.vault.lock()
        with pytest.raises(Locked):
            bench.recipes.all()
    finally:
        bench.close()


def test_choices_become_a_recipe(bench: Bench) -> None:
    known = with_specs(bench.kms, replace(BOTH, keys=(KeyChoice(CLASSICAL), KeyChoice(KEY))))
    assert known == BOTH
    made = recipe_from(bench.kms, bench.shelf, BOTH)
    assert made.specs == ("ECC_NIST_P256", "ML_DSA_65")
    assert made.algorithm == "P-256 and ML-DSA-65"
    assert "by one key" in made.advice
    assert "ML-DSA" not in made.advice
    assert not made.is_plain_cms
    assert Recipe.from_record(json.loads(json.dumps(made.to_record()))) == made
    alone = recipe_from(bench.kms, bench.shelf, Choices((KeyChoice(KEY),)))
    assert alone.is_plain_cms
    assert "ML-DSA" in alone.advice


def test_records_of_before_there_were_formats_are_plain_cms(bench: Bench) -> None:
    made = recipe_from(bench.kms, bench.shelf, Choices((KeyChoice(KEY),), pss=False))
    old = {
        name: value
        for name, value in made.to_record().items()
        if name in {"key", "public", "chain", "digest", "replace", "folder", "pss"}
    }
    assert Recipe.from_record(old) == made


def test_what_cannot_be_cooked_is_refused(bench: Bench) -> None:
    def cook(**changes: Any) -> Recipe:
        return recipe_from(bench.kms, bench.shelf, replace(Choices((KeyChoice(KEY),)), **changes))

    with pytest.raises(Refused, match="too weak for ML-DSA-65: RFC 9882"):
        cook(digest="SHA-256")
    with pytest.raises(Refused, match="OpenSSH signature has no signature algorithm"):
        cook(kind="sshsig")
    with pytest.raises(Refused, match="names no key"):
        cook(keys=())
    with pytest.raises(Refused, match="not for timestamping alone"):
        cook(stamper=CLASSICAL)
    with pytest.raises(Refused, match="same key is to sign twice"):
        cook(keys=(KeyChoice(KEY), KeyChoice(KEY)))
    plain = bench.kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    bare = KeyChoice(plain["KeyMetadata"]["KeyId"])
    with pytest.raises(NotFound, match="No certificate"):
        cook(keys=(bare,))
    assert cook(keys=(bare,), kind="jws").chain == ()
    assert cook(keys=(KeyChoice(CLASSICAL),), kind="sshsig").chain == ()


def test_a_recipe_says_where_its_keys_are() -> None:
    site = Site("eu-west-1", aws=True, profile="prod")
    choices = Choices((KeyChoice("alias/release"),), "raw", name="Release", site=site)
    record = choices.to_record()
    assert record["site"] == {"region": "eu-west-1", "profile": "prod", "aws": True}
    assert read_choices(record) == choices
    assert "site" not in replace(choices, site=None).to_record()
    (again,) = read_recipes(write_recipes([choices]).encode())
    assert again.site == site


@pytest.mark.parametrize("site", ["AWS", {"aws": 1}, {"aws": True, "secret": "x"}, []])
def test_a_recipe_for_no_place_is_refused_with_its_path(site: object) -> None:
    record = Choices((KeyChoice("k"),), "raw", name="R").to_record() | {"site": site}
    with pytest.raises(Refused, match=r"\$\.site"):
        read_choices(record)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"kind": "pades", "checksums": "SHA-256"}, "a list of checksums is none"),
        ({"kind": "jar", "checksums": "SHA-256"}, "a list of checksums is none"),
        ({"kind": "jwt", "checksums": "SHA-256"}, "a list of checksums is none"),
        ({"kind": "mdoc", "checksums": "SHA-256"}, "a list of checksums is none"),
        ({"kind": "jws", "options": (("typ", "é"),)}, "no media type"),
        ({"kind": "jwt", "options": (("typ", "a b"),)}, "no media type"),
        ({"kind": "cose-sign1", "options": (("content_type", "text/"),)}, "no media type"),
        ({"kind": "pades", "options": (("certify", True),)}, "ISO 32000-2"),
    ],
)
def test_what_breaks_a_standard_is_not_saved(
    bench: Bench, change: dict[str, Any], said: str
) -> None:
    keys = (KeyChoice(CLASSICAL, "ECC_NIST_P256"), KeyChoice(KEY, "ML_DSA_65"))
    alone = Choices(keys[: 2 if "certify" in str(change) else 1], name="Broken")
    with pytest.raises(Refused, match=said):
        bench.recipes.save([replace(alone, **change)])
    assert "Broken" not in [one.name for one in bench.recipes.all()]
    mended = replace(alone, kind=change["kind"], keys=keys[:1])
    bench.recipes.save([mended])
    bench.recipes.delete("Broken")


@pytest.mark.parametrize(("kind", "rule"), [("mdoc", "18013-5"), ("timestamp", "RFC 3161")])
def test_a_certificate_that_the_standard_does_not_allow_makes_no_recipe(
    bench: Bench, kind: str, rule: str
) -> None:
    with pytest.raises(Refused, match=rule):
        recipe_from(bench.kms, bench.shelf, Choices((KeyChoice(CLASSICAL),), kind))


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "application/example", "text/plain; charset=u"])
def test_media_types_are_taken(typ: str) -> None:
    made = Choices((KeyChoice("k"),), "jws", (("typ", typ),)).form
    assert made == JsonWebSignature(typ=typ)
