"""In which state each file of a job is: a byte for each, so that a hundred thousand are found fast.

Owns that list. Must not know which states there are, or what they mean.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Final, Generic, TypeVar

_BLOCK: Final = 1024

S = TypeVar("S", bound=StrEnum)


class StateList(Generic[S]):
    """States by number. Not thread-safe.

    Args:
        kinds: every state there is, 255 at most.
    """

    def __init__(self, kinds: type[S]) -> None:
        self._all = tuple(kinds)
        self._code_of = {state: code for code, state in enumerate(self._all)}
        self._codes = bytearray()
        self._counts = [0] * len(self._all)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._codes)

    def append(self, state: S) -> None:
        """Add the state of the next number."""
        code = self._code_of[state]
        self._codes.append(code)
        self._counts[code] += 1

    def __getitem__(self, number: int) -> S:
        """Return one state."""
        return self._all[self._codes[number]]

    def __setitem__(self, number: int, state: S) -> None:
        """Change one state."""
        code = self._code_of[state]
        self._counts[self._codes[number]] -= 1
        self._counts[code] += 1
        self._codes[number] = code

    def count(self, state: S) -> int:
        """Return how many are in a state."""
        return self._counts[self._code_of[state]]

    @property
    def counts(self) -> dict[S, int]:
        """How many are in each state."""
        return dict(zip(self._all, self._counts, strict=True))

    def find(self, states: Collection[S], start: int = 0, count: int | None = None) -> list[int]:
        """Return numbers whose state is one of `states`, in order.

        Args:
            states: what is looked for.
            start: how many to pass over.
            count: how many to return at most, or None for all.
        """
        wanted = bytes(state in states for state in self._all).ljust(256, b"\0")
        marked = self._codes.translate(wanted)
        place = 0
        # Whole blocks are counted, not looked through.
        while place < len(marked) and start >= (found := marked.count(1, place, place + _BLOCK)):
            start -= found
            place += _BLOCK
        numbers: list[int] = []
        place = marked.find(1, place)
        while place >= 0 and (count is None or len(numbers) < count):
            if start:
                start -= 1
            else:
                numbers.append(place)
            place = marked.find(1, place + 1)
        return numbers
