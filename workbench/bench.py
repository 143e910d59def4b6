"""What an opened vault offers to the window and the command line: one bench of services.

Owns the names by which the floors above reach the services; builds nothing (see `assembly`). The
clients are boto3-shaped: in process they go through the door, on AWS they are boto3's own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from workbench.api.calls import Acting
from workbench.base.clock import Clock
from workbench.base.identifiers import Place
from workbench.base.sites import HOME, Site
from workbench.crypto.table import KEY_SPECS
from workbench.hsm.module import SelfTestReport
from workbench.pki.quickstart import Hierarchy, HierarchyRequest
from workbench.ports import JournalPort, ModulePort, PlacesPort, ServingPort, SpecView, VaultPort
from workbench.signing.choices import Choices, recipe_from
from workbench.signing.jobs import JobQueue
from workbench.signing.recipe import Recipe
from workbench.signing.recipe_book import RecipeBook
from workbench.signing.verify import Verifier
from workbench.signing.watching import Watcher
from workbench.vault.preferences import Preferences

if TYPE_CHECKING:
    from types_boto3_acm_pca import ACMPCAClient
    from types_boto3_kms import KMSClient

    from workbench.serving.ephemeral import Ephemeral, EphemeralRequest

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1."""


def key_specs() -> tuple[SpecView, ...]:
    """Return every key spec AWS KMS knows, in AWS's order."""
    return tuple(KEY_SPECS.values())


def _nothing() -> None:
    """Do nothing: in process there is nothing to stop or to leave."""


@dataclass(frozen=True)
class Bench:
    """The services of one vault. Requests raise `base.errors.Locked` while it is locked.

    A bench looks at one site: the vault's home Region, or what `at` was asked for. Clients,
    identity and place are that site's; everything else stays the vault's.

    Attributes:
        kms: boto3-shaped AWS KMS client.
        acm_pca: boto3-shaped AWS Private CA client.
        cloudtrail: boto3-shaped client with `lookup_events`.
        shelf: boto3-shaped client of the vault's certificate collection.
        catalogue: shaped like `shelf`: the collection again, on AWS the CAs of AWS Private CA.
        vault: lock, unlock, slots, backup.
        module: the HSM module's state.
        journal: the tamper-evident log.
        jobs: the signing queue.
        recipes: named recipes for signing.
        watcher: folders whose new files are signed; off until it is permitted.
        verifier: checks signatures; needs no vault.
        create_hierarchy: makes root CA, subordinate CA and code-signing leaf.
        clock: where time comes from.
        place: account and Region.
        preferences: remembered choices that are no secrets.
        client: makes a client of a service (`kms`, `iam`, …) in a Region, the home Region if empty.
        acting: whom every client acts as now.
        act_as: has them act as another identity, by its ARN; raises `NotFound` for none of ours.
        organization: returns the id of the organization the account belongs to, or nothing.
        set_organization: says which it is, by id or as a path of ids; raises `Refused` for what is
            neither, and to all but root.
        serving: the endpoint's switch.
        places: the sites there are.
        site: where the clients look.
        endpoint: where requests go, in words or as a URL.
        real: whether that is AWS itself: real money, real keys.
        stop: has reading that is under way end soon; nothing to do in process.
        leave: ends the clients of a site that is not looked at any more.
        demo: whether this is the throw-away demo vault.
        run_due: carries out what is due now: rotations, deletions, revocation lists; returns how
            many keys, lists and certificates changed.
        close: ends the bench: jobs paused, journal flushed, vault locked and released.
    """

    kms: "KMSClient"
    acm_pca: "ACMPCAClient"
    cloudtrail: Any
    shelf: Any
    catalogue: Any
    vault: VaultPort
    module: ModulePort
    journal: JournalPort
    jobs: JobQueue
    recipes: RecipeBook
    watcher: Watcher
    verifier: Verifier
    create_hierarchy: Callable[[HierarchyRequest, Progress], Hierarchy]
    clock: Clock
    place: Place
    preferences: Preferences
    run_due: Callable[[], int]
    close: Callable[[], None]
    client: Callable[[str, str], Any]
    acting: Acting
    act_as: Callable[[str], None]
    organization: Callable[[], str]
    set_organization: Callable[[str], None]
    serving: ServingPort
    places: PlacesPort
    site: Site = HOME
    endpoint: str = "in process"
    real: bool = False
    stop: Callable[[], None] = _nothing
    leave: Callable[[], None] = _nothing
    demo: bool = False

    def at(self, site: Site) -> Self:
        """Return this bench looking at another site; on AWS it first asks who one is there.

        Raises:
            WorkbenchError: profile, credentials or network are not there; nothing has changed.
            botocore ClientError: the credentials are refused.
        """
        seen: Self = self.places.at(self, site)
        return seen

    def as_catalogue(self) -> Self:
        """Return this bench with `catalogue` for `shelf`, for what shows certificates."""
        return replace(self, shelf=self.catalogue)

    def recipe(self, choices: Choices) -> Recipe:
        """Look up keys and certificates where the choices say their keys are.

        Raises:
            WorkbenchError, botocore ClientError: as `recipe_from`, or the site cannot be reached.
        """
        return recipe_from(self.places.kms(choices.site), self.shelf, choices)


class Keeper(Protocol):
    """Creates and opens vaults. Implemented by `workbench.assembly.Assembly`."""

    def default_directory(self) -> Path:
        """Return where a vault is kept unless another folder is named."""

    def vault_exists(self, directory: Path) -> bool:
        """Whether `directory` holds a vault."""

    def keyring_status(self) -> str:
        """Return one sentence: which OS keyring will be used, or why none can be."""

    def self_test(self) -> SelfTestReport:
        """Power on a module of its own and return what its self-tests said."""

    def create(self, directory: Path, passphrase: str | None = None) -> tuple[Bench, str]:
        """Make a vault and unlock it.

        Returns:
            The bench and the recovery passphrase, to be shown once.
        """

    def open(self, directory: Path) -> Bench:
        """Open a vault; it stays locked until one of its slots is used."""

    def demo(self, progress: Progress) -> Bench:
        """Make a throw-away vault with keys of every kind, a hierarchy, jobs and history."""

    def ephemeral(self, request: "EphemeralRequest") -> "Ephemeral":
        """Make an endpoint over throw-away vaults; it touches no keyring and no vault of anybody.

        Raises:
            SeedRefused: the seed file is wrong.
        """
