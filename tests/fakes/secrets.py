"""A keyring in memory, which can be made to refuse."""

from workbench.base.errors import EnvironmentFault


class MemoryStore:
    """Satisfies `workbench.vault.secret_store.SecretStore`.

    Attributes:
        kept: what is in it, by name.
        refusing: when true, every request fails as a locked keyring does.
    """

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.refusing = False

    def get(self, name: str) -> bytes | None:
        self._check()
        return self.kept.get(name)

    def set(self, name: str, secret: bytes) -> None:
        self._check()
        self.kept[name] = secret

    def delete(self, name: str) -> None:
        self._check()
        self.kept.pop(name, None)

    def describe(self) -> str:
        return "memory"

    def _check(self) -> None:
        if self.refusing:
            raise EnvironmentFault("Could not use the keyring (memory): it refuses.", "Stop that.")
