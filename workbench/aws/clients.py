"""boto3 clients of one site: made when first needed, patient, and stopped when nobody waits.

Owns time limits, retries and the translation of what goes wrong below AWS's error codes.
Credentials stay inside boto3.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from workbench.aws.faults import fault_of, needs_code, stopped
from workbench.base.errors import Refused
from workbench.base.sites import Site, check_endpoint

CONNECT_SECONDS: Final = 5
READ_SECONDS: Final = 15
_ATTEMPTS: Final = 5
"""Unless the AWS configuration says otherwise (`max_attempts`)."""

_CONNECTIONS: Final = 20
_READS: Final = ("Describe", "Get", "List", "Lookup", "Simulate")
_MFA: Final = "assume-role"


def profile_names() -> tuple[str, ...]:
    """Return the profiles of the AWS shared configuration, by name; for a worker.

    Raises:
        EnvironmentFault: the configuration cannot be read.
    """
    import boto3  # noqa: PLC0415 - 0.3 s, and not everybody has keys in AWS

    with _told(Site(aws=True)):
        return tuple(sorted(boto3.Session().available_profiles, key=str.casefold))


def region_of(profile: str) -> str:
    """Return the Region a profile names, or nothing; for a worker.

    Raises:
        EnvironmentFault: there is no such profile, or the configuration cannot be read.
    """
    import boto3  # noqa: PLC0415 - as above

    with _told(Site(aws=True, profile=profile)):
        return boto3.Session(profile_name=profile or None).region_name or ""


class Cloud:
    """Clients of the services at one site. Thread-safe; requests block.

    Args:
        site: where; its Region may be empty if the profile names one.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self._clients: dict[tuple[str, str], Any] = {}
        self._making = threading.RLock()
        self._session: Any = None
        self._round = 0
        self._left = self._closed = False
        self._mine = threading.local()

    def client(self, service: str, region: str = "") -> Any:
        """Return the boto3 client of a service, in the site's Region unless another is named.

        Raises:
            EnvironmentFault: profile or credentials are not there.
            Refused: the endpoint may not be used.
        """
        key = (service, region or self.site.region)
        with self._making, _told(self.site):
            if key not in self._clients:
                made = self._make(*key)
                check_endpoint(made.meta.endpoint_url)
                self._clients[key] = made
            return self._clients[key]

    @property
    def region(self) -> str:
        """The Region it is in: the site's, or the profile's own."""
        with self._making, _told(self.site):
            return self.site.region or self._opened().region_name or ""

    def stop(self) -> None:
        """Have reading that is under way end at its next attempt, as `Cancelled`."""
        self._round += 1

    def leave(self) -> None:
        """Have reading end and refuse more of it; what was begun to change goes on."""
        self._left = True
        self.stop()

    def close(self) -> None:
        """Have every request end at its next attempt, and refuse others."""
        self._closed = True

    def __repr__(self) -> str:
        """Name the site alone."""
        return f"<Cloud {self.site.text}>"

    def _opened(self) -> Any:
        if self._session is None:
            import boto3  # noqa: PLC0415 - as above

            session = boto3.Session(profile_name=self.site.profile or None)
            # botocore would ask for the code at the terminal the window was started from, for ever.
            chain = session._session.get_component("credential_provider")  # noqa: SLF001 - as AWS's CLI
            chain.get_provider(_MFA)._prompter = self._refuse_code  # noqa: SLF001 - no public way
            self._session = session
        return self._session

    def _make(self, service: str, region: str) -> Any:
        from botocore.config import Config  # noqa: PLC0415 - comes with boto3

        session = self._opened()
        chosen = session._session.get_config_variable("max_attempts")  # noqa: SLF001 - as above
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "adaptive", "total_max_attempts": chosen or _ATTEMPTS},
            user_agent_extra="key-workbench",
        )
        # An id is one event's alone: botocore takes a second event with it for registered already.
        name = f"creating-client-class.{service}"
        session.events.register(name, self._guard, unique_id=f"key-workbench-{service}")
        if not (region or session.region_name):
            raise Refused("No Region is chosen, and the profile names none.", "Choose a Region.")
        made = session.client(
            service,
            region_name=region or None,
            endpoint_url=self.site.endpoint or None,
            config=config,
        )
        made.meta.events.register_first("before-send", self._before_send)
        return made

    def _guard(self, base_classes: list[type], **_more: Any) -> None:
        """Put the translation of errors around every operation, paginators' included."""
        cloud = self

        class Guarded:
            def _make_api_call(self, operation: str, parameters: dict[str, Any]) -> Any:
                with cloud._asking(operation), _told(cloud.site):
                    return super()._make_api_call(operation, parameters)  # type: ignore[misc]

        base_classes.insert(0, Guarded)

    @contextmanager
    def _asking(self, operation: str) -> Iterator[None]:
        reads = operation.startswith(_READS)
        self._mine.round = self._round if reads else None
        if reads and self._left:
            raise stopped(self.site)
        self._check()
        try:
            yield
        finally:
            self._mine.round = None

    def _before_send(self, **_more: Any) -> None:
        self._check()

    def _check(self) -> None:
        mine = getattr(self._mine, "round", None)
        if self._closed or mine not in {None, self._round}:
            raise stopped(self.site)

    def _refuse_code(self, _prompt: str) -> str:
        raise needs_code(self.site)


@contextmanager
def _told(site: Site) -> Iterator[None]:
    """Turn botocore's own errors into faults with a next step; AWS's error codes pass."""
    from botocore.exceptions import BotoCoreError, ParamValidationError  # noqa: PLC0415 - as above

    try:
        yield
    except ParamValidationError:
        raise
    except (BotoCoreError, ValueError) as error:
        if isinstance(error, ValueError) and "endpoint" not in str(error):
            raise
        raise fault_of(error, site) from None
