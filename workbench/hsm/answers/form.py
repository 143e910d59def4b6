"""The form of a self-test."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelfTest:
    """One known-answer test.

    Attributes:
        name: the algorithm and what of it is tested.
        standard: where it is defined.
        data: the input; with one bit changed the test must fail.
        check: whether that input gives the known answer; an exception is a failure as well.
    """

    name: str
    standard: str
    data: bytes
    check: Callable[[bytes], bool]
