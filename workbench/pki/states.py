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
    REVOKED = "revoked"


def state_at(known: Facts, moment: datetime) -> State:
    """Return the state of a certificate at a moment, revocation left aside.

    See `state_between`.
    """
    certificate = known.certificate
    return state_between(certificate.not_valid_before_utc, certificate.not_valid_after_utc, moment)


def state_between(
    start: datetime, end: datetime, moment: datetime, revoked: datetime | None = None
) -> State:
    """Return the state at a moment of what is valid from `start` to `end` (RFC 5280 §4.1.2.5).

    Both ends belong to the validity. A certificate is expiring in its last 30 days, or in the last
    tenth of a validity so short that a tenth is less than that. One that was revoked stays so, also
    after its end.

    Args:
        start: notBefore.
        end: notAfter.
        moment: when.
        revoked: since when it is revoked, or None.
    """
    if revoked is not None and moment >= revoked:
        return State.REVOKED
    if moment < start:
        return State.NOT_YET_VALID
    if moment > end:
        return State.EXPIRED
    whole = max(end - start, timedelta(0))
    return State.EXPIRING if end - moment <= min(SOON, whole * LAST_PART) else State.VALID
