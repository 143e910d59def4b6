"""A key's life as a state machine beside a model of it, with a clock that moves."""

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.fakes.clocks import StillClock
from tests.fakes.engine import make_bench

ENABLED, DISABLED, LEAVING, GONE = "Enabled", "Disabled", "PendingDeletion", ""
MOST_ROTATIONS = 25


class KeyLife(RuleBasedStateMachine):
    """One symmetric key; `state`, `materials` and the dates are what should be."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StillClock()
        self.bench = make_bench(Path(self.folder.name) / "vault", self.clock)
        self.kms = self.bench.kms
        self.key = self.kms.create_key()["KeyMetadata"]["KeyId"]
        self.state = ENABLED
        self.materials = 1
        self.on_demand = 0
        self.period = 0
        self.next_rotation: datetime | None = None
        self.deletion: datetime | None = None
        self.sealed: list[tuple[bytes, int]] = []

    def teardown(self) -> None:
        if hasattr(self, "bench"):
            self.bench.close()
            self.folder.cleanup()

    def refused(self, call: Any, **request: Any) -> str:
        try:
            call(KeyId=self.key, **request)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def expected(self, *, enabled_only: bool = True) -> str:
        """What a request on the key should be refused with."""
        if self.state == GONE:
            return "NotFoundException"
        if self.state == LEAVING:
            return "KMSInvalidStateException"
        return "DisabledException" if self.state == DISABLED and enabled_only else ""

    @rule()
    def encrypt(self) -> None:
        text = str(len(self.sealed)).encode()
        if self.state != ENABLED:
            assert self.refused(self.kms.encrypt, Plaintext=text) == self.expected()
            return
        answer = self.kms.encrypt(KeyId=self.key, Plaintext=text)
        self.sealed.append((answer["CiphertextBlob"], self.materials))

    @rule()
    def decrypt_everything(self) -> None:
        if self.state != ENABLED:
            return
        history = self.kms.list_key_rotations(
            KeyId=self.key, IncludeKeyMaterial="ALL_KEY_MATERIAL"
        )["Rotations"]
        for number, (blob, material) in enumerate(self.sealed):
            opened = self.kms.decrypt(CiphertextBlob=blob)
            assert opened["Plaintext"] == str(number).encode()
            assert opened["KeyMaterialId"] == history[material - 1]["KeyMaterialId"]

    @rule()
    def disable(self) -> None:
        assert self.refused(self.kms.disable_key) == self.expected(enabled_only=False)
        if self.state == ENABLED:
            self.state = DISABLED

    @rule()
    def enable(self) -> None:
        assert self.refused(self.kms.enable_key) == self.expected(enabled_only=False)
        if self.state == DISABLED:
            self.state = ENABLED

    @rule(days=st.integers(7, 30))
    def schedule_deletion(self, days: int) -> None:
        code = self.refused(self.kms.schedule_key_deletion, PendingWindowInDays=days)
        assert code == self.expected(enabled_only=False)
        if not code:
            self.state, self.deletion = LEAVING, self.clock.now() + timedelta(days=days)

    @rule()
    def cancel_deletion(self) -> None:
        code = self.refused(self.kms.cancel_key_deletion)
        if self.state == LEAVING:
            assert not code
            self.state, self.deletion = DISABLED, None
        else:
            assert code in {"NotFoundException", "KMSInvalidStateException"}

    @rule()
    def rotate(self) -> None:
        code = self.refused(self.kms.rotate_key_on_demand)
        if self.state == ENABLED and self.on_demand >= MOST_ROTATIONS:
            assert code == "LimitExceededException"
            return
        assert code == self.expected()
        if not code:
            self.bench.run_due()
            self.on_demand += 1
            self.materials += 1

    @rule(days=st.integers(90, 2560))
    def rotate_automatically(self, days: int) -> None:
        code = self.refused(self.kms.enable_key_rotation, RotationPeriodInDays=days)
        assert code == self.expected()
        if code:
            return
        base = self.clock.now()
        if self.next_rotation is not None:
            base = self.next_rotation - timedelta(days=self.period)
        self.period = days
        self.next_rotation = max(base + timedelta(days=days), self.clock.now())
        self.catch_up()

    @rule()
    def rotate_no_more(self) -> None:
        code = self.refused(self.kms.disable_key_rotation)
        assert code == self.expected()
        if not code:
            self.next_rotation = None

    @precondition(lambda self: self.state != GONE)
    @rule(days=st.integers(1, 400))
    def wait(self, days: int) -> None:
        self.clock.travel(timedelta(days=days))
        self.catch_up()

    def catch_up(self) -> None:
        """Have the worker do what is due, and the model too."""
        self.bench.run_due()
        now = self.clock.now()
        if self.state == LEAVING:
            if self.deletion is not None and self.deletion <= now:
                self.state = GONE
        elif self.state == ENABLED and self.next_rotation and self.next_rotation <= now:
            self.materials += 1
            self.next_rotation = now + timedelta(days=self.period)

    @invariant()
    def the_key_is_as_the_model_says(self) -> None:
        if not hasattr(self, "bench"):
            return
        if self.state == GONE:
            assert self.refused(self.kms.describe_key) == "NotFoundException"
            return
        self.catch_up()
        if self.state == GONE:
            return
        found = self.kms.describe_key(KeyId=self.key)["KeyMetadata"]
        assert found["KeyState"] == self.state
        assert found["Enabled"] == (self.state == ENABLED)
        assert found.get("DeletionDate") == self.deletion
        history = self.kms.list_key_rotations(
            KeyId=self.key, IncludeKeyMaterial="ALL_KEY_MATERIAL"
        )["Rotations"]
        states = [entry["KeyMaterialState"] for entry in history]
        assert states == ["NON_CURRENT"] * (self.materials - 1) + ["CURRENT"]
        assert found["CurrentKeyMaterialId"] == history[-1]["KeyMaterialId"]
        status = self.kms.get_key_rotation_status(KeyId=self.key)
        rotates = self.next_rotation is not None and self.state != LEAVING
        assert status["KeyRotationEnabled"] == rotates
        assert status.get("NextRotationDate") == (self.next_rotation if rotates else None)
        assert status.get("RotationPeriodInDays") == (self.period if rotates else None)
        assert "OnDemandRotationStartDate" not in status


KeyLife.TestCase.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
TestKeyLife = KeyLife.TestCase
