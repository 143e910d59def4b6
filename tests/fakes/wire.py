"""A backend of nothing but answers given beforehand, and servers over it."""

import threading
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from workbench.api.calls import Caller
from workbench.api.door import Door
from workbench.api.errors import AwsError
from workbench.endpoint.ports import Credential

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "us-west-2"
CALLER = Caller("arn:aws:iam::111122223333:root", "111122223333", access_key_id=KEY_ID)
REQUEST_ID = "00000000-1111-4222-8333-444444444444"

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class FakeBackend:
    """Answers by (service, operation); notes what it was asked."""

    def __init__(self, answers: dict[tuple[str, str], Answer] | None = None) -> None:
        self.answers = answers or {}
        self.calls: list[tuple[str, str, str, dict[str, Any], Caller]] = []
        self.agents: list[str] = []
        self.threads: list[str] = []
        self.credentials = {KEY_ID: Credential(SECRET, CALLER)}
        self.served: Collection[str] | None = [REGION]
        self.slow_ones: set[str] = set()

    def temporary(self, key_id: str, token: str, expires: datetime | None) -> None:
        """Add a temporary credential with the usual secret."""
        self.credentials[key_id] = Credential(SECRET, CALLER, token, expires)

    def credential(self, access_key_id: str) -> Credential | None:
        return self.credentials.get(access_key_id)

    def call(
        self,
        service: str,
        operation: str,
        region: str,
        request: dict[str, Any],
        caller: Caller,
        agent: str = "",
    ) -> tuple[dict[str, Any], str]:
        self.calls.append((service, operation, region, request, caller))
        self.agents.append(agent)
        self.threads.append(threading.current_thread().name)
        answer = self.answers.get((service, operation))
        if answer is None:
            raise AwsError("UnsupportedOperationException", f"{operation} is not offered.")
        return answer(request), REQUEST_ID

    def regions(self) -> Collection[str] | None:
        return self.served

    def slow(self, service: str, operation: str, request: dict[str, Any]) -> bool:
        del service, request
        return operation in self.slow_ones


class EngineBackend(FakeBackend):
    """One Region's door behind the wire."""

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.door = door
        owner = Caller.owner(door.place)
        self.credentials[KEY_ID] = Credential(SECRET, owner)
        self.served = [door.place.region]

    def call(
        self,
        service: str,
        operation: str,
        region: str,
        request: dict[str, Any],
        caller: Caller,
        agent: str = "",
    ) -> tuple[dict[str, Any], str]:
        assert region == self.door.place.region
        return self.door.call(service, operation, request, caller, agent)

    def slow(self, service: str, operation: str, request: dict[str, Any]) -> bool:
        del service, request
        return not operation.startswith(("Generate", "List", "Describe", "Encrypt", "Decrypt"))
