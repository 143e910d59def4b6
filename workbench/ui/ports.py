"""What the window needs from outside, by shape.

The services themselves are built in `workbench.assembly`; the window sees only this and the ports
of `workbench.ports`. AWS-shaped clients are typed `Any`: they are boto3's or ours, with boto3's
method names.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from workbench.api.calls import Acting
from workbench.base.clock import Clock
from workbench.base.identifiers import Place
from workbench.base.sites import Site
from workbench.ports import ModulePort, PlacesPort, ServingPort, VaultPort


class PreferencesPort(Protocol):
    """Choices remembered beside the vault. Reading is cheap, setting writes a file."""

    def get(self, name: str, default: Any = None, /) -> Any:
        """Return a remembered JSON value."""

    def set(self, name: str, value: Any, /) -> None:
        """Remember a JSON value."""


class ViewPort(Protocol):
    """What of a bench depends on where it looks."""

    @property
    def kms(self) -> Any:
        """AWS KMS's client."""

    @property
    def acm_pca(self) -> Any:
        """AWS Private CA's client."""

    @property
    def cloudtrail(self) -> Any:
        """AWS CloudTrail's client, for LookupEvents."""

    @property
    def catalogue(self) -> Any:
        """Shaped like `shelf`: the collection again, on AWS the CAs of AWS Private CA."""

    @property
    def client(self) -> Callable[[str, str], Any]:
        """Makes a client of a service (`kms`, `iam`, ...) in a Region, the home Region if empty."""

    @property
    def acting(self) -> Acting:
        """Whom every client acts as now."""

    @property
    def act_as(self) -> Callable[[str], None]:
        """Has every client act as another identity, by its ARN; raises `NotFound`."""

    @property
    def place(self) -> Place:
        """Account and region."""

    @property
    def create_hierarchy(self) -> Callable[..., Any]:
        """Makes a code-signing hierarchy; see `workbench.pki.quickstart`."""

    @property
    def site(self) -> Site:
        """Where the clients look."""

    @property
    def endpoint(self) -> str:
        """Where requests go, in words or as a URL."""

    @property
    def real(self) -> bool:
        """Whether that is AWS itself: real money, real keys."""

    @property
    def stop(self) -> Callable[[], None]:
        """Has reading that is under way end soon."""

    @property
    def leave(self) -> Callable[[], None]:
        """Ends the clients of a site that is not looked at any more."""


class BenchPort(ViewPort, Protocol):
    """An opened vault with its services."""

    @property
    def journal(self) -> Any:
        """The log, which tells where an event stands in it; never on the GUI thread."""

    @property
    def shelf(self) -> Any:
        """The client of the vault's certificate shelf."""

    @property
    def organization(self) -> Callable[[], str]:
        """Returns the id of the organization the account belongs to, or nothing."""

    @property
    def set_organization(self) -> Callable[[str], None]:
        """Says which it is; raises `Refused`."""

    @property
    def vault(self) -> VaultPort:
        """The vault."""

    @property
    def module(self) -> ModulePort:
        """The HSM module."""

    @property
    def jobs(self) -> Any:
        """The queue of signing jobs."""

    @property
    def recipes(self) -> Any:
        """Named recipes; every call asks the vault, so never on the GUI thread."""

    @property
    def watcher(self) -> Any:
        """Folders whose new files are signed; never on the GUI thread."""

    @property
    def verifier(self) -> Any:
        """Verifies signatures and chains."""

    @property
    def clock(self) -> Clock:
        """The time."""

    @property
    def preferences(self) -> PreferencesPort:
        """Choices that are no secrets."""

    @property
    def serving(self) -> ServingPort:
        """The endpoint's switch."""

    @property
    def places(self) -> PlacesPort:
        """The sites there are."""

    @property
    def at(self) -> Callable[[Site], Any]:
        """Returns the bench as it looks from another site; blocks, and may raise."""

    @property
    def as_catalogue(self) -> Callable[[], Any]:
        """Returns this bench with `catalogue` for `shelf`, for what shows certificates."""

    @property
    def recipe(self) -> Callable[[Any], Any]:
        """Looks up the keys and certificates of signing choices; blocks, and may raise."""

    @property
    def demo(self) -> bool:
        """Whether this is the throw-away demo vault."""

    @property
    def run_due(self) -> Callable[[], int]:
        """Carries out what is due now; returns how many keys changed."""

    @property
    def close(self) -> Callable[[], None]:
        """Ends the bench: journal flushed, vault locked and released."""


class KeeperPort(Protocol):
    """Makes and opens vaults. Calls may block: never on the GUI thread."""

    def default_directory(self) -> Path:
        """Return where a vault lies unless told otherwise; cheap."""

    def vault_exists(self, directory: Path, /) -> bool:
        """Return whether a vault lies there; cheap."""

    def create(self, directory: Path, passphrase: str | None = None, /) -> tuple[Any, str]:
        """Make a vault; returns its open bench and the recovery passphrase."""

    def open(self, directory: Path, /) -> Any:
        """Open a vault; its bench is locked."""

    def demo(self, progress: Callable[[str, float], None], /) -> Any:
        """Make a throw-away vault with something in it; returns its open bench."""

    def keyring_status(self) -> str:
        """Say which keyring is used, or why none is."""
