"""A real bench in a temporary folder: only the OS keyring and the clock are stood in for."""

from pathlib import Path

from tests.fakes.secrets import MemoryStore
from workbench.assembly import Assembly
from workbench.base.clock import TravelClock
from workbench.bench import Bench
from workbench.hsm.officer import Argon2Cost

QUICK = Argon2Cost(memory_kib=64, iterations=1, lanes=1)
"""So that tests do not wait for a cost that is meant to be felt."""


def make_bench(
    directory: Path, clock: TravelClock | None = None, secrets: MemoryStore | None = None
) -> Bench:
    """Create a vault in `directory` and return its unlocked bench."""
    assembly = Assembly(clock=clock or TravelClock(), secrets=secrets or MemoryStore(), cost=QUICK)
    bench, _ = assembly.create(directory, "correct horse battery staple")
    return bench
