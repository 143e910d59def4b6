"""The life of a multi-Region key as a state machine beside a model of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.clocks import StillClock
from tests.fakes.importing import PLACE, World

ENABLED, DISABLED, CREATING, UPDATING = "Enabled", "Disabled", "Creating", "Updating"
LEAVING, LEAVING_LAST = "PendingDeletion", "PendingReplicaDeletion"
GOING = {LEAVING, LEAVING_LAST}
REGIONS = (PLACE.region, "eu-west-1", "ap-south-1")
REGION = st.sampled_from(REGIONS)
PLACES = st.integers(0, 11)  # divided by 1, 2 and 3 alike
SOMEWHERE = precondition(lambda self: self.regions)


@dataclass
class Here:
    """What the key is in one Region.

    Attributes:
        after: the state it comes out with once the background is done, or empty.
        window: days a primary waits once its last replica is gone, or 0.
    """

    state: str = ENABLED
    after: str = ""
    deletion: datetime | None = None
    window: int = 0


class RegionalLife(RuleBasedStateMachine):
    """One symmetric key in up to three Regions, and which of them has the primary."""

    world: ClassVar[World]
    clock: ClassVar[StillClock]

    @initialize()
    def begin(self) -> None:
        self.clients: dict[str, Any] = {name: self.world.region(name) for name in REGIONS}
        made = self.world.kms.create_key(MultiRegion=True)["KeyMetadata"]
        self.key = made["KeyId"]
        self.primary = PLACE.region
        self.regions = {PLACE.region: Here(), REGIONS[1]: Here()}
        self.world.kms.replicate_key(KeyId=self.key, ReplicaRegion=REGIONS[1])
        self.world.engine.run_due()
        self.materials = [made["CurrentKeyMaterialId"]]
        self.rotating = False
        self.sealed: list[bytes] = []

    def refused(self, region: str, name: str, **request: Any) -> str:
        try:
            self.answer = getattr(self.clients[region], name)(KeyId=self.key, **request)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def at(self, place: int, *first: str) -> str:
        """Return a Region that has the key; one of `first` in two of three cases."""
        wanted = [region for region in first if region in self.regions]
        known = wanted if wanted and place % 3 else sorted(self.regions)
        return known[place % len(known)]

    def leaving(self) -> list[str]:
        return [name for name, here in self.regions.items() if here.state in GOING]

    def expected(self, region: str, *allowed: str) -> str:
        """What an operation that some states allow should be refused with in a Region."""
        here = self.regions.get(region)
        if here is None:
            return "NotFoundException"
        if here.state in allowed:
            return ""
        return "DisabledException" if here.state == DISABLED else "KMSInvalidStateException"

    def of_primary(self, region: str, *allowed: str) -> str:
        """The same of an operation on primary keys alone."""
        if region in self.regions and region != self.primary:
            return "UnsupportedOperationException"
        return self.expected(region, *allowed)

    @SOMEWHERE
    @rule(place=PLACES, to=REGION)
    def replicate(self, place: int, to: str) -> None:
        at = self.at(place, self.primary)
        code = self.refused(at, "replicate_key", ReplicaRegion=to)
        refusal = self.of_primary(at, ENABLED)
        if not refusal and self.rotating:
            refusal = "KMSInvalidStateException"
        if not refusal and to in self.regions:
            refusal = "AlreadyExistsException"
        assert code == refusal
        if not code:
            self.regions[to] = Here(CREATING, ENABLED)

    @SOMEWHERE
    @rule(place=PLACES, to=REGION)
    def move_primary(self, place: int, to: str) -> None:
        at = self.at(place, self.primary)
        code = self.refused(at, "update_primary_region", PrimaryRegion=to)
        refusal = self.of_primary(at, ENABLED, UPDATING)
        if not refusal and self.rotating:
            refusal = "KMSInvalidStateException"
        if not refusal and to == at:
            refusal = "UnsupportedOperationException"
        assert code == (refusal or self.expected(to, ENABLED, UPDATING))
        if code:
            return
        self.primary = to
        for region in (at, to):
            here = self.regions[region]
            here.state, here.after = UPDATING, here.after or here.state

    @SOMEWHERE
    @rule(place=PLACES, state=st.sampled_from((ENABLED, DISABLED)))
    def switch(self, place: int, state: str) -> None:
        at = self.at(place)
        code = self.refused(at, "enable_key" if state == ENABLED else "disable_key")
        assert code == self.expected(at, ENABLED, DISABLED)
        if not code:
            self.regions[at].state = state

    @precondition(lambda self: len(self.leaving()) < len(self.regions))
    @rule(place=PLACES, days=st.integers(7, 9))
    def schedule_deletion(self, place: int, days: int) -> None:
        at = self.at(place)
        code = self.refused(at, "schedule_key_deletion", PendingWindowInDays=days)
        assert code == self.expected(at, ENABLED, DISABLED, CREATING)
        if code:
            return
        here = self.regions[at]
        here.after = ""
        if at == self.primary and len(self.regions) > 1:
            here.state, here.window = LEAVING_LAST, days
        else:
            here.state, here.deletion = LEAVING, self.clock.now() + timedelta(days=days)
        assert self.answer.get("DeletionDate") == here.deletion
        assert self.answer["KeyState"] == here.state

    @SOMEWHERE
    @rule()
    def let_go(self) -> None:
        """Delete the key in every Region, as soon as may be."""
        for place in range(len(self.regions)):
            self.schedule_deletion(place, 7)

    @SOMEWHERE
    @rule(place=PLACES)
    def cancel_deletion(self, place: int) -> None:
        at = self.at(place, *self.leaving())
        code = self.refused(at, "cancel_key_deletion")
        if self.regions[at].state in GOING:
            assert not code
            self.regions[at] = Here(DISABLED)
        else:
            assert code == "KMSInvalidStateException"

    @SOMEWHERE
    @rule(place=PLACES)
    def rotate(self, place: int) -> None:
        at = self.at(place, self.primary)
        code = self.refused(at, "rotate_key_on_demand")
        refusal = self.of_primary(at, ENABLED)
        if not refusal and self.rotating:
            refusal = "ConflictException"
        assert code == refusal
        self.rotating = self.rotating or not code

    @SOMEWHERE
    @rule(place=PLACES)
    def encrypt(self, place: int) -> None:
        at = self.at(place)
        code = self.refused(at, "encrypt", Plaintext=str(len(self.sealed)).encode())
        assert code == self.expected(at, ENABLED, UPDATING)
        if not code:
            self.sealed.append(self.answer["CiphertextBlob"])

    @SOMEWHERE
    @rule(place=PLACES)
    def decrypt_everything(self, place: int) -> None:
        """What one Region sealed every other one opens."""
        at = self.at(place)
        for number, blob in enumerate(self.sealed):
            code = self.refused(at, "decrypt", CiphertextBlob=blob)
            assert code == self.expected(at, ENABLED, UPDATING)
            assert code or self.answer["Plaintext"] == str(number).encode()

    @rule(region=REGION)
    def ask_where_no_key_is(self, region: str) -> None:
        if region in self.regions:
            return
        assert self.refused(region, "encrypt", Plaintext=b"x") == "NotFoundException"
        assert self.refused(region, "enable_key") == "NotFoundException"
        assert self.refused(region, "cancel_key_deletion") == "NotFoundException"
        assert self.refused(region, "replicate_key", ReplicaRegion=region) == "NotFoundException"
        for blob in self.sealed:
            code = self.refused(region, "decrypt", CiphertextBlob=blob)
            assert code == "AccessDeniedException"

    @rule(days=st.sampled_from((0, 1, 9)))
    def work(self, days: int) -> None:
        """Have the worker do what is due some days later."""
        self.clock.travel(timedelta(days=days))
        self.world.engine.run_due()
        now = self.clock.now()
        primary = self.regions.get(self.primary)
        if self.rotating and primary and primary.state not in GOING:
            self.materials.append("")
            self.rotating = False
        for region, here in list(self.regions.items()):
            if here.after:
                here.state, here.after = here.after, ""
            if here.deletion is not None and here.deletion <= now:
                del self.regions[region]
        if list(self.regions) == [self.primary]:
            last = self.regions[self.primary]
            if last.state == LEAVING_LAST:
                deletion = now + timedelta(days=last.window)
                self.regions[self.primary] = Here(LEAVING, deletion=deletion)

    @invariant()
    def every_region_is_as_the_model_says(self) -> None:
        for region in REGIONS if hasattr(self, "key") else ():
            code = self.refused(region, "describe_key")
            assert code == ("" if region in self.regions else "NotFoundException")
            if not code:
                self.compare(region, self.answer["KeyMetadata"])

    def compare(self, region: str, found: dict[str, Any]) -> None:
        here = self.regions[region]
        assert found["KeyState"] == here.state
        assert found["Enabled"] == (here.state == ENABLED)
        assert found.get("DeletionDate") == here.deletion
        assert found.get("PendingDeletionWindowInDays") == (here.window or None)
        told = found["MultiRegionConfiguration"]
        assert told["MultiRegionKeyType"] == ("PRIMARY" if region == self.primary else "REPLICA")
        assert told["PrimaryKey"]["Region"] == self.primary
        replicas = {one["Region"] for one in told["ReplicaKeys"]}
        assert replicas == set(self.regions) - {self.primary}
        self.refused(region, "list_key_rotations", IncludeKeyMaterial="ALL_KEY_MATERIAL")
        listed = [one["KeyMaterialId"] for one in self.answer["Rotations"]]
        assert len(listed) == len(self.materials)
        if not self.materials[-1]:
            self.materials[-1] = listed[-1]
        assert listed == self.materials


RegionalLife.TestCase.settings = settings(max_examples=10, stateful_step_count=30, deadline=None)
TestRegionalLife = RegionalLife.TestCase


@pytest.fixture(scope="module", autouse=True)
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give all examples one world; each has a key of its own."""
    RegionalLife.clock = StillClock()
    RegionalLife.world = World(tmp_path_factory.mktemp("life") / "vault", RegionalLife.clock)
    yield
    RegionalLife.world.close()
