"""In which state each file of a job is: a byte for each, so that a hundred thousand are found fast.

Owns that list. Must not know what the states mean.
"""

from collections.abc import Collection
from typing import Final

from workbench.signing.work import FileState

_ALL: Final = tuple(FileState)
_CODES: Final = {state: code for code, state in enumerate(_ALL)}
_BLOCK: Final = 1024


class StateList:
    """States by number. Not thread-safe."""

    def __init__(self) -> None:
        self._codes = bytearray()
        self._counts = [0] * len(_ALL)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._codes)

    def append(self, state: FileState) -> None:
        """Add the state of the next number."""
        code = _CODES[state]
        self._codes.append(code)
        self._counts[code] += 1

    def __getitem__(self, number: int) -> FileState:
        """Return one state."""
        return _ALL[self._codes[number]]

    def __setitem__(self, number: int, state: FileState) -> None:
        """Change one state."""
        code = _CODES[state]
        self._counts[self._codes[number]] -= 1
        self._counts[code] += 1
        self._codes[number] = code

    def count(self, state: FileState) -> int:
        """Return how many are in a state."""
        return self._counts[_CODES[state]]

    @property
    def counts(self) -> dict[FileState, int]:
        """How many are in each state."""
        return dict(zip(_ALL, self._counts, strict=True))

    def find(
        self, states: Collection[FileState], start: int = 0, count: int | None = None
    ) -> list[int]:
        """Return numbers whose state is one of `states`, in order.

        Args:
            states: what is looked for.
            start: how many to pass over.
            count: how many to return at most, or None for all.
        """
        wanted = bytes(state in states for state in _ALL).ljust(256, b"\0")
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
