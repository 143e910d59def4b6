"""An endpoint over vaults that are thrown away, each as the seed says when its turn comes.

Owns the change from one engine to the next and what only such an endpoint has: paths to reset it
and to ask whether it is well, and access for anybody. Must not know how a vault is made.
"""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from workbench import __version__
from workbench.api.calls import Caller
from workbench.base.clock import Clock
from workbench.base.errors import Refused, WorkbenchError
from workbench.base.files import printable
from workbench.base.identifiers import DEFAULT_ACCOUNT, Place
from workbench.endpoint import lines
from workbench.endpoint.ports import Beside, Credential, Rates
from workbench.endpoint.server import EndpointServer
from workbench.engine import Engine
from workbench.iam.ids import LONG_TERM, new_access_key_id, new_secret
from workbench.kms.limits import LIMIT_NAMES, Limits
from workbench.kms.replicas import partition_of
from workbench.serving.backend import EngineBackend
from workbench.serving.seed import Seed, SeedAccessKey
from workbench.serving.seed_nodes import Spot
from workbench.serving.tls import EndpointCertificate
from workbench.vault.vault import Vault

RESET: Final = "/_workbench/reset"
HEALTH: Final = "/_workbench/health"
_PATIENCE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class EphemeralRequest:
    """What an ephemeral endpoint is to be.

    Attributes:
        seed: what its vaults begin with.
        account: twelve digits; the seed's, or AWS's example account, if empty.
        region: home Region; the seed's if empty.
        verify_signatures: whether only known access keys pass, with their signature.
        strict_principals: whether policies may name existing users and roles only, as on AWS.
        port: to listen on; 0 for any free one.
        tls: whether to serve TLS.
        rates: requests per second by (service, operation).
        limits: quotas of AWS KMS beside those of the seed, by their names in `Limits`.
        delay: seconds that Creating, Updating and a rotation on demand take at least.

    Raises:
        Refused: the Region is of another partition than the seed's, or there is no such quota.
    """

    seed: Seed = field(default_factory=Seed)
    account: str = ""
    region: str = ""
    verify_signatures: bool = False
    strict_principals: bool = False
    port: int = 0
    tls: bool = False
    rates: Rates | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    delay: float = 0.0

    def __post_init__(self) -> None:
        """Check what can only be checked together."""
        unknown = sorted(set(self.limits).difference(LIMIT_NAMES))
        if unknown:
            raise Refused(
                f"There is no quota {printable(unknown[0])}.",
                f"Choose one of {', '.join(LIMIT_NAMES)}.",
            )
        theirs = partition_of(self.seed.region)
        if self.seed.keys and self.place.partition != theirs:
            raise Refused(
                f"{printable(self.region)} is not in the partition {theirs}, in which the seed "
                "file has its keys.",
                "Choose a Region of that partition, or another one in the file.",
            )

    @property
    def place(self) -> Place:
        """Account, home Region and its partition."""
        account = self.account or self.seed.account or DEFAULT_ACCOUNT
        region = self.region or self.seed.region
        return Place(account, region, partition_of(region))

    @property
    def quotas(self) -> Limits:
        """The quotas of its vaults."""
        return replace(Limits(), **{**dict(self.seed.limits), **self.limits})


@dataclass(frozen=True)
class Throwaway:
    """An engine over a vault of its own.

    Attributes:
        engine: the services.
        vault: what they are over.
        close: ends it and deletes its vault.
    """

    engine: Engine
    vault: Vault
    close: Callable[[], None]


def with_root_key(seed: Seed, account: str) -> Seed:
    """Return a seed whose root has an access key: one made up, unless it has one."""
    if seed.root_keys:
        return seed
    made = SeedAccessKey(new_access_key_id(LONG_TERM, account), new_secret(), Spot(1, 1))
    return replace(seed, root_keys=(made,))


class _Turn:
    """One engine's time on the wire."""

    def __init__(self, made: Throwaway, backend: EngineBackend) -> None:
        self.made = made
        self.backend = backend
        self.users = 0


