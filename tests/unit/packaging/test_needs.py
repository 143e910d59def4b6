"""What is missing, and the advice where it may not be installed."""

from pathlib import Path

import pytest
from provisioning import apt
from provisioning.errors import Exit, SetupError
from provisioning.needs import (
    TESTS,
    WINDOW,
    Need,
    has_command,
    has_library,
    has_module,
    missing,
)

ABSENT = Need("no-such-command", ("no-such-package",), has_command)
PRESENT = Need("libc.so.6", ("libc6",), has_library)


def test_what_is_there_is_not_missing() -> None:
    assert missing((PRESENT, ABSENT)) == (ABSENT,)


@pytest.mark.parametrize(
    ("present", "there", "absent"),
    [
        (has_library, "libc.so.6", "libnosuch.so.0"),
        (has_command, "sh", "no-such-command"),
        (has_module, "venv", "no_such_module"),
    ],
)
def test_each_kind_of_need(present: object, there: str, absent: str) -> None:
    assert callable(present)
    assert present(there) is True
    assert present(absent) is False


def test_no_package_is_asked_for_without_a_name() -> None:
    assert all(need.name and need.packages for need in (*WINDOW, *TESTS))
    names = [need.name for need in (*WINDOW, *TESTS)]
    assert len(names) == len(set(names))


@pytest.fixture
def no_rights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A PATH with an apt-get and a sudo that asks for a password; the account is not root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    for name, code in (("apt-get", 0), ("sudo", 1), ("apt-cache", 1)):
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\nexit {code}\n")
        program.chmod(0o755)
    return tmp_path


@pytest.mark.usefixtures("no_rights")
def test_without_rights_the_exact_line_is_printed() -> None:
    with pytest.raises(SetupError) as caught:
        apt.ensure((PRESENT, ABSENT))
    assert caught.value.code == Exit.NEEDS_HANDS
    assert (
        "sudo apt-get update && "
        "sudo apt-get install --yes --no-install-recommends no-such-package\n"
    ) in str(caught.value)
    assert "libc6" not in str(caught.value)


def test_without_sudo_the_line_asks_for_roots_password(no_rights: Path) -> None:
    (no_rights / "sudo").unlink()
    with pytest.raises(SetupError, match=r"su -c 'apt-get update && apt-get install .*package'"):
        apt.ensure((ABSENT,))


def test_a_system_without_apt_is_told_the_names(no_rights: Path) -> None:
    (no_rights / "apt-get").unlink()
    with pytest.raises(SetupError, match="has no apt-get"):
        apt.ensure((ABSENT,))


@pytest.mark.usefixtures("no_rights")
def test_what_is_optional_stops_nobody_and_says_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    apt.ensure((ABSENT,), required=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("no_rights")
def test_many_names_are_counted_and_every_package_is_in_the_line() -> None:
    absent = [Need(f"lib{n}.so", (f"package{n}",), has_command) for n in range(6)]
    with pytest.raises(SetupError, match=r"lacks lib0.so, lib1.so, lib2.so, lib3.so and 2 more,"):
        apt.ensure(absent)
    with pytest.raises(SetupError, match="package0 package1 package2 package3 package4 package5"):
        apt.ensure(absent)


def test_an_install_that_fails_says_to_try_again(
    no_rights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("PATH", f"{no_rights}:/usr/bin:/bin")
    (no_rights / "apt-get").write_text("#!/bin/sh\nexit 100\n")
    with pytest.raises(SetupError, match="exit code 100") as caught:
        apt.ensure((ABSENT,))
    assert caught.value.code == Exit.TRY_AGAIN


@pytest.mark.usefixtures("no_rights")
def test_an_install_that_brings_nothing_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setattr(apt, "NO_QUESTIONS", ())
    with pytest.raises(SetupError, match="no-such-command is still missing after"):
        apt.ensure((ABSENT,))
