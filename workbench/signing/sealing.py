"""The signing history sealed under a KMS key that the user chose: envelope encryption.

As AWS Step Functions seals executions: a data key of the KMS key seals records and is used again
for 60 to 900 seconds, then another is asked for. Who may not call kms:Decrypt on that key cannot
read the records, though the vault is open. Data keys are held in memory for that time and dropped
when the vault is locked or the window acts as somebody else. Must not know what the records say.

Source: AWS Step Functions Developer Guide, "Data at rest encryption"
(KmsDataKeyReusePeriodSeconds); AWS KMS Developer Guide, "Envelope encryption".
"""

import base64
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from workbench.base.clock import Clock
from workbench.base.errors import EnvironmentFault, IntegrityError, Refused
from workbench.base.files import printable
from workbench.crypto.aead import open_sealed, seal

SHORTEST_REUSE: Final = 60
LONGEST_REUSE: Final = 900
USUAL_REUSE: Final = 300
CONTEXT_KEY: Final = "keyworkbench:signing-history"
"""The key of the encryption context, for conditions in key policies."""

_MOST_REMEMBERED: Final = 64
_WHAT: Final = "A record of the signing history"


@dataclass(frozen=True, slots=True)
class HistoryKey:
    """Which KMS key seals the history.

    Attributes:
        key_id: id, ARN or alias of a symmetric encryption key.
        reuse: seconds for which a data key is used again.
    """

    key_id: str
    reuse: int = USUAL_REUSE

    def __post_init__(self) -> None:
        """Check the time."""
        if not SHORTEST_REUSE <= self.reuse <= LONGEST_REUSE:
            raise Refused(
                f"Data keys are used again for {SHORTEST_REUSE} to {LONGEST_REUSE} seconds, not "
                f"{self.reuse}.",
                f"Choose {USUAL_REUSE}, which is usual.",
            )


class Denied(Refused):
    """The key refused to open a record: by its policy, its state, or because it is gone."""


@dataclass(slots=True)
class _DataKey:
    plaintext: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)
    until: float


class Sealer:
    """Seals and opens records. Thread-safe.

    Args:
        kms: boto3-shaped KMS client.
        clock: how long data keys are held.
        context: value of the encryption context: which history it is.
    """

    def __init__(self, kms: Any, clock: Clock, context: str) -> None:
        self._kms = kms
        self._clock = clock
        self._context = {CONTEXT_KEY: context}
        self._lock = threading.Lock()
        self._chosen: HistoryKey | None = None
        self._current: _DataKey | None = None
        self._opened: OrderedDict[bytes, _DataKey] = OrderedDict()

    @property
    def chosen(self) -> HistoryKey | None:
        """The key that seals new records, or None."""
        return self._chosen

    def choose(self, key: HistoryKey | None) -> None:
        """Seal with another key from now on, or with none."""
        with self._lock:
            self._chosen = key
            self._current = None

    def try_out(self, key: HistoryKey) -> None:
        """Refuse a key that the caller may not both seal and open with.

        Raises:
            Denied: with the reason the key gave.
            EnvironmentFault: the key cannot be reached.
        """
        made = self._data_key(key)
        self._decrypt(made.wrapped)

    def check(self) -> None:
        """Refuse where nothing could be sealed now; raises as `seal`."""
        self.seal("", "")

    def forget(self) -> None:
        """Drop every data key: the vault was locked, or somebody else looks."""
        with self._lock:
            self._current = None
            self._opened.clear()

    def seal(self, text: str, name: str) -> str:
        """Return a record as it is stored: sealed where a key is chosen, else as it is.

        Args:
            text: the record, JSON.
            name: what it is, bound to the ciphertext.

        Raises:
            Denied: the key refused.
            EnvironmentFault: the key cannot be reached.
        """
        with self._lock:
            if self._chosen is None:
                return text
            now = self._clock.monotonic()
            if self._current is None or now >= self._current.until:
                self._current = self._data_key(self._chosen)
            current = self._current
        sealed = seal(current.plaintext, text.encode(), name.encode())
        return json.dumps(
            {
                "sealed": 1,
                "key": base64.b64encode(current.wrapped).decode(),
                "data": base64.b64encode(sealed).decode(),
            }
        )

    def open(self, stored: str, name: str) -> str:
        """Return a stored record.

        Raises:
            Denied: the key refused.
            EnvironmentFault: the key cannot be reached.
            IntegrityError: the record was changed.
        """
        if not is_sealed(stored):
            return stored
        try:
            record = json.loads(stored)
            wrapped, data = (base64.b64decode(record[part]) for part in ("key", "data"))
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"{_WHAT} is damaged.", "Restore a backup.") from error
        return open_sealed(self._plaintext(wrapped), data, name.encode(), _WHAT).decode()

    def _plaintext(self, wrapped: bytes) -> bytes:
        """Return a data key, asked for again when it was held long enough."""
        now = self._clock.monotonic()
        reuse = USUAL_REUSE if self._chosen is None else self._chosen.reuse
        with self._lock:
            known = self._opened.get(wrapped)
            if known is not None and now < known.until:
                return known.plaintext
            plaintext = self._decrypt(wrapped)
            self._opened[wrapped] = _DataKey(plaintext, wrapped, now + reuse)
            while len(self._opened) > _MOST_REMEMBERED:
                self._opened.popitem(last=False)
            return plaintext

    def _data_key(self, key: HistoryKey) -> _DataKey:
        try:
            answer = self._kms.generate_data_key(
                KeyId=key.key_id, KeySpec="AES_256", EncryptionContext=self._context
            )
        except ClientError as error:
            raise _denied(error, f"kms:GenerateDataKey on {printable(key.key_id)}") from error
        except BotoCoreError as error:
            raise _unreachable(error) from error
        until = self._clock.monotonic() + key.reuse
        return _DataKey(bytes(answer["Plaintext"]), bytes(answer["CiphertextBlob"]), until)

    def _decrypt(self, wrapped: bytes) -> bytes:
        try:
            answer = self._kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=self._context)
        except ClientError as error:
            raise _denied(error, "kms:Decrypt on the key of the signing history") from error
        except BotoCoreError as error:
            raise _unreachable(error) from error
        return bytes(answer["Plaintext"])


def is_sealed(stored: str) -> bool:
    """Whether a stored record is sealed."""
    return stored.startswith('{"sealed": 1, ')


def _denied(error: ClientError, what: str) -> Denied:
    answer = error.response.get("Error", {})
    code, message = answer.get("Code", "an error"), answer.get("Message", "")
    own = str(getattr(error, "next_step", "") or "")
    step = own or "Act as somebody who may, or have the key's policy or state changed."
    words = "Access denied" if "AccessDenied" in code else "The key refused"
    return Denied(f"{words}: {what} ({code}). {message}".strip(), step)


def _unreachable(error: BotoCoreError) -> EnvironmentFault:
    return EnvironmentFault(
        f"The key of the signing history cannot be reached: {error}", "Check the connection."
    )
