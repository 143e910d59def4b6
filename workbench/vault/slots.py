"""The key slots' file: `slots.json` beside the database.

Owns its format, and nothing that opens a slot. Parsing is strict: the file must be, byte for byte,
what this module writes for what it read, and its checksum must fit, so that no damaged byte goes
unnoticed. The checksum tells damage; forgery is told by the tokens, whose authenticated context is
everything else that the slot says.

Format, version 1: one JSON object with the members `format`, `version`, `vault_id`, `slots` and
`sha256` (over the same object without it). Binary values are base64.
"""

import binascii
import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeAlias

from workbench.base.errors import EnvironmentFault, IntegrityError, Refused
from workbench.base.files import fault, printable, write_atomically
from workbench.hsm.officer import Argon2Cost

FORMAT: Final = "key-workbench-slots"
VERSION: Final = 1
_LARGEST: Final = 64 * 1024
_SALT_BYTES: Final = 16
# A forged file must not make the program fill the memory or compute for hours.
_MEMORY_KIB: Final = range(8, 4 * 1024 * 1024 + 1)
_ITERATIONS: Final = range(1, 101)
_LANES: Final = range(1, 65)
MOST_MILLISECONDS: Final = 24 * 60 * 60 * 1000
_MILLISECONDS: Final = range(MOST_MILLISECONDS + 1)


@dataclass(frozen=True, slots=True)
class KeyringSlot:
    """Opened by a random secret in the OS keyring, stored there under `secret_name`."""

    slot_id: str
    created: str
    token: bytes = b""

    def members(self) -> dict[str, Any]:
        """Return what the slot says apart from its token."""
        return {"kind": "keyring", "id": self.slot_id, "created": self.created}

    def secret_name(self, vault_id: str) -> str:
        """Return the name of this slot's secret in the keyring."""
        return f"vault {vault_id} slot {self.slot_id}"


@dataclass(frozen=True, slots=True)
class PassphraseSlot:
    """Opened by a passphrase through Argon2id (RFC 9106).

    Attributes:
        generated: whether this program made the passphrase, which decides its normal form.
        cost: Argon2id's parameters.
        salt: 16 random bytes.
        milliseconds: how long the stretching took on the machine that made the slot.
    """

    created: str
    generated: bool
    cost: Argon2Cost
    salt: bytes
    milliseconds: int
    token: bytes = b""

    def members(self) -> dict[str, Any]:
        """Return what the slot says apart from its token."""
        return {
            "kind": "passphrase",
            "created": self.created,
            "generated": self.generated,
            "argon2id": {
                "memory_kib": self.cost.memory_kib,
                "iterations": self.cost.iterations,
                "lanes": self.cost.lanes,
                "salt": _text(self.salt),
                "milliseconds": self.milliseconds,
            },
        }


Slot: TypeAlias = KeyringSlot | PassphraseSlot


@dataclass(frozen=True, slots=True)
class SlotInfo:
    """A slot as people see it.

    Attributes:
        kind: `keyring` or `passphrase`.
        created: when, in ISO 8601.
        parameters: what it costs to open, in words.
    """

    kind: str
    created: str
    parameters: str


@dataclass(frozen=True, slots=True)
class Slots:
    """The content of `slots.json`: one passphrase slot and at most one keyring slot."""

    vault_id: str
    passphrase: PassphraseSlot
    keyring: KeyringSlot | None = None

    def infos(self) -> tuple[SlotInfo, ...]:
        """Return the slots as people see them."""
        cost = self.passphrase.cost
        kind = "generated" if self.passphrase.generated else "chosen by you"
        shown = [
            SlotInfo(
                "passphrase",
                self.passphrase.created,
                f"{kind}; Argon2id, {cost.memory_kib / 1024:g} MiB, {cost.iterations} passes, "
                f"{cost.lanes} lanes, measured {self.passphrase.milliseconds} ms",
            )
        ]
        if self.keyring is not None:
            shown.insert(
                0, SlotInfo("keyring", self.keyring.created, "256-bit secret in the OS keyring")
            )
        return tuple(shown)

    def encode(self) -> bytes:
        """Return the file's content."""
        members = [
            {**slot.members(), "token": _text(slot.token)}
            for slot in (self.keyring, self.passphrase)
            if slot is not None
        ]
        body = {"format": FORMAT, "version": VERSION, "vault_id": self.vault_id, "slots": members}
        body["sha256"] = _checksum(body)
        return json.dumps(body, indent=1).encode("ascii") + b"\n"

    def without_keyring(self) -> "Slots":
        """Return the same slots without the one in this machine's keyring."""
        return replace(self, keyring=None)

    def save(self, path: Path) -> None:
        """Write the file atomically, replacing an older one.

        Raises:
            EnvironmentFault: the system refused; the old file is as it was.
        """
        write_atomically(path, self.encode(), replace=True)


