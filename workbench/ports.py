"""What the window and the command line see of a vault and what stands around it, by shape.

Owns protocols only: whoever is given one need not import what implements it, which for the window's
first frame would be most of the engine.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workbench.base.sites import Site

if TYPE_CHECKING:
    from workbench.aws.checking import Check


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
