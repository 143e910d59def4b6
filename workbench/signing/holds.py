"""What makes a job wait though nobody paused it, and when it may go on by itself.

Owns the words and the question. Must not know how jobs run.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from workbench.base.errors import Refused


class NotYet(Refused):
    """A certificate's first day has not come: nothing signed now would be believed.

    Attributes:
        since: when it comes, UTC.
    """

    def __init__(self, message: str, next_step: str, since: datetime) -> None:
        super().__init__(message, next_step)
        self.since = since


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a job waits.

    Attributes:
        sentence: what is wrong.
        next_step: what to do.
        over: whether the job may go on; asked now and then.
    """

    sentence: str
    next_step: str
    over: Callable[[], bool]
