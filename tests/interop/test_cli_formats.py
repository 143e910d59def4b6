"""Every format from the command line, checked by other people's programs, and theirs by ours."""

import json
import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import minisign
import pytest

from tests.fakes import jars, pdfs, programs
from tests.fakes.command_line import Answer
from tests.fakes.format_bench import EDWARDS, PLAIN, RSA, STAMPER, format_bench, root_file
from tests.fakes.shell import PASSPHRASE, Shell
from tests.fakes.signers import CLASSICAL, KEY
from workbench.base.sites import Site
from workbench.cli.exits import Exit
from workbench.signing.choices import Choices, KeyChoice, recipe_from
from workbench.signing.equivalent import (
    Given,
    checksum_line,
    public_pem,
    sign_lines,
    trust_file,
    verify_lines,
    why_none,
)
from workbench.signing.formats.registry import FORMATS, make_format

PEERS = Path(__file__).parents[2] / ".cache" / "peers" / "bin"


class Lab:
    """A vault's command line, its roots and public keys as files, and other people's programs."""

    def __init__(self, folder: Path, openssl: str) -> None:
        temporary = folder / "tmp"
        temporary.mkdir()
        self.shell = Shell(folder / "home", folder / "root.pem", temporary)
        self.folder = folder
        self.environment: dict[str, str] = {}
        bench = format_bench(self.shell.home)
        root_file(bench, KEY, self.shell.root)
        self.classical = root_file(bench, CLASSICAL, folder / "classical root.pem")
        self.public: dict[str, bytes] = {}
        for key in (KEY, CLASSICAL, EDWARDS, RSA, PLAIN, STAMPER):
            self.public[key] = bytes(bench.kms.get_public_key(KeyId=key)["PublicKey"])
            self.pub(key).write_text(public_pem(self.public[key]))
        bench.close()
        self.tools = folder / "bin"
        self.tools.mkdir()
        (self.tools / "openssl").write_text(f'#!/bin/sh\nexec "{openssl}" "$@"\n')
        (self.tools / "openssl").chmod(0o755)

    def pub(self, key: str) -> Path:
        return self.folder / f"{key.removeprefix('alias/')}.pub.pem"

    def root_of(self, key: str) -> Path:
        return self.shell.root if key == KEY else self.classical

    def sign(self, *words: str | Path) -> Answer:
        return self.shell.run("sign", *words, passphrase=PASSPHRASE)

    def bash(self, line: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line], capture_output=True, text=True, check=False,
            cwd=self.folder, timeout=60,
            env={**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}", **self.environment},
        )  # fmt: skip


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, openssl: str) -> Lab:
    return Lab(tmp_path_factory.mktemp("formats"), openssl)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "release 1.tar"
    path.write_bytes(b"content" * 2000)
    return path


WAYS = {
    "cms": (KEY, "cms", ()),
    "cms attached": (KEY, "cms", ("--option", "detached=false")),
    "cades stamped": (CLASSICAL, "cades", ("--timestamp-key", STAMPER)),
    "cades ml-dsa stamped": (KEY, "cades", ("--timestamp-key", STAMPER)),
    "cades rsa": (RSA, "cades", ("--digest", "SHA-512", "--padding", "pss")),
    "sshsig": (EDWARDS, "sshsig", ("--option", "namespace=git")),
    "sshsig p-256": (PLAIN, "sshsig", ()),
    "raw ecdsa": (PLAIN, "raw", ()),
    "raw ml-dsa": (KEY, "raw", ()),
    "raw rsa pss": (RSA, "raw", ("--digest", "SHA-384")),
    "raw rsa pkcs1": (RSA, "raw", ("--padding", "pkcs1")),
    "timestamp": (STAMPER, "timestamp", ()),
}


