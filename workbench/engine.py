"""The services of one vault behind doors: one door for each Region, made when first asked for.

Owns which services there are and who decides about their requests. Knows nothing of windows,
wires and files.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial

from botocore.model import ServiceModel

from workbench.api.calls import Caller
from workbench.api.client import Client
from workbench.api.door import Door
from workbench.api.models import aws_model, own_model
from workbench.api.trail import Trail
from workbench.audit.journal import Journal
from workbench.base.clock import Clock
from workbench.base.errors import Locked, WorkbenchError
from workbench.base.identifiers import Place
from workbench.hsm.module import Module
from workbench.iam.acting import ActingAs
from workbench.iam.by_identity import IdentityAuthoriser
from workbench.iam.policy.decisions import Decision
from workbench.iam.service import IamService
from workbench.kms.data_pairs import SERVICE as PAIRS
from workbench.kms.data_pairs import data_pairs_model
from workbench.kms.housekeeper import Housekeeper
from workbench.kms.limits import Limits
from workbench.kms.service import KmsService, Options
from workbench.pki.authorising import PkiAuthoriser
from workbench.pki.permissions import keep_ids
from workbench.pki.publishing import Publishing
from workbench.pki.regions import PkiRegions
from workbench.pki.service import PkiService
from workbench.pki.shelf import SERVICE as SHELF
from workbench.pki.shelf import shelf_model
from workbench.pki.store import AuthorityStore
from workbench.vault.vault import Vault

_IDS_KEPT = "principals_kept_by_id"


@cache
def model_of(service: str) -> ServiceModel:
    """Return the model of a service offered here: AWS's own, or one of ours."""
    own = {SHELF: shelf_model, PAIRS: data_pairs_model}.get(service)
    return aws_model(service) if own is None else own_model(own(), service)


