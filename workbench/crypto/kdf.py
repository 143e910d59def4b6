"""Key derivation: from a key (SP 800-108r1) and from a passphrase (RFC 9106).

Owns the parameters that are fixed for this program. Must not know what the derived keys are for,
beyond the label it is given.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode

from workbench.base.errors import EnvironmentFault, Refused

DERIVED_BYTES: Final = 32
MINIMUM_SALT_BYTES: Final = 16
_MOST_MEMORY_KIB: Final = 4 * 1024 * 1024
_MOST_ITERATIONS: Final = 64
_MOST_LANES: Final = 64


def derive(key: bytes, label: bytes, context: bytes) -> bytes:
    """Return 32 bytes by SP 800-108r1 §4.1: counter mode, HMAC-SHA-256.

    Counter and output length are 32-bit and the fixed input is `label || 0x00 || context || L`.

    Args:
        key: the key-derivation key, at least 16 bytes.
        label: the purpose; must not contain a zero byte, so that it cannot run into the context.
        context: what the derived key is bound to.
    """
    if b"\0" in label:
        raise ValueError("a KDF label must not contain a zero byte")
    return KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=DERIVED_BYTES,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=label,
        context=context,
        fixed=None,
    ).derive(key)


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """What a guess of a passphrase costs (RFC 9106 §3.1, §4).

    The default is above the RFC's second recommended option (64 MiB, 3 passes, 4 lanes).

    Attributes:
        memory_kib: memory in KiB.
        iterations: passes over it.
        lanes: degree of parallelism.

    Raises:
        Refused: when made with numbers outside what RFC 9106 or a desktop allows; costs are read
            back from disk, and a forged one must not be able to exhaust the machine.
    """

    memory_kib: int = 262144
    iterations: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        lanes = 1 <= self.lanes <= _MOST_LANES
        memory = 8 * self.lanes <= self.memory_kib <= _MOST_MEMORY_KIB
        if not (lanes and memory and 1 <= self.iterations <= _MOST_ITERATIONS):
            raise Refused(
                f"The Argon2id cost of {self.memory_kib} KiB, {self.iterations} passes and "
                f"{self.lanes} lanes is out of range.",
                f"Use 1-{_MOST_LANES} lanes, 1-{_MOST_ITERATIONS} passes and between 8 KiB a lane "
                "and 4 GiB of memory.",
            )


def stretch(passphrase: str, salt: bytes, cost: Argon2Cost) -> bytes:
    """Return 32 bytes from a passphrase by Argon2id version 1.3 (RFC 9106 §3).

    The passphrase is taken in Unicode normalisation form C and UTF-8, so that it can be typed on
    another keyboard or system.

    Raises:
        Refused: the passphrase is empty or not valid text, or the salt is under 16 bytes.
        EnvironmentFault: the machine has not enough free memory for the cost.
    """
    if not passphrase:
        raise Refused("The passphrase is empty.", "Type a passphrase.")
    if len(salt) < MINIMUM_SALT_BYTES:
        raise Refused(
            f"The salt has {len(salt)} bytes; at least {MINIMUM_SALT_BYTES} are needed.",
            "Make a new salt.",
        )
    try:
        text = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:
        raise Refused(
            "The passphrase contains a character that is not valid text.",
            "Type it again without that character.",
        ) from None
    try:
        return Argon2id(
            salt=salt,
            length=DERIVED_BYTES,
            iterations=cost.iterations,
            lanes=cost.lanes,
            memory_cost=cost.memory_kib,
        ).derive(text)
    except MemoryError:
        raise EnvironmentFault(
            f"Stretching the passphrase needs {cost.memory_kib // 1024} MiB of free memory, and "
            "the machine does not have it.",
            "Close other programs and try again.",
        ) from None
