"""Keeps the interpreter alive under PySide6 6.12 on Python 3.11. Knows nothing else.

PySide6 6.12 is built for the stable ABI of a Python whose `None`, `True` and `False` are immortal
(PEP 683, Python 3.12): its functions that return nothing, and every `emit` of a signal, which
returns `True`, give one reference away that they never took. On 3.11 that counts down to the end:
after some thousand calls the interpreter stops with "none_dealloc: deallocating None" or
"bool_dealloc". 6.11.3 is not affected, nor is any Python from 3.12 on.
"""

import ctypes
import sys
from typing import Final

ENOUGH: Final = 1 << 48
"""References given to each: a million lost each second would last for nine years."""


def keep_constants() -> bool:
    """Give the constants more references than a session can lose; harmless where none are lost.

    Returns:
        Whether it was needed: CPython before 3.12, and not done before.
    """
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return False
    needed = False
    for constant in (None, True, False):
        if sys.getrefcount(constant) < ENOUGH // 2:
            # Up to 3.11 the first word of every object is its reference count (Include/object.h).
            count = ctypes.c_ssize_t.from_address(id(constant))
            count.value += ENOUGH
            needed = True
    return needed
