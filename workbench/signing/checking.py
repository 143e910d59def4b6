"""What a verification is given: which of two files is the signature, and lists of checksums.

Owns finding the other half of a pair, and a verdict on whatever was given. Must not know formats'
rules.
"""

import dataclasses
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from workbench.base.errors import Cancelled, WorkbenchError
from workbench.crypto.table import Family
from workbench.signing.checksums import check_list
from workbench.signing.formats.base import LARGEST_WHOLE
from workbench.signing.formats.registry import detect, signature_names, signed_name
from workbench.signing.hashing import Stop, read_whole
from workbench.signing.sniff import SIGNATURES, sniff
from workbench.signing.verdict import Check, Verdict

_LOG = logging.getLogger(__name__)

FAMILIES: Final[Mapping[str, Family]] = MappingProxyType(
    {
        "ML-DSA": Family.ML_DSA,
        "ECDSA": Family.ELLIPTIC,
        "RSA": Family.RSA,
        "EdDSA": Family.EDWARDS,
    }
)
"""Kinds of key that can be required, by the word for them."""

_MOST_WRONG: Final = 20
_LIST: Final = "GNU coreutils, sha256sum"


def find_pair(one: Path, other: Path | None = None) -> tuple[Path | None, Path]:
    """Return the file, or None where the content is inside, and its signature.

    Args:
        one: the file or the signature.
        other: the other of the two; None has it looked for beside the first.

    Raises:
        EnvironmentFault: a file cannot be read.
    """
    if other is not None:
        swapped = _is_signature(one) and not _is_signature(other)
        return (other, one) if swapped else (one, other)
    beside = (Path(name) for name in signature_names(str(one)))
    signature = next((path for path in beside if path.is_file()), None)
    if signature is not None:
        return one, signature
    if _is_signature(one) or is_signed_document(one):
        name = "" if sniff(one).alone else signed_name(one.name)
        file = one.with_name(name) if name else None
        return (file if file is not None and file.is_file() else None), one
    return one, Path(signature_names(str(one))[0])


def check_listed(verdict: Verdict, file: Path, stop: Stop | None = None) -> Verdict:
    """Add to a verdict over a list of checksums whether the listed files are the ones listed.

    Raises:
        EnvironmentFault: the list cannot be read.
        Cancelled: `stop` said so.
    """
    answers = check_list(file, stop)
    if answers is None:
        check = Check(
            "Listed files", "failed", "The signed file is no list of checksums.", _LIST,
            "Leave out the request to check the files it lists.",
        )  # fmt: skip
        return _with(verdict, [check])
    wrong = [
        Check(
            f"Listed file {os.fsdecode(line.name)}", "failed", problem, _LIST,
            "Get the original file.", f"{line.digest} {line.value.hex()}",
        )
        for line, problem in answers
        if problem
    ]  # fmt: skip
    if wrong:
        return _with(verdict, wrong[:_MOST_WRONG])
    count = len(answers)
    sentence = f"All {count} files are as listed." if count > 1 else "The file is as listed."
    return _with(verdict, [Check("Listed files", "ok", sentence, _LIST)])


def judged(check: Callable[[], Verdict]) -> Verdict:
    """Return a verdict, one that says why where there can be none: no file hides those after it.

    Args:
        check: verifies one.

    Raises:
        Cancelled: `check` was stopped.
    """
    try:
        return check()
    except Cancelled:
        raise
    except WorkbenchError as error:
        return unverified(str(error))
    except Exception as error:  # noqa: BLE001 - what no reader was prepared for is not valid either
        _LOG.exception("a signature could not be judged")
        return unverified(
            f"The signature could not be judged: a fault of this program ({type(error).__name__}). "
            "Do not rely on it, and report the fault."
        )


def unverified(sentence: str) -> Verdict:
    """Return the verdict on what could not be looked at."""
    check = Check("File", "failed", sentence)
    return Verdict(valid=False, headline=sentence, checks=(check,))


def _with(verdict: Verdict, checks: list[Check]) -> Verdict:
    valid = verdict.valid and all(check.passed for check in checks)
    headline = verdict.headline
    if verdict.valid and not valid:
        headline = f"{checks[0].sentence} {checks[0].next_step}".strip()
    return dataclasses.replace(
        verdict, valid=valid, headline=headline, checks=(*verdict.checks, *checks)
    )


def _is_signature(path: Path) -> bool:
    return sniff(path).kind in SIGNATURES


def is_signed_document(path: Path) -> bool:
    """Whether a file carries its signature inside; looked at whole, as that may be at its end."""
    if not path.is_file():
        return False
    data = read_whole(path, LARGEST_WHOLE)
    form = detect(data) if data else None
    return form is not None