class Turns:
    """A backend whose engine can be changed while it is used.

    Args:
        make: makes the next engine.
        dress: makes its backend.
    """

    def __init__(
        self, make: Callable[[], Throwaway], dress: Callable[[Engine], EngineBackend]
    ) -> None:
        self._make = make
        self._dress = dress
        self._changing = threading.Lock()
        self._left = threading.Condition()
        self._host = ""
        self._turn = self._next()

    def credential(self, access_key_id: str) -> Credential | None:
        """As `EngineBackend.credential`."""
        with self._using() as backend:
            return backend.credential(access_key_id)

    def call(
        self,
        service: str,
        operation: str,
        region: str,
        request: dict[str, Any],
        caller: Caller,
        agent: str = "",
    ) -> tuple[dict[str, Any], str]:
        """As `EngineBackend.call`; a request ends on the engine it began on."""
        with self._using() as backend:
            return backend.call(service, operation, region, request, caller, agent)

    def public(self, method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        """As `EngineBackend.public`."""
        with self._using() as backend:
            return backend.public(method, path, body)

    def publish_at(self, host: str) -> None:
        """Have certificates say, from now on, that their status is asked for at `host`."""
        with self._changing:
            self._host = self._turn.made.engine.publishing.host = host

    def regions(self) -> Collection[str]:
        """As `EngineBackend.regions`."""
        return self._turn.backend.regions()

    def slow(self, service: str, operation: str, request: dict[str, Any]) -> bool:
        """As `EngineBackend.slow`."""
        with self._using() as backend:
            return backend.slow(service, operation, request)

    def change(self) -> None:
        """Put a new engine in place, and close the old one once nobody uses it any more.

        Raises:
            WorkbenchError: no new one could be made; the old one stays.
        """
        with self._changing:
            following = self._next()
            with self._left:
                former, self._turn = self._turn, following
            self._close(former)

    def close(self) -> None:
        """Close the engine."""
        with self._changing:
            self._close(self._turn)

    def _next(self) -> _Turn:
        made = self._make()
        if self._host:
            made.engine.publishing.host = self._host
        return _Turn(made, self._dress(made.engine))

    def _close(self, turn: _Turn) -> None:
        with self._left:
            self._left.wait_for(lambda: turn.users == 0, _PATIENCE_SECONDS)
        turn.made.close()

    @contextmanager
    def _using(self) -> Iterator[EngineBackend]:
        with self._left:
            turn = self._turn
            turn.users += 1
        try:
            yield turn.backend
        finally:
            with self._left:
                turn.users -= 1
                if turn.users == 0 and turn is not self._turn:
                    self._left.notify_all()


class Ephemeral:
    """A throw-away endpoint.

    Args:
        make: makes an engine as the seed says.
        request: what was asked for.
        clock: the time.
        access_key: an access key of root that every engine has.
        finish: called at the end, to delete what is left.
    """

    def __init__(
        self,
        make: Callable[[], Throwaway],
        request: EphemeralRequest,
        clock: Clock,
        access_key: SeedAccessKey,
        *,
        finish: Callable[[], None],
    ) -> None:
        self.place = request.place
        self.access_key = access_key
        self.ca_bundle = ""
        self._request = request
        self._clock = clock
        self._finish = finish
        self._server: EndpointServer | None = None
        self._certificate: EndpointCertificate | None = None
        anybody = not request.verify_signatures
        self._turns = Turns(
            make, lambda engine: EngineBackend(engine, self.place, clock, anybody=anybody)
        )

    @property
    def url(self) -> str:
        """What a client's endpoint URL is to be; empty while it does not serve."""
        return "" if self._server is None else self._server.url

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that are served, in order."""
        return tuple(sorted(self._turns.regions()))

    def start(self, certificate: EndpointCertificate | None, ca_file: Path) -> str:
        """Begin to serve; return the URL.

        Args:
            certificate: for TLS; None for plain HTTP.
            ca_file: PEM file with the CA that clients must then trust.

        Raises:
            Refused: it runs already.
            EnvironmentFault: the port is taken.
        """
        request = self._request
        server = self._server or EndpointServer(
            self._turns,
            self._clock,
            port=request.port,
            tls=certificate.obtain() if certificate else None,
            verify_signatures=request.verify_signatures,
            beside=Beside({RESET: self._on_reset, HEALTH: self._on_health}, self._turns.public),
            rates=request.rates,
        )
        server.start()
        self._server, self._certificate = server, certificate
        self.ca_bundle = str(ca_file) if certificate else ""
        self._turns.publish_at(server.address)
        return server.url

    def renew(self) -> int:
        """Show another certificate if the one shown ends soon; returns how many were made."""
        server, certificate = self._server, self._certificate
        made = certificate.renewed() if server and certificate else None
        if server is None or made is None:
            return 0
        server.renew(made)
        return 1

    def reset(self) -> None:
        """Go back to what the seed says.

        Raises:
            WorkbenchError: the machine refused; everything is as it was.
        """
        self._turns.change()

    def close(self) -> None:
        """Stop serving and delete everything."""
        server, self._server = self._server, None
        try:
            if server is not None:
                server.stop()
            self._turns.close()
        finally:
            self._finish()

    def variables(self, region: str = "") -> dict[str, str]:
        """Return the environment of a client."""
        key = self.access_key
        region = region or self.place.region
        return lines.variables(self.url, key.id, key.secret, region, ca_bundle=self.ca_bundle)

    def _on_reset(self, method: str, body: bytes) -> tuple[int, dict[str, Any]]:
        del body
        if method != "POST":
            return 405, {"message": f"Send POST to {RESET}."}
        try:
            self.reset()
        except WorkbenchError as error:
            return 503, {"message": str(error)}
        return 200, {"status": "reset"}

    def _on_health(self, method: str, body: bytes) -> tuple[int, dict[str, Any]]:
        del body
        if method not in {"GET", "HEAD"}:
            return 405, {"message": f"Send GET to {HEALTH}."}
        return 200, {
            "status": "ok",
            "version": __version__,
            "account": self.place.account,
            "region": self.place.region,
            "verifySignatures": self._request.verify_signatures,
        }
