"""Many things to verify: which file and which signature belong together, by content and by name.

Owns the sorting. Must not know what a verdict says.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.signing.checking import is_signed_document
from workbench.signing.formats.registry import signature_names, signed_name
from workbench.signing.sniff import SIGNATURES, Kind, Sniffed, sniff


@dataclass(frozen=True, slots=True)
class Pairing:
    """What is verified as one.

    Attributes:
        file: the signed file; None where the content is inside the signature, or is missing.
        signature: the signature, or the document that carries it inside; None where there is none.
    """

    file: Path | None
    signature: Path | None

    @property
    def shown(self) -> Path:
        """What it is called by: the file where there is one."""
        return self.file or self.signature or Path()


def pair_all(paths: Sequence[Path]) -> list[Pairing]:
    """Sort files into pairs, in order.

    A signature belongs to the file that its name says, beside it or else the only one of that name
    that was given. A file belongs to the signature beside it, given or not. Documents that carry
    their signature stand alone. What is left has no signature.

    Args:
        paths: regular files, signatures among them.
    """
    things = [sniff(path) for path in dict.fromkeys(paths)]
    files: dict[str, list[Path]] = defaultdict(list)
    for thing in things:
        if thing.kind not in SIGNATURES:
            files[thing.path.name].append(thing.path)
    paired = {thing.path: _of_signature(thing, files) for thing in things if _is_signature(thing)}
    signed = {pair.file for pair in paired.values()}
    for thing in things:
        if thing.path not in paired and thing.path not in signed:
            pair = _of_file(thing.path, files)
            if pair.signature is not None:
                signed |= {pair.file, pair.signature}
            paired[thing.path] = pair
    return list(_in_order(things, paired))


def _in_order(things: Sequence[Sniffed], paired: Mapping[Path, Pairing]) -> Iterator[Pairing]:
    yield from dict.fromkeys(paired[one.path] for one in things if one.path in paired)


def stands_alone(path: Path) -> bool:
    """Whether a file that is no signature has one of its own: inside, or beside it."""
    return not _is_signature(sniff(path)) and _of_file(path, {}).signature is not None


def _is_signature(thing: Sniffed) -> bool:
    return thing.kind in SIGNATURES


def _of_signature(thing: Sniffed, files: Mapping[str, Sequence[Path]]) -> Pairing:
    return Pairing(None if thing.alone else _named(thing.path, files), thing.path)


def _of_file(path: Path, files: Mapping[str, Sequence[Path]]) -> Pairing:
    beside = (Path(name) for name in signature_names(str(path)))
    signature = next((one for one in beside if one.is_file()), None)
    if signature is not None:
        return Pairing(path, signature)
    # A raw signature, or one that is damaged, is known by its name alone.
    file = _named(path, files)
    if file is not None:
        return Pairing(file, path)
    if sniff(path).kind is not Kind.MISSING and is_signed_document(path):
        return Pairing(None, path)
    return Pairing(path, None)


def _named(signature: Path, files: Mapping[str, Sequence[Path]]) -> Path | None:
    """Return the file that a signature's name says it is over."""
    name = signed_name(signature.name)
    if not name:
        return None
    beside = signature.with_name(name)
    if beside.is_file():
        return beside
    given = files.get(name, ())
    return given[0] if len(given) == 1 else None
