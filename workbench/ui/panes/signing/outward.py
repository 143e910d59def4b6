"""What leaves the pane: folders opened on the desktop, command lines, the root as a file."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from workbench.base.files import write_atomically
from workbench.signing.equivalent import (
    Given,
    Line,
    checked_by_key,
    purpose_of,
    sign_lines,
    trust_file,
    verify_lines,
)
from workbench.signing.job import FileView
from workbench.signing.recipe import Recipe

_PUBLIC = 0o644


def folder_url(path: Path) -> QUrl:
    """Return the URL of a folder, whatever bytes its name has."""
    return QUrl.fromEncoded(b"file://" + quote(os.fsencode(path)).encode())


def show_folder(path: Path) -> bool:
    """Open a folder on the desktop; False if the desktop has nothing to show it with."""
    return QDesktopServices.openUrl(folder_url(path))


def command_lines(recipe: Recipe, files: Sequence[FileView], trust: Path) -> str:
    """Return lines, one a file, by which other people's tools verify signed files; or nothing.

    Args:
        recipe: how they were signed.
        files: the files.
        trust: the PEM file of `save_trust`.
    """
    return _text(verify_lines(recipe.form, given) for given in _given(recipe, files, trust))


def signing_lines(recipe: Recipe, files: Sequence[FileView]) -> str:
    """Return lines, one a file, by which the AWS CLI makes the same signatures; or nothing."""
    return _text(sign_lines(recipe.form, given) for given in _given(recipe, files, Path()))


def trust_name(recipe: Recipe) -> str:
    """Return what the file of `save_trust` is called."""
    return "public.pem" if checked_by_key(recipe) else "root.pem"


def save_trust(kms: Any, shelf: Any, recipe: Recipe, target: Path) -> Path:
    """Write what the lines trust, the roots or the public key, as PEM; called on a worker.

    Raises:
        NotFound: a chain does not reach a root in the collection.
        EnvironmentFault: the file cannot be written.
    """
    text = trust_file(kms, shelf, recipe)
    write_atomically(target, text.encode(), replace=True, mode=_PUBLIC)
    return target


def _given(recipe: Recipe, files: Sequence[FileView], trust: Path) -> list[Given]:
    first, *others = recipe.credentials
    further = tuple(one.public_key for one in others)
    same = (trust, trust)
    return [
        Given(
            file.path,
            file.output,
            first.key_id,
            first.public_key,
            *same,
            file.size,
            recipe.site,
            purpose_of(recipe),
            further,
        )
        for file in files
        if file.output is not None
    ]


def _text(lines: Iterable[Sequence[Line]]) -> str:
    return "\n".join(line.text for several in lines for line in several)
