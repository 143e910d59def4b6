"""States at the very instants where they change (RFC 5280 §4.1.2.5)."""

from datetime import datetime, timedelta

import pytest

from tests.fakes.certificates import DAY, NOW
from workbench.pki.states import LAST_PART, SOON, State, state_between

SECOND = timedelta(seconds=1)
END = NOW + 400 * DAY


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        (NOW - SECOND, State.NOT_YET_VALID),
        (NOW, State.VALID),
        (END - SOON - SECOND, State.VALID),
        (END - SOON, State.EXPIRING),
        (END, State.EXPIRING),
        (END + SECOND, State.EXPIRED),
    ],
)
def test_both_ends_belong_to_the_validity(moment: datetime, state: State) -> None:
    assert state_between(NOW, END, moment) is state


def test_a_short_validity_expires_soon_in_its_last_tenth() -> None:
    end = NOW + 10 * DAY
    edge = end - 10 * DAY * LAST_PART
    assert state_between(NOW, end, edge - SECOND) is State.VALID
    assert state_between(NOW, end, edge) is State.EXPIRING


def test_a_revocation_counts_from_its_instant_and_outlives_the_validity() -> None:
    revoked = NOW + 9 * DAY
    assert state_between(NOW, END, revoked - SECOND, revoked) is State.VALID
    assert state_between(NOW, END, revoked, revoked) is State.REVOKED
    assert state_between(NOW, END, END + DAY, revoked) is State.REVOKED


def test_an_end_before_the_start_is_never_valid() -> None:
    assert state_between(NOW, NOW - DAY, NOW) is State.EXPIRED
    assert state_between(NOW, NOW - DAY, NOW - 2 * DAY) is State.NOT_YET_VALID
