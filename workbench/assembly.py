"""The one place that builds objects and hands them to each other.

Owns the order of building and of closing. Everything it gives away is a finished service; nothing
below it knows how the others were made.
"""

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

from workbench import showcase
from workbench.base.clock import Clock, SystemClock, TravelClock
from workbench.base.errors import EnvironmentFault
from workbench.base.identifiers import Place
from workbench.bench import Bench, Progress
from workbench.engine import Engine
from workbench.hsm.module import Module, SelfTestReport
from workbench.hsm.officer import Argon2Cost
from workbench.pki.quickstart import Hierarchy, HierarchyRequest, create_code_signing_hierarchy
from workbench.pki.shelf import SERVICE as SHELF
from workbench.signing.jobs import JobQueue
from workbench.signing.verify import Verifier
from workbench.vault.location import VaultFiles, default_directory
from workbench.vault.preferences import Preferences
from workbench.vault.secret_store import KeyringStore, SecretStore
from workbench.vault.vault import Vault

if TYPE_CHECKING:
    from types_boto3_acm_pca import ACMPCAClient
    from types_boto3_kms import KMSClient

_PREFERENCES = "preferences.json"


class Assembly:
    """Makes and opens vaults; satisfies `workbench.bench.Keeper`.

    Args:
        clock: the time; the machine's own when None.
        secrets: the OS keyring; looked for when None.
        cost: Argon2id's parameters for new vaults; the default cost when None.
        place: account and Region of the ARNs.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        secrets: SecretStore | None = None,
        cost: Argon2Cost | None = None,
        place: Place | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._secrets = secrets
        self._cost = cost
        self._place = place or Place()

    def default_directory(self) -> Path:
        """Return where a vault is kept unless another folder is named."""
        return default_directory()

    def vault_exists(self, directory: Path) -> bool:
        """Whether `directory` holds a vault."""
        return VaultFiles(directory).exists()

    def keyring_status(self) -> str:
        """Return one sentence: which OS keyring will be used, or why none can be."""
        try:
            return f"{self._keyring().describe()} keeps the vault's key slot."
        except EnvironmentFault as error:
            return str(error)

    def self_test(self) -> SelfTestReport:
        """Power on a module of its own and return what its self-tests said."""
        return Module().power_on()

    def create(self, directory: Path, passphrase: str | None = None) -> tuple[Bench, str]:
        """Make a vault and unlock it; without a keyring it has the passphrase slot alone.

        Args:
            directory: where; made if need be.
            passphrase: the user's own recovery passphrase; generated when None.

        Returns:
            The bench and the recovery passphrase, to be shown once.

        Raises:
            Refused: a vault is there already, or the passphrase is too short.
            EnvironmentFault: the system refused; nothing was left behind.
        """
        module = _powered()
        vault, shown = Vault.create(
            directory,
            module,
            self._keyring_or_none(),
            self._clock,
            passphrase=passphrase,
            cost=self._cost,
        )
        return self._bench(vault, module, self._clock), shown

    def open(self, directory: Path) -> Bench:
        """Open a vault; it stays locked until one of its slots is used.

        Raises:
            EnvironmentFault: it is not there, or another process has it.
            IntegrityError: its files are damaged.
        """
        module = _powered()
        vault = Vault.open(directory, module, self._keyring_or_none(), self._clock)
        return self._bench(vault, module, self._clock)

    def demo(self, progress: Progress) -> Bench:
        """Make a throw-away vault with keys of every kind, a hierarchy, jobs and history.

        It lives in a temporary folder, touches no keyring, and is deleted when it is closed.
        """
        folder = Path(tempfile.mkdtemp(prefix="key-workbench-demo-"))
        clock = TravelClock(showcase.start(self._clock.now()))
        module = _powered()
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            vault, _ = Vault.create(folder / "vault", module, None, clock, cost=self._cost)
            bench = self._bench(vault, module, clock, undo_folder=folder)
            undo.callback(bench.close)
            showcase.furnish(bench, clock, folder, progress)
            undo.pop_all()
        return bench

    def _bench(
        self, vault: Vault, module: Module, clock: Clock, undo_folder: Path | None = None
    ) -> Bench:
        engine = Engine(vault, module, self._place, clock)
        kms, acm_pca, shelf = (engine.client(name) for name in ("kms", "acm-pca", SHELF))
        jobs = JobQueue(kms, vault, clock)

        def create_hierarchy(request: HierarchyRequest, progress: Progress) -> Hierarchy:
            return create_code_signing_hierarchy(kms, acm_pca, shelf, request, progress)

        def close() -> None:
            # Each step is taken even when one before it fails (a full disk at the journal's end).
            with contextlib.ExitStack() as steps:
                if undo_folder is not None:
                    steps.callback(shutil.rmtree, undo_folder, ignore_errors=True)
                steps.callback(vault.close)
                steps.callback(engine.journal.close)
                steps.callback(jobs.close)
                steps.callback(engine.stop)

        return Bench(
            # The client makes its methods from the service model, as boto3's does.
            kms=cast("KMSClient", kms),
            acm_pca=cast("ACMPCAClient", acm_pca),
            cloudtrail=engine.client("cloudtrail"),
            shelf=shelf,
            vault=vault,
            module=module,
            journal=engine.journal,
            jobs=jobs,
            verifier=Verifier(clock),
            create_hierarchy=create_hierarchy,
            clock=clock,
            place=self._place,
            preferences=Preferences(vault.directory / _PREFERENCES),
            run_due=engine.run_due,
            close=close,
            client=engine.client,
            acting=engine.acting,
            act_as=engine.act_as,
            demo=undo_folder is not None,
        )

    def _keyring(self) -> SecretStore:
        if self._secrets is None:
            self._secrets = KeyringStore()
        return self._secrets

    def _keyring_or_none(self) -> SecretStore | None:
        try:
            return self._keyring()
        except EnvironmentFault:
            # Said by `keyring_status` and by the vault's slots: the passphrase slot is asked for.
            return None


def _powered() -> Module:
    module = Module()
    module.power_on()
    return module
