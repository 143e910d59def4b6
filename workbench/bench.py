"""What an opened vault offers to the window and the command line: one bench of services.

Owns the names by which the floors above reach the services; builds nothing (see `assembly`). The
clients are boto3-shaped: in process they go through the door, on AWS they are boto3's own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from workbench.api.calls import Acting
from workbench.base.clock import Clock
from workbench.base.identifiers import Place
from workbench.base.sites import HOME, Site
from workbench.crypto.table import KEY_SPECS
from workbench.hsm.module import SelfTestReport
from workbench.pki.quickstart import Hierarchy, HierarchyRequest
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

    from workbench.aws.checking import Check
    from workbench.serving.ephemeral import Ephemeral, EphemeralRequest

Progress = Callable[[str, float], None]
"""Called with what is being done and the share done, 0 to 1."""


class SpecView(Protocol):
    """What is fixed about keys of one AWS key spec, as shown; sizes are public facts."""

    @property
    def name(self) -> str:
        """AWS's name, such as `ML_DSA_65`."""

    @property
    def family(self) -> str:
        """How people sort it, such as `ML-DSA`."""

    @property
    def usages(self) -> tuple[str, ...]:
        """AWS key usages it may be created for."""

    @property
    def bits(self) -> int:
        """Size in bits; for ML-DSA and ML-KEM of the public key."""

    @property
    def strength(self) -> int:
        """Classical security strength in bits."""

    @property
    def category(self) -> int:
        """NIST post-quantum security category 1-5, or 0 where none is claimed."""

    @property
    def quantum_safe(self) -> bool:
        """Whether no polynomial-time quantum attack is known."""

    @property
    def standard(self) -> str:
        """Where the algorithm is defined."""

    @property
    def supported(self) -> bool:
        """Whether keys of it can be made here."""

    @property
    def why_not(self) -> str:
        """Why they cannot, in a sentence; empty if they can."""

    @property
    def asymmetric(self) -> bool:
        """Whether the key is a pair with a public half."""

    @property
    def public_bytes(self) -> int:
        """Length of the raw public key in bytes where it is fixed, else 0."""

    @property
    def signature_bytes(self) -> int:
        """Length of a signature in bytes where it is fixed, else 0."""


def key_specs() -> tuple[SpecView, ...]:
    """Return every key spec AWS KMS knows, in AWS's order."""
    return tuple(KEY_SPECS.values())


class SlotView(Protocol):
    """One key slot of a vault, as shown."""

    @property
    def kind(self) -> str:
        """`keyring` or `passphrase`."""

    @property
    def parameters(self) -> str:
        """What protects it, in words, such as Argon2id's measured cost."""


class FindingView(Protocol):
    """One result of the vault's health check."""

    @property
    def subject(self) -> str:
        """What was looked at."""

    @property
    def passed(self) -> bool:
        """Whether all is well."""

    @property
    def detail(self) -> str:
        """What was found, in a sentence."""


class VaultPort(Protocol):
    """The vault, as the window sees it. Implemented by `workbench.vault.vault.Vault`."""

    @property
    def directory(self) -> Path:
        """Where it is stored."""

    @property
    def locked(self) -> bool:
        """Whether it is locked."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was noticed when it was opened, such as an old copy put back."""

    @property
    def slots(self) -> tuple[SlotView, ...]:
        """Its key slots."""

    def lock(self) -> None:
        """Lock it: keys leave memory."""

    def unlock_with_keyring(self) -> None:
        """Unlock by the keyring slot; raises `WorkbenchError` when that cannot be."""

    def unlock_with_passphrase(self, passphrase: str) -> None:
        """Unlock by the passphrase slot; raises `WorkbenchError` when it is wrong."""

    def change_passphrase(self, passphrase: str) -> None:
        """Replace the recovery passphrase."""

    def backup(self, target: Path) -> None:
        """Write a consistent copy to one file."""

    def health(self) -> Sequence[FindingView]:
        """Check files and database; one finding per check."""


class ModulePort(Protocol):
    """The HSM module, as the window sees it."""

    @property
    def state(self) -> str:
        """Its state, such as `user` or `error`."""


class JournalPort(Protocol):
    """The journal, as `doctor` and the Activity views see it."""

    def verify(self) -> Any:
        """Check the whole log; the report has `size`, `root` and `problems`."""

    def place(
        self, event_id: str, since: datetime | None = None, until: datetime | None = None
    ) -> Any:
        """Return where an event stands, or None; it has `index`, `size` and `included`."""


class ServingPort(Protocol):
    """The endpoint's switch. Implemented by `workbench.serving.server.Serving`.

    While the vault is locked a running endpoint answers 503, which AWS's clients try again after.
    """

    @property
    def running(self) -> bool:
        """Whether it serves."""

    @property
    def url(self) -> str:
        """What a client's endpoint URL is to be; empty while it does not serve."""

    @property
    def status(self) -> str:
        """One sentence for people."""

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that are served, in order."""

    @property
    def ca_bundle(self) -> str:
        """Path of the PEM file with the CA that clients must trust; empty without TLS."""

    @property
    def port(self) -> int:
        """The port it serves, or else the one last chosen: certificates made now name it."""

    @property
    def requests(self) -> int:
        """How many requests came in since it was switched on."""

    def start(
        self,
        port: int = 0,
        *,
        tls: bool = False,
        rates: Mapping[tuple[str, str], float] | None = None,
    ) -> str:
        """Begin to serve on 127.0.0.1; return the URL.

        Args:
            port: to listen on; 0 for any free one.
            tls: whether to serve TLS, with a certificate from the vault's own CA.
            rates: requests per second by (service, operation), to try a client's back-off.
        """

    def stop(self) -> None:
        """Answer what is under way and stop; harmless when it does not run."""

    def set_rates(self, rates: Mapping[tuple[str, str], float]) -> None:
        """Replace the rates of a running endpoint; an empty mapping lifts them."""

    def variables(self, region: str = "") -> dict[str, str]:
        """Return the environment of a client; it holds the secret access key."""


def _nothing() -> None:
    """Do nothing: in process there is nothing to stop or to leave."""


class PlacesPort(Protocol):
    """Where keys are looked for. Implemented by `workbench.places.Places`; calls block."""

    def regions(self) -> tuple[str, ...]:
        """Return the Regions of the vault that have keys, the home Region first."""

    def at(self, bench: Any, site: Site) -> Any:
        """Return the bench as it looks from another site; see `Bench.at`."""

    def kms(self, site: Site | None) -> Any:
        """Return a KMS client for work that outlives what is shown; None is the home Region."""

    def profiles(self) -> tuple[str, ...]:
        """Return the profiles of the AWS configuration, by name; raises `EnvironmentFault`."""

    def region_of(self, profile: str) -> str:
        """Return the Region a profile names, or nothing; raises `EnvironmentFault`."""

    def check(self, site: Site) -> "Check":
        """Try a connection; raises `WorkbenchError` or botocore's ClientError."""


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
        set_organization: says which it is; raises `Refused` for what is no id, and to all but root.
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