def slot_context(vault_id: str, slot: Slot) -> bytes:
    """Return what a slot's token is bound to: the vault, the slot's kind and its parameters."""
    return _canonical({"format": FORMAT, "vault_id": vault_id, "slot": slot.members()})


def load(path: Path) -> Slots:
    """Read `slots.json`.

    Raises:
        EnvironmentFault: it is not there or cannot be read.
        IntegrityError: it is damaged.
        Refused: a newer version of the program wrote it.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
    except FileNotFoundError as error:
        raise EnvironmentFault(
            f"The vault's key slots {printable(path)} are missing.",
            "Restore the vault from a backup, or put the file back.",
        ) from error
    except OSError as error:
        raise fault(error, "read", path) from error
    try:
        return decode(data)
    except Refused as error:
        raise Refused(f"{printable(path)}: {error.message}", error.next_step) from error
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise IntegrityError(
            f"The vault's key slots {printable(path)} are damaged.",
            "Restore the vault from a backup into another folder; keep the damaged file.",
        ) from error


def decode(data: bytes) -> Slots:
    """Return the slots that `data` encodes.

    Raises:
        Refused: a newer version of the program wrote it.
        ValueError, KeyError, TypeError: it is not what `Slots.encode` writes.
    """
    if len(data) > _LARGEST:
        raise ValueError("too long")
    body = json.loads(data.decode("ascii"))
    if not isinstance(body, dict):
        raise TypeError("not an object")
    checksum = body.pop("sha256")
    # First of all, so that damage to the version itself is not taken for a newer program.
    if checksum != _checksum(body) or body["format"] != FORMAT:
        raise ValueError("damaged, or another format")
    if type(body["version"]) is int and body["version"] > VERSION:
        raise Refused(
            "These key slots were written by a newer version of Key Workbench.",
            "Update Key Workbench; nothing was changed.",
        )
    *first, last = body["slots"]
    keyring = _keyring_slot(*first) if first else None
    found = Slots(_string(body["vault_id"]), _passphrase_slot(last), keyring)
    if found.encode() != data:
        raise ValueError("not what was written")
    return found


def _keyring_slot(members: dict[str, Any]) -> KeyringSlot:
    return KeyringSlot(
        _string(members["id"]), _string(members["created"]), _bytes(members["token"])
    )


def _passphrase_slot(members: dict[str, Any]) -> PassphraseSlot:
    argon2 = members["argon2id"]
    cost = Argon2Cost(
        memory_kib=_within(argon2["memory_kib"], _MEMORY_KIB),
        iterations=_within(argon2["iterations"], _ITERATIONS),
        lanes=_within(argon2["lanes"], _LANES),
    )
    salt = _bytes(argon2["salt"])
    if len(salt) != _SALT_BYTES or type(members["generated"]) is not bool:
        raise ValueError("not a passphrase slot")
    return PassphraseSlot(
        _string(members["created"]),
        members["generated"],
        cost,
        salt,
        _within(argon2["milliseconds"], _MILLISECONDS),
        _bytes(members["token"]),
    )


def _within(value: object, allowed: range) -> int:
    if type(value) is not int or value not in allowed:
        raise ValueError("out of range")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _bytes(value: object) -> bytes:
    return b64decode(_string(value), validate=True)


def _text(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def _checksum(body: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(body)).hexdigest()


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode("ascii")
