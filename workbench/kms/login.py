"""The KMS's session at the HSM module, logged in again after every unlock."""

from workbench.hsm.module import Module
from workbench.hsm.user import User
from workbench.vault.vault import Vault


class Login:
    """Holds the user session that is valid now.

    Attributes:
        user: the session; while the vault is locked its services raise `Locked`.
    """

    def __init__(self, module: Module, vault: Vault) -> None:
        self._module = module
        self.user: User = module.user()
        vault.on_unlock(self._renew)

    def _renew(self) -> None:
        self.user = self._module.user()
