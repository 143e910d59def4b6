"""The one place that builds objects and hands them to each other.

Owns the order of building and of closing. Everything it gives away is a finished service; nothing
below it knows how the others were made.
"""

import contextlib
import itertools
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from workbench import showcase
from workbench.base.clock import Clock, SystemClock, TravelClock
from workbench.base.errors import EnvironmentFault
from workbench.base.identifiers import Place
from workbench.bench import Bench, Progress
from workbench.engine import Engine
from workbench.hsm.module import Module, SelfTestReport
from workbench.hsm.officer import Argon2Cost
from workbench.pki.shelf import SERVICE as SHELF
from workbench.places import Places
from workbench.serving.server import Serving
from workbench.serving.tls import CA_FILE, EndpointAuthority, EndpointCertificate
from workbench.signing.chains import refuse_revoked
from workbench.signing.choices import recipe_from
from workbench.signing.jobs import JobQueue
from workbench.signing.recipe import Recipe
from workbench.signing.recipe_book import RecipeBook
from workbench.signing.verify import Verifier
from workbench.signing.watching import Watcher
from workbench.vault.location import VaultFiles, default_directory
from workbench.vault.preferences import Preferences
from workbench.vault.process_lock import Holder
from workbench.vault.secret_store import KeyringStore, SecretStore
from workbench.vault.vault import Vault

if TYPE_CHECKING:
    from types_boto3_acm_pca import ACMPCAClient
    from types_boto3_kms import KMSClient

    from workbench.serving.ephemeral import Ephemeral, EphemeralRequest, Throwaway
    from workbench.serving.seed import Seed

