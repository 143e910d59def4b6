"""Where a vault lies on disk and what its files are called.

Owns the names; must not read or write what the files contain.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from workbench.base.files import fault

HOME_VARIABLE = "KEY_WORKBENCH_HOME"


def default_directory() -> Path:
    """Return the directory of the user's own vault.

    The environment variable `KEY_WORKBENCH_HOME` overrides it; otherwise it is the platform's
    folder for application data (on Linux the XDG Base Directory Specification's data home).
    """
    override = os.environ.get(HOME_VARIABLE, "")
    if override:
        return Path(override).expanduser().absolute()
    return platformdirs.user_data_path("key-workbench", appauthor=False)


@dataclass(frozen=True, slots=True)
class VaultFiles:
    """The paths of one vault's files.

    Attributes:
        directory: the folder that holds them all, mode 0700.
    """

    directory: Path

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.directory / "vault.db"

    @property
    def building(self) -> Path:
        """The database while a vault is created or restored, until it is complete."""
        return self.directory / "vault.db.new"

    @property
    def slots(self) -> Path:
        """The key slots; a vault exists when this file does."""
        return self.directory / "slots.json"

    @property
    def lock(self) -> Path:
        """The file whose lock says that a process has the vault open."""
        return self.directory / "vault.lock"

    @property
    def owner(self) -> Path:
        """The process id of the holder of the lock, for messages only."""
        return self.directory / "vault.pid"

    def exists(self) -> bool:
        """Whether a vault, or what is left of one, is here."""
        return self.slots.exists() or self.database.exists()

    def make_directory(self) -> None:
        """Create the directory, readable by its owner alone, unless it exists.

        Raises:
            EnvironmentFault: the system refused.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise fault(error, "create the folder", self.directory) from error
