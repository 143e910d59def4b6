"""`sign`, `verify` and `recipes` in one process: what they say, and what they answer."""

import dataclasses
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.command_line import ROOTS, Say
from tests.fakes.format_bench import EDWARDS, PLAIN, STAMPER
from tests.fakes.signers import CLASSICAL, KEY
from workbench.bench import Bench
from workbench.cli.exits import Exit
from workbench.cli.main import parse
from workbench.cli.progress import line
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.equivalent import public_pem
from workbench.signing.jobs import JobState


def test_recipes(say: Say, file: Path, tmp_path: Path) -> None:
    words = ("--key", CLASSICAL, "--key", "code-signing", "--format", "cades")
    assert say("recipes", "save", "Release", *words).code == Exit.OK
    assert say("recipes", "save", "Release", "--key", KEY).code == Exit.REFUSED, "it is taken"
    assert say("recipes", "save", "Release", *words, "--overwrite").code == Exit.OK
    weak = say("recipes", "save", "Weak", "--key", KEY, "--digest", "SHA-256")
    assert weak.code == Exit.REFUSED
    assert "RFC 5652" in weak.err
    listed = "Release: CAdES signature by alias/classical and alias/code-signing\n"
    assert say("recipes", "list").out == listed
    assert say("sign", file, "--recipe", "Release").code == Exit.OK
    trust = [word for name in ROOTS for word in ("--root", tmp_path / name)]
    assert len(say("verify", file, *trust, "--json").document["parts"]) == 2
    exported = tmp_path / "recipes.json"
    assert say("recipes", "export", "Release", "--to", exported).code == Exit.OK
    shown = json.loads(say("recipes", "show", "Release").out)
    assert json.loads(exported.read_text())["recipes"] == [shown]
    assert json.loads(say("recipes", "export").out)["recipes"] == [shown]
    assert shown["keys"][1] == {"id": "alias/code-signing", "spec": "ML_DSA_65"}
    assert say("recipes", "import", exported).code == Exit.REFUSED
    assert say("recipes", "rename", "Release", "Old").code == Exit.OK
    assert say("recipes", "import", exported).code == Exit.OK
    assert say("recipes", "list", "--json").document["recipes"][1]["name"] == "Release"
    assert say("recipes", "delete", "Release", "Old").code == Exit.OK
    assert say("recipes", "delete", "Old").code == Exit.REFUSED
    assert say("recipes", "export").code == Exit.ENVIRONMENT
    broken = json.loads(exported.read_text())
    broken["recipes"][0]["digest"] = "SHA-256"
    exported.write_text(json.dumps(broken))
    refused = say("recipes", "import", exported)
    assert refused.code == Exit.REFUSED
    assert "$.recipes[0]: " in refused.err
    assert say("sign", file, "--recipe", "Release").code == Exit.REFUSED
    assert say("recipes", "import", tmp_path / "none").code == Exit.ENVIRONMENT


