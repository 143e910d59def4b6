"""What leaves the pane: folders opened on the desktop, command lines, the root as a file."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from workbench.base.errors import NotFound
from workbench.base.files import write_atomically
from workbench.pki.parse import facts, pem
from workbench.signing.chains import chain_for_key
from workbench.signing.equivalent import Given, verify_lines
from workbench.signing.job import FileView
from workbench.signing.recipe import Recipe

ROOT_NAME = "root.pem"
_PUBLIC = 0o644


def folder_url(path: Path) -> QUrl:
    """Return the URL of a folder, whatever bytes its name has."""
    return QUrl.fromEncoded(b"file://" + quote(os.fsencode(path)).encode())


def show_folder(path: Path) -> bool:
    """Open a folder on the desktop; False if the desktop has nothing to show it with."""
    return QDesktopServices.openUrl(folder_url(path))


def command_lines(recipe: Recipe, files: Sequence[FileView], root: Path) -> str:
    """Return lines, one a file, by which other people's tools verify signed files; or nothing.

    Args:
        recipe: how they were signed.
        files: the files.
        root: PEM file with the trusted root.
    """
    found = []
    for file in files:
        if file.output is None:
            continue
        given = Given(file.path, file.output, recipe.key_id, recipe.public_key, root)
        found += [line.text for line in verify_lines(recipe.form, given)]
    return "\n".join(found)


def save_root(kms: Any, shelf: Any, key_id: str, target: Path) -> Path:
    """Write the root of a key's chain as PEM; called on a worker.

    Raises:
        NotFound: the chain does not reach a root in the collection.
        EnvironmentFault: the file cannot be written.
    """
    root = chain_for_key(kms, shelf, key_id)[-1]
    if not facts(root).self_issued:
        raise NotFound(
            "The root certificate of this chain is not in the vault.",
            "Import it in the Certificates pane.",
        )
    write_atomically(target, pem(root).encode() + b"\n", replace=True, mode=_PUBLIC)
    return target
