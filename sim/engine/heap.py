"""Memory that was freed goes back to the system.

A pool that grows is copied into a new array and the old one is freed. The C library keeps freed blocks of up to 32 MB for
itself; pieces of ever larger pools do not fit there, and a run of many days held half as much again as its arrays.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from functools import cache

MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of glibc's mallopt(3)
LARGE = 4 * 1024 * 1024  # bytes


@cache
def give_back_large_blocks() -> None:
    """Have each large array allocated by itself, for this process; without effect where the C library is not glibc."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(MMAP_THRESHOLD, LARGE)
