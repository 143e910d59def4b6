"""Coroutines of other people's libraries, run to their end."""

import asyncio
from collections.abc import Coroutine
from typing import Any


def completed(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine and return its result, which the loop's task never holds.

    In the main thread `asyncio.run` looks at the handler of SIGINT when the task is done, and in
    some Python versions that makes a `repr` of the task with its result. The `repr` of a CMS
    structure of asn1crypto takes minutes.
    """
    results = []

    async def keep() -> None:
        results.append(await coroutine)

    asyncio.run(keep())
    return results[0]
