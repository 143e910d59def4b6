"""What is read of a key's last use, and how it is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.fakes.engine import make_bench
from workbench.base.clock import TravelClock
from workbench.ui.panes.keys.last_uses import (
    UNKNOWN_ORDER,
    LastUse,
    read_last_use,
    read_last_uses,
)
from workbench.ui.widgets.texts import NOTHING

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{code} said so"}}, "GetKeyLastUsage")


class Answers:
    """A KMS that answers what it is told to, and counts how many ask at once."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self._lock = Lock()

    def get_key_last_usage(self, **request: Any) -> Any:
        del request
        with self._lock:
            answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_real_keys(tmp_path: Path) -> None:
    clock = TravelClock(NOON)
    bench = make_bench(tmp_path / "vault", clock)
    try:
        used, never = (bench.kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
        clock.travel(timedelta(days=2))
        bench.kms.encrypt(KeyId=used, Plaintext=b"x")
        clock.travel(timedelta(days=3))
        found = read_last_uses(bench.kms, [used, never], 1)
        assert found[used] == LastUse(NOON + timedelta(days=2), "Encrypt")
        assert found[used].text(clock.now()) == "3 days ago"
        assert found[used].tip().startswith("Encrypt\n")
        assert found[never] == LastUse()
        assert found[never].text(clock.now()) == "Never"
        assert found[never].tip() == "Never used since it was created"
    finally:
        bench.close()


@pytest.mark.parametrize(
    ("created", "words"),
    [(NOON - timedelta(days=900), "Not since"), (NOON, "Never"), (NOON + timedelta(1), "Never")],
)
def test_a_key_older_than_the_tracking(created: datetime, words: str) -> None:
    answer = {"KeyLastUsage": {}, "TrackingStartDate": NOON, "KeyCreationDate": created}
    use = read_last_use(Answers(answer), "k")
    assert use.text(NOON).startswith(words)
    assert ("when KMS began to note it" in use.tip()) == (words != "Never")


@pytest.mark.parametrize("code", ["AccessDeniedException", "UnsupportedOperationException"])
def test_who_may_not_ask_is_told_so(code: str) -> None:
    use = read_last_use(Answers(refused(code)), "k")
    assert (use.text(NOON), use.tip()) == (NOTHING, f"{code} said so")
    assert use.order == UNKNOWN_ORDER


def test_other_failures_are_failures() -> None:
    with pytest.raises(ClientError):
        read_last_uses(Answers(refused("ThrottlingException")), ["k"], 1)


def test_the_order_is_the_most_recent_first_and_the_unknown_last() -> None:
    wanted = [
        LastUse(NOON, "Sign"),
        LastUse(NOON - timedelta(seconds=1), "Encrypt"),
        LastUse(tracked=NOON),
        LastUse(),
        LastUse(problem="no"),
    ]
    mixed = [wanted[number] for number in (3, 4, 0, 2, 1)]
    assert sorted(mixed, key=lambda use: use.order) == wanted


def test_over_a_network_several_are_asked_at_once() -> None:
    meeting = Barrier(4, timeout=30)

    class Slow:
        def get_key_last_usage(self, **request: Any) -> Any:
            meeting.wait()  # breaks unless four ask at the same time
            return {"KeyLastUsage": {"Operation": request["KeyId"], "Timestamp": NOON}}

    keys = [f"k{number}" for number in range(8)]
    found = read_last_uses(Slow(), keys, 4)
    assert [found[key].operation for key in keys] == keys