@pytest.mark.parametrize("way", WAYS)
def test_other_programs_accept_what_is_signed(lab: Lab, file: Path, way: str) -> None:
    key, kind, more = WAYS[way]
    done = lab.sign(file, "--key", key, "--format", kind, *more, "--json")
    assert done.code == Exit.OK, done.err + done.out
    signature = Path(done.document["files"][0]["signature"])
    options = {"detached": False} if way == "cms attached" else {}
    chosen = {"namespace": "git"} if way == "sshsig" else {}
    pss = False if "pkcs1" in way else None
    digest = {"raw rsa pss": "SHA-384"}.get(way, "")
    form = make_format(kind, {**options, **chosen}, digest, pss=pss)
    given = Given(file, signature, key, lab.public[key], lab.root_of(key), lab.pub(key))
    lines = [one for one in verify_lines(form, given) if one.tool != "AWS CLI"]
    assert lines
    for line in lines:
        accepted = lab.bash(line.text)
        assert accepted.returncode == 0, accepted.stderr + accepted.stdout
    trust = [
        "--root",
        str(lab.root_of(key)),
        "--root",
        str(lab.classical),
        "--key",
        str(lab.pub(key)),
    ]
    expecting: tuple[str, ...] = ()
    if way == "sshsig":
        expecting = ("--format", "sshsig", "--option", "namespace=git")
    if kind == "timestamp":
        expecting = ("--format", kind)
    swapped = (file,) if kind == "raw" else (signature, file)
    assert lab.shell.run("verify", *swapped, *trust, *expecting).code == Exit.OK
    file.write_bytes(b"Content" + file.read_bytes()[7:])
    assert all(lab.bash(line.text).returncode for line in lines)


def flipped(data: bytes) -> bytes:
    return data[:0x210] + bytes([data[0x210] ^ 1]) + data[0x211:]


