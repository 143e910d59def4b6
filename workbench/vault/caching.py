"""Reading through a cache that holds only what is committed.

Whoever owns the cache puts a new dictionary in its place when something changes or the vault locks:
a reader that has an old value meanwhile keeps it in the old one.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from workbench.vault.vault import Vault

MOST_CACHED: Final = 50_000
T = TypeVar("T")


def cached(vault: Vault, cache: dict[str, T], name: str, read: Callable[[str], T]) -> T:
    """Return what is in a cache under a name, or read it and keep it there.

    In a transaction nothing is kept nor taken from there: what is read may yet be rolled back.
    """
    if vault.in_transaction:
        return read(name)
    try:
        return cache[name]
    except KeyError:
        found = read(name)
        if len(cache) >= MOST_CACHED:
            cache.clear()
        cache[name] = found
        return found
