"""One process at a time: a lock that the system releases when its holder dies.

Owns `vault.lock` (an advisory lock on an open file, so a crash leaves nothing behind) and
`vault.pid` (who holds it, used in messages and never trusted for locking).
"""

import contextlib
import os

from filelock import FileLock, Timeout

from workbench.base.errors import EnvironmentFault
from workbench.base.files import fault, printable, write_atomically
from workbench.vault.location import VaultFiles


class ProcessLock:
    """The lock of one vault directory; not re-entrant, one instance per opened vault."""

    def __init__(self, files: VaultFiles) -> None:
        self._files = files
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
            EnvironmentFault: another opened vault has it (its process id is named where known),
                or the system refused.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            raise EnvironmentFault(
                f"The vault in {printable(self._files.directory)} is open in {self._holder()}.",
                "Close it there first; one process at a time may use a vault.",
            ) from error
        except OSError as error:
            raise fault(error, "lock", self._files.lock) from error
        try:
            write_atomically(
                self._files.owner, f"{os.getpid()}\n".encode(), replace=True, sync=False
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

    def _holder(self) -> str:
        try:
            text = self._files.owner.read_text("ascii")[:20].strip()
        except (OSError, UnicodeDecodeError):
            text = ""
        if not text.isdigit():
            return "another process"
        if int(text) == os.getpid():
            return f"this process already (process {text})"
        return f"another process (process {text})"
