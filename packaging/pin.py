"""Writes constraints.txt anew: `.venv/bin/python packaging/pin.py`.

The pins are the versions installed beside this Python of everything that the project, its tests
and its build need, transitively. Run it with the oldest Python supported, whose backports the
newer ones leave out, after trying the newer versions in `.venv`.
"""

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = "key-workbench"
HEADER = """\
# Every Python package of the project and its tests, at the version it is tested with.
# Made by: .venv/bin/python packaging/pin.py
"""


def closure(project: str, extra: str) -> dict[str, str]:
    """Canonical name and installed version of all that `project` with `extra` needs here."""
    pins: dict[str, str] = {}
    waiting = [Requirement(f"{project}[{extra}]"), Requirement("setuptools")]
    seen: set[tuple[str, str]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        distribution = metadata.distribution(name)
        pins[name] = distribution.version
        for chosen in ("", *sorted(wanted.extras)):
            if (name, chosen) in seen:
                continue
            seen.add((name, chosen))
            for line in distribution.requires or ():
                requirement = Requirement(line)
                marker = requirement.marker
                if marker is None or marker.evaluate({"extra": chosen}):
                    waiting.append(requirement)
    del pins[project]
    return pins


def main() -> None:
    """Write constraints.txt beside this file."""
    pins = closure(PROJECT, "test")
    lines = [f"{name}=={version}\n" for name, version in sorted(pins.items())]
    Path(__file__).with_name("constraints.txt").write_text(HEADER + "".join(lines))


if __name__ == "__main__":
    main()
