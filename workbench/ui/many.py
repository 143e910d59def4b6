"""The same request for many things: one after the other in process, a few at once over a network.

Knows no widget and no service; runs on a worker.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

from workbench.ui.ports import ViewPort

T = TypeVar("T")
R = TypeVar("R")

_OVER_NETWORK: Final = 8
_CHUNK: Final = 64


def at_once(bench: ViewPort) -> int:
    """Return how many requests may be under way at once where a bench looks."""
    return _OVER_NETWORK if bench.site.aws else 1


def each(work: Callable[[T], R], things: Iterable[T], parallel: int) -> Iterator[R]:
    """Yield what `work` returns for each thing, in order; raises what it raises.

    Args:
        work: one request, or a few.
        things: taken some at a time.
        parallel: how many at once; 1 keeps to this thread.
    """
    if parallel == 1:
        yield from map(work, things)
        return
    left = iter(things)
    with ThreadPoolExecutor(parallel, "many") as pool:
        while chunk := list(islice(left, _CHUNK)):
            yield from pool.map(work, chunk)
