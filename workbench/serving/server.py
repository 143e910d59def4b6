"""Switching a vault's endpoint on and off, and telling what to do with it.

Owns the server's life. Must not know the command line, nor who else shows its state.
"""

import contextlib
import logging
import threading
from typing import Final, NamedTuple

from botocore.exceptions import ClientError

from workbench.base.clock import Clock
from workbench.base.errors import Locked, Refused
from workbench.base.identifiers import Place
from workbench.endpoint import lines
from workbench.endpoint.ports import Beside, Rates
from workbench.endpoint.server import HOST, EndpointServer
from workbench.engine import Engine
from workbench.serving.backend import EngineBackend
from workbench.serving.tls import CA_FILE, EndpointAuthority, EndpointCertificate
from workbench.vault.vault import Vault

_LOG = logging.getLogger(__name__)
_PORT: Final = "endpoint_port"


class AccessKey(NamedTuple):
    """What clients sign with; `repr` does not show the secret."""

    id: str
    secret: str

    def __repr__(self) -> str:
        """Show the id alone."""
        return f"<AccessKey {self.id}>"


class Serving:
    """One vault's endpoint; satisfies `workbench.ports.ServingPort`. Thread-safe.

    While the vault is locked it answers 503 to everybody, which clients take for a reason to try
    again.

    Args:
        engine: the services.
        vault: whose endpoint it is.
        place: account and home Region.
        clock: the time.
    """

    def __init__(self, engine: Engine, vault: Vault, place: Place, clock: Clock) -> None:
        self._engine = engine
        self._vault = vault
        self._place = place
        self._clock = clock
        self._backend = EngineBackend(engine, place, clock)
        self._switching = threading.Lock()
        self._server: EndpointServer | None = None
        self._certificate: EndpointCertificate | None = None
        self._trouble = ""
        vault.on_lock(self._forget)
        vault.on_unlock(self._recall)
        if not vault.locked:
            self._recall()
        engine.on_round(self.renew)

    @property
    def running(self) -> bool:
        """Whether it serves."""
        return self._server is not None

    @property
    def url(self) -> str:
        """What a client's endpoint URL is to be; empty while it does not serve."""
        server = self._server
        return "" if server is None else server.url

    @property
    def status(self) -> str:
        """One sentence for people."""
        server = self._server
        if server is None:
            return "The endpoint is off."
        how = "TLS" if self._certificate else "plain HTTP"
        answers = " The vault is locked: it answers 503." if self._vault.locked else ""
        return (
            f"The endpoint serves {server.url} ({how}), on this machine only."
            f"{answers}{self._trouble}"
        )

    @property
    def port(self) -> int:
        """The port it serves, or else the one last chosen: certificates made now name it."""
        return int(self._engine.publishing.host.rpartition(":")[2])

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that are served, in order."""
        return tuple(sorted(self._backend.regions()))

    @property
    def requests(self) -> int:
        """How many requests came in since it was switched on."""
        server = self._server
        return 0 if server is None else server.requests

    @property
    def ca_bundle(self) -> str:
        """Path of the PEM file with the CA that clients must trust; empty without TLS."""
        return str(self._vault.directory / CA_FILE) if self._certificate and self.running else ""

    def start(self, port: int = 0, *, tls: bool = False, rates: Rates | None = None) -> str:
        """Begin to serve; return the URL.

        Args:
            port: to listen on; 0 for any free one.
            tls: whether to serve TLS, with a certificate from the vault's own CA.
            rates: requests per second by (service, operation), to try a client's back-off.

        Raises:
            Refused: it runs already.
            EnvironmentFault: the port is taken, or the CA's file cannot be written.
            ClientError: the CA is disabled, or its key.
            Locked: the vault is locked.
        """
        with self._switching:
            if self._server is not None:
                raise Refused("The endpoint runs already.", "Stop it first.")
            self.access_key()
            certificate = self._new_certificate() if tls else None
            server = EndpointServer(
                self._backend,
                self._clock,
                port=port,
                tls=certificate.obtain() if certificate else None,
                beside=Beside(public=self._engine.publications.handle),
                rates=rates,
            )
            server.start()
            self._server, self._certificate, self._trouble = server, certificate, ""
            self._engine.publishing.host = server.address
            if port:
                self._remember(port)
            return server.url

    def stop(self) -> None:
        """Answer what is under way and stop; harmless when it does not run."""
        with self._switching:
            server, self._server = self._server, None
            if server is not None:
                server.stop()
                with contextlib.suppress(Locked):
                    self._backend.note_uses()

    def set_rates(self, rates: Rates) -> None:
        """Replace the rates of a running endpoint; an empty mapping lifts them."""
        server = self._server
        if server is not None:
            server.set_rates(rates)

    def renew(self) -> int:
        """Show another certificate if the one shown ends soon; returns how many were made.

        Raises:
            EnvironmentFault: the CA's file cannot be written.
            Locked: the vault is locked.
        """
        with self._switching:
            server, certificate = self._server, self._certificate
            if server is None or certificate is None:
                return 0
            try:
                made = certificate.renewed()
            except ClientError as error:
                reason = error.response["Error"].get("Message", "")
                self._trouble = f" Its certificate could not be renewed: {reason}"
                _LOG.warning("%s", self._trouble.strip())
                return 0
            if made is None:
                return 0
            server.renew(made)
            self._trouble = ""
            return 1

    def access_key(self) -> AccessKey:
        """Return the account root's access key, made when there is none.

        Raises:
            Locked: the vault is locked.
            AwsError: LimitExceeded: root's two keys are inactive.
        """
        key = self._engine.iam.ensure_root_key(self._clock.now())
        return AccessKey(key.id, key.secret)

    def variables(self, region: str = "") -> dict[str, str]:
        """Return the environment of a client; it holds the secret access key.

        Raises:
            Locked: the vault is locked.
        """
        key = self.access_key()
        region = region or self._place.region
        return lines.variables(self.url, key.id, key.secret, region, ca_bundle=self.ca_bundle)

    def _new_certificate(self) -> EndpointCertificate:
        authority = EndpointAuthority(self._engine, self._vault, self._place, self._clock)
        return EndpointCertificate(authority, self._vault.directory / CA_FILE, self._clock)

    def _remember(self, port: int) -> None:
        with self._vault.transaction() as transaction:
            transaction.execute(
                "INSERT OR REPLACE INTO settings(name, value) VALUES(?, ?)", (_PORT, str(port))
            )

    def _recall(self) -> None:
        """Have certificates name the port that was last chosen, while nothing is served."""
        rows = self._vault.read("SELECT value FROM settings WHERE name = ?", (_PORT,))
        if rows and not self.running:
            self._engine.publishing.host = f"{HOST}:{rows[0][0]}"

    def _forget(self) -> None:
        server = self._server
        if server is not None:
            server.forget_secrets()