class Engine:
    """AWS KMS, AWS Private CA and what stands beside them, over one vault.

    Args:
        vault: what is at rest.
        module: the HSM module.
        place: account and home Region.
        clock: the time.
        lenient_principals: whether policies may name users and roles that do not exist. For vaults
            that are thrown away only.
        limits: quotas of AWS KMS.
        delay: how long Creating (of keys and CAs), Updating and a rotation on demand take at least.

    Attributes:
        journal: the tamper-evident log of every request.
        acting: whom the clients of the window and the command line act as.
        iam: users, roles, their policies and access keys.
        identity: turns `acting` to another identity; knows the account's organization.
        publishing: where revocation lists go, and under which address they are found.
        publications: answers HTTP requests for revocation lists and by OCSP.
    """

    def __init__(
        self,
        vault: Vault,
        module: Module,
        place: Place,
        clock: Clock,
        *,
        lenient_principals: bool = False,
        limits: Limits | None = None,
        delay: timedelta = timedelta(),
    ) -> None:
        self._vault = vault
        self._place = place
        self._clock = clock
        self._doors: dict[str, Door] = {}
        self._pki: dict[str, PkiService] = {}
        self._making = threading.RLock()
        self._delay = delay
        self._chores: list[Callable[[], int]] = [self._keys_due, self._certificates_due]
        self._housekeeper = Housekeeper(self.run_due)
        self.journal = Journal(vault, clock)
        self.publishing = Publishing(vault.directory / "published")
        self.publications = PkiRegions(vault, place.region, self._pki_of, clock)
        self.iam = IamService(vault, place, {"kms": self}, lenient=lenient_principals)
        self.identity = ActingAs(self.iam, place)
        self.acting = self.identity.acting
        self._kms = KmsService(
            vault,
            module,
            place,
            recorder=self.journal,
            history=self.journal,
            wake=partial(self._housekeeper.wake, delay.total_seconds()),
            options=Options(
                policies_of=self.iam.credentials.policies_of,
                ids=self.iam.ids,
                clock=clock,
                people=self.iam.principals,
                limits=limits or Limits(),
                delay=delay,
            ),
        )
        vault.on_unlock(self._after_unlock)
        self._housekeeper.start()

    def door(self, region: str = "") -> Door:
        """Return the door of a Region; of the home Region when none is named."""
        name = region or self._place.region
        found = self._doors.get(name)
        if found is None:
            with self._making:
                if name not in self._doors:
                    self._doors[name] = self._make_door(self._place.elsewhere(name))
                found = self._doors[name]
        return found

    def regions(self) -> list[str]:
        """Return the Regions that have keys, in order."""
        return self._kms.regions()

    def client(self, service: str, region: str = "") -> Client:
        """Return a boto3-shaped client that acts as `acting` says."""
        return Client(self.door(region), model_of(service), self.acting)

    def client_of(self, service: str, arn: str, region: str = "") -> Client:
        """Return a client that acts as one identity, whoever `acting` is; see `client`.

        Its requests raise `NotFound` once that identity is gone.
        """
        return Client(self.door(region), model_of(service), self.identity.standing(arn))

    def decide(
        self, caller: Caller, action: str, resource: str, context: Mapping[str, Sequence[str]]
    ) -> Decision:
        """Return how a KMS request would be decided; satisfies `workbench.iam.ports.Decider`.

        Raises:
            AwsError: NotFoundException: no such key.
        """
        parts = resource.split(":", 5)
        region = parts[3] if len(parts) == 6 and parts[2] == "kms" else self._place.region
        return self._kms.region(region).authoriser.decide(caller, action, resource, context)

    def run_due(self) -> int:
        """Carry out what is due now; returns how many keys, lists and certificates changed.

        Raises:
            WorkbenchError: something could not be done now; everything else was.
        """
        if self._vault.locked:
            return 0
        changed, failed = 0, None
        for chore in self._chores:
            try:
                changed += chore()
            except WorkbenchError as error:
                failed = failed or error
        if failed is not None:
            raise failed
        return changed

    def on_round(self, chore: Callable[[], int]) -> None:
        """Have something more done by `run_due`: in the background, each minute, while unlocked.

        Args:
            chore: does what is due and returns how much changed; raises `WorkbenchError` at most.
        """
        self._chores.append(chore)

    def _keys_due(self) -> int:
        return self._kms.worker.run_due(self._clock.now())

    def _certificates_due(self) -> int:
        return self.publications.run_due(self._clock.now())

    def _after_unlock(self) -> None:
        self._keep_ids()
        self._keys_due()
        self._housekeeper.wake()  # lists of many entries take seconds to sign

    def _keep_ids(self) -> None:
        """Once for each vault: have the principals of all stored policies kept by unique ids."""
        if self._vault.read("SELECT 1 FROM settings WHERE name = ?", (_IDS_KEPT,)):
            return
        with self._vault.transaction() as transaction:
            self.iam.keep_ids()
            self._kms.keep_ids()
            keep_ids(AuthorityStore(self._vault), self.iam.ids)
            transaction.execute("INSERT INTO settings(name, value) VALUES(?, 1)", (_IDS_KEPT,))

    def stop(self) -> None:
        """End the background work; call `journal.close` after."""
        self._housekeeper.stop()

    def _make_door(self, place: Place) -> Door:
        door = Door(place, self._clock, self.journal, self._vault.transaction, self._gate)
        kms = aws_model("kms")
        regional = self._kms.region(place.region)
        door.register(kms, regional.operations(), regional.authoriser)
        door.register(model_of(PAIRS), regional.pairs.operations(), regional.pair_authoriser)
        iam = self.iam
        door.register(aws_model("iam"), iam.operations(), iam.authoriser)
        door.register(aws_model("sts"), iam.sts_operations(), iam.authoriser)
        others = IdentityAuthoriser(iam.principals, iam.credentials, ())
        door.register(aws_model("cloudtrail"), Trail(self.journal).operations(), others)
        owner = Caller.owner(place)
        authority = Caller(owner.arn, place.account, owner.kind, "acm-pca.amazonaws.com")
        pki = PkiService(
            self._vault,
            Client(door, kms, authority),
            self.publishing,
            lambda caller: Client(door, kms, replace(caller, invoked_by="acm-pca.amazonaws.com")),
            ids=iam.ids,
            pairs_as=lambda caller, region: Client(
                self.door(region),
                model_of(PAIRS),
                replace(caller, invoked_by="acm-pca.amazonaws.com"),
            ),
            delay=self._delay,
        )
        self._pki[place.region] = pki
        may = PkiAuthoriser(self._vault, iam.principals, iam.credentials)
        door.register(aws_model("acm-pca"), pki.operations(), may)
        door.register(model_of(SHELF), pki.shelf_operations(), may)
        return door

    def _pki_of(self, region: str) -> PkiService:
        self.door(region)
        return self._pki[region]

    def _gate(self) -> None:
        if self._vault.locked:
            raise Locked("The vault is locked.", "Unlock it and try again.")
