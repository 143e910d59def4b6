"""What the wire is given: whom access keys belong to, where requests go, how far a client may go.

Must not know who implements them: `workbench.assembly` does, over the doors and the identities.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from workbench.api.calls import Caller


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key: its secret, and whom it stands for.

    Attributes:
        secret: the secret access key; never shown.
        caller: the identity that requests signed with it act as.
        session_token: what a temporary credential's requests must carry; empty for a lasting one.
        expires: when a temporary credential ends, UTC.
    """

    secret: str = field(repr=False)
    caller: Caller
    session_token: str = field(default="", repr=False)
    expires: datetime | None = None


class Backend(Protocol):
    """Where requests go. All methods but `call` must be quick: they run on the event loop."""

    def credential(self, access_key_id: str) -> Credential | None:
        """Return what an access key stands for; None for an unknown or inactive one.

        Where signatures are not verified, return the identity that anybody acts as.
        """

    def call(
        self,
        service: str,
        operation: str,
        region: str,
        request: dict[str, Any],
        caller: Caller,
        agent: str = "",
    ) -> tuple[dict[str, Any], str]:
        """Carry a request out; return the answer and the request id.

        `agent` is the client's user agent; it is empty where it says none.

        Raises:
            AwsError: refused or failed as AWS documents.
            validation.WrongType: a value is of a wrong type.
            Locked: the vault is locked.
        """

    def regions(self) -> Collection[str] | None:
        """Return the Regions that are served, None for all."""

    def slow(self, service: str, operation: str, request: dict[str, Any]) -> bool:
        """Whether a request takes milliseconds (key generation, a disk's sync).

        Such a request is carried out on a thread of its own. `request` is parsed but not validated.
        """


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """The server's certificate and key, both in memory.

    Attributes:
        chain: PEM certificates, the server's first.
        private_key: PEM private key, not encrypted; never shown.
    """

    chain: bytes
    private_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much and how long a client may; seconds and bytes.

    Attributes:
        head_bytes: request line and headers.
        head_count: number of headers.
        body_bytes: body, after chunked coding is undone. AWS takes 1 MiB at most for JSON.
        head_seconds: from the first byte (or the connection) to the end of the headers.
        body_seconds: from there to the end of the body.
        write_seconds: how long an answer may wait for its reader.
        idle_seconds: how long a kept connection may be silent.
        connections: at once.
        stop_seconds: how long requests under way may take to end when the server stops.
    """

    head_bytes: int = 32 * 1024
    head_count: int = 100
    body_bytes: int = 1024 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 20.0
    write_seconds: float = 20.0
    idle_seconds: float = 120.0
    connections: int = 512
    stop_seconds: float = 5.0


Route = Callable[[str, bytes], tuple[int, dict[str, Any]]]
"""A path outside AWS's protocols: takes method and body, returns HTTP status and a JSON document.

Called on a worker thread, without signature; Host and Origin have been checked.
"""

Public = Callable[[str, str, bytes], tuple[int, str, bytes]]
"""What anybody may ask for, such as revocation lists: takes method, path and body of a request that
is not AWS's; returns HTTP status, Content-Type and body.

Called on a worker thread. Neither signature nor Host are looked at, and TLS is not asked for: an
address in a certificate may name any host, and such an address is never https.
"""


@dataclass(frozen=True, slots=True)
class Beside:
    """What is served beside AWS's protocols.

    Attributes:
        routes: by path, such as `/_workbench/reset`.
        public: answers at all other paths; None for nobody.
    """

    routes: Mapping[str, Route] = field(default_factory=dict)
    public: Public | None = None


Rates = Mapping[tuple[str, str], float]
"""Requests per second by (service, operation), to try a client's back-off."""
