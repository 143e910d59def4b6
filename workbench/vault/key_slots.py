"""The key slots of one vault: which there are, changing them, opening by them.

Owns `slots.json` after the vault was created. A change is a new file, complete before it takes the
old one's place; what it replaces opens the vault until then.
"""

import threading
from collections.abc import Callable

from workbench.base.clock import Clock
from workbench.base.errors import EnvironmentFault
from workbench.hsm.module import Module
from workbench.hsm.officer import Officer
from workbench.vault import slot_seals
from workbench.vault.location import VaultFiles
from workbench.vault.secret_store import SecretStore
from workbench.vault.slots import SlotInfo, Slots


class KeySlots:
    """The slots of a vault that this process holds. Thread-safe.

    Args:
        files: where the vault is.
        slots: what its file says.
        module: holds the vault key while the vault is unlocked.
        store: the OS keyring, or None.
        clock: the time.
        require_open: raises `Locked` unless the vault is unlocked; each change asks it.
    """

    def __init__(
        self,
        files: VaultFiles,
        slots: Slots,
        module: Module,
        store: SecretStore | None,
        clock: Clock,
        require_open: Callable[[], object],
    ) -> None:
        self._path = files.slots
        self._slots = slots
        self._module = module
        self._store = store
        self._clock = clock
        self._require_open = require_open
        self._lock = threading.Lock()

    @property
    def vault_id(self) -> str:
        """The vault's UUID, fixed when it was created."""
        return self._slots.vault_id

    @property
    def current(self) -> Slots:
        """What the file says now."""
        return self._slots

    def infos(self) -> tuple[SlotInfo, ...]:
        """Return the slots as people see them."""
        return self._slots.infos()

    def open_with_keyring(self, officer: Officer) -> None:
        """Load the vault key by the keyring slot; raises as `slot_seals.open_with_keyring`."""
        slot_seals.open_with_keyring(officer, self._slots, self._store)

    def open_with_passphrase(self, officer: Officer, typed: str) -> None:
        """Load the vault key by the passphrase slot.

        Raises:
            Refused: the passphrase is mistyped or wrong.
        """
        slot_seals.open_with_passphrase(officer, self._slots, typed)

    def change_passphrase(self, chosen: str | None) -> str:
        """Replace the passphrase slot, at the same cost, and return the new passphrase.

        Args:
            chosen: the user's own, or None for a generated one.

        Raises:
            Locked: the vault is locked.
            Refused: the passphrase is too short.
            EnvironmentFault: the file could not be written; the old passphrase stays.
        """
        with self._lock:
            self._require_open()
            slot, shown = slot_seals.seal_passphrase(
                self._module.officer(),
                self.vault_id,
                chosen,
                self._slots.passphrase.cost,
                self._clock,
            )
            self._save(Slots(self.vault_id, slot, self._slots.keyring))
            return shown

    def add_keyring(self) -> None:
        """Make the OS keyring open this vault, replacing an older keyring slot.

        Raises:
            Locked: the vault is locked.
            EnvironmentFault: there is no keyring, or it refused; the old slots stay.
        """
        with self._lock:
            self._require_open()
            if self._store is None:
                raise EnvironmentFault(
                    "No keyring service is available.",
                    "Start one, such as GNOME Keyring or KWallet, and open the vault again.",
                )
            old = self._slots
            slot = slot_seals.seal_keyring(
                self._module.officer(), self.vault_id, self._store, self._clock.now()
            )
            self._save(Slots(self.vault_id, old.passphrase, slot))
            slot_seals.forget_secret(self._store, self.vault_id, old.keyring)

    def remove_keyring(self) -> None:
        """Leave the passphrase as the only way in; harmless when there is no keyring slot.

        Raises:
            Locked: the vault is locked.
            EnvironmentFault: the file could not be written; the slot stays.
        """
        with self._lock:
            self._require_open()
            old = self._slots
            self._save(old.without_keyring())
            slot_seals.forget_secret(self._store, self.vault_id, old.keyring)

    def _save(self, slots: Slots) -> None:
        slots.save(self._path)
        self._slots = slots
