"""apt's sources, in both formats, pointed at another release."""

from pathlib import Path

from provisioning.sources import other_release, read_sources

# Host names that belong to nobody (RFC 2606).
DEB822 = """\
# the archive
Types: deb deb-src
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates bookworm-backports
# a comment between fields
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg
Trusted: yes

Types: deb
URIs: http://archive.example/security
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 bWFkZSB1cA==
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: http://other.example/tool
Suites: bookworm
Components: stable

Types: deb
URIs: http://off.example/debian
Suites: bookworm
Components: main
Enabled: no
"""


def _read(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.write_text(text)
    return other_release(read_sources([file]), "bookworm", "trixie")


def test_deb822_keeps_archive_and_keyring_and_changes_the_release(tmp_path: Path) -> None:
    first, second = _read(tmp_path, "debian.sources", DEB822).split("\n\n")
    assert first.splitlines() == [
        "Types: deb",
        "URIs: http://archive.example/debian",
        "Suites: trixie trixie-updates",
        "Components: main",
        "Signed-By: /usr/share/keyrings/archive.gpg",
    ]
    assert "Suites: trixie-security" in second
    assert "\n bWFkZSB1cA==\n" in second


def test_options_that_switch_the_signature_check_off_are_dropped(tmp_path: Path) -> None:
    assert "rusted" not in _read(tmp_path, "debian.sources", DEB822)
    line = "deb [trusted=yes allow-insecure=yes] http://archive.example/debian bookworm main\n"
    text = _read(tmp_path, "one.list", line)
    assert "trixie" in text
    assert "yes" not in text


def test_archives_without_main_or_disabled_are_left_out(tmp_path: Path) -> None:
    text = _read(tmp_path, "debian.sources", DEB822)
    assert "other.example" not in text
    assert "off.example" not in text


def test_one_line_format(tmp_path: Path) -> None:
    text = _read(
        tmp_path,
        "one.list",
        "# deb http://commented.example/debian bookworm main\n"
        "deb [arch=amd64,arm64 signed-by=/k.gpg] http://archive.example/debian bookworm main # x\n"
        "deb-src http://source.example/debian bookworm main\n",
    )
    assert text.splitlines() == [
        "Types: deb",
        "URIs: http://archive.example/debian",
        "Suites: trixie",
        "Components: main",
        "Signed-By: /k.gpg",
        "Architectures: amd64 arm64",
    ]


def test_an_alias_serves_only_when_no_archive_names_the_release(tmp_path: Path) -> None:
    alias = "deb http://alias.example/debian stable main\n"
    assert "alias.example" in _read(tmp_path, "one.list", alias)
    both = f"{alias}deb http://named.example/debian bookworm main\n"
    text = _read(tmp_path, "one.list", both)
    assert "named.example" in text
    assert "alias.example" not in text


def test_a_machine_of_another_family_gives_nothing(tmp_path: Path) -> None:
    assert _read(tmp_path, "one.list", "deb http://archive.example/other noble main\n") == ""
