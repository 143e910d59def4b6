"""What the program and its tests need from the system, and a cheap test of each need.

Owns the one list of libraries and commands with the Debian package that brings each. Must not
install anything.

A need is tested by what is needed (the loader finds the library, the command is on PATH) and not
by asking the package manager, so that it costs milliseconds at every start and holds as well on
a system that is not Debian. The libraries are those that `ldd` names for Qt's core, GUI, D-Bus
and network libraries and its xcb and Wayland platform plugins, outside the wheel itself.
"""

import ctypes
import importlib
import importlib.util
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
FONT_SUFFIXES = (".ttf", ".otf", ".ttc")


@dataclass(frozen=True)
class Need:
    """One thing the system must have.

    Args:
        name: soname, command, file or Python module, as a person would look for it.
        packages: Debian packages that bring it; where releases differ, the first known one is
            taken.
        present: tells whether the system has it.
    """

    name: str
    packages: tuple[str, ...]
    present: Callable[[str], bool]


def has_library(soname: str) -> bool:
    """Whether the dynamic loader finds `soname` for this architecture."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def has_command(name: str) -> bool:
    """Whether `name` is an executable on PATH."""
    return shutil.which(name) is not None


def has_module(name: str) -> bool:
    """Whether this Python has the module `name`, without importing it."""
    importlib.invalidate_caches()  # it may have been installed a moment ago
    return importlib.util.find_spec(name) is not None


def has_a_font(_name: str) -> bool:
    """Whether any outline font is installed; without one Qt draws empty boxes."""
    for folder in FONT_FOLDERS:
        for _parent, _folders, files in os.walk(Path(folder).expanduser()):
            if any(file.lower().endswith(FONT_SUFFIXES) for file in files):
                return True
    return False


def _libraries(table: dict[str, str]) -> tuple[Need, ...]:
    return tuple(
        Need(soname, tuple(packages.split()), has_library) for soname, packages in table.items()
    )


WINDOW: tuple[Need, ...] = (
    *_libraries(
        {
            "libEGL.so.1": "libegl1",
            "libGL.so.1": "libgl1",
            "libX11-xcb.so.1": "libx11-xcb1",
            "libX11.so.6": "libx11-6",
            "libbrotlidec.so.1": "libbrotli1",
            "libdbus-1.so.3": "libdbus-1-3",
            "libfontconfig.so.1": "libfontconfig1",
            "libfreetype.so.6": "libfreetype6",
            "libglib-2.0.so.0": "libglib2.0-0t64 libglib2.0-0",
            "libgssapi_krb5.so.2": "libgssapi-krb5-2",
            "libwayland-client.so.0": "libwayland-client0",
            "libwayland-cursor.so.0": "libwayland-cursor0",
            "libwayland-egl.so.1": "libwayland-egl1",
            "libxcb-cursor.so.0": "libxcb-cursor0",
            "libxcb-glx.so.0": "libxcb-glx0",
            "libxcb-icccm.so.4": "libxcb-icccm4",
            "libxcb-image.so.0": "libxcb-image0",
            "libxcb-keysyms.so.1": "libxcb-keysyms1",
            "libxcb-randr.so.0": "libxcb-randr0",
            "libxcb-render-util.so.0": "libxcb-render-util0",
            "libxcb-render.so.0": "libxcb-render0",
            "libxcb-shape.so.0": "libxcb-shape0",
            "libxcb-shm.so.0": "libxcb-shm0",
            "libxcb-sync.so.1": "libxcb-sync1",
            "libxcb-util.so.1": "libxcb-util1",
            "libxcb-xfixes.so.0": "libxcb-xfixes0",
            "libxcb-xkb.so.1": "libxcb-xkb1",
            "libxcb.so.1": "libxcb1",
            "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
            "libxkbcommon.so.0": "libxkbcommon0",
        }
    ),
    Need("a font", ("fonts-dejavu-core",), has_a_font),
)

TESTS: tuple[Need, ...] = (
    Need("Xvfb", ("xvfb",), has_command),
    Need("jwm", ("jwm",), has_command),
    Need("xdotool", ("xdotool",), has_command),
    Need("dbus-daemon", ("dbus-daemon", "dbus"), has_command),
    Need("gnome-keyring-daemon", ("gnome-keyring",), has_command),
    Need("git", ("git",), has_command),
    Need("keytool", ("default-jdk-headless",), has_command),
    Need("ssh-keygen", ("openssh-client",), has_command),
    Need("pdfsig", ("poppler-utils",), has_command),
    Need("certutil", ("libnss3-tools",), has_command),
    Need("pk12util", ("libnss3-tools",), has_command),
    Need("osslsigncode", ("osslsigncode",), has_command),
    Need("jarsigner", ("default-jdk-headless",), has_command),
)

# Debian keeps the part of `venv` that brings pip in a package of its own.
VIRTUAL_ENVIRONMENT = Need("ensurepip", ("python3-venv",), has_module)


def missing(needs: Iterable[Need]) -> tuple[Need, ...]:
    """The needs that this system does not meet, in the order given."""
    return tuple(need for need in needs if not need.present(need.name))
