"""An interrupt is noted once, and raised the second time."""

import os
import signal
from collections.abc import Iterator

import pytest

from workbench.cli.interrupt import Interrupt


@pytest.fixture(autouse=True)
def python_handles_interrupts() -> Iterator[None]:
    """Have Python's own handler in place, also where a shell began the tests in the background.

    Such a shell ignores SIGINT, and so does what it starts.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_is_noted_and_the_second_is_raised() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupt() as interrupt:
        os.kill(os.getpid(), signal.SIGINT)
        assert interrupt.noted
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_what_was_there_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
