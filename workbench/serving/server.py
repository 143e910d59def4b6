"""Switching a vault's endpoint on and off, and telling what to do with it.

Owns the server's life. Must not know the command line, nor who else shows its state.
"""

import contextlib
import threading
from collections.abc import Mapping
from typing import Final, NamedTuple

from workbench.base.clock import Clock
from workbench.base.errors import Locked
from workbench.base.identifiers import Place
from workbench.endpoint import lines
from workbench.endpoint.ports import Rates
from workbench.endpoint.server import EndpointServer
from workbench.engine import Engine
from workbench.serving.backend import EngineBackend
from workbench.serving.tls import CA_FILE, EndpointAuthority
from workbench.vault.vault import Vault

SHELLS: Final[Mapping[str, lines.Shell]] = {shell.value: shell for shell in lines.Shell}
"""Whose syntax environment lines can have, by name."""


class AccessKey(NamedTuple):
    """What clients sign with; `repr` does not show the secret."""

    id: str
    secret: str

    def __repr__(self) -> str:
        """Show the id alone."""
        return f"<AccessKey {self.id}>"


class Serving:
    """One vault's endpoint; satisfies `workbench.bench.ServingPort`. Thread-safe.

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
        self._tls = False
        vault.on_lock(self._forget)

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
        how = "TLS" if self._tls else "plain HTTP"
        answers = " The vault is locked: it answers 503." if self._vault.locked else ""
        return f"The endpoint serves {server.url} ({how}), on this machine only.{answers}"

    @property
    def regions(self) -> tuple[str, ...]:
        """The Regions that are served, in order."""
        return tuple(sorted(self._backend.regions()))

    @property
    def ca_bundle(self) -> str:
        """Path of the PEM file with the CA that clients must trust; empty without TLS."""
        return str(self._vault.directory / CA_FILE) if self._tls and self.running else ""

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
            self.access_key()
            identity = None
            if tls:
                authority = EndpointAuthority(self._engine, self._vault, self._place, self._clock)
                identity = authority.identity(self._vault.directory / CA_FILE)
            server = self._server or EndpointServer(
                self._backend, self._clock, port=port, tls=identity, rates=rates
            )
            server.start()
            self._server, self._tls = server, tls
            return server.url

    def stop(self) -> None:
        """Answer what is under way and stop; harmless when it does not run."""
        with self._switching:
            server, self._server = self._server, None
            if server is not None:
                server.stop()
                with contextlib.suppress(Locked):
                    self._backend.note_uses()

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

    def environment(self, region: str = "", shell: str = lines.Shell.SH.value) -> str:
        """Return commands that point boto3, the AWS CLI and the SDKs here, ready to paste.

        Args:
            region: asked for when a client names none; the home Region if empty.
            shell: one of `SHELLS`.

        Raises:
            Locked: the vault is locked.
        """
        return lines.lines(self.variables(region), SHELLS[shell])

    def _forget(self) -> None:
        server = self._server
        if server is not None:
            server.forget_secrets()
