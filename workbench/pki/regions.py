"""AWS Private CA in every Region of a vault: what is due, and what is asked for over HTTP.

Owns which Regions have authorities. Must not know HTTP servers, nor who calls `run_due` when.
"""

from collections.abc import Callable
from datetime import datetime

from workbench.base.clock import Clock
from workbench.base.errors import Locked
from workbench.pki.ocsp import UNAUTHORIZED
from workbench.pki.service import PkiService
from workbench.pki.serving import Answer
from workbench.pki.store import AuthorityStore
from workbench.vault.vault import Vault

_NOT_FOUND = 404


class PkiRegions:
    """The services of all Regions that have authorities.

    Args:
        vault: where the authorities are.
        home: the Region that is asked first.
        service: returns the service of a Region.
        clock: the time.
    """

    def __init__(
        self, vault: Vault, home: str, service: Callable[[str], PkiService], clock: Clock
    ) -> None:
        self._authorities = AuthorityStore(vault)
        self._home = home
        self._service = service
        self._clock = clock

    def run_due(self, moment: datetime) -> int:
        """Renew lists and responders' certificates that are due; returns how many were made.

        Raises:
            Locked: the vault is locked.
        """
        return sum(self._service(region).run_due(moment) for region in self._regions())

    def handle(self, method: str, path: str, body: bytes = b"") -> Answer:
        """Answer a request for a list or by OCSP, as `workbench.pki.serving.Serving.handle`.

        An address does not say which Region its authority is in, so that one after the other is
        asked.
        """
        try:
            regions = self._regions()
        except Locked:
            regions = []
        answer = self._ask(self._home, method, path, body)
        for region in regions:
            if _known(answer):
                break
            if region != self._home:
                answer = self._ask(region, method, path, body)
        return answer

    def _ask(self, region: str, method: str, path: str, body: bytes) -> Answer:
        return self._service(region).serving(self._clock).handle(method, path, body)

    def _regions(self) -> list[str]:
        return sorted({one.region for one in self._authorities.all()})


def _known(answer: Answer) -> bool:
    status, _, body = answer
    return status != _NOT_FOUND and body != UNAUTHORIZED