WRONG: dict[str, tuple[str, ...]] = {
    "recipe and key": ("sign", "f", "--recipe", "r", "--key", "k"),
    "no key": ("sign", "f"),
    "no file": ("sign", "--key", "k"),
    "format": ("sign", "f", "--key", "k", "--format", "pgp"),
    "jobs": ("sign", "f", "--key", "k", "--jobs", "0"),
    "nobody trusted": ("verify", "f"),
    "option without format": ("verify", "f", "--root", "r", "--option", "a=b"),
    "report": ("verify", "f", "--root", "r", "--report", "r.txt"),
    "requirement": ("verify", "f", "--root", "r", "--require", "DES"),
    "recipes without action": ("recipes",),
    "recipe without key": ("recipes", "save", "name"),
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG.keys())
def test_wrong_arguments(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse(words)
    assert stopped.value.code == Exit.USAGE
    assert "usage: workbench" in capsys.readouterr().err


REFUSED = (
    (("--key", KEY, "--format", "sshsig"), "no signature algorithm"),
    (("--key", KEY, "--key", CLASSICAL, "--format", "cose-sign1"), "has one signature"),
    (("--key", KEY, "--format", "jws", "--option", "colour=red"), "no option"),
    (("--key", KEY, "--format", "jws", "--option", "detached=maybe"), "true or false"),
    (("--key", CLASSICAL, "--format", "mdoc", "--option", "days=x"), "is a number"),
    (("--key", KEY, "--format", "dsse", "--timestamp-key", STAMPER), "no place for"),
    (("--key", PLAIN, "--format", "cades"), "No certificate"),
    (("--key", KEY, "--key", KEY), "sign twice"),
)


@pytest.mark.parametrize(("words", "said"), REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_signed(
    say: Say, file: Path, words: tuple[str, ...], said: str
) -> None:
    answer = say("sign", file, *words)
    assert answer.code == Exit.REFUSED, answer.err
    assert said in answer.err
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_advice_is_in_the_document(say: Say, file: Path) -> None:
    document = say("sign", file, "--key", KEY, "--json").document
    assert "OpenSSL 3.5" in document["advice"]
    both = say("sign", file, "--key", KEY, "--key", CLASSICAL, "--replace", "--json").document
    assert "OpenSSL 3.5" not in both["advice"]
    assert "by one key only" in both["advice"]
    assert both["algorithm"] == "ML-DSA-65 and P-256"


def test_names_on_standard_input(say: Say, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = file.with_name("other")
    other.write_text("other")

    class Given:
        buffer = io.BytesIO(f"{file}\n{other}\n".encode())

    monkeypatch.setattr("sys.stdin", Given)
    answer = say("sign", "-", "--key", EDWARDS, "--format", "minisign", "--json")
    assert (answer.code, answer.document["signed"]) == (Exit.OK, 2)


def test_trust_from_many_places(
    say: Say, bench: Bench, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert say("sign", file, "--key", CLASSICAL).code == Exit.OK
    assert say("verify", file, "--vault-roots").code == Exit.OK
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "root.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "nothing"))
    assert say("verify", file, "--system-roots").code == Exit.INVALID
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "classical.pem"))
    assert say("verify", file, "--system-roots").code == Exit.OK
    assert say("verify", file, "--root", tmp_path / "root.pem").code == Exit.INVALID
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("".join((tmp_path / name).read_text() for name in ROOTS))
    assert say("verify", file, "--root", bundle).code == Exit.OK
    assert say("verify", file, "--root", bundle, "--at", "2000-01-01").code == Exit.INVALID
    assert say("verify", file, "--root", bundle, "--at", "signing").code == Exit.OK


def test_what_is_missing_is_named(say: Say, bench: Bench, file: Path, tmp_path: Path) -> None:
    assert say("sign", file, "--key", EDWARDS, "--format", "sshsig").code == Exit.OK
    key = tmp_path / "other.pem"
    key.write_text(public_pem(bytes(bench.kms.get_public_key(KeyId=PLAIN)["PublicKey"])))
    answer = say("verify", file, "--key", key)
    assert answer.code == Exit.INVALID
    assert "missing key: the key SHA256:" in answer.out
    file.unlink()
    answer = say("verify", f"{file}.sig", "--key", key)
    assert "missing file: release.tar" in answer.out


def test_a_progress_line(bench: Bench, file: Path) -> None:
    recipe = recipe_from(bench.kms, bench.shelf, Choices((KeyChoice(KEY),)))
    job = bench.jobs.submit(recipe, [file])
    view = bench.jobs.wait(job, 30)
    running = dataclasses.replace(
        view, state=JobState.RUNNING, total=1200, done=600, failed=2, bytes_total=10, bytes_done=5,
        bytes_per_second=12_345_678.0, seconds_left=61.2,
    )  # fmt: skip
    assert line(running) == (
        "[############............]  50%  602 of 1,200  2 failed  12.3 MB/s  1:01 left"
    )
    assert line(dataclasses.replace(view, state=JobState.COLLECTING)).startswith("collecting")
    locked = dataclasses.replace(running, state=JobState.LOCKED)
    assert line(locked).endswith("waiting for the vault")


def test_a_clock_before_the_certificates_first_day_ends_the_command_with_the_reason(
    say: Say, bench: Bench, file: Path
) -> None:
    clock: Any = bench.clock
    clock.travel(-timedelta(days=400))
    try:
        answer = say("sign", "--json", file, "--key", KEY)
    finally:
        clock.travel(timedelta(days=400))
    assert answer.code == Exit.INVALID
    assert "is not valid before" in answer.document["onHold"]
    assert "Set the computer's clock right" in answer.document["onHold"]
    assert not file.with_name(f"{file.name}.p7s").exists()
