"""Signed JARs: made, checked, and attacked."""

import dataclasses
import io
import re
import warnings
import zipfile
from collections.abc import Callable

import pytest

from tests.fakes import jars
from tests.fakes.formats import (
    ALL_KINDS,
    Hierarchy,
    cut,
    flipped,
    refused_everywhere,
    sign,
    verify,
)
from workbench.base.errors import Refused
from workbench.crypto.table import Family
from workbench.signing.formats.base import Broken
from workbench.signing.formats.jar import Jar
from workbench.signing.formats.jar_manifest import header, parse_manifest
from workbench.signing.formats.registry import detect, output_name

PLAIN = Jar()
MANIFEST = "META-INF/MANIFEST.MF"


@pytest.fixture(scope="module")
def lab() -> Hierarchy:
    return Hierarchy()


@pytest.fixture(scope="module")
def signed(lab: Hierarchy) -> bytes:
    return sign(PLAIN, "P-256", jars.archive(), lab.chain("P-256"))


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_signed_and_checked(lab: Hierarchy, kind: str) -> None:
    made = sign(PLAIN, kind, jars.archive(), lab.chain(kind))
    verdict = verify(PLAIN, made, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert verdict.signer == f"CN=Signer {kind}, O=Lab"
    kept = {name: data for name, data in jars.contents(made).items() if "META-INF" not in name}
    assert kept == jars.contents(jars.archive())
    block = {"RSA": "RSA", "ML": "DSA"}.get(kind[:3].rstrip("-"), "EC")
    assert list(jars.contents(made))[:3] == [
        MANIFEST,
        "META-INF/SIGNER.SF",
        f"META-INF/SIGNER.{block}",
    ]


def test_lines_of_manifests_are_short_and_read_back(signed: bytes) -> None:
    manifest = jars.contents(signed)[MANIFEST]
    assert all(len(line) <= 70 for line in manifest.split(b"\r\n"))
    _, sections = parse_manifest(manifest, "It")
    assert set(sections) == {"org/Main.class", jars.LONG_NAME}
    name = header("Name", "ä" * 100)
    assert re.sub(rb"\r\n ", b"", name).decode() == f"Name: {'ä' * 100}\r\n"


def test_what_a_manifest_says_already_is_kept(lab: Hierarchy) -> None:
    old = b"Manifest-Version: 1.0\r\nMain-Class: org.Main\r\n\r\nName: org/Main.class\r\n"
    old += b"SHA-256-Digest: " + jars_digest() + b"\r\nSealed: true\r\n"
    entries = {"org/Main.class": jars.CLASS, "b": b"b"}
    made = sign(PLAIN, "P-256", jars.archive(entries, old), lab.chain("P-256"))
    manifest = jars.contents(made)[MANIFEST]
    assert manifest.startswith(b"Manifest-Version: 1.0\r\nMain-Class: org.Main\r\n\r\n")
    assert b"Sealed: true\r\n\r\nName: b\r\n" in manifest
    assert verify(PLAIN, made, None, lab.trust).valid
    wrong = jars.archive({"org/Main.class": b"other"}, old)
    with pytest.raises(Refused, match="does not fit it"):
        sign(PLAIN, "P-256", wrong, lab.chain("P-256"))


def jars_digest() -> bytes:
    from workbench.signing.formats.jar_manifest import stated

    return stated("SHA-256", jars.CLASS).encode()


def test_two_keys_sign_beside_each_other(lab: Hierarchy, signed: bytes) -> None:
    both = sign(PLAIN, "ML-DSA-65", signed, lab.chain("ML-DSA-65"))
    verdict = verify(PLAIN, both, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert len(verdict.parts) == 2
    required = dataclasses.replace(lab.trust, required=(Family.ELLIPTIC, Family.ML_DSA))
    assert verify(PLAIN, both, None, required).valid
    stripped = jars.changed(both, lambda them: them.pop("META-INF/SIGNER2.DSA"))
    assert verify(PLAIN, stripped, None, lab.trust).valid
    verdict = verify(PLAIN, stripped, None, required)
    assert not verdict.valid
    assert "ML-DSA" in verdict.headline


def test_a_timestamp_is_put_in_and_judged(lab: Hierarchy) -> None:
    form = Jar(timestamper=lab.authority().respond)
    made = sign(form, "P-256", jars.archive(), lab.chain("P-256"))
    verdict = verify(PLAIN, made, None, lab.trust)
    assert verdict.valid, verdict.headline
    assert [part.kind for part in verdict.parts[0].parts] == ["timestamp"]


def replace(name: str, data: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda entries: entries.update({name: data})


def edit(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], object]:
    def change(entries: dict[str, bytes]) -> None:
        assert old in entries[name]
        entries[name] = entries[name].replace(old, new, 1)

    return change


ATTACKS: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "changed": (replace("org/Main.class", b"evil"), "not what was signed"),
    "added": (replace("org/Evil.class", b"evil"), "not in the manifest"),
    "added beside the manifest": (replace("META-INF/services/x", b"evil"), "not in the manifest"),
    "removed": (lambda them: them.pop("org/Main.class"), "missing from the archive"),
    "manifest's head": (edit(MANIFEST, b"Created-By: Key", b"Created-By: Not"), "manifest"),
    "manifest's section": (edit(MANIFEST, b"Name: org/Main", b"Name: org/Hain"), ""),
    "no signature file": (lambda them: them.pop("META-INF/SIGNER.SF"), "no signature file"),
    "no block": (lambda them: them.pop("META-INF/SIGNER.EC"), "no signature"),
    "no manifest": (lambda them: them.pop(MANIFEST), "no signature"),
    "signature file": (edit("META-INF/SIGNER.SF", b"Workbench", b"workbench"), "signature file"),
    "binary manifest": (replace(MANIFEST, b"\xff: \xff\r\n"), "UTF-8"),
    "header twice": (replace(MANIFEST, b"A: 1\r\nA: 2\r\n\r\n"), "header twice"),
    "section twice": (replace(MANIFEST, b"A: 1\r\n\r\nName: a\r\n\r\nName: a\r\n\r\n"), "two for"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_was_changed_is_found(lab: Hierarchy, signed: bytes, attack: str) -> None:
    change, words = ATTACKS[attack]
    verdict = verify(PLAIN, jars.changed(signed, change), None, lab.trust)
    assert not verdict.valid
    assert words in verdict.headline
    assert all(check.rule for check in verdict.checks if check.state == "failed")


def test_both_digests_changed_together_are_found(lab: Hierarchy, signed: bytes) -> None:
    """An attacker who corrects the manifest still has no signature over it."""
    entries = jars.contents(signed)
    entries["org/Main.class"] = b"evil"
    fresh = jars.contents(
        sign(PLAIN, "P-256", jars.archive(entries_only(entries)), lab.chain("P-256"))
    )
    entries[MANIFEST] = fresh[MANIFEST]
    verdict = verify(PLAIN, jars.archive(entries), None, lab.trust)
    assert not verdict.valid
    assert "not over this manifest" in verdict.headline
    entries["META-INF/SIGNER.SF"] = fresh["META-INF/SIGNER.SF"]
    assert not verify(PLAIN, jars.archive(entries), None, lab.trust).valid


def entries_only(entries: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in entries.items() if "META-INF" not in name}


def test_weak_digests_do_not_count(lab: Hierarchy) -> None:
    old = (
        b"Manifest-Version: 1.0\r\n\r\nName: a\r\nSHA1-Digest: hvfkN/qlp/zhXR3cuerq6jd2Z7g=\r\n\r\n"
    )
    with pytest.raises(Refused, match="does not fit it"):
        sign(PLAIN, "P-256", jars.archive({"a": b"a"}, old), lab.chain("P-256"))


def test_two_entries_of_one_name_are_refused(lab: Hierarchy, signed: bytes) -> None:
    out = io.BytesIO(signed)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as made:
        warnings.simplefilter("ignore")
        made.writestr("org/Main.class", b"evil")
    assert "two entries" in verify(PLAIN, out.getvalue(), None, lab.trust).headline
    with pytest.raises(Refused, match="two entries"):
        sign(PLAIN, "P-256", out.getvalue(), lab.chain("P-256"))


def test_an_entry_without_a_name_is_refused(lab: Hierarchy, signed: bytes) -> None:
    nameless = signed.replace(b"META-INF/SIGNER.SF", b"\0ETA-INF/SIGNER.SF")
    assert not verify(PLAIN, nameless, None, lab.trust).valid
    assert "without a name" in verify(PLAIN, nameless, None, lab.trust).headline


def test_a_damaged_signature_that_is_there_is_no_crash(lab: Hierarchy, signed: bytes) -> None:
    entry = signed.index(b"META-INF/SIGNER.EC") + len(b"META-INF/SIGNER.EC") + 40
    damaged = signed[:entry] + b"\xff" * 8 + signed[entry + 8 :]
    with pytest.raises(Refused, match="damaged"):
        sign(PLAIN, "ML-DSA-65", damaged, lab.chain("ML-DSA-65"))


def test_bombs_are_not_unpacked(lab: Hierarchy) -> None:
    bomb = jars.claiming(jars.archive({"a": b"a"}), (1 << 30) + 1)
    with pytest.raises(Refused, match="unpacks to over 1 GiB"):
        sign(PLAIN, "P-256", bomb, lab.chain("P-256"))
    longer = jars.claiming(jars.archive({"a": b"\0" * 100_000}), 1000)
    with pytest.raises(Refused, match=r"damaged|longer"):
        sign(PLAIN, "P-256", longer, lab.chain("P-256"))


def test_any_changed_byte_is_found_or_without_meaning(lab: Hierarchy, signed: bytes) -> None:
    """Dates and attributes in the archive's directory are not signed; what is unpacked is."""
    whole = entries_only(jars.contents(signed))
    for one in flipped(signed, range(0, len(signed), max(1, len(signed) // 600))):
        if verify(PLAIN, one, None, lab.trust).valid:
            assert entries_only(jars.contents(one)) == whole
    assert refused_everywhere(PLAIN, cut(signed, len(signed) // 50), b"", lab.trust) >= 50


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"text", b"PK\x03\x04" * 9]
)
def test_what_is_no_jar_is_refused(lab: Hierarchy, data: bytes) -> None:
    assert not verify(PLAIN, data, None, lab.trust).valid
    if not data.startswith(b"PK\x05"):
        with pytest.raises(Refused, match="not a JAR"):
            sign(PLAIN, "P-256", data, lab.chain("P-256"))


def test_it_is_recognised_by_its_signature(signed: bytes) -> None:
    assert isinstance(detect(signed), Jar)
    assert detect(jars.archive()) is None
    assert output_name(PLAIN, "a/b.jar") == "a/b-signed.jar"


@pytest.mark.parametrize("text", [b"", b"no header\r\n", b": x\r\n", b" x\r\n", b"A 1\r\n"])
def test_malformed_manifests_are_refused(text: bytes) -> None:
    with pytest.raises(Broken):
        parse_manifest(text, "It")
