"""Rates that a person sets to see a client back off."""

from workbench.base.clock import Clock
from workbench.endpoint.ports import Rates


class _Bucket:
    __slots__ = ("capacity", "rate", "since", "tokens")

    def __init__(self, rate: float, now: float) -> None:
        self.rate = rate
        self.capacity = max(1.0, rate)
        self.tokens = self.capacity
        self.since = now


class Throttle:
    """A token bucket for each operation that has a rate; one second's worth may come at once.

    Args:
        clock: time's passing.
        rates: requests per second by (service, operation); none at all passes everything.
    """

    def __init__(self, clock: Clock, rates: Rates) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}
        self.set_rates(rates)

    def set_rates(self, rates: Rates) -> None:
        """Replace all rates; buckets begin full.

        Raises:
            ValueError: a rate is not above zero.
        """
        if any(not rate > 0 for rate in rates.values()):
            raise ValueError("A rate must be above zero")
        now = self._clock.monotonic()
        self._buckets = {operation: _Bucket(rate, now) for operation, rate in rates.items()}

    def admits(self, service: str, operation: str) -> bool:
        """Whether one more request may pass now; it is counted when it may."""
        bucket = self._buckets.get((service, operation))
        if bucket is None:
            return True
        now = self._clock.monotonic()
        gained = max(0.0, now - bucket.since) * bucket.rate
        bucket.tokens = min(bucket.capacity, bucket.tokens + gained)
        bucket.since = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True
