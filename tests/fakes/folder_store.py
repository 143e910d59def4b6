"""A keyring in a folder, so that it outlives a process that is killed."""

import hashlib
from pathlib import Path

from workbench.base.files import write_atomically


class FolderStore:
    """Satisfies `workbench.vault.secret_store.SecretStore`, one file per secret."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def get(self, name: str) -> bytes | None:
        path = self._path(name)
        return path.read_bytes() if path.exists() else None

    def set(self, name: str, secret: bytes) -> None:
        write_atomically(self._path(name), secret, replace=True)

    def delete(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)

    def describe(self) -> str:
        return "folder"

    def _path(self, name: str) -> Path:
        return self._folder / hashlib.sha256(name.encode()).hexdigest()
