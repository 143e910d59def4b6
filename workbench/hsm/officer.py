"""The crypto officer: vault key, key slots, domain keys, zeroisation.

Owns the services of that role. Must not know key slots' files or the database.
"""

import secrets
from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from workbench.base.errors import Refused
from workbench.base.identifiers import new_uuid
from workbench.crypto import aead, kdf
from workbench.crypto.kdf import Argon2Cost
from workbench.hsm.core import DomainKeys, Session
from workbench.hsm.states import ModuleState, Service
from workbench.hsm.tokens import (
    DomainKeyToken,
    KeyToken,
    open_slot,
    seal_slot,
    unwrap_domain_key,
    unwrap_key,
    wrap_domain_key,
    wrap_key,
)

__all__ = ["Argon2Cost", "DomainKeyToken", "Officer"]

SECRET_BYTES: Final = 32
_DOMAIN_WRAPPING: Final = b"domain key wrapping"
_DATABASE: Final = b"database"


class Officer(Session):
    """A crypto officer session. Made by `Module.officer`.

    Every method raises `Refused` in a state that does not allow its service, and `Locked` when the
    session has ended or needs a vault key that is not there.
    """

    role = ModuleState.OFFICER

    def create_vault_key(self) -> None:
        """Make the vault key, from which or under which everything else hangs.

        Raises:
            Refused: there is one already.
        """
        self._admit(Service.CREATE_VAULT_KEY)
        with self._core.lock:
            if self._core.has_vault_key():
                raise Refused("The module holds a vault key already.", "Lock this vault first.")
            self._core.set_vault_key(secrets.token_bytes(aead.KEY_BYTES), self._epoch)

    def seal_vault_key(self, secret: bytes, context: bytes) -> bytes:
        """Return a slot token: the vault key under AES-256-GCM and a key derived from a secret.

        Args:
            secret: at least 32 random or stretched bytes.
            context: what the slot is bound to, such as its kind and the vault's id.

        Raises:
            Refused: the secret is too short.
        """
        self._admit(Service.SEAL_VAULT_KEY)
        _check_secret(secret)
        return seal_slot(self._core.vault_key(), secret, context)

    def open_vault_key(self, token: bytes, secret: bytes, context: bytes) -> None:
        """Take the vault key out of a slot token into the module.

        Raises:
            IntegrityError: wrong secret, wrong context or damaged token.
            Refused: the secret is too short, or the module holds another vault's key.
        """
        self._admit(Service.OPEN_VAULT_KEY)
        _check_secret(secret)
        self._core.set_vault_key(open_slot(token, secret, context), self._epoch)

    def derive_secret(self, passphrase: str, salt: bytes, cost: Argon2Cost) -> bytes:
        """Return 32 bytes stretched from a passphrase by Argon2id (RFC 9106).

        Raises:
            Refused: empty passphrase, or a salt under 16 bytes.
            EnvironmentFault: not enough memory.
        """
        self._admit(Service.STRETCH)
        return kdf.stretch(passphrase, salt, cost)

    def database_key(self) -> bytes:
        """Return the 32-byte key of the encrypted database: the one derived key that leaves."""
        self._admit(Service.DATABASE_KEY)
        return self._core.derive(_DATABASE)

    def create_domain_key(self) -> DomainKeyToken:
        """Make a domain key, which becomes the active one; older ones stay for unwrapping."""
        self._admit(Service.CREATE_DOMAIN_KEY)
        domain_key_id = new_uuid()
        domain_key = secrets.token_bytes(aead.KEY_BYTES)
        with self._core.lock:
            self._core.check_epoch(self._epoch)
            token = wrap_domain_key(domain_key_id, domain_key, self._core.derive(_DOMAIN_WRAPPING))
            keys = {**self._core.domain_keys.keys, domain_key_id: domain_key}
            self._core.domain_keys = DomainKeys(domain_key_id, MappingProxyType(keys))
        return token

    def load_domain_keys(self, tokens: Sequence[DomainKeyToken]) -> None:
        """Take these domain keys, in place of those there; the last one becomes active.

        Raises:
            IntegrityError: a token was changed; the domain keys stay as they were.
            Refused: there are none.
        """
        self._admit(Service.LOAD_DOMAIN_KEYS)
        if not tokens:
            raise Refused("There is no domain key to load.", "Restore the vault from a backup.")
        with self._core.lock:
            self._core.check_epoch(self._epoch)
            wrapping_key = self._core.derive(_DOMAIN_WRAPPING)
            keys = {t.domain_key_id: unwrap_domain_key(t, wrapping_key) for t in tokens}
            self._core.domain_keys = DomainKeys(tokens[-1].domain_key_id, MappingProxyType(keys))

    def rewrap(self, token: KeyToken) -> KeyToken:
        """Return the same key wrapped under the active domain key.

        Raises:
            IntegrityError: the token was changed, or names a domain key that is not loaded.
        """
        self._admit(Service.REWRAP)
        domain_keys = self._core.domain_keys
        attributes, material = unwrap_key(token, domain_keys.unwrapping(token))
        return wrap_key(token.binding, attributes, material, *domain_keys.wrapping())

    def zeroize(self) -> None:
        """Erase every secret in the module and latch ZEROIZED.

        What lies on disk wrapped under the vault key is lost with it once the vault's key slots
        are deleted as well.
        """
        self._admit(Service.ZEROIZE)
        self._core.latch(ModuleState.ZEROIZED)


def _check_secret(secret: bytes) -> None:
    if len(secret) < SECRET_BYTES:
        raise Refused(
            f"The slot secret has {len(secret)} bytes; at least {SECRET_BYTES} are needed.",
            "Stretch a passphrase, or make a random secret.",
        )
