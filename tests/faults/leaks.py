"""Looking for secrets where they must not be, in every form in which they might be there."""

import base64
import gc
import json
import traceback
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_PIECE = 18  # a multiple of three, so that base64 of a piece lies whole in base64 of all


def forms(secret: bytes) -> Iterator[bytes]:
    """Yield a secret, and a piece out of its middle, as bytes, hexadecimal, base64 and repr."""
    middle = max(0, len(secret) // 2 - _PIECE // 2)
    for part in {secret, secret[middle : middle + _PIECE]}:
        yield part
        yield part.hex().encode()
        yield part.hex().upper().encode()
        yield repr(part)[2:-1].encode()
        yield part[::-1]
        yield ", ".join(str(byte) for byte in part).encode()
        for skipped in range(3):  # wherever it begins in what was encoded
            whole = part[skipped : skipped + (len(part) - skipped) // 3 * 3]
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                yield encode(whole)
        if part.isascii():
            yield part.decode().encode("utf-16-le")
            yield json.dumps(part.decode())[1:-1].encode()


def leaks(secrets: Mapping[str, bytes], places: Mapping[str, bytes]) -> list[str]:
    """Return “secret in place” for everything found."""
    return [
        f"{name} in {place}"
        for name, secret in secrets.items()
        for place, content in places.items()
        if any(form in content for form in forms(secret))
    ]


def told(error: BaseException) -> bytes:
    """Return everything an exception, its causes and its contexts say."""
    lines = traceback.format_exception(error)
    answer = getattr(error, "response", None)
    return "".join([*lines, str(error), repr(error), repr(error.args), repr(answer)]).encode(
        "utf-8", "backslashreplace"
    )


def shown(start: object) -> bytes:
    """Return repr and str of every object of the package that can be reached from `start`."""
    seen: set[int] = set()
    waiting: list[object] = [start]
    found: list[str] = []
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, types.ModuleType | type | types.FrameType):
            continue
        seen.add(id(item))
        if type(item).__module__.startswith("workbench"):
            found += [repr(item), str(item)]
        if _leads_on(item):
            waiting.extend(gc.get_referents(item))
    return "\n".join(found).encode("utf-8", "backslashreplace")


def _leads_on(item: object) -> bool:
    """Whether to look at what an object refers to: the package's own, containers and closures."""
    if isinstance(item, types.FunctionType):
        return item.__module__.startswith("workbench")
    return type(item).__module__.startswith("workbench") or isinstance(
        item, dict | list | tuple | set | frozenset | types.MethodType | types.CellType
        | types.MappingProxyType,
    )  # fmt: skip


def files(folders: Iterable[Path]) -> dict[str, bytes]:
    """Return the content of every file below some folders, with its name in front."""
    return {
        str(path): str(path).encode("utf-8", "backslashreplace") + path.read_bytes()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def tables(vault: Any) -> dict[str, bytes]:
    """Return the decrypted content of every table of an unlocked vault."""
    names = [row[0] for row in vault.read("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    found = {}
    for name in names:
        cells = [cell for row in vault.read(f"SELECT * FROM {name}") for cell in row]
        raw = [cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells]
        found[f"table {name}"] = b"\n".join(raw)
    return found
