"""`doctor` and `demo` as processes: what they find, leave, and leave alone."""

import json
from pathlib import Path

import pytest

import workbench
from tests.fakes.command_line import Answer
from tests.fakes.shell import PASSPHRASE, Shell
from workbench.cli.exits import Exit
from workbench.vault.location import VaultFiles

# --- doctor


def test_doctor_without_a_vault(shell: Shell, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    answer = shell.run("doctor", "--json", KEY_WORKBENCH_HOME=str(nowhere))
    assert answer.code == Exit.OK
    document = answer.document
    assert (document["vault"], document["healthy"]) == (None, True)
    assert all(document["selfTests"].values())
    assert "ML_DSA_65" in document["keySpecs"]
    assert "not validated" in document["notice"]
    assert not nowhere.exists()


def test_doctor_with_a_vault(shell: Shell) -> None:
    answer = shell.run("doctor", "--json", passphrase=PASSPHRASE)
    assert (answer.code, answer.err) == (Exit.OK, "")
    document = answer.document
    assert document["healthy"] is True
    assert document["vault"]["directory"] == str(shell.home)
    assert document["vault"]["journal"]["problems"] == []
    assert document["vault"]["journal"]["events"] > 0
    assert PASSPHRASE not in answer.out
    answer = shell.run("--vault", str(shell.home), "doctor", passphrase=PASSPHRASE)
    assert answer.code == Exit.OK
    assert answer.out.endswith("Everything is well.\n")


@pytest.fixture
def damaged(shell: Shell, tmp_path: Path) -> Path:
    """A copy of the vault with a byte of its database flipped."""
    folder = tmp_path / "damaged"
    folder.mkdir()
    for path in shell.home.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    database = VaultFiles(folder).database
    content = bytearray(database.read_bytes())
    content[len(content) // 2] ^= 1
    database.write_bytes(content)
    return folder


def test_doctor_finds_damage(shell: Shell, damaged: Path) -> None:
    answer = shell.run("--vault", str(damaged), "doctor", "--json", passphrase=PASSPHRASE)
    assert answer.code == Exit.DAMAGED
    document = answer.document
    assert document.get("healthy") is False or "damaged" in document["error"]


def test_damaged_slots_are_not_taken_for_a_wrong_passphrase(shell: Shell, damaged: Path) -> None:
    slots = VaultFiles(damaged).slots
    slots.write_bytes(slots.read_bytes().replace(b"argon2id", b"argon2iD"))
    answer = shell.run("--vault", str(damaged), "doctor", passphrase=PASSPHRASE)
    assert answer.code == Exit.DAMAGED
    assert "key slots" in answer.err


# --- demo


@pytest.fixture(scope="session")
def demo(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    out = tmp_path_factory.mktemp("demo") / "out"
    untouched = out.with_name("home")
    answer = shell.run("demo", "--out", out, "--no-screenshots", KEY_WORKBENCH_HOME=str(untouched))
    assert not untouched.exists()
    return out, answer


def test_the_demo_leaves_its_results(shell: Shell, demo: tuple[Path, Answer]) -> None:
    out, answer = demo
    assert answer.code == Exit.OK, answer.err
    (archive,) = out.glob("*.zip")
    names = {archive.name, f"{archive.name}.p7s", "root.pem", "chain.pem", "vault-summary.json"}
    assert {path.name for path in out.iterdir()} == names
    assert shell.run("verify", archive, "--root", out / "root.pem").code == Exit.OK
    assert shell.run("verify", archive, "--root", shell.root).code == Exit.INVALID
    summary = json.loads((out / "vault-summary.json").read_text())
    assert len({key["KeySpec"] for key in summary["keys"]}) > 10
    assert summary["journal"]["problems"] == []
    assert (out / "chain.pem").read_text().count("BEGIN CERTIFICATE") == 3
    assert list(shell.temporary.glob("key-workbench*")) == []


def test_the_demo_can_be_repeated(shell: Shell, demo: tuple[Path, Answer]) -> None:
    out, _ = demo
    before = (out / "root.pem").read_bytes()
    answer = shell.run("demo", "--out", out, "--no-screenshots", "--json")
    assert answer.code == Exit.OK
    assert answer.document["valid"] is True
    assert (out / "root.pem").read_bytes() != before


def test_a_demo_that_has_nowhere_to_write(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    answer = shell.run("demo", "--out", file / "below", "--no-screenshots")
    assert answer.code == Exit.ENVIRONMENT
    assert "Could not make the folder" in answer.err
    assert list(shell.temporary.glob("key-workbench*")) == []


def test_a_demo_whose_sample_cannot_be_written(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / f"key-workbench-{workbench.__version__}.zip").mkdir()
    answer = shell.run("demo", "--out", tmp_path, "--no-screenshots")
    assert answer.code == Exit.ENVIRONMENT
    assert "it is a folder. Choose a file." in answer.err
    assert "Traceback" not in answer.err
    assert list(shell.temporary.glob("key-workbench*")) == []
