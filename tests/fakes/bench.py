"""A bench and a keeper without services: enough to start the window and to try its frame.

`kms` and the others answer empty lists; give `FakeBench(kms=...)` a client of your own to try a
pane. Nothing here is encrypted and nothing touches the disk.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from workbench.api.calls import Acting, Caller
from workbench.base.clock import Clock, TravelClock
from workbench.base.errors import EnvironmentFault, Locked, NotFound, Refused
from workbench.base.identifiers import Place
from workbench.base.sites import Site

PASSPHRASE = "7KQ2M-9XZTA-C4RVE-HB83N-PW6SD-2GJYF-0TQK5"


class FakeState(StrEnum):
    """States as the real module names them."""

    IDLE = "idle"
    USER = "user"


@dataclass(frozen=True)
class FakeSlot:
    """One way to open the fake vault."""

    kind: str
    created: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    parameters: str = ""


@dataclass
class FakeModule:
    """A module that is always well."""

    state: FakeState = FakeState.IDLE
    report: None = None


@dataclass
class FakeVault:
    """A vault of one flag."""

    module: FakeModule
    directory: Path = Path("vault")
    locked: bool = True
    keyring: bool = True
    passphrase: str = PASSPHRASE
    warnings: tuple[str, ...] = ()
    slots: tuple[FakeSlot, ...] = (FakeSlot("keyring"), FakeSlot("passphrase"))

    def lock(self) -> None:
        self.locked = True
        self.module.state = FakeState.IDLE

    def unlock_with_keyring(self) -> None:
        if not self.keyring:
            raise EnvironmentFault("The keyring did not answer.", "Use the recovery passphrase.")
        self._open()

    def unlock_with_passphrase(self, passphrase: str) -> None:
        if passphrase != self.passphrase:
            raise Refused("The passphrase does not open this vault.", "Check it and try again.")
        self._open()

    def change_passphrase(self, new: str) -> None:
        self.passphrase = new

    def backup(self, target: Path) -> None:
        target.write_bytes(b"backup")

    def health(self) -> tuple[()]:
        return ()

    def _open(self) -> None:
        self.locked = False
        self.module.state = FakeState.USER


@dataclass
class FakePreferences:
    """Preferences in a dictionary."""

    values: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str, default: Any = None) -> Any:
        return self.values.get(name, default)

    def set(self, name: str, value: Any) -> None:
        self.values[name] = value


class FakePaginator:
    """One empty page."""

    def paginate(self, **_request: Any) -> Iterator[dict[str, Any]]:
        yield {}


_REQUIRED: dict[str, dict[str, Any]] = {
    "list_certificates": {"Certificates": []},
    "list_documents": {"Documents": []},
}
"""Members that a real answer always has."""


class FakeClient:
    """Answers every operation with nothing, or refuses while the vault is locked."""

    def __init__(self, vault: FakeVault) -> None:
        self._vault = vault

    def get_paginator(self, _name: str) -> FakePaginator:
        return FakePaginator()

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(**_request: Any) -> dict[str, Any]:
            if self._vault.locked:
                raise Locked("The vault is locked.", "Unlock it first.")
            return {"ResponseMetadata": {"HTTPStatusCode": 200}, **_REQUIRED.get(name, {})}

        return call


class FakeJobs:
    """A queue with nothing in it."""

    def start(self) -> None:
        """As of watched folders: there are none."""

    @property
    def history(self) -> "FakeJobs":
        return self

    def subscribe(self, _callback: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    def __getattr__(self, name: str) -> Callable[..., tuple[()]]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_args, **_named: ()


class FakeServing:
    """An endpoint that serves nobody."""

    def __init__(self, vault: FakeVault) -> None:
        self._vault = vault
        self.url = ""
        self.ca_bundle = ""
        self.regions = ("eu-central-1", "us-west-2")
        self.port = 8099
        self.requests = 0
        self.rates: dict[tuple[str, str], float] = {}
        self.trouble: Exception | None = None

    @property
    def running(self) -> bool:
        return bool(self.url)

    @property
    def status(self) -> str:
        return f"The endpoint serves {self.url}." if self.url else "The endpoint is off."

    def start(self, port: int = 0, *, tls: bool = False, rates: Any = None) -> str:
        if self.trouble is not None:
            raise self.trouble
        self.port, self.rates = port or 40404, dict(rates or {})
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.ca_bundle = str(self._vault.directory / "endpoint-ca.pem") if tls else ""
        return self.url

    def stop(self) -> None:
        self.url = self.ca_bundle = ""

    def set_rates(self, rates: Any) -> None:
        self.rates = dict(rates)

    def variables(self, region: str = "") -> dict[str, str]:
        if self._vault.locked:
            raise Locked("The vault is locked.", "Unlock it first.")
        values = {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_DEFAULT_REGION": region,
            "AWS_CA_BUNDLE": self.ca_bundle,
        }
        return {name: value for name, value in values.items() if value}


class FakePlaces:
    """The home Region, and no AWS configuration."""

    def regions(self) -> tuple[str, ...]:
        return (Place().region,)

    def profiles(self) -> tuple[str, ...]:
        return ()

    def region_of(self, _profile: str) -> str:
        return ""

    def check(self, _site: Site) -> Any:
        raise EnvironmentFault("The fake bench has no AWS.", "Use a real one.")

    def at(self, bench: Any, _site: Site) -> Any:
        return bench

    def kms(self, _site: Site | None) -> Any:
        raise NotImplementedError


class FakeBench:
    """Shaped like `workbench.bench.Bench`."""

    def __init__(self, *, locked: bool = True, clock: Clock | None = None, **services: Any) -> None:
        self.module = FakeModule()
        self.vault = FakeVault(self.module, locked=locked)
        self.module.state = FakeState.IDLE if locked else FakeState.USER
        client = FakeClient(self.vault)
        self.kms: Any = services.get("kms", client)
        self.acm_pca: Any = services.get("acm_pca", client)
        self.cloudtrail: Any = services.get("cloudtrail", client)
        self.journal: Any = services.get("journal", client)
        self.shelf: Any = services.get("shelf", client)
        self.catalogue: Any = self.shelf
        self.jobs: Any = services.get("jobs", FakeJobs())
        self.recipes: Any = services.get("recipes", FakeJobs())
        self.watcher: Any = services.get("watcher", FakeJobs())
        self.verifier: Any = services.get("verifier", FakeJobs())
        self.clock: Clock = clock or TravelClock()
        self.place = Place()
        self.preferences = FakePreferences()
        self.acting = Acting(Caller.owner(self.place))
        self.identities: tuple[str, ...] = services.get("identities", ())
        self._organization = ""
        self._services = services
        self.endpoint = "in process"
        self.real = False
        self.site = Site()
        self.places = FakePlaces()
        self.serving = FakeServing(self.vault)
        self.demo = False
        self.closed = False

    def client(self, service: str, _region: str) -> Any:
        """One of the services given, or one that knows nothing."""
        return self._services.get(service, FakeClient(self.vault))

    def at(self, _site: Site) -> Any:
        raise EnvironmentFault("The fake bench is in one place.", "Use a real one.")

    def as_catalogue(self) -> "FakeBench":
        return self

    def recipe(self, _choices: Any) -> Any:
        raise NotImplementedError

    def stop(self) -> None:
        """Nothing is under way."""

    def leave(self) -> None:
        """Nothing is left."""

    def act_as(self, arn: str) -> None:
        """Act as root or one of `identities`."""
        root = self.place.iam("root")
        if arn != root and arn not in self.identities:
            raise NotFound(f"There is no user or role {arn}.", "Choose another.")
        kind = "Root" if arn == root else "IAMUser" if ":user/" in arn else "AssumedRole"
        self.acting.caller = Caller(arn, self.place.account, kind)

    def organization(self) -> str:
        return self._organization

    def set_organization(self, organization: str) -> None:
        self._organization = organization

    def create_hierarchy(self, *_request: Any) -> None:
        raise Refused("The fake bench makes no hierarchy.", "Use a real one.")

    def run_due(self) -> int:
        return 0

    def close(self) -> None:
        self.closed = True
        self.vault.lock()


@dataclass
class FakeKeeper:
    """Keeps one fake vault."""

    exists: bool = False
    keyring: bool = True
    directory: Path = Path("/nowhere/key-workbench")
    bench: FakeBench = field(default_factory=FakeBench)
    created_at: Path | None = None
    trouble: Exception | None = None
    services: dict[str, Any] = field(default_factory=dict)

    def default_directory(self) -> Path:
        return self.directory

    def vault_exists(self, directory: Path) -> bool:
        return self.exists and directory == self.directory

    def create(self, directory: Path, passphrase: str | None = None) -> tuple[FakeBench, str]:
        if self.trouble is not None:
            raise self.trouble
        self.created_at = directory
        self.bench.vault.directory = directory
        self.bench.vault.passphrase = passphrase or PASSPHRASE
        self.bench.vault.unlock_with_passphrase(self.bench.vault.passphrase)
        return self.bench, self.bench.vault.passphrase

    def open(self, directory: Path) -> FakeBench:
        if self.trouble is not None:
            raise self.trouble
        if not self.vault_exists(directory):
            raise EnvironmentFault(f"There is no vault in {directory}.", "Choose another folder.")
        self.bench.vault.keyring = self.keyring
        return self.bench

    def demo(self, progress: Callable[[str, float], None]) -> FakeBench:
        progress("Making keys", 0.5)
        progress("Signing", 1.0)
        self.bench.vault.unlock_with_passphrase(PASSPHRASE)
        return self.bench

    def keyring_status(self) -> str:
        return "Secret Service (fake)" if self.keyring else "No keyring service answers."
