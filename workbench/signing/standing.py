"""Whether what a job signs with is still good: asked before each file, looked up now and then.

Owns how often. Must not know what may be wrong.
"""

import threading
from collections.abc import Callable
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from workbench.base.clock import Clock
from workbench.base.errors import Refused

_SECONDS: Final = 2.0


class StillGood:
    """Asks a question again when its answer is some seconds old. Thread-safe.

    Args:
        ask: raises `Refused` where it is not good any more.
        clock: how old an answer is.
    """

    def __init__(self, ask: Callable[[], None], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._until: float | None = None
        self._refusal: Refused | None = None

    def require(self) -> None:
        """Refuse what is not good; who comes while another asks goes on with the answer before.

        Raises:
            Refused: with the reason, from then on always.
            Locked, NotFound: it could not be asked; it is asked again the next time.
        """
        until = self._until
        if until is None or self._clock.monotonic() >= until:
            self._look(wait=until is None)
        refusal = self._refusal
        if refusal is not None:
            raise Refused(refusal.message, refusal.next_step)

    def _look(self, *, wait: bool) -> None:
        if not self._lock.acquire(blocking=wait):
            return
        try:
            if wait and self._until is not None:
                return
            self._ask()
        except Refused as error:
            self._refusal = error
            self._until = float("inf")
        except (ClientError, BotoCoreError) as error:
            # Who may sign and not look at certificates signs: nothing is known against it. Any
            # other failure passes.
            denied = isinstance(error, ClientError) and (
                error.response["Error"].get("Code") == "AccessDeniedException"
            )
            self._until = float("inf") if denied else self._clock.monotonic() + _SECONDS
        else:
            self._until = self._clock.monotonic() + _SECONDS
        finally:
            self._lock.release()
