"""The module's outside: power on, log in, lock, zeroize.

FIPS 140-3-style, not validated; see the package's docstring for what Python cannot promise about
memory. Owns the life of the shared core. Must not know tokens' storage or requests.
"""

from typing import TypeVar

from workbench.base.errors import IntegrityError
from workbench.hsm import pairwise, selftest
from workbench.hsm.core import Core
from workbench.hsm.officer import Officer
from workbench.hsm.selftest import SelfTestReport, SelfTestResult
from workbench.hsm.states import ModuleState, Service, require
from workbench.hsm.user import User

__all__ = ["Module", "SelfTestReport", "SelfTestResult"]

_Role = TypeVar("_Role", Officer, User)
_OPERATIONAL = ModuleState.IDLE


class Module:
    """A software module in the manner of an HSM. Thread-safe.

    Args:
        corrupt: for tests: the name of the self-test whose input is changed by one bit, which must
            then fail and latch the error state.

    Raises:
        ValueError: there is no such self-test.
    """

    def __init__(self, *, corrupt: str | None = None) -> None:
        if corrupt is not None and corrupt not in {*selftest.names(), pairwise.NAME}:
            raise ValueError(f"there is no self-test {corrupt!r}")
        self._core = Core(corrupt)
        self._report: SelfTestReport | None = None

    def __repr__(self) -> str:
        """Show the state and nothing secret."""
        return f"<Module {self.state}>"

    @property
    def state(self) -> ModuleState:
        """The module's state; while operational, the role that logged in last, else IDLE."""
        core = self._core
        return core.role if core.state is _OPERATIONAL else core.state

    @property
    def report(self) -> SelfTestReport | None:
        """What the self-tests found, or None before power-on."""
        return self._report

    def power_on(self) -> SelfTestReport:
        """Run the known-answer tests of every algorithm and become operational.

        Raises:
            IntegrityError: an answer was wrong; the error state is latched.
            Refused: the module was powered on before.
        """
        core = self._core
        with core.lock:
            require(core.state, Service.POWER_ON)
            core.state = ModuleState.SELF_TEST
        report = selftest.run(core.corrupt)
        self._report = report
        if not report.passed:
            core.latch(ModuleState.ERROR)
            failed = ", ".join(result.name for result in report.results if not result.passed)
            raise IntegrityError(
                f"The module failed its self-test ({failed}) and has stopped.",
                "Restart the program; if it happens again, run “workbench doctor”.",
            )
        core.state = _OPERATIONAL
        return report

    def officer(self) -> Officer:
        """Log in as crypto officer.

        Raises:
            Refused: the module is not operational.
        """
        return self._log_in(Officer)

    def user(self) -> User:
        """Log in as user.

        Raises:
            Refused: the module is not operational.
        """
        return self._log_in(User)

    def lock(self) -> None:
        """Forget vault key, domain keys and loaded keys, end all sessions, go back to IDLE.

        Raises:
            Refused: the module is not operational.
        """
        with self._core.lock:
            require(self._core.state, Service.LOCK)
            self._core.forget()

    def zeroize(self) -> None:
        """Erase every secret and latch ZEROIZED; possible from the error state as well.

        Raises:
            Refused: the module is off, in its self-test, or zeroized already.
        """
        with self._core.lock:
            state = self._core.state
            role = ModuleState.OFFICER if state is _OPERATIONAL else state
            require(role, Service.ZEROIZE)
            self._core.latch(ModuleState.ZEROIZED)

    def _log_in(self, session: type[_Role]) -> _Role:
        core = self._core
        with core.lock:
            require(core.state, Service.LOG_IN)
            core.role = session.role
            return session(core)
