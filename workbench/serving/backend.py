"""An engine behind the wire: access keys become callers, requests find the door of their Region.

Owns which requests are slow, and which Region a request without one belongs to. Must not know
HTTP or signatures.
"""

import re
import threading
from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

from workbench.api.calls import Caller
from workbench.base.clock import Clock
from workbench.base.identifiers import Place
from workbench.endpoint.ports import Credential
from workbench.endpoint.refusals import Refusal
from workbench.engine import Engine
from workbench.kms.replicas import known_regions
from workbench.kms.service import SLOW_OPERATIONS

_GLOBAL: Final = frozenset({"iam", "sts"})
_PLAUSIBLE: Final = re.compile(r"[\w.+=/@-]{1,128}", re.ASCII)
_BETWEEN_NOTES: Final = timedelta(minutes=1).total_seconds()
_QUICK_MODULUS: Final = 256
"""Bytes. One private-key operation takes 0.3 ms with RSA-2048, 2 ms with RSA-3072 and 3 ms with
RSA-4096: the latter two are worth a thread of their own."""

_MOST_LIGHT: Final = 10_000
Use = tuple[Any, str, str]


class EngineBackend:
    """Satisfies `workbench.endpoint.ports.Backend` over one engine.

    Args:
        engine: carries requests out.
        place: account and home Region.
        clock: when keys were used.
        anybody: whether an unknown access key acts as the account's root. For vaults that are
            thrown away only.
    """

    def __init__(
        self, engine: Engine, place: Place, clock: Clock, *, anybody: bool = False
    ) -> None:
        self._engine = engine
        self._place = place
        self._clock = clock
        self._anybody = anybody
        self._light: set[str] = set()
        self._uses: dict[str, Use] = {}
        self._noted = clock.monotonic()
        self._noting = threading.Lock()

    def credential(self, access_key_id: str) -> Credential | None:
        """Return what an access key stands for; None for an unknown or inactive one.

        Raises:
            Refusal: ExpiredTokenException, where signatures are not verified.
            Locked: the vault is locked.
        """
        found = self._engine.iam.credentials.find(access_key_id)
        if found is None:
            return self._stranger(access_key_id) if self._anybody else None
        expired = found.expires is not None and found.expires <= self._clock.now()
        if self._anybody and expired:  # else the wire looks, once the signature has been verified
            raise Refusal(
                "ExpiredTokenException", "The security token included in the request is expired"
            )
        return Credential(found.secret, found.caller, found.session_token, found.expires)

    def _stranger(self, access_key_id: str) -> Credential | None:
        iam = self._engine.iam
        if not _PLAUSIBLE.fullmatch(access_key_id) or iam.store.access_key(access_key_id):
            return None  # an inactive key is not root's
        return Credential("", iam.principals.root(self._place.iam("root"), access_key_id))

    def call(
        self,
        service: str,
        operation: str,
        region: str,
        request: dict[str, Any],
        caller: Caller,
        agent: str = "",
    ) -> tuple[dict[str, Any], str]:
        """Carry a request out; raises as `workbench.api.door.Door.call`."""
        if caller.access_key_id:
            self._uses[caller.access_key_id] = (self._clock.now(), service, region)
        if self._due or service == "iam":  # both are slow: never on the event loop
            self.note_uses()
        door = self._engine.door(self._served(service, region))
        answer = door.call(service, operation, request, caller, agent)
        if operation == "Sign":
            self._learn(request, answer[0])
        return answer

    def public(self, method: str, path: str, body: bytes) -> tuple[int, str, bytes]:
        """Answer what anybody may ask for: revocation lists and OCSP."""
        return self._engine.publications.handle(method, path, body)

    def regions(self) -> Collection[str]:
        """Return the Regions that have AWS KMS, in the vault's partition."""
        return known_regions(self._place.partition)

    def slow(self, service: str, operation: str, request: dict[str, Any]) -> bool:
        """Whether a request waits for a disk, makes an RSA pair, or uses a large one."""
        if service in {"iam", "acm-pca"} or operation in SLOW_OPERATIONS or self._due:
            return True
        if service == "kms" and operation in {"Sign", "Decrypt", "ReEncrypt"}:
            return self._uses_large_rsa(operation, request)
        return self._engine.door().mutates(service, operation)

    def note_uses(self) -> None:
        """Tell the vault when access keys were last used; waits for its disk at times.

        The engine would write on whichever thread asks, which must not be the event loop's.
        """
        with self._noting:
            self._noted = self._clock.monotonic()
            uses, self._uses = self._uses, {}
        for key_id, (moment, service, region) in uses.items():
            self._engine.iam.credentials.used(key_id, moment, service, region)

    @property
    def _due(self) -> bool:
        return self._clock.monotonic() - self._noted >= _BETWEEN_NOTES

    def _served(self, service: str, region: str) -> str:
        """Return the Region whose door is meant; nobody can make up doors by making up Regions."""
        if service in _GLOBAL and region not in self.regions():
            return self._place.region
        return region

    def _uses_large_rsa(self, operation: str, request: dict[str, Any]) -> bool:
        member = {
            "Sign": "SigningAlgorithm",
            "Decrypt": "EncryptionAlgorithm",
            "ReEncrypt": "SourceEncryptionAlgorithm",
        }[operation]
        if not str(request.get(member, "")).startswith("RSA"):
            return False
        if operation == "Sign":
            return str(request.get("KeyId")) not in self._light
        blob = request.get("CiphertextBlob", b"")
        return not isinstance(blob, bytes) or len(blob) > _QUICK_MODULUS

    def _learn(self, request: dict[str, Any], answer: dict[str, Any]) -> None:
        """Remember which key identifiers sign quickly; a signature is as long as the modulus."""
        name = request["KeyId"]
        if len(answer["Signature"]) > _QUICK_MODULUS:
            self._light.discard(name)
        elif name not in self._light:
            if len(self._light) >= _MOST_LIGHT:
                self._light.clear()
            self._light.add(name)
