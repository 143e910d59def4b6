"""How a set-up ends early, with the exit codes that the scripts' headers document."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the set-up, from the range of sysexits so that no command of ours has them."""

    NEEDS_HANDS = 69  # something is missing that only the person can install; the line is printed
    TRY_AGAIN = 75  # a package manager failed; its own message stands above ours


class SetupError(Exception):
    """The set-up cannot go on; says why and what to do.

    Args:
        code: exit code of the script.
        message: for the person, with the next step.
    """

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
