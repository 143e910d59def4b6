"""What the module and its sessions share: state, vault key, domain keys, loaded keys.

Owns the one lock and the forgetting of secrets. Must not know algorithms beyond derivation, nor
what officers and users do with it. Nothing here is held while a signature is computed.
"""

import hmac
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from workbench.base.errors import IntegrityError, Locked, Refused
from workbench.crypto import kdf
from workbench.hsm.handles import HandleCache
from workbench.hsm.states import ModuleState, Service, require
from workbench.hsm.tokens import KeyToken

_LOCKED_MESSAGE = "The vault is locked."
_LOCKED_STEP = "Unlock it and try again."


def locked() -> Locked:
    """Return the error of a request that needs what is inside a locked vault."""
    return Locked(_LOCKED_MESSAGE, _LOCKED_STEP)


@dataclass(frozen=True, slots=True)
class DomainKeys:
    """The domain keys in use: one active for wrapping, the others for unwrapping only."""

    active: str = ""
    keys: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    def wrapping(self) -> tuple[str, bytes]:
        """Return id and key of the active one.

        Raises:
            Locked: none is loaded.
        """
        if not self.active:
            raise locked()
        return self.active, self.keys[self.active]

    def unwrapping(self, token: KeyToken) -> bytes:
        """Return the domain key a token names.

        Raises:
            Locked: none is loaded.
            IntegrityError: the token names one that this vault does not have.
        """
        if not self.active:
            raise locked()
        key = self.keys.get(token.domain_key_id)
        if key is None:
            raise IntegrityError(
                f"The token of key {token.binding.key_id} names a domain key that this vault "
                "does not have.",
                "Restore the vault from a backup.",
            )
        return key


class Core:
    """The inside of the module."""

    def __init__(self, corrupt: str | None) -> None:
        self.corrupt = corrupt
        self.lock = threading.RLock()
        self.state = ModuleState.POWER_OFF
        self.role = ModuleState.IDLE
        self.epoch = 0
        self.domain_keys = DomainKeys()
        self.handles = HandleCache()
        self._vault_key: bytearray | None = None

    def __repr__(self) -> str:
        """Show the state and nothing secret."""
        return f"<Core {self.state}>"

    def admit(self, service: Service, role: ModuleState, epoch: int) -> None:
        """Check a session's request against the state table.

        Raises:
            Refused: state or role does not allow it.
            Locked: the session ended when the module was locked.
        """
        state = self.state
        require(role if state is ModuleState.IDLE else state, service)
        self.check_epoch(epoch)

    def check_epoch(self, epoch: int) -> None:
        """Check that a session has not ended; within the lock, where something is to be stored.

        Raises:
            Locked: the module was locked since the session began.
        """
        if epoch != self.epoch:
            raise locked()

    def set_vault_key(self, vault_key: bytes, epoch: int) -> None:
        """Take a vault key for a session; the same one may be given again.

        Raises:
            Locked: the session has ended.
            Refused: another one is there.
        """
        with self.lock:
            self.check_epoch(epoch)
            if self._vault_key is not None and not hmac.compare_digest(self._vault_key, vault_key):
                raise Refused(
                    "The module holds the key of another vault.", "Lock this vault first."
                )
            self._vault_key = bytearray(vault_key)

    def has_vault_key(self) -> bool:
        """Return whether a vault key is held."""
        return self._vault_key is not None

    def vault_key(self) -> bytes:
        """Return a copy of the vault key, for sealing it into a slot.

        Raises:
            Locked: there is none.
        """
        with self.lock:
            if self._vault_key is None:
                raise locked()
            return bytes(self._vault_key)

    def derive(self, label: bytes) -> bytes:
        """Return a 32-byte key derived from the vault key for one purpose.

        Raises:
            Locked: there is no vault key.
        """
        return kdf.derive(self.vault_key(), label, b"")

    def forget(self) -> None:
        """Drop every secret and end every session."""
        with self.lock:
            self.epoch += 1
            self.role = ModuleState.IDLE
            if self._vault_key is not None:
                self._vault_key[:] = bytes(len(self._vault_key))
            self._vault_key = None
            self.domain_keys = DomainKeys()
            self.handles.clear()

    def latch(self, state: ModuleState) -> None:
        """Enter ERROR or ZEROIZED, which are not left again, and forget every secret."""
        with self.lock:
            self.state = state
            self.forget()


class Session:
    """A logged-in role."""

    role: ModuleState

    def __init__(self, core: Core) -> None:
        self._core = core
        self._epoch = core.epoch

    def __repr__(self) -> str:
        """Show the role and nothing secret."""
        return f"<{type(self).__name__} session>"

    def _admit(self, service: Service) -> None:
        self._core.admit(service, self.role, self._epoch)