_PREFERENCES = "preferences.json"
_PREFIX = "key-workbench-ephemeral-"
_ROOM = 32 * 1024 * 1024
_NO_COST = Argon2Cost(memory_kib=64, iterations=1, lanes=1)
"""For passphrases of 160 random bits that are forgotten at once: guessing is hopeless anyway."""


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
        holder: Holder = Holder.UNKNOWN,
    ) -> None:
        self._holder = holder
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
            holder=self._holder,
        )
        return self._bench(vault, module, self._clock), shown

    def open(self, directory: Path) -> Bench:
        """Open a vault; it stays locked until one of its slots is used.

        Raises:
            EnvironmentFault: it is not there, or another process has it.
            IntegrityError: its files are damaged.
        """
        module = _powered()
        vault = Vault.open(directory, module, self._keyring_or_none(), self._clock, self._holder)
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

    def ephemeral(self, request: "EphemeralRequest") -> "Ephemeral":
        """Make an endpoint over throw-away vaults, and begin to serve.

        They live in memory where the system has a file system there, touch no keyring, and are
        deleted when it is closed; nobody has their passphrases.

        Raises:
            SeedRefused: the seed file is wrong.
            EnvironmentFault: the port is taken, or there is no room.
        """
        # What only this command needs, YAML among it, is loaded here: the window opens without.
        from workbench.serving.ephemeral import Ephemeral, with_root_key  # noqa: PLC0415 - above

        place, root = request.place, throw_away_folder()
        seed = with_root_key(request.seed, place.account)
        with contextlib.ExitStack() as undo:
            # The endpoint's CA has a vault of its own, so that the seeded one has its keys alone.
            ca_file, issuer = root / CA_FILE, None
            ending = contextlib.ExitStack()
            ending.callback(shutil.rmtree, root, ignore_errors=True)
            undo.callback(ending.close)
            if request.tls:
                issuer = self._throw_away(root / "ca", self._place)
                ending.callback(issuer.close)
            numbers = itertools.count(1)
            made = Ephemeral(
                lambda: self._throw_away(root / f"vault-{next(numbers)}", place, seed, request),
                request,
                self._clock,
                seed.root_keys[0],
                finish=ending.close,
            )
            undo.callback(made.close)
            made.start(self._certificate(issuer, ca_file), ca_file)
            if issuer is not None:
                issuer.engine.on_round(made.renew)
            undo.pop_all()
        return made

    def _throw_away(
        self,
        folder: Path,
        place: Place,
        seed: "Seed | None" = None,
        request: "EphemeralRequest | None" = None,
    ) -> "Throwaway":
        """Make an engine over a new vault whose passphrase nobody has."""
        from workbench.kms.planting import Planter  # noqa: PLC0415 - as in `ephemeral`
        from workbench.serving.ephemeral import Throwaway  # noqa: PLC0415
        from workbench.serving.seeding import furnish, plant_keys  # noqa: PLC0415

        module = _powered()
        with contextlib.ExitStack() as undo:
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
            vault, _ = Vault.create(folder, module, None, self._clock, cost=_NO_COST)
            undo.callback(vault.close)
            moment = self._clock.now()
            if seed is not None:
                plant_keys(seed, Planter(vault, module, place), moment)
            wishes: dict[str, Any] = {}
            if request is not None:
                wishes = {
                    "lenient_principals": not request.strict_principals,
                    "limits": request.quotas,
                    "delay": timedelta(seconds=request.delay),
                }
            engine = Engine(vault, module, place, self._clock, **wishes)
            undo.callback(engine.journal.close)
            undo.callback(engine.stop)
            if seed is not None:
                furnish(seed, engine, place, moment, vault)
            return Throwaway(engine, vault, undo.pop_all().close)

    def _certificate(self, issuer: "Throwaway | None", ca_file: Path) -> EndpointCertificate | None:
        if issuer is None:
            return None
        authority = EndpointAuthority(issuer.engine, issuer.vault, self._place, self._clock)
        return EndpointCertificate(authority, ca_file, self._clock)

    def _bench(
        self, vault: Vault, module: Module, clock: Clock, undo_folder: Path | None = None
    ) -> Bench:
        engine = Engine(vault, module, self._place, clock)
        kms, acm_pca, shelf = (engine.client(name) for name in ("kms", "acm-pca", SHELF))

        def acting() -> str:
            return engine.acting.caller.arn

        places = Places(engine, self._place)

        def require_good(arn: str, recipe: Recipe) -> None:
            refuse_revoked(engine.client_of(SHELF, arn), recipe.chains)

        jobs = JobQueue(
            kms, vault, clock, acting, places.kms_of, engine.journal.flush, require_good
        )
        # Another identity may not be able to seal what waits for that.
        engine.identity.before_turning(jobs.save)
        recipes = RecipeBook(vault)

        def recipe_named(name: str, arn: str) -> Recipe:
            choices = recipes.get(name)
            its_shelf = engine.client_of(SHELF, arn)
            return recipe_from(places.kms_of(arn, choices.site), its_shelf, choices)

        watcher = Watcher(vault, clock, acting, recipe_named, jobs)
        serving = Serving(engine, vault, self._place, clock)

        def close() -> None:
            # Each step is taken even when one before it fails (a full disk at the journal's end).
            with contextlib.ExitStack() as steps:
                if undo_folder is not None:
                    steps.callback(shutil.rmtree, undo_folder, ignore_errors=True)
                steps.callback(vault.close)
                steps.callback(engine.journal.close)
                steps.callback(jobs.close)
                steps.callback(places.close)
                steps.callback(watcher.close)
                steps.callback(engine.stop)
                steps.callback(serving.stop)

        return Bench(
            # The client makes its methods from the service model, as boto3's does.
            kms=cast("KMSClient", kms),
            acm_pca=cast("ACMPCAClient", acm_pca),
            cloudtrail=engine.client("cloudtrail"),
            shelf=shelf,
            catalogue=shelf,
            vault=vault,
            module=module,
            journal=engine.journal,
            jobs=jobs,
            recipes=recipes,
            watcher=watcher,
            verifier=Verifier(clock),
            create_hierarchy=places.hierarchy(),
            clock=clock,
            place=self._place,
            preferences=Preferences(vault.directory / _PREFERENCES),
            run_due=engine.run_due,
            close=close,
            client=engine.client,
            acting=engine.acting,
            act_as=engine.identity.turn_to,
            organization=engine.identity.organization,
            set_organization=engine.identity.set_organization,
            serving=serving,
            places=places,
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


def throw_away_folder() -> Path:
    """Make a new folder in memory where the system has a file system there, else on disk."""
    memory = Path("/dev/shm")  # noqa: S108 - the folder made in it is the user's alone
    with contextlib.suppress(OSError):
        if shutil.disk_usage(memory).free >= _ROOM:
            return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=memory))
    return Path(tempfile.mkdtemp(prefix=_PREFIX))
