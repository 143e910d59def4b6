"""Sealing the vault key into slots and opening it from them.

Owns the steps between a typed passphrase or a keyring secret and the module. Must not know the
slots' file; the vault key itself never passes through here.
"""

import contextlib
import secrets as system_random
from dataclasses import replace
from datetime import datetime

from workbench.base.clock import Clock
from workbench.base.errors import EnvironmentFault, IntegrityError, Refused
from workbench.hsm.officer import Argon2Cost, Officer
from workbench.vault import passphrase as passphrases
from workbench.vault.secret_store import SecretStore
from workbench.vault.slots import (
    MOST_MILLISECONDS,
    KeyringSlot,
    PassphraseSlot,
    Slots,
    slot_context,
)

_SECRET_BYTES = 32
_SALT_BYTES = 16
_OTHER_SLOT = "Use the recovery passphrase."


def seal_passphrase(
    officer: Officer, vault_id: str, chosen: str | None, cost: Argon2Cost, clock: Clock
) -> tuple[PassphraseSlot, str]:
    """Return a slot that `chosen` opens, or a generated passphrase when it is None, and which.

    Raises:
        Refused: the chosen passphrase is too short.
    """
    text = passphrases.generate() if chosen is None else passphrases.accept_chosen(chosen)
    salt = system_random.token_bytes(_SALT_BYTES)
    start = clock.monotonic()
    secret = officer.derive_secret(text, salt, cost)
    # A clock that somebody moves meanwhile must not make a slot that cannot be read.
    milliseconds = min(max(round(1000 * (clock.monotonic() - start)), 0), MOST_MILLISECONDS)
    slot = PassphraseSlot(clock.now().isoformat(), chosen is None, cost, salt, milliseconds)
    token = officer.seal_vault_key(secret, slot_context(vault_id, slot))
    return replace(slot, token=token), text


def seal_keyring(officer: Officer, vault_id: str, store: SecretStore, now: datetime) -> KeyringSlot:
    """Put a new secret in the keyring and return the slot that it opens.

    Raises:
        EnvironmentFault: the keyring refused; no slot was made.
    """
    secret = system_random.token_bytes(_SECRET_BYTES)
    slot = KeyringSlot(system_random.token_hex(8), now.isoformat())
    token = officer.seal_vault_key(secret, slot_context(vault_id, slot))
    store.set(slot.secret_name(vault_id), secret)
    return replace(slot, token=token)


def forget_secret(store: SecretStore | None, vault_id: str, slot: KeyringSlot | None) -> None:
    """Take the secret of a slot that is no more out of the keyring, if the keyring allows."""
    if store is None or slot is None:
        return
    # One that stays behind opens nothing any more.
    with contextlib.suppress(EnvironmentFault):
        store.delete(slot.secret_name(vault_id))


def open_with_passphrase(officer: Officer, slots: Slots, typed: str) -> None:
    """Load the vault key into the module by the passphrase slot.

    Raises:
        Refused: the passphrase is mistyped or wrong.
    """
    slot = slots.passphrase
    normalise = passphrases.normalise_generated if slot.generated else passphrases.normalise_chosen
    secret = officer.derive_secret(normalise(typed), slot.salt, slot.cost)
    try:
        officer.open_vault_key(slot.token, secret, slot_context(slots.vault_id, slot))
    except (IntegrityError, Refused) as error:
        raise Refused(
            "The passphrase does not open this vault.",
            "Check that it belongs to this vault and type it again.",
        ) from error


def open_with_keyring(officer: Officer, slots: Slots, store: SecretStore | None) -> None:
    """Load the vault key into the module by the keyring slot.

    Raises:
        EnvironmentFault: there is no keyring, or it has no secret for this vault.
        IntegrityError: the keyring's secret does not fit.
        Refused: the vault has no keyring slot.
    """
    slot = slots.keyring
    if slot is None:
        raise Refused("This vault has no keyring slot.", _OTHER_SLOT)
    if store is None:
        raise EnvironmentFault("No keyring service is available.", _OTHER_SLOT)
    secret = store.get(slot.secret_name(slots.vault_id))
    if secret is None:
        raise EnvironmentFault(
            f"The keyring ({store.describe()}) has no secret for this vault.", _OTHER_SLOT
        )
    try:
        officer.open_vault_key(slot.token, secret, slot_context(slots.vault_id, slot))
    except (IntegrityError, Refused) as error:
        raise IntegrityError(
            f"The secret in the keyring ({store.describe()}) does not open this vault.",
            _OTHER_SLOT,
        ) from error
