"""The pins, the desktop files, and what must not stand anywhere in the repository."""

import configparser
import re
import subprocess
import tomllib
import xml.etree.ElementTree as ET
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pin import closure

APPLICATION = "org.keyworkbench.KeyWorkbench"
# A package index or an archive by its address, in any tool's spelling.
INDEX = re.compile(
    r"""(?ix)
    (?: --?(?:extra-)?index-url | --find-links | --trusted-host | ^\s*registry ) [\s=]+ \S*://
    | ^ \s* deb (?:-src)? \s+ (?:\[[^\]]*\]\s*)? [a-z+]+://(?![\w.-]*\.example)
    | ^ \s* uris: \s* [a-z+]+://(?![\w.-]*\.example)
    """,
    re.MULTILINE,
)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.]*://(?!127\.0\.0\.1[:/])[\w.-]+")


@pytest.fixture
def pins(root: Path) -> dict[str, str]:
    lines = (root / "packaging" / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_every_pin_is_one_exact_version(root: Path) -> None:
    lines = (root / "packaging" / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins == sorted(pins, key=lambda pin: pin.partition("=")[0])
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][\w.]*", pin)] == []


def test_the_pins_meet_what_the_project_asks(root: Path, pins: dict[str, str]) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    wanted = [
        *project["build-system"]["requires"],
        *project["project"]["dependencies"],
        *project["project"]["optional-dependencies"]["test"],
    ]
    assert len(wanted) > 10
    for requirement in map(Requirement, wanted):
        pin = pins.get(canonicalize_name(requirement.name), "")
        assert requirement.specifier.contains(pin), f"{requirement} is pinned at {pin or 'nothing'}"


def test_everything_that_comes_along_is_pinned(pins: dict[str, str]) -> None:
    needed = closure("key-workbench", "test")
    assert len(needed) > 30
    assert sorted(set(needed) - set(pins)) == []


@pytest.mark.skipif("os.environ.get('KEY_WORKBENCH_TESTS') != 'full'", reason="another environment")
def test_what_is_installed_is_what_is_pinned(pins: dict[str, str]) -> None:
    names = {found.metadata["Name"]: found.version for found in metadata.distributions()}
    ours = ("key-workbench", "pip")
    installed = {canonicalize_name(name): names[name] for name in names if name not in ours}
    assert {name: pins.get(name) for name in installed} == installed


def _tracked_texts(root: Path) -> dict[str, str]:
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout
    texts: dict[str, str] = {}
    for name in filter(None, listed.split("\0")):
        file = root / name
        if file.is_file() and not file.is_symlink():
            texts[name] = file.read_bytes().decode(errors="replace")
    return texts


def test_no_index_and_no_archive_is_named(root: Path) -> None:
    texts = _tracked_texts(root)
    assert "pyproject.toml" in texts
    named = {name: found[0] for name, text in texts.items() if (found := INDEX.search(text))}
    named.pop("tests/unit/packaging/test_files.py", None)  # the examples below
    assert named == {}


def test_what_sets_the_machine_up_names_no_host(root: Path) -> None:
    texts = _tracked_texts(root)
    tools = {name: text for name, text in texts.items() if name.startswith(("packaging/", ".ci/"))}
    tools["pyproject.toml"] = texts["pyproject.toml"]
    assert len(tools) > 20
    named = {name: found[0] for name, text in tools.items() if (found := ELSEWHERE.search(text))}
    assert named == {}
    assert ELSEWHERE.search("curl https://mirror.test/x")


@pytest.mark.parametrize(
    "line",
    [
        "pip install --index-url https://mirror.test/simple x",
        "--extra-index-url=https://mirror.test/simple",
        "deb packages://",
        "deb http://mirror.test/debian trixie main",
        "deb [arch=amd64] https://mirror.test/debian trixie main",
        "URIs: http://mirror.test/debian",
    ],
)
def test_a_named_index_is_found(line: str) -> None:
    assert INDEX.search(f"first\n{line}\n")


@pytest.mark.parametrize(
    "line",
    ["see RFC 9882", "a .deb package", 'xmlns="http://www.w3.org/2000/svg"', "URIs: {uris}"],
)
def test_an_innocent_line_is_not(line: str) -> None:
    assert INDEX.search(line) is None


def test_the_desktop_entry_starts_the_gui_command(root: Path) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    assert entry.read(root / "packaging" / f"{APPLICATION}.desktop")
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert entry["Desktop Entry"]["Exec"] in project["gui-scripts"]
    assert entry["Desktop Entry"]["Icon"] == APPLICATION
    assert entry["Desktop Entry"]["Categories"].endswith(";")


def test_the_metainfo_names_the_same_application(root: Path) -> None:
    tree = ET.parse(root / "packaging" / f"{APPLICATION}.metainfo.xml")
    assert tree.findtext("id") == APPLICATION
    assert tree.findtext("launchable") == f"{APPLICATION}.desktop"
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert tree.findtext("project_license") == project["license"]
    binaries = {binary.text for binary in tree.iterfind("provides/binary")}
    assert binaries == {*project["scripts"], *project["gui-scripts"]}
