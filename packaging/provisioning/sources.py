"""The machine's own apt sources, read, and pointed at another release of the same archive.

Knows both formats of sources.list(5). Keeps each archive's keyring, so that signatures are
checked as on the machine itself; drops options that would switch the check off.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

Stanza = dict[str, str]
ALIASES = ("stable", "oldstable", "oldoldstable")
POCKETS = ("", "-updates", "-security")  # not backports, not proposed
ONE_LINE = re.compile(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<rest>.+)$")
# The options that say where and how to check signatures, by their deb822 names.
KEPT_OPTIONS = {"signed-by": "Signed-By", "arch": "Architectures"}


@dataclass(frozen=True)
class Source:
    """One archive: URIs, suites and keyring as apt's sources give them."""

    uris: str
    suites: tuple[str, ...]
    signed_by: str = ""
    architectures: str = ""


def read_sources(files: Iterable[Path]) -> list[Source]:
    """Every enabled archive with a component `main` in `files` (.list or .sources)."""
    found: list[Source] = []
    for file in files:
        text = file.read_text(errors="replace")
        stanzas = _deb822(text) if file.suffix == ".sources" else _one_line(text)
        found += [source for stanza in stanzas if (source := _source(stanza)) is not None]
    return found


def other_release(sources: Iterable[Source], codename: str, release: str) -> str:
    """A deb822 text of the same archives with `release` in place of the machine's `codename`.

    Archives that carry the release only by an alias ("stable") serve when none names it. Empty
    where no archive does.
    """
    listed = tuple(sources)
    for names in ((codename,), ALIASES):
        stanzas = [
            _stanza(source, suites)
            for source in listed
            if (suites := _renamed(source.suites, names, release))
        ]
        if stanzas:
            return "\n".join(stanzas)
    return ""


def _renamed(suites: Iterable[str], names: Iterable[str], release: str) -> list[str]:
    known = {f"{name}{pocket}": f"{release}{pocket}" for name in names for pocket in POCKETS}
    return [known[suite] for suite in suites if suite in known]


def _stanza(source: Source, suites: Iterable[str]) -> str:
    fields = {
        "Types": "deb",
        "URIs": source.uris,
        "Suites": " ".join(suites),
        "Components": "main",
        "Signed-By": source.signed_by,
        "Architectures": source.architectures,
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def _source(stanza: Stanza) -> Source | None:
    enabled = stanza.get("enabled", "yes").lower() not in {"no", "false", "0"}
    binary = "deb" in stanza.get("types", "").split()
    if not (enabled and binary and "main" in stanza.get("components", "").split()):
        return None
    return Source(
        uris=stanza.get("uris", ""),
        suites=tuple(stanza.get("suites", "").split()),
        signed_by=stanza.get("signed-by", ""),
        architectures=stanza.get("architectures", ""),
    )


def _deb822(text: str) -> Iterator[Stanza]:
    """Stanzas between empty lines; a line that begins with a space goes on the field above."""
    stanza: Stanza = {}
    field = ""
    for line in [*text.splitlines(), ""]:
        if not line.strip():
            if stanza:
                yield stanza
            stanza, field = {}, ""
        elif line.startswith("#"):
            continue
        elif line[0] in " \t" and field:
            stanza[field] += f"\n{line}"
        elif ":" in line:
            name, _, value = line.partition(":")
            field = name.strip().lower()
            stanza[field] = value.strip()


def _one_line(text: str) -> Iterator[Stanza]:
    for line in text.splitlines():
        match = ONE_LINE.match(line.partition("#")[0].strip())
        if match is None:
            continue
        suite, *components = match["rest"].split()
        stanza = {
            "types": "deb",
            "uris": match["uri"],
            "suites": suite,
            "components": " ".join(components),
        }
        for option in (match["options"] or "").split():
            name, _, value = option.partition("=")
            if name in KEPT_OPTIONS:
                stanza[KEPT_OPTIONS[name].lower()] = value.replace(",", " ")
        yield stanza