DOCUMENTS: dict[str, tuple[Callable[[], bytes], str, Callable[[bytes], bytes]]] = {
    "pades": (
        pdfs.document,
        "Signature is Valid.",
        lambda data: data.replace(b"Pay 10", b"Pay 99", 1),
    ),
    "authenticode": (programs.program, "Signature verification: ok", flipped),
    "jar": (
        jars.archive,
        "jar verified.",
        lambda data: jars.changed(data, lambda them: them.update({"org/Main.class": b"evil"})),
    ),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_programs_for_documents_accept_what_is_signed(lab: Lab, tmp_path: Path, kind: str) -> None:
    make, good, spoil = DOCUMENTS[kind]
    file = tmp_path / "a document"
    file.write_bytes(make())
    done = lab.sign(file, "--key", RSA, "--format", kind, "--json")
    assert done.code == Exit.OK, done.err + done.out
    signed = Path(done.document["files"][0]["signature"])
    given = Given(file, signed, RSA, lab.public[RSA], lab.root_of(RSA))
    (line,) = verify_lines(FORMATS[kind], given)
    accepted = lab.bash(line.text)
    assert accepted.returncode == 0, accepted.stderr + accepted.stdout
    assert good in accepted.stdout
    signed.write_bytes(spoil(signed.read_bytes()))
    refused = lab.bash(line.text)
    assert refused.returncode or good not in refused.stdout
    # None of these programs knows ML-DSA: no line is better than one that cannot work.
    assert verify_lines(FORMATS[kind], replace(given, public_key=lab.public[KEY])) == ()


def test_the_saved_roots_are_enough_for_two_signers_and_a_stamp(lab: Lab, tmp_path: Path) -> None:
    bench = format_bench(tmp_path / "vault")
    keys = (KeyChoice(KEY), KeyChoice(CLASSICAL))
    recipe = recipe_from(bench.kms, bench.shelf, Choices(keys, "cades", stamper=STAMPER))
    file = tmp_path / "release.tar"
    file.write_bytes(b"content")
    job = bench.jobs.submit(recipe, [file])
    bench.jobs.wait(job, 20)
    roots = tmp_path / "root.pem"
    text = trust_file(bench.kms, bench.shelf, recipe)
    roots.write_text(text)
    bench.close()
    assert text.count("BEGIN CERTIFICATE") == 2
    given = Given(file, Path(f"{file}.p7s"), KEY, recipe.public_key, roots)
    (line,) = verify_lines(recipe.form, given)
    accepted = lab.bash(line.text)
    assert accepted.returncode == 0, accepted.stderr
    roots.write_text(text[: text.index("-----END CERTIFICATE-----") + 26])
    assert lab.bash(line.text).returncode


def test_there_is_no_line_where_no_program_can(lab: Lab, file: Path) -> None:
    given = Given(file, file, PLAIN, lab.public[PLAIN])
    assert verify_lines(FORMATS["mdoc"], given) == ()
    assert "data element" in why_none(FORMATS["mdoc"])
    for kind in ("jws", "jwt", "cose-sign1", "mdoc", "dsse", "in-toto"):
        assert sign_lines(FORMATS[kind], given) == ()
    for key in (KEY, EDWARDS):
        given = Given(file, file, key, lab.public[key], size=5000)
        assert verify_lines(FORMATS["timestamp"], given) == ()
        assert "RSA and ECDSA" in why_none(FORMATS["timestamp"])
    lines = verify_lines(FORMATS["raw"], given)
    assert [line.tool for line in lines] == ["OpenSSL"]
    there = Site("eu-west-1", aws=True, profile="my team")
    for line in sign_lines(FORMATS["raw"], replace(given, size=1, site=there)):
        assert "--profile 'my team' --region eu-west-1 --message" in line.text
    assert sign_lines(FORMATS["raw"], given) == ()


def test_minisign_accepts_ours(lab: Lab, file: Path) -> None:
    assert lab.sign(file, "--key", EDWARDS, "--format", "minisign").code == Exit.OK
    signature = Path(f"{file}.minisig")
    given = Given(file, signature, EDWARDS, lab.public[EDWARDS])
    (line,) = verify_lines(FORMATS["minisign"], given)
    words = shlex.split(line.text)
    # The program is not packaged everywhere; another implementation reads the same line.
    assert words[:3] == ["minisign", "-Vm", str(file)]
    key = minisign.PublicKey.from_base64(words[words.index("-P") + 1])
    key.verify_file(file, minisign.Signature.from_file(words[words.index("-x") + 1]))
    assert lab.shell.run("verify", file, "--key", lab.pub(EDWARDS)).code == Exit.OK


def test_we_accept_theirs(lab: Lab, file: Path) -> None:
    done = lab.bash(
        f"ssh-keygen -q -t ed25519 -N '' -C ann@lab -f ann && ssh-keygen -q -Y sign -f ann -n file "
        f"{shlex.quote(str(file))}"
    )
    assert done.returncode == 0, done.stderr
    answer = lab.shell.run("verify", file, "--key", lab.folder / "ann.pub", "--json")
    assert answer.code == Exit.OK, answer.out
    assert answer.document["signer"] == "ann@lab"
    allowed = lab.folder / "allowed"
    allowed.write_text("bob@lab " + (lab.folder / "ann.pub").read_text())
    assert lab.shell.run("verify", file, "--key", allowed, "--json").document["signer"] == "bob@lab"
    done = lab.bash(
        "openssl genpkey -algorithm ml-dsa-65 -out theirs.key && "
        "openssl pkey -in theirs.key -pubout -out theirs.pem && "
        "openssl pkeyutl -sign -inkey theirs.key -rawin -in "
        f"{shlex.quote(str(file))} -out theirs.rawsig"
    )
    assert done.returncode == 0, done.stderr
    words = ("verify", file, lab.folder / "theirs.rawsig", "--key")
    assert lab.shell.run(*words, lab.folder / "theirs.pem").code == Exit.OK
    assert lab.shell.run(*words, lab.pub(KEY)).code == Exit.INVALID


def test_both_can_be_required(lab: Lab, file: Path) -> None:
    both = ("verify", file, "--root", lab.shell.root, "--root", lab.classical,
            "--require", "ML-DSA", "--require", "ECDSA")  # fmt: skip
    assert lab.sign(file, "--key", KEY, "--key", CLASSICAL).code == Exit.OK
    assert lab.shell.run(*both).code == Exit.OK
    assert lab.sign(file, "--key", CLASSICAL, "--replace").code == Exit.OK
    answer = lab.shell.run(*both)
    assert answer.code == Exit.INVALID
    assert "Required signatures" in answer.out


def test_reports(lab: Lab, file: Path) -> None:
    assert lab.sign(file, "--key", KEY, "--key", CLASSICAL, "--format", "cades",
                    "--timestamp-key", STAMPER).code == Exit.OK  # fmt: skip
    page, document = lab.folder / "report.html", lab.folder / "report.json"
    trust = ("--root", lab.shell.root, "--root", lab.classical)
    assert lab.shell.run("verify", file, *trust, "--report", page).code == Exit.OK
    assert lab.shell.run("verify", file, *trust, "--report", document).code == Exit.OK
    text = page.read_text()
    assert "Valid signature" in text
    assert "Signer 2" in text
    assert "Timestamp" in text
    assert "<script" not in text
    found = json.loads(document.read_text())
    assert found["valid"] is True
    assert [part["title"] for part in found["parts"]] == ["Signer 1", "Signer 2"]
    wrong = lab.shell.run("verify", file, *trust, "--report", lab.folder / "report.txt")
    assert wrong.code == Exit.USAGE


def test_lists_patterns_and_standard_input(lab: Lab, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt", "c.bin"):
        (tmp_path / name).write_text(name)
    done = lab.sign(tmp_path / "*.txt", "--key", PLAIN, "--format", "jws", "--jobs", "1", "--json")
    assert (done.code, done.document["signed"]) == (Exit.OK, 2)
    listed = tmp_path / "list"
    listed.write_bytes(b"%s\0" % os.fsencode(tmp_path / "c.bin"))
    done = lab.sign("--files-from", listed, "--key", PLAIN, "--format", "jws", "--json")
    assert (done.code, done.document["signed"]) == (Exit.OK, 1)
    nothing = lab.sign(tmp_path / "*.nothing", "--key", PLAIN, "--format", "jws")
    assert nothing.code == Exit.ENVIRONMENT
    assert "Nothing is called" in nothing.err
    assert lab.sign("-", "--key", PLAIN, "--format", "jws").code == Exit.ENVIRONMENT, "no list"


def test_lists_of_checksums(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    for name in ("one", "two words", "new\nline"):
        (folder / name).write_text(name)
    done = lab.sign(folder, "--key", EDWARDS, "--format", "sshsig", "--checksums", "SHA-256")
    assert done.code == Exit.OK, done.err
    listed = folder / "SHA256SUMS"
    accepted = lab.bash(checksum_line(listed))
    assert accepted.returncode == 0, accepted.stderr
    words = ("verify", listed, "--key", lab.pub(EDWARDS), "--files")
    assert lab.shell.run(*words).code == Exit.OK
    (folder / "one").write_text("two")
    answer = lab.shell.run(*words)
    assert answer.code == Exit.INVALID
    assert "“one” is not the file that was listed" in answer.out
    assert lab.shell.run(*words[:-1]).code == Exit.OK, "the list itself is as it was signed"


def test_a_progress_bar_and_advice_on_a_terminal_only(lab: Lab, tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}").write_bytes(os.urandom(100_000))
    main, other = pty.openpty()
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\n")
    os.close(writing)
    words = [*map(str, ("sign", tmp_path, "--key", KEY, "--jobs", "1", "--passphrase-fd", reading))]
    with subprocess.Popen(
        [sys.executable, "-m", "workbench", *words], pass_fds=[reading], stderr=other,
        stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=self_environment(lab),
        cwd=Path(__file__).parents[2],
    ) as process:  # fmt: skip
        os.close(other)
        said = b""
        try:
            while piece := os.read(main, 4096):
                said += piece
        except OSError:
            pass  # the terminal's other end is closed
    os.close(main)
    os.close(reading)
    assert process.returncode == Exit.OK
    assert b"note: Programs older than OpenSSL 3.5" in said
    assert b" of 300" in said


def self_environment(lab: Lab) -> dict[str, str]:
    return lab.shell.environment(COLUMNS="100")


@pytest.fixture
def aws(lab: Lab, tmp_path: Path) -> Iterator[Lab]:
    if not (PEERS / "python").exists():
        reason = "needs the peers of packaging/peers.txt; packaging/test brings them"
        if os.environ.get("KEY_WORKBENCH_TESTS") == "full":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    served = format_bench(tmp_path / "served")
    served.serving.start()
    lab.environment = served.serving.variables()
    for key in (KEY, PLAIN, RSA):
        lab.public[f"served {key}"] = bytes(served.kms.get_public_key(KeyId=key)["PublicKey"])
    tool = lab.tools / "aws"
    tool.write_text(f'#!/bin/sh\nexec "{PEERS / "python"}" "{PEERS / "aws"}" "$@"\n')
    tool.chmod(0o755)
    yield lab
    lab.environment = {}
    served.close()


def test_the_aws_cli_signs_and_verifies_the_same(aws: Lab, tmp_path: Path) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_bytes(b"small")
    large.write_bytes(bytes(5000))
    for key, file in ((PLAIN, large), (KEY, large), (RSA, small)):
        public = aws.public[f"served {key}"]
        signature = file.with_name(f"{file.name}.rawsig")
        pem = tmp_path / "served.pem"
        pem.write_text(public_pem(public))
        size = file.stat().st_size
        given = Given(file, signature, key, public, public_file=pem, size=size)
        (line,) = sign_lines(FORMATS["raw"], given)
        made = aws.bash(line.text)
        assert made.returncode == 0, made.stderr
        checks = verify_lines(FORMATS["raw"], given)
        assert [check.tool for check in checks] == ["OpenSSL", "AWS CLI"]
        for check in checks:
            accepted = aws.bash(check.text)
            assert accepted.returncode == 0, accepted.stderr
        assert aws.shell.run("verify", file, signature, "--key", pem).code == Exit.OK
        signature.unlink()
