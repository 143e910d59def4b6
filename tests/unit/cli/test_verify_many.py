"""`verify` of many files: what is paired with what, and what is said of each and of all."""

import base64
import io
import json
import os
import pty
import sys
import threading
from pathlib import Path

import pytest

from tests.fakes import pdfs
from tests.fakes.command_line import Say
from tests.fakes.format_bench import EDWARDS
from tests.fakes.signers import CLASSICAL, KEY
from workbench.base.errors import Cancelled
from workbench.bench import Bench
from workbench.cli.exits import Exit
from workbench.cli.output import Output
from workbench.cli.verify_many import verify_many
from workbench.signing.equivalent import public_pem
from workbench.signing.pairing import Pairing
from workbench.signing.verdict import Verdict


@pytest.fixture
def folder(say: Say, tmp_path: Path) -> Path:
    """A folder with files signed in several ways, all of them well."""
    top = tmp_path / "release"
    (top / "sub").mkdir(parents=True)
    for name in ("a", "b", "sub/a"):
        (top / name).write_text(name)
    (top / "c.pdf").write_bytes(pdfs.document())
    trusted = say("sign", top / "a", top / "b", top / "sub" / "a", "--key", KEY)
    assert trusted.code == Exit.OK
    assert say("sign", top / "c.pdf", "--key", CLASSICAL, "--format", "pades").code == Exit.OK
    (top / "c.pdf").unlink()
    return top


@pytest.fixture
def roots(tmp_path: Path) -> tuple[str | Path, ...]:
    return ("--root", tmp_path / "root.pem", "--root", tmp_path / "classical.pem")


def test_a_folder(say: Say, folder: Path, roots: tuple[str, ...]) -> None:
    answer = say("verify", folder, *roots)
    assert answer.code == Exit.OK, answer.out
    assert answer.out.splitlines() == [
        f"valid  {folder / 'a'}",
        f"valid  {folder / 'b'}",
        f"valid  {folder / 'c-signed.pdf'}",
        f"valid  {folder / 'sub' / 'a'}",
        "VALID: 4 valid, 0 not valid.",
    ]
    assert answer.err == ""


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_one_that_is_not_valid(say: Say, folder: Path, roots: tuple[str, ...], jobs: str) -> None:
    (folder / "b").write_text("altered")
    answer = say("verify", folder, *roots, "--jobs", jobs, "--json")
    assert answer.code == Exit.INVALID
    document = answer.document
    assert document["valid"] is False
    assert document["counts"] == {"valid": 3, "notValid": 1, "unsigned": 0}
    (wrong,) = [one for one in document["files"] if not one["valid"]]
    assert (wrong["file"], wrong["signature"]) == (str(folder / "b"), str(folder / "b.p7s"))
    assert wrong["failed"][0]["name"] == "File"
    text = say("verify", folder, *roots).out.splitlines()
    assert text[1].startswith(f"NOT VALID  {folder / 'b'}: ")
    assert text[-1] == "NOT VALID: 3 valid, 1 not valid."


def test_what_has_no_signature_is_not_valid(say: Say, folder: Path, roots: tuple[str, ...]) -> None:
    (folder / "d").write_text("d")
    answer = say("verify", folder, *roots)
    assert answer.code == Exit.INVALID
    assert f"NO SIGNATURE  {folder / 'd'}" in answer.out.splitlines()
    assert answer.out.endswith("NOT VALID: 4 valid, 0 not valid, 1 without a signature.\n")


def test_what_cannot_be_looked_at_is_said(say: Say, folder: Path, roots: tuple[str, ...]) -> None:
    (folder / "link").symlink_to("a")
    answer = say("verify", folder, *roots)
    assert answer.code == Exit.INVALID
    assert answer.err == "passed over  “link” is a symbolic link and was not followed.\n"
    assert answer.out.endswith("NOT VALID: 4 valid, 0 not valid, 1 passed over.\n")
    empty = folder.with_name("empty")
    empty.mkdir()
    answer = say("verify", empty, *roots)
    assert answer.code == Exit.INVALID
    assert "holds no files" in answer.err


