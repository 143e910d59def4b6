"""The life of a key with imported material as a state machine beside a model of it."""

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
from tests.fakes.importing import World, create, parameters, wrap

ENABLED, DISABLED, LEAVING, AWAITS, GONE = (
    "Enabled", "Disabled", "PendingDeletion", "PendingImport", "",
)  # fmt: skip
CURRENT, FORMER, NEXT = "CURRENT", "NON_CURRENT", "PENDING_ROTATION"
ALGORITHM = "RSAES_OAEP_SHA_256"
SEEDS = st.sampled_from((b"1", b"2", b"3"))
HOURS = st.integers(1, 60)


@dataclass
class Held:
    """A material the key knows."""

    seed: bytes
    id: str
    state: str
    present: bool = True
    valid_to: datetime | None = None


class ImportedKeyLife(RuleBasedStateMachine):
    """One symmetric key; `state`, `materials` and the dates are what should be."""

    world: ClassVar[World]
    clock: ClassVar[StillClock]

    @initialize(rotated=st.booleans())
    def begin(self, *, rotated: bool) -> None:
        self.kms = self.world.kms
        self.key = create(self.kms)
        self.state = AWAITS
        self.deletion: datetime | None = None
        self.materials: list[Held] = []
        self.ids: dict[bytes, str] = {}
        self.sealed: list[tuple[bytes, str]] = []
        self.new_parameters()
        if rotated:
            self.import_material(b"1", None, "NEW")
            self.import_material(b"2", None, "NEW")
            self.rotate()

    def new_parameters(self) -> None:
        self.token, self.wrapping = parameters(self.kms, self.key)
        self.token_ends = self.clock.now() + timedelta(hours=24)

    def refused(self, name: str, **request: Any) -> str:
        try:
            self.answer = getattr(self.kms, name)(KeyId=self.key, **request)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def expected(self, *allowed: str) -> str:
        """What an operation that some states allow should be refused with."""
        if self.state == GONE:
            return "NotFoundException"
        if self.state in allowed:
            return ""
        return "DisabledException" if self.state == DISABLED else "KMSInvalidStateException"

    def held(self, seed: bytes) -> Held | None:
        return next((one for one in self.materials if one.seed == seed), None)

    def in_state(self, state: str) -> Held | None:
        return next((one for one in self.materials if one.state == state), None)

    def settle(self) -> None:
        """A key can be used while every material that a ciphertext may name is there."""
        lasting = [one for one in self.materials if one.state != NEXT]
        complete = bool(lasting) and all(one.present for one in lasting)
        if complete and self.state == AWAITS:
            self.state = ENABLED
        elif not complete and self.state in {ENABLED, DISABLED}:
            self.state = AWAITS

    def lose(self, material: Held) -> None:
        if material.state == NEXT:
            self.materials.remove(material)
        else:
            material.present, material.valid_to = False, None

    @rule(seed=SEEDS, hours=st.none() | HOURS, kind=st.sampled_from(("", "NEW", "EXISTING")))
    def import_material(self, seed: bytes, hours: int | None, kind: str) -> None:
        wrapped = wrap(self.wrapping, ALGORITHM, seed * 32)
        terms: dict[str, Any] = {"ImportType": f"{kind}_KEY_MATERIAL"} if kind else {}
        valid_to = None if hours is None else self.clock.now() + timedelta(hours=hours)
        if valid_to is None:
            terms["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE"
        else:
            terms["ValidTo"] = valid_to
        code = self.refused(
            "import_key_material",
            ImportToken=self.token,
            EncryptedKeyMaterial=wrapped,
            **terms,
        )
        if refusal := self.expected(ENABLED, DISABLED, AWAITS):
            assert code == refusal
        elif self.token_ends <= self.clock.now():
            assert code == "ExpiredImportTokenException"
            self.new_parameters()
        else:
            is_new = kind == "NEW" or not (kind or self.materials)
            assert code == (self.take_new if is_new else self.take_back)(seed, valid_to)

    def take_new(self, seed: bytes, valid_to: datetime | None) -> str:
        if self.held(seed):
            return "IncorrectKeyMaterialException"
        if self.in_state(NEXT):
            return "KMSInvalidStateException"
        identity = self.answer["KeyMaterialId"]
        assert self.ids.setdefault(seed, identity) == identity
        state = NEXT if self.materials else CURRENT
        self.materials.append(Held(seed, identity, state, valid_to=valid_to))
        self.settle()
        return ""

    def take_back(self, seed: bytes, valid_to: datetime | None) -> str:
        known = self.held(seed)
        if known is None:
            return "IncorrectKeyMaterialException"
        assert self.answer["KeyMaterialId"] == known.id
        known.present, known.valid_to = True, valid_to
        self.settle()
        return ""

    @rule(seed=st.none() | SEEDS)
    def delete_material(self, seed: bytes | None) -> None:
        """Without an id it is the current one that goes."""
        wanted = self.in_state(CURRENT) if seed is None else self.held(seed)
        named = {} if seed is None else {"KeyMaterialId": self.ids.get(seed, "0" * 64)}
        code = self.refused("delete_imported_key_material", **named)
        if self.state == GONE or (wanted is None and named):
            assert code == "NotFoundException"
            return
        assert not code
        if wanted is not None and wanted.present:
            self.lose(wanted)
            self.settle()

    @rule()
    def rotate(self) -> None:
        code = self.refused("rotate_key_on_demand")
        following = self.in_state(NEXT)
        if refusal := self.expected(ENABLED):
            assert code == refusal
        elif following is None:
            assert code == "KMSInvalidStateException"
        else:
            assert not code
            self.world.engine.run_due()
            former = self.in_state(CURRENT)
            assert former is not None
            former.state, following.state = FORMER, CURRENT

    @rule()
    def encrypt(self) -> None:
        code = self.refused("encrypt", Plaintext=str(len(self.sealed)).encode())
        assert code == self.expected(ENABLED)
        if not code:
            current = self.in_state(CURRENT)
            assert current is not None
            self.sealed.append((self.answer["CiphertextBlob"], current.id))

    @rule()
    def decrypt_everything(self) -> None:
        for number, (blob, material) in enumerate(self.sealed):
            code = self.refused("decrypt", CiphertextBlob=blob)
            gone = "AccessDeniedException" if self.state == GONE else ""
            assert code == (gone or self.expected(ENABLED))
            if not code:
                assert self.answer["Plaintext"] == str(number).encode()
                assert self.answer["KeyMaterialId"] == material

    @rule(state=st.sampled_from((ENABLED, DISABLED)))
    def switch(self, state: str) -> None:
        code = self.refused("enable_key" if state == ENABLED else "disable_key")
        assert code == self.expected(ENABLED, DISABLED)
        if not code:
            self.state = state

    @rule(days=st.integers(7, 8))
    def schedule_deletion(self, days: int) -> None:
        code = self.refused("schedule_key_deletion", PendingWindowInDays=days)
        assert code == self.expected(ENABLED, DISABLED, AWAITS)
        if not code:
            self.state, self.deletion = LEAVING, self.clock.now() + timedelta(days=days)

    @rule()
    def cancel_deletion(self) -> None:
        code = self.refused("cancel_key_deletion")
        if self.state == LEAVING:
            assert not code
            self.state, self.deletion = DISABLED, None
            self.settle()
        else:
            assert code == ("KMSInvalidStateException" if self.state else "NotFoundException")

    @precondition(lambda self: self.state != GONE)
    @rule(hours=HOURS | st.just(24 * 8), worker=st.booleans())
    def wait(self, hours: int, *, worker: bool) -> None:
        """What expires is gone at once, whether the worker was by or not."""
        self.clock.travel(timedelta(hours=hours))
        now = self.clock.now()
        for one in list(self.materials):
            if one.valid_to is not None and one.valid_to <= now:
                self.lose(one)
        self.settle()
        if worker or self.deletion is not None:
            self.world.engine.run_due()
        if self.deletion is not None and self.deletion <= now:
            self.state = GONE

    @invariant()
    def the_key_is_as_the_model_says(self) -> None:
        if not hasattr(self, "key"):
            return
        code = self.refused("describe_key")
        assert code == self.expected(ENABLED, DISABLED, LEAVING, AWAITS)
        if code:
            return
        found = self.answer["KeyMetadata"]
        assert found["KeyState"] == self.state
        assert found.get("DeletionDate") == self.deletion
        current = self.in_state(CURRENT)
        assert found.get("CurrentKeyMaterialId") == (current.id if current else None)
        lasting = [one for one in self.materials if one.state != NEXT]
        dates = [one.valid_to for one in lasting if one.valid_to]
        complete = bool(lasting) and all(one.present for one in lasting)
        assert found.get("ValidTo") == (min(dates) if dates and complete else None)
        model = "KEY_MATERIAL_EXPIRES" if dates else "KEY_MATERIAL_DOES_NOT_EXPIRE"
        assert found.get("ExpirationModel") == (model if complete else None)
        self.refused("list_key_rotations", IncludeKeyMaterial="ALL_KEY_MATERIAL")
        assert [
            (e["KeyMaterialId"], e["KeyMaterialState"], e["ImportState"], e.get("ValidTo"))
            for e in self.answer["Rotations"]
        ] == [
            (one.id, one.state, "IMPORTED" if one.present else "PENDING_IMPORT", one.valid_to)
            for one in self.materials
        ]


ImportedKeyLife.TestCase.settings = settings(max_examples=10, stateful_step_count=30, deadline=None)
TestImportedKeyLife = ImportedKeyLife.TestCase


@pytest.fixture(scope="module", autouse=True)
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give all examples one world; each has a key of its own."""
    ImportedKeyLife.clock = StillClock()
    ImportedKeyLife.world = World(tmp_path_factory.mktemp("life") / "vault", ImportedKeyLife.clock)
    yield
    ImportedKeyLife.world.close()
