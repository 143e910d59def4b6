"""The vault: opened, unlocked, read, written, locked.

Owns the order in which files, slots, module and database come together, and the vault's one state:
locked or unlocked. Must not know what the rows mean to the floors above.
"""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from workbench.base.clock import Clock
from workbench.base.errors import EnvironmentFault, Locked, WorkbenchError
from workbench.base.files import printable
from workbench.hsm.module import Module
from workbench.hsm.officer import Argon2Cost, Officer
from workbench.vault import backup as backups
from workbench.vault import building, creation, domain_keys, health
from workbench.vault import slots as slots_file
from workbench.vault.anchor import Anchor, AnchorKeeper
from workbench.vault.anchor import current as current_anchor
from workbench.vault.database import Database, Parameters, Row, Transaction
from workbench.vault.history import note_opening
from workbench.vault.key_slots import KeySlots
from workbench.vault.location import VaultFiles
from workbench.vault.process_lock import Holder, ProcessLock
from workbench.vault.secret_store import SecretStore
from workbench.vault.slots import SlotInfo, Slots

_ANCHOR_SECONDS = 3.0


class Vault:
    """One vault directory, held by this process; made by `create` or `open`.

    Reading and writing is safe from any thread. While it is locked, every request raises `Locked`.

    Attributes:
        directory: where it is.
        key_slots: the ways to unlock it, and changing them.
        anchor: what the keyring remembered of it at the last unlock, or None.
    """

    def __init__(
        self,
        files: VaultFiles,
        module: Module,
        secrets: SecretStore | None,
        clock: Clock,
        lock: ProcessLock,
        slots: Slots,
    ) -> None:
        self.directory = files.directory
        self.key_slots = KeySlots(files, slots, module, secrets, clock, self._open_database)
        self.anchor: Anchor | None = None
        self._files = files
        self._module = module
        self._clock = clock
        self._process_lock = lock
        self._state = threading.RLock()
        self._database: Database | None = None
        self._before_lock: list[Callable[[], None]] = []
        self._after_lock: list[Callable[[], None]] = []
        self._after_unlock: list[Callable[[], None]] = []
        self._warnings: tuple[str, ...] = ()
        self._keeper: AnchorKeeper | None = None
        if secrets is not None:
            self._keeper = AnchorKeeper(
                secrets,
                slots.vault_id,
                lambda: current_anchor(self._open_database()),
                _ANCHOR_SECONDS,
            )

    @classmethod
    def create(
        cls,
        directory: Path,
        module: Module,
        secrets: SecretStore | None,
        clock: Clock,
        *,
        passphrase: str | None = None,
        cost: Argon2Cost | None = None,
        holder: Holder = Holder.UNKNOWN,
    ) -> tuple[Self, str]:
        """Create a vault and return it unlocked, with its recovery passphrase.

        Args:
            directory: where; created if need be, with mode 0700.
            module: powered on, with no vault key.
            secrets: the OS keyring for the first slot, or None for a passphrase slot alone.
            clock: the time.
            passphrase: the user's own; generated when None.
            cost: Argon2id's parameters (RFC 9106).
            holder: which program it is for.

        Raises:
            Refused: a vault is there already, or the passphrase is too short.
            EnvironmentFault: the keyring or the system refused; nothing was left behind.
        """
        files = VaultFiles(directory)
        files.make_directory()
        with contextlib.ExitStack() as undo:
            lock = ProcessLock(files, holder)
            lock.acquire()
            undo.callback(lock.release)
            building.refuse_existing(files)
            officer = module.officer()
            officer.create_vault_key()
            undo.callback(_forget, module)
            slots, shown = creation.build(
                files, officer, secrets, clock, passphrase, cost or Argon2Cost()
            )
            vault = cls(files, module, secrets, clock, lock, slots)
            vault._enter(officer)
            undo.pop_all()
        return vault, shown

    @classmethod
    def open(
        cls,
        directory: Path,
        module: Module,
        secrets: SecretStore | None,
        clock: Clock,
        holder: Holder = Holder.UNKNOWN,
    ) -> Self:
        """Open an existing vault and return it locked.

        Args:
            directory: where it is.
            module: powered on, with no vault key.
            secrets: the OS keyring, if there is one.
            clock: the time.
            holder: which program it is for.

        Raises:
            EnvironmentFault: it is not there, another process has it, or the system refused.
            IntegrityError: its key slots are damaged or its database is empty.
            Refused: a newer version of the program wrote it.
        """
        files = VaultFiles(directory)
        if not files.exists():
            raise EnvironmentFault(
                f"There is no vault in {printable(directory)}.",
                "Create one, or choose the folder where it is.",
            )
        lock = ProcessLock(files, holder)
        lock.acquire()
        try:
            slots = slots_file.load(files.slots)
            building.check_present(files)
            building.clear_leftovers(files)
        except BaseException:
            lock.release()
            raise
        return cls(files, module, secrets, clock, lock, slots)

    @staticmethod
    def restore(backup: Path, directory: Path) -> None:
        """Make the vault in `backup` the vault of a directory that has none.

        Raises:
            Refused: the directory has a vault, or a newer version wrote the backup.
            IntegrityError: the backup is damaged; nothing was restored.
            EnvironmentFault: the system refused.
        """
        files = VaultFiles(directory)
        files.make_directory()
        lock = ProcessLock(files)
        lock.acquire()
        try:
            backups.restore(backup, files)
        finally:
            lock.release()

    @property
    def locked(self) -> bool:
        """Whether requests are refused until it is unlocked."""
        return self._database is None

    @property
    def slots(self) -> tuple[SlotInfo, ...]:
        """The key slots, as people see them."""
        return self.key_slots.infos()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed at the last unlock or lock, in sentences."""
        return self._warnings

    @property
    def in_transaction(self) -> bool:
        """Whether the calling thread is inside a transaction of this vault."""
        database = self._database
        return database is not None and database.in_transaction

    def unlock_with_keyring(self) -> None:
        """Unlock by the secret in the OS keyring; harmless when it is unlocked.

        Raises:
            EnvironmentFault: no keyring, or no secret in it; the passphrase is the next step.
            IntegrityError: the secret does not fit, or the database is damaged.
            Refused: there is no keyring slot, or a newer version wrote the database.
        """
        self._unlock(self.key_slots.open_with_keyring)

    def unlock_with_passphrase(self, passphrase: str) -> None:
        """Unlock by the passphrase; harmless when it is unlocked.

        Raises:
            Refused: mistyped or wrong, or a newer version wrote the database.
            IntegrityError: the database is damaged.
            EnvironmentFault: the system refused.
        """
        self._unlock(lambda officer: self.key_slots.open_with_passphrase(officer, passphrase))

    def lock(self) -> None:
        """Finish what is running, close the database and make the module forget every key.

        What could not be finished (a full disk) is told in `warnings`; the vault is locked anyway.

        Raises:
            RuntimeError: called from inside a transaction, which is a bug.
        """
        with self._state:
            database = self._database
            if database is None:
                return
            if database.in_transaction:
                raise RuntimeError("the vault cannot be locked from inside a transaction")
            with contextlib.ExitStack() as steps:
                steps.callback(_forget, self._module)
                steps.callback(self._close_database, database)
                problems = _call_all(self._before_lock)
            self._warnings = (*self._warnings, *problems)
        self._warnings = (*self._warnings, *_call_all(self._after_lock))

    def close(self) -> None:
        """Lock, write the anchor, and give up the process lock; harmless when repeated."""
        with self._state:
            try:
                self.lock()
            finally:
                if self._keeper is not None:
                    self._keeper.close()
                self._process_lock.release()

    def read(self, sql: str, params: Parameters = ()) -> list[Row]:
        """Run a query; sees the caller's own uncommitted writes inside its transaction.

        Raises:
            Locked: the vault is locked.
            EnvironmentFault: the disk failed.
            IntegrityError: the database is damaged.
        """
        return self._open_database().read(sql, params)

    def transaction(self) -> contextlib.AbstractContextManager[Transaction]:
        """Write durably; see `Database.transaction`. Raises `Locked` at once when locked."""
        return self._open_database().transaction()

    def before_lock(self, callback: Callable[[], None]) -> None:
        """Call `callback` before each lock, while the vault can still be read and written."""
        self._before_lock.append(callback)

    def on_lock(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each lock."""
        self._after_lock.append(callback)

    def on_unlock(self, callback: Callable[[], None]) -> None:
        """Call `callback` after each unlock."""
        self._after_unlock.append(callback)

    def change_passphrase(self, passphrase: str) -> None:
        """Replace the passphrase slot by one that a passphrase of the user's own opens.

        Raises:
            Locked: the vault is locked.
            Refused: the passphrase is too short.
            EnvironmentFault: the file could not be written; the old passphrase stays.
        """
        self.key_slots.change_passphrase(passphrase)

    def rotate_domain_key(self) -> int:
        """Wrap every key material anew under a new domain key and return how many there were.

        Raises:
            Locked: the vault is locked.
            EnvironmentFault, IntegrityError: nothing was changed.
        """
        with self._state:
            officer = self._module.officer()
            return domain_keys.rotate(self._open_database(), officer, self._clock.now())

    def health(self) -> tuple[health.Finding, ...]:
        """Check files, and when unlocked every page of the database; raises nothing expected."""
        findings = health.files_findings(self._files)
        with contextlib.suppress(Locked):
            findings += health.database_findings(self._open_database())
        return findings

    def backup(self, target: Path) -> None:
        """Write one committed state of the vault to a new file, while it is in use.

        Raises:
            Locked: the vault is locked.
            EnvironmentFault: the target exists, the disk is full, or the system refused.
        """
        backups.write(
            self._open_database(), self._files, self.key_slots.current, target, self._clock.now()
        )

    def _unlock(self, opener: Callable[[Officer], None]) -> None:
        with self._state:
            if self._database is not None:
                return
            building.check_present(self._files)
            officer = self._module.officer()
            try:
                opener(officer)
                self._enter(officer)
            except BaseException:
                _forget(self._module)
                raise
        self._warnings = (*self._warnings, *_call_all(self._after_unlock))

    def _enter(self, officer: Officer) -> None:
        database = Database(
            self._files.database,
            officer.database_key(),
            on_commit=None if self._keeper is None else self._keeper.changed,
        )
        try:
            officer.load_domain_keys(domain_keys.stored(database))
            self.anchor, self._warnings = note_opening(database, self._keeper, self._clock.now())
        except BaseException:
            database.close()
            raise
        self._database = database
        if self._keeper is not None:
            self._keeper.resume()
            self._keeper.start()
            self._keeper.changed()

    def _close_database(self, database: Database) -> None:
        with contextlib.suppress(WorkbenchError):
            if self._keeper is not None:
                self._keeper.post(current_anchor(database))
        self._database = None
        database.close()

    def _open_database(self) -> Database:
        database = self._database
        if database is None:
            raise Locked("The vault is locked.", "Unlock it and try again.")
        return database


def _forget(module: Module) -> None:
    # A module in its error state refuses, having forgotten everything by itself.
    with contextlib.suppress(WorkbenchError):
        module.lock()


def _call_all(callbacks: list[Callable[[], None]]) -> list[str]:
    problems = []
    for callback in callbacks:
        try:
            callback()
        except WorkbenchError as error:
            problems.append(str(error))
    return problems