def test_patterns_and_lists(
    say: Say, folder: Path, roots: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = say("verify", folder / "*.p7s", *roots)
    assert answer.out.splitlines()[-1] == "VALID: 2 valid, 0 not valid."
    listing = folder.with_name("list")
    listing.write_bytes(f"\ufeff{folder / 'a'}\r\n{folder / 'b.p7s'}\r\n".encode())
    answer = say("verify", "--files-from", listing, *roots)
    assert answer.out.splitlines()[-1] == "VALID: 2 valid, 0 not valid."

    class Given:
        buffer = io.BytesIO(os.fsencode(f"{folder / 'a'}\0{folder / 'sub' / 'a'}\0"))

    monkeypatch.setattr("sys.stdin", Given)
    answer = say("verify", "-", *roots, "--json")
    assert (answer.code, answer.document["counts"]["valid"]) == (Exit.OK, 2)


def test_two_that_are_named(say: Say, folder: Path, roots: tuple[str, ...]) -> None:
    """They are one pair, unless each has a signature of its own."""
    one, other = folder / "a", folder / "b"
    assert say("verify", one, other, *roots).out.endswith("VALID: 2 valid, 0 not valid.\n")
    assert say("verify", one, folder / "a.p7s", *roots).code == Exit.OK
    for crossed in ((one, folder / "b.p7s"), (folder / "b.p7s", one)):
        answer = say("verify", *crossed, *roots)
        assert answer.code == Exit.INVALID
        assert answer.out.startswith("NOT VALID: “a” is not ")
    both = say("verify", folder / "a.p7s", folder / "b.p7s", *roots)
    assert both.code == Exit.INVALID, "they were asked for as a pair"


def test_raw_signatures_are_paired_by_name(say: Say, bench: Bench, tmp_path: Path) -> None:
    raw, key = tmp_path / "raw", tmp_path / "key.pem"
    raw.mkdir()
    for name in ("x", "y"):
        (raw / name).write_text(name)
    assert say("sign", raw, "--key", EDWARDS, "--format", "raw").code == Exit.OK
    key.write_text(public_pem(bytes(bench.kms.get_public_key(KeyId=EDWARDS)["PublicKey"])))
    assert say("verify", raw, "--key", key).out.endswith("VALID: 2 valid, 0 not valid.\n")
    value = base64.b64encode((raw / "x.rawsig").read_bytes()).decode()
    (raw / "x.rawsig").write_text(json.dumps({"KeyId": "k", "Signature": value}))
    assert say("verify", raw, "--key", key).code == Exit.OK, "as aws kms sign prints it"
    (raw / "x").write_text("altered")
    assert say("verify", raw, "--key", key).out.endswith("NOT VALID: 1 valid, 1 not valid.\n")


def test_a_report_is_about_one(say: Say, folder: Path, roots: tuple[str, ...]) -> None:
    report = folder.with_name("report.json")
    answer = say("verify", folder, *roots, "--report", report)
    assert answer.code == Exit.REFUSED
    assert "ask for --json" in answer.err
    assert not report.exists()


@pytest.mark.parametrize("named", ["signature", "file", "root", "link"])
def test_a_report_takes_the_place_of_nothing_it_is_about(
    say: Say, folder: Path, tmp_path: Path, named: str
) -> None:
    file = folder / "data.json"
    file.write_text("{}")
    assert say("sign", file, "--key", KEY).code == Exit.OK
    signature = (folder / "data.json.p7s").rename(folder / "signature.json")
    root = (tmp_path / "root.pem").rename(tmp_path / "root.json")
    link = folder / "link.json"
    link.symlink_to(signature)
    report = {"signature": signature, "file": file, "root": root, "link": link}[named]
    before = report.read_bytes()
    answer = say("verify", file, signature, "--root", root, "--report", report)
    assert answer.code == Exit.REFUSED
    assert "Choose another name for the report." in answer.err
    assert report.read_bytes() == before
    fresh = folder / "fresh.json"
    assert say("verify", file, signature, "--root", root, "--report", fresh).code == Exit.OK
    assert json.loads(fresh.read_text())["valid"] is True


def test_an_interrupt_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is being verified is told to stop, and nothing more is begun."""
    for name in ("a", "a.p7s", "b", "b.p7s"):
        (tmp_path / name).write_text(name)
    asked: list[Pairing] = []

    def judge(pair: Pairing, stop: threading.Event) -> Verdict:
        asked.append(pair)
        os.kill(os.getpid(), 2)
        assert stop.wait(10)
        raise Cancelled("It was cancelled.", "")

    with pytest.raises(KeyboardInterrupt):
        verify_many([tmp_path], judge, Output(as_json=False), 1, quiet=True)
    assert asked
    assert all(pair.file == tmp_path / "a" for pair in asked)


def test_a_terminal_sees_how_far_it_is(
    say: Say, folder: Path, roots: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        assert say("verify", folder, *roots).code == Exit.OK
        terminal.flush()
        drawn = os.read(ours, 65536).decode()
    os.close(ours)
    assert "of 4" in drawn
    assert drawn.endswith("\r"), "the line is cleared at the end"
