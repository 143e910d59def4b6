"""Jobs in every format: signed, verified again by content, read once, never twice."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.format_bench import EDWARDS, PLAIN, RSA, STAMPER, format_bench
from tests.fakes.signers import CLASSICAL, KEY
from workbench.bench import Bench
from workbench.crypto.table import Family
from workbench.signing import hashing
from workbench.signing.chains import trusted_roots
from workbench.signing.checking import check_listed, find_pair
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.formats.base import Trust, TrustedKey
from workbench.signing.formats.registry import FORMATS
from workbench.signing.jobs import FileState, FileView
from workbench.signing.verify import Verdict, Verifier
from workbench.signing.work import FileSigner

CLAIMS = json.dumps({"iss": "us", "exp": 4_000_000_000}).encode()


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    made = format_bench(tmp_path_factory.mktemp("formats") / "vault")
    yield made
    made.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "release.tar"
    path.write_bytes(b"content" * 3000)
    return path


def sign(bench: Bench, paths: list[Path], *keys: str, **choices: Any) -> list[FileView]:
    chosen = Choices(tuple(KeyChoice(key) for key in keys), **choices)
    job = bench.jobs.submit(recipe_from(bench.kms, bench.shelf, chosen), paths)
    view = bench.jobs.wait(job, 60)
    return list(bench.jobs.files(job, 0, view.total))


def trust(bench: Bench, *keys: str, **more: Any) -> Trust:
    known = tuple(
        TrustedKey(key, bytes(bench.kms.get_public_key(KeyId=key)["PublicKey"])) for key in keys
    )
    found = bench.verifier.trust(roots=trusted_roots(bench.shelf), keys=known)
    return dataclasses.replace(found, **more)


def verify(bench: Bench, path: Path, believed: Trust) -> Verdict:
    file, signature = find_pair(path)
    return bench.verifier.check(file, signature, believed)


WAYS: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "cms attached": ((KEY,), {"options": (("detached", False),)}),
    "cms stamped": ((CLASSICAL,), {"stamper": STAMPER}),
    "cms dual": ((CLASSICAL, KEY), {}),
    "cades": ((KEY,), {"kind": "cades"}),
    "cades rsa pss": ((RSA,), {"kind": "cades", "pss": True, "digest": "SHA-384"}),
    "cades dual stamped": ((CLASSICAL, KEY), {"kind": "cades", "stamper": STAMPER}),
    "jws": ((KEY,), {"kind": "jws"}),
    "jws attached": ((CLASSICAL,), {"kind": "jws", "options": (("detached", False),)}),
    "jws general dual": ((CLASSICAL, KEY), {"kind": "jws", "options": (("form", "general"),)}),
    "jws unencoded": ((RSA,), {"kind": "jws", "options": (("unencoded", True),)}),
    "cose": ((KEY,), {"kind": "cose-sign1"}),
    "dsse dual": ((PLAIN, KEY), {"kind": "dsse"}),
    "in-toto": ((PLAIN,), {"kind": "in-toto"}),
    "sshsig": ((EDWARDS,), {"kind": "sshsig"}),
    "minisign": ((EDWARDS,), {"kind": "minisign"}),
    "raw ml-dsa": ((KEY,), {"kind": "raw"}),
    "raw rsa": ((RSA,), {"kind": "raw", "digest": "SHA-512"}),
    "timestamp": ((STAMPER,), {"kind": "timestamp"}),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_job_signs_and_the_verifier_finds_out(bench: Bench, file: Path, way: str) -> None:
    keys, choices = WAYS[way]
    (signed,) = sign(bench, [file], *keys, **choices)
    assert signed.state is FileState.DONE, signed.sentence
    assert signed.output is not None
    assert signed.output.read_bytes()
    believed = trust(bench, *keys, stamps=way == "timestamp")
    verdict = verify(bench, file, believed)
    assert verdict.valid, verdict.headline
    assert verdict.form
    assert bench.verifier.check(file, signed.output, believed).valid
    file.write_bytes(file.read_bytes() + b"!")
    assert not bench.verifier.check(file, signed.output, believed).valid
    nobody = Trust(bench.clock.now())
    told = bench.verifier.check(file, signed.output, nobody)
    assert not told.valid


@pytest.mark.parametrize(
    "way", [way for way in WAYS if "attached" not in way and "dsse" not in way]
)
def test_what_is_missing_is_asked_for_by_name(bench: Bench, file: Path, way: str) -> None:
    keys, choices = WAYS[way]
    (signed,) = sign(bench, [file], *keys, **choices)
    assert signed.output is not None
    told = bench.verifier.check(None, signed.output, trust(bench, *keys))
    assert not told.valid
    assert [(need.kind, need.name) for need in told.needs] == [("file", "release.tar")]
    told = bench.verifier.check(file, signed.output, Trust(bench.clock.now()))
    assert {need.kind for need in told.needs} & {"root", "key"}


def test_a_token(bench: Bench, tmp_path: Path) -> None:
    claims = tmp_path / "claims.json"
    claims.write_bytes(CLAIMS)
    (signed,) = sign(bench, [claims], KEY, kind="jwt")
    assert signed.output is not None, signed.sentence
    verdict = bench.verifier.check(None, signed.output, trust(bench, KEY))
    assert verdict.valid, verdict.headline
    assert verdict.form == "JSON Web Token"
    refused = sign(bench, [signed.output], KEY, kind="jwt")[0]
    assert refused.state is FileState.FAILED
    assert "claims" in refused.sentence


def test_two_signatures_have_their_own_chains_and_both_can_be_required(
    bench: Bench, file: Path
) -> None:
    sign(bench, [file], CLASSICAL, KEY, kind="cades", stamper=STAMPER)
    both = trust(bench, required=(Family.ELLIPTIC, Family.ML_DSA))
    verdict = verify(bench, file, both)
    assert verdict.valid, verdict.headline
    first, second = verdict.parts
    assert [part.kind for part in first.parts] == ["timestamp"]
    assert first.links[-1].subject == "CN=Classical Root"
    assert second.links[-1].subject == "CN=Code Signing Root"
    assert first.parts[0].links[-1].subject == "CN=Classical Root"
    sign(bench, [file], CLASSICAL, kind="cades", replace=True)
    assert verify(bench, file, trust(bench)).valid
    stripped = verify(bench, file, both)
    assert not stripped.valid
    assert "ML-DSA" in stripped.headline


def test_a_file_is_read_once_for_two_signatures(
    bench: Bench, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    original = hashing._opened

    def counting(name: str, *, follow: bool) -> Any:
        opened.append(name)
        return original(name, follow=follow)

    monkeypatch.setattr(hashing, "_opened", counting)
    for number, (kind, options) in enumerate(
        (("cades", ()), ("in-toto", ()), ("dsse", ()), ("jws", (("form", "general"),)))
    ):
        sign(bench, [file], CLASSICAL, KEY, kind=kind, options=options)
        assert opened.count(str(file)) == number + 1, kind


def test_existing_signatures_are_left_unless_a_recipe_says_so(bench: Bench, file: Path) -> None:
    (first,) = sign(bench, [file], EDWARDS, kind="sshsig")
    (second,) = sign(bench, [file], EDWARDS, kind="sshsig")
    assert first.state is FileState.DONE
    assert second.state is FileState.FAILED
    assert "exists already" in second.sentence
    (third,) = sign(bench, [file], EDWARDS, kind="sshsig", replace=True)
    assert third.state is FileState.DONE


@pytest.mark.parametrize("way", ["cades dual stamped", "jws", "raw ml-dsa", "minisign", "cose"])
def test_what_was_signed_before_a_crash_is_not_signed_again(
    bench: Bench, file: Path, way: str
) -> None:
    keys, choices = WAYS[way]
    (signed,) = sign(bench, [file], *keys, **choices)
    assert signed.output is not None
    before = signed.output.read_bytes()
    chosen = Choices(tuple(KeyChoice(key) for key in keys), **choices)
    recipe = recipe_from(bench.kms, bench.shelf, chosen)
    again = FileSigner(bench.kms, recipe, bench.clock, again=True)
    made = again.prepare(file, lambda state: None)
    assert made.staged is None
    assert made.signed.digest == signed.digest
    assert signed.output.read_bytes() == before
    file.write_bytes(b"another")
    with pytest.raises(Exception, match="exists already"):
        again.prepare(file, lambda state: None)


def test_a_list_of_checksums_is_signed_in_place_of_the_files(bench: Bench, tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    (folder / "sub").mkdir(parents=True)
    names = ("a", "sub/b", "line\nbreak", "back\\slash")
    for name in names:
        (folder / name).write_bytes(name.encode())
    (signed,) = sign(bench, [folder], EDWARDS, kind="minisign", checksums="SHA-256")
    listed = folder / "SHA256SUMS"
    assert signed.path == listed
    assert len(listed.read_bytes().splitlines()) == len(names)
    believed = trust(bench, EDWARDS)
    verdict = verify(bench, listed, believed)
    assert check_listed(verdict, listed).valid
    (again,) = sign(bench, [folder], EDWARDS, kind="minisign", checksums="SHA-256", replace=True)
    assert again.state is FileState.DONE
    assert len(listed.read_bytes().splitlines()) == len(names), "it does not list itself"
    (folder / "a").write_bytes(b"changed")
    told = check_listed(verify(bench, listed, believed), listed)
    assert not told.valid
    assert told.headline.startswith("“a” is not the file that was listed")
    assert not sign(bench, [folder], EDWARDS, kind="minisign", checksums="SHA-256")


def test_names_in_a_list_lead_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    folder = tmp_path / "in"
    folder.mkdir()
    listed = folder / "SHA256SUMS"
    for name in ("../secret", str(tmp_path / "secret")):
        listed.write_text(f"{'0' * 64}  {name}\n")
        told = check_listed(Verdict(valid=True, headline="", checks=()), listed)
        assert "outside the folder" in told.headline
    listed.write_text("not a list\n")
    assert not check_listed(Verdict(valid=True, headline="", checks=()), listed).valid


def test_the_signing_time_can_be_the_moment(bench: Bench, file: Path) -> None:
    sign(bench, [file], KEY)
    late = bench.clock.now().replace(year=bench.clock.now().year + 3)
    assert not verify(bench, file, trust(bench, moment=late)).valid
    verdict = verify(bench, file, trust(bench, moment=late, at_signing_time=True))
    assert verdict.valid, verdict.headline
    assert any("nobody else vouches for it" in check.sentence for check in verdict.checks)


def test_fewer_workers_sign_all_the_same(bench: Bench, tmp_path: Path) -> None:
    paths = []
    for number in range(40):
        paths.append(tmp_path / f"{number}")
        paths[-1].write_bytes(b"x" * number)
    bench.jobs.limit(1)
    try:
        files = sign(bench, paths, KEY, kind="cose-sign1")
    finally:
        bench.jobs.limit(1000)
    assert {one.state for one in files} == {FileState.DONE}


def test_a_verifier_needs_no_vault(bench: Bench, file: Path) -> None:
    (signed,) = sign(bench, [file], CLASSICAL, KEY, kind="cades")
    assert signed.output is not None
    alone = Verifier(bench.clock)
    assert alone.check(file, signed.output, trust(bench)).valid


def test_every_format_is_tried_here() -> None:
    tried = {choices.get("kind", "cms") for _, choices in WAYS.values()} | {"jwt"}
    beside = {name for name, form in FORMATS.items() if not form.traits.embeds}
    assert beside - tried <= {"mdoc"}
