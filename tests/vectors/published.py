"""Reading published test vectors: NIST's and others' from cryptography-vectors, and Wycheproof's.

Wycheproof's files lie beside the repository where they exist; tests that need them are skipped,
with the reason, only where that folder is absent.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography_vectors import open_vector_file

WYCHEPROOF = Path(__file__).parents[3] / "shared" / "vectors" / "wycheproof"


@dataclass(frozen=True)
class Section:
    """A run of cases under the same bracketed headings of a NIST response file."""

    headings: tuple[str, ...]
    cases: tuple[dict[str, str], ...]


def sections(name: str) -> list[Section]:
    """Return the sections of a file with `Key = value` lines, cases split by empty lines."""
    with open_vector_file(name, "r") as stream:
        lines = [line.strip() for line in stream]
    found: list[Section] = []
    headings: list[str] = []
    cases: list[dict[str, str]] = []
    case: dict[str, str] = {}
    for line in [*lines, "", "[end]"]:
        if line.startswith("[") and line.endswith("]"):
            if cases:
                found.append(Section(tuple(headings), tuple(cases)))
                headings, cases = [], []
            headings.append(line[1:-1].replace(" ", ""))
        elif not line and case:
            cases.append(case)
            case = {}
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            case[key.strip()] = value.strip()
    return found


def under(name: str, *headings: str) -> list[dict[str, str]]:
    """Return the cases of the sections that have all these headings, written without spaces."""
    cases = [
        case
        for section in sections(name)
        if set(headings) <= set(section.headings)
        for case in section.cases
    ]
    assert cases, f"no cases under {headings} in {name}"
    return cases


def counted(name: str, first: str = "count", most: int = 1000) -> list[dict[str, str]]:
    """Return the cases of a file in which each begins with the key `first`."""
    cases: list[dict[str, str]] = []
    with open_vector_file(name, "r") as stream:
        for line in stream:
            key, separator, value = (part.strip() for part in line.partition("="))
            if not separator or line.startswith("#"):
                continue
            if key.lower() == first.lower():
                if len(cases) == most:
                    break
                cases.append({})
            if cases:
                cases[-1][key] = value
    assert cases
    return cases


@dataclass(frozen=True)
class Wycheproof:
    """One Wycheproof test with its group."""

    group: dict[str, Any]
    test: dict[str, Any]

    @property
    def valid(self) -> bool:
        return bool(self.test["result"] == "valid")

    @property
    def acceptable(self) -> bool:
        return bool(self.test["result"] == "acceptable")

    @property
    def label(self) -> str:
        return f"tcId {self.test['tcId']} {self.test['result']} {self.test.get('comment', '')}"

    def bytes(self, key: str) -> bytes:
        return bytes.fromhex(self.test.get(key, ""))


def wycheproof(name: str) -> list[Wycheproof]:
    """Return the tests of a Wycheproof file, or skip where the folder is absent."""
    if not WYCHEPROOF.is_dir():
        pytest.skip("the Wycheproof vectors are not beside this repository (../shared/vectors)")
    document = json.loads((WYCHEPROOF / name).read_text())
    return [Wycheproof(group, test) for group in document["testGroups"] for test in group["tests"]]


def sample(cases: Sequence[Any], most: int) -> Iterator[Any]:
    """Return at most `most` of the cases, spread evenly over them."""
    step = max(1, len(cases) // most)
    return iter(cases[::step][:most])
