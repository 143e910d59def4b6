"""Which files are meant on the command line: names, patterns, folders, lists.

Owns reading lists. Must not know what is done with the files.
"""

import argparse
import codecs
import glob
import os
import re
import sys
from pathlib import Path
from typing import Final

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable

_PATTERN: Final = re.compile(r"[*?\[]")
_LARGEST_LIST: Final = 256 << 20
_MOST_JOBS: Final = 1024


def add_file_arguments(command: argparse.ArgumentParser) -> None:
    """Add the files and the list of files."""
    command.add_argument(
        "files", nargs="*", metavar="FILE",
        help="file, folder, pattern, or - for a list on standard input (lines, or NUL as from "
        "find -print0)",
    )  # fmt: skip
    command.add_argument("--files-from", metavar="LIST", help="read names from a file as well")


def add_jobs_argument(command: argparse.ArgumentParser, what: str) -> None:
    """Add how much is done at once."""
    command.add_argument("--jobs", type=_jobs, metavar="N", help=f"{what}; default: all processors")


def check_files(arguments: argparse.Namespace) -> str:
    """Return what is wrong about the files that were given, or nothing."""
    if arguments.files or arguments.files_from is not None:
        return ""
    return "the following arguments are required: FILE"


def paths_of(given: list[str], listed_in: str | None) -> list[Path]:
    """Return the files that are meant: named, by pattern, or listed in a file or on stdin.

    Args:
        given: names and patterns; `-` stands for a list on standard input.
        listed_in: file with a list, `-` for standard input, or None.

    Raises:
        EnvironmentFault: nothing matches a pattern, or a list cannot be read.
    """
    found: list[Path] = []
    for text in given:
        if text == "-":
            found += _listed(text)
        elif _PATTERN.search(text) and not os.path.lexists(text):
            # Path.glob knows no pattern that begins at the root, nor one with a drive.
            matching = sorted(glob.glob(text, recursive=True))  # noqa: PTH207 - as said above
            if not matching:
                raise EnvironmentFault(
                    f"Nothing is called {printable(text)}.", "Check the pattern and the folder."
                )
            found += map(Path, matching)
        else:
            found.append(Path(text))
    if listed_in is not None:
        found += _listed(listed_in)
    return [path.absolute() for path in found]


def _listed(source: str) -> list[Path]:
    """Read names: ended by NUL where there is one (`find -print0`), else one a line.

    Lists as Windows writes them are read as well: with a byte order mark, with CR LF at the end of
    every line. A list with NUL is taken as it is.
    """
    try:
        if source == "-":
            data = sys.stdin.buffer.read(_LARGEST_LIST)
        else:
            with Path(source).open("rb") as stream:
                data = stream.read(_LARGEST_LIST)
    except OSError as error:
        raise fault(error, "read", Path(source)) from error
    names = [name for name in _names(data) if name]
    if not names:
        raise EnvironmentFault("The list of files is empty.", "Give names, one a line.")
    return [Path(os.fsdecode(name)) for name in names]


def _names(data: bytes) -> list[bytes]:
    for mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if data.startswith(mark):
            try:
                data = data.decode("utf-16").encode()
            except UnicodeError as error:
                raise EnvironmentFault(
                    "The list of files cannot be read: it is no UTF-16 though it begins so.",
                    "Save it as UTF-8.",
                ) from error
    if b"\0" in data:
        return data.split(b"\0")
    lines = data.removeprefix(codecs.BOM_UTF8).split(b"\n")
    ended = lines[:-1] or lines
    if all(line.endswith(b"\r") for line in ended):
        lines = [line.removesuffix(b"\r") for line in lines]
    return lines


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= _MOST_JOBS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of files from 1 to {_MOST_JOBS}"
        )
    return int(text)
