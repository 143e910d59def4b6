"""The state of a certificate at a moment, in one word."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from workbench.pki.parse import Facts

SOON: Final = timedelta(days=30)
"""How near its end a certificate is called expiring."""

LAST_PART: Final = 0.1
"""Or which last part of its validity, if that is shorter than `SOON`."""


class State(StrEnum):
    """What a certificate is at a moment."""

    VALID = "valid"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"


def state_at(known: Facts, moment: datetime) -> State:
    """Return the state of a certificate at a moment (RFC 5280 §4.1.2.5).

    A certificate is expiring in its last 30 days, or in the last tenth of a validity so short that
    a tenth is less than that.
    """
    start = known.certificate.not_valid_before_utc
    end = known.certificate.not_valid_after_utc
    if moment < start:
        return State.NOT_YET_VALID
    if moment > end:
        return State.EXPIRED
    whole = max(end - start, timedelta(0))
    return State.EXPIRING if end - moment <= min(SOON, whole * LAST_PART) else State.VALID
