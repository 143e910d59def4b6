"""Known-answer self-tests, run at every power-on, before any service.

Owns how a test is run, timed, corrupted and reported. The tests are in `workbench.hsm.answers`.
Must not know sessions or states.
"""

import time
from dataclasses import dataclass
from typing import Final

from workbench.hsm.answers import elliptic, mldsa, mlkem, rsa, symmetric
from workbench.hsm.answers.form import SelfTest

SELF_TESTS: Final = (
    *symmetric.SELF_TESTS,
    *rsa.SELF_TESTS,
    *elliptic.SELF_TESTS,
    *mldsa.SELF_TESTS,
    *mlkem.SELF_TESTS,
)
"""All of them, in the order they run."""


@dataclass(frozen=True, slots=True)
class SelfTestResult:
    """How one self-test went.

    Attributes:
        name: the algorithm.
        standard: where it is defined.
        passed: whether the answer was the known one.
        microseconds: how long it took.
    """

    name: str
    standard: str
    passed: bool
    microseconds: float


@dataclass(frozen=True, slots=True)
class SelfTestReport:
    """How all self-tests went."""

    results: tuple[SelfTestResult, ...]

    @property
    def passed(self) -> bool:
        """Whether there were tests and all passed."""
        return bool(self.results) and all(result.passed for result in self.results)


def names() -> tuple[str, ...]:
    """Return the names of all self-tests, in the order they run."""
    return tuple(test.name for test in SELF_TESTS)


def run(corrupt: str | None) -> SelfTestReport:
    """Run every self-test; one that raises has failed.

    Args:
        corrupt: the name of a test whose input is to be changed by one bit, or None.
    """
    return SelfTestReport(
        tuple(_run_one(test, corrupt=test.name == corrupt) for test in SELF_TESTS)
    )


def _run_one(test: SelfTest, *, corrupt: bool) -> SelfTestResult:
    data = _flipped(test.data) if corrupt else test.data
    start = time.perf_counter_ns()
    try:
        passed = test.check(data)
    except Exception:  # noqa: BLE001 -- whatever went wrong, the answer was not the known one
        passed = False
    return SelfTestResult(test.name, test.standard, passed, (time.perf_counter_ns() - start) / 1000)


def _flipped(data: bytes) -> bytes:
    """Return the data with its last bit changed."""
    return data[:-1] + bytes([data[-1] ^ 1])
