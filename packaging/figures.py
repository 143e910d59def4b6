"""Figures of packaging/bench: how something is timed, and how a measurement is told.

Owns medians, spreads and aims. Must not know what is measured.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

PAIRS = 7


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement."""

    name: str
    what: str
    median: float
    lowest: float
    highest: float
    unit: str
    aim: str
    met: bool

    def line(self) -> str:
        """Return it as a line for people."""
        spread = f"{self.lowest:.3g} to {self.highest:.3g}"
        verdict = "met" if self.met else "NOT met"
        return (
            f"{self.name:<18} {self.median:8.3g} {self.unit:<4} ({spread}), aim {self.aim}: "
            f"{verdict}. {self.what}"
        )


def figure(
    name: str, what: str, values: list[float], unit: str, aim: float, *, at_least: bool
) -> Figure:
    """Return a figure from its repetitions."""
    median = statistics.median(values)
    met = median >= aim if at_least else median <= aim
    sign = "≥" if at_least else "≤"
    return Figure(
        name, what, median, min(values), max(values), unit, f"{sign} {aim:g} {unit}".strip(), met
    )


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def ratios(peer: Callable[[], object], ours: Callable[[], object], pairs: int) -> list[float]:
    """Return how many times as fast as the peer we are, pair by pair."""
    peer()
    ours()
    return [seconds(peer) / seconds(ours) for _ in range(pairs)]
