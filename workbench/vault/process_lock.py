"""One process at a time: a lock that the system releases when its holder dies.

Owns `vault.lock` (an advisory lock on an open file, so a crash leaves nothing behind) and
`vault.pid` (who holds it: its process id and which program it is, used in messages and never
trusted for locking).
"""

import contextlib
import os
from enum import StrEnum
from typing import Final

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable, write_atomically
from workbench.vault.location import VaultFiles

_LONGEST: Final = 40


class Holder(StrEnum):
    """Which program has a vault open."""

    UNKNOWN = ""
    WINDOW = "window"
    COMMAND = "command"
    ENDPOINT = "endpoint"


_CALLED: Final = {
    Holder.UNKNOWN: "another process",
    Holder.WINDOW: "Key Workbench's window",
    Holder.COMMAND: "another command of workbench",
    Holder.ENDPOINT: "“workbench serve”",
}
_STEPS: Final = {
    Holder.UNKNOWN: "Close it there first",
    Holder.WINDOW: "Do it in that window, or close the window first",
    Holder.COMMAND: "Wait until that command has ended",
    Holder.ENDPOINT: "Stop it first",
}


class ProcessLock:
    """The lock of one vault directory; not re-entrant, one instance per opened vault.

    Args:
        files: the vault's.
        holder: which program takes it, for the message that others get.
    """

    def __init__(self, files: VaultFiles, holder: Holder = Holder.UNKNOWN) -> None:
        self._files = files
        self._as = holder
        from filelock import FileLock  # noqa: PLC0415 - 40 ms, and not every command opens a vault

        self._lock = FileLock(
            files.lock,
            timeout=0,
            mode=0o600,
            thread_local=False,
            preserve_lock_file=True,
            # A marker file instead of a system lock would outlive a crash: better to refuse.
            fallback_to_soft=False,
        )

    def acquire(self) -> None:
        """Take the lock at once or not at all.

        Raises:
            EnvironmentFault: another opened vault has it (the program and its process id are
                named where known), or the system refused.
        """
        from filelock import Timeout  # noqa: PLC0415 - as above

        try:
            self._lock.acquire()
        except Timeout as error:
            called, step = self._holder()
            raise EnvironmentFault(
                f"The vault in {printable(self._files.directory)} is open in {called}.",
                f"{step}; one process at a time may use a vault.",
            ) from error
        except OSError as error:
            raise fault(error, "lock", self._files.lock) from error
        try:
            write_atomically(
                self._files.owner,
                f"{os.getpid()} {self._as}".strip().encode() + b"\n",
                replace=True,
                sync=False,
            )
        except EnvironmentFault:
            self._lock.release()
            raise

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if not self._lock.is_locked:
            return
        with contextlib.suppress(OSError):
            self._files.owner.unlink(missing_ok=True)
        self._lock.release()

    def _holder(self) -> tuple[str, str]:
        """Return what to call who has it, and what to do."""
        try:
            text = self._files.owner.read_text("ascii")[:_LONGEST].strip()
        except (OSError, UnicodeDecodeError):
            text = ""
        number, _, word = text.partition(" ")
        holder = next((one for one in Holder if one == word), Holder.UNKNOWN)
        if not number.isdigit():
            return _CALLED[Holder.UNKNOWN], _STEPS[Holder.UNKNOWN]
        if int(number) == os.getpid():
            return f"this process already (process {number})", _STEPS[Holder.UNKNOWN]
        return f"{_CALLED[holder]} (process {number})", _STEPS[holder]
