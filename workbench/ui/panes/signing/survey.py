"""What was dropped, and what there is to sign in it. Knows no Qt: it runs on a worker.

Owns finding the signature that lies beside a file, and counting what a folder holds. What a thing
is by its content is `workbench.signing.sniff`'s.
"""

import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from workbench.signing.formats.registry import signature_names, signed_name
from workbench.signing.sniff import SIGNABLE, SIGNATURES, Arrangement, Kind, Sniffed, arrange, sniff
from workbench.signing.walk import walk

_TELL_EVERY = 500
_MOST_SNIFFED = 1000


class Way(StrEnum):
    """What can be done with dropped things."""

    SIGN = "sign"
    VERIFY = "verify"
    INSPECT = "inspect"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class Survey:
    """Dropped things, looked at.

    Attributes:
        paths: what was dropped.
        things: each with what it is.
        arrangement: what goes with what.
        pairs: files with their signatures: dropped together, or the other one lies beside.
    """

    paths: tuple[Path, ...]
    things: tuple[Sniffed, ...]
    arrangement: Arrangement
    pairs: tuple[tuple[Path, Path], ...]

    @property
    def ways(self) -> tuple[Way, ...]:
        """What can be done, the likeliest first."""
        found: list[Way] = []
        whole = self.arrangement
        if self.pairs or whole.signatures:
            found.append(Way.VERIFY)
        if whole.certificates:
            found.append(Way.IMPORT)
        if self.signable:
            found.append(Way.SIGN)
            if Way.VERIFY not in found and self.single_file is not None:
                found.append(Way.VERIFY)
        if len(self.paths) == 1 and self.things[0].kind in {Kind.CMS, Kind.CERTIFICATE}:
            found.append(Way.INSPECT)
        return tuple(found)

    @property
    def signable(self) -> tuple[Path, ...]:
        """What would be signed: everything but signatures, certificates and private keys."""
        return tuple(thing.path for thing in self.things if thing.kind in SIGNABLE)

    @property
    def single_file(self) -> Path | None:
        """The one plain file that was dropped alone, if so it was."""
        if len(self.things) == 1 and self.things[0].kind in SIGNABLE - {Kind.FOLDER}:
            return self.things[0].path
        return None

    @property
    def lone_signature(self) -> Path | None:
        """The one signature whose file is nowhere to be seen, dropped alone."""
        signatures = self.arrangement.signatures
        alone = len(self.paths) == 1 and len(signatures) == 1 and not self.pairs
        return signatures[0] if alone else None

    @property
    def only_pairs(self) -> bool:
        """Whether nothing was dropped but files with their signatures."""
        return bool(self.pairs) and 2 * len(self.arrangement.pairs) == len(self.paths)


def look_at(paths: Sequence[Path]) -> Survey:
    """Look at dropped things. Never fails: what cannot be read is said to be so."""
    looked = paths[:_MOST_SNIFFED]
    arrangement = arrange(looked)
    things = tuple(sniff(path) for path in looked)
    pairs = [*arrangement.pairs]
    alone = {thing.path for thing in things if thing.alone}
    pairs += [
        (file, one)
        for one in arrangement.signatures
        if one not in alone and (file := _file_of(one)) is not None
    ]
    if not pairs and len(things) == 1 and things[0].kind is Kind.FILE:
        names = map(Path, signature_names(str(things[0].path)))
        beside = next((one for one in names if one.is_file()), None)
        if beside is not None and sniff(beside).kind in SIGNATURES:
            pairs.append((things[0].path, beside))
    return Survey(tuple(paths), things, arrangement, tuple(pairs))


def _file_of(signature: Path) -> Path | None:
    """Return the file that a signature's name says it is for, if it lies beside."""
    name = signed_name(signature.name)
    if not name:
        return None
    file = signature.with_name(name)
    return file if file.is_file() else None


@dataclass(frozen=True, slots=True)
class Count:
    """What there is to sign.

    Attributes:
        files: how many regular files.
        size: bytes in them.
        existing: how many have a signature under its name already.
        passed: how many things will be passed over: signatures, links, special files, unreadable
            folders.
    """

    files: int = 0
    size: int = 0
    existing: int = 0
    passed: int = 0


def count(
    paths: Sequence[Path],
    output: Callable[[str], str],
    stop: threading.Event,
    tell: Callable[[Count], None],
) -> Count:
    """Count what would be signed.

    Args:
        paths: files and folders.
        output: tells where the signature of a file would go.
        stop: ends it early when set.
        tell: told now and then how far it is.
    """
    files = size = existing = passed = 0
    for number, found in enumerate(walk(paths), start=1):
        if stop.is_set():
            break
        if not found.wanted:
            passed += 1
            continue
        files += 1
        size += found.size
        existing += os.path.lexists(output(str(found.path)))
        if number % _TELL_EVERY == 0:
            tell(Count(files, size, existing, passed))
    return Count(files, size, existing, passed)
