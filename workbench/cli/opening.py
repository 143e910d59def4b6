"""Unlocking a vault from a terminal: keyring first, then a passphrase that is never an argument."""

import argparse
import getpass
import os
import sys

from workbench.base.errors import EnvironmentFault, IntegrityError, Locked, WorkbenchError
from workbench.bench import Bench

_LONGEST_PASSPHRASE = 4096
_LARGEST_DESCRIPTOR = 2**31 - 1


def add_unlock_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options that say how to unlock."""
    command.add_argument(
        "--passphrase-fd",
        type=_descriptor,
        metavar="N",
        help="read the recovery passphrase from file descriptor N (its first line)",
    )


def unlock(bench: Bench, arguments: argparse.Namespace) -> None:
    """Unlock a bench's vault by what the user gave, the keyring, or a question on the terminal.

    Raises:
        Locked: no way in was there, or the passphrase was wrong.
    """
    if not bench.vault.locked:
        return
    if arguments.passphrase_fd is not None:
        _with_passphrase(bench, _read_line(arguments.passphrase_fd))
        return
    try:
        bench.vault.unlock_with_keyring()
    except WorkbenchError as error:
        if not sys.stdin.isatty():
            raise Locked(
                error.message,
                "Give the recovery passphrase with --passphrase-fd, or run it on a terminal.",
            ) from error
        _with_passphrase(bench, getpass.getpass("Recovery passphrase: "))


def _with_passphrase(bench: Bench, passphrase: str) -> None:
    try:
        bench.vault.unlock_with_passphrase(passphrase)
    except (EnvironmentFault, IntegrityError):
        raise  # no passphrase would help
    except WorkbenchError as error:
        raise Locked(error.message, error.next_step) from error


def _descriptor(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LARGEST_DESCRIPTOR:
        raise argparse.ArgumentTypeError(f"{text!r} is not a file descriptor")
    return int(text)


def _read_line(descriptor: int) -> str:
    data = b""
    try:
        while b"\n" not in data and len(data) < _LONGEST_PASSPHRASE:
            piece = os.read(descriptor, _LONGEST_PASSPHRASE)
            if not piece:
                break
            data += piece
    except OSError as error:
        raise EnvironmentFault(
            f"File descriptor {descriptor} could not be read.",
            "Redirect the passphrase to it, as in --passphrase-fd 3 3< FILE.",
        ) from error
    return data.split(b"\n", 1)[0].decode("utf-8", "replace")
