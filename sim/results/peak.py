"""The most memory that this process has held."""

from __future__ import annotations

import resource
import sys
from contextlib import suppress


def peak_bytes() -> int:
    """The most memory that this process has held, since `forget_peak` if it could."""
    with suppress(OSError, StopIteration), open("/proc/self/status", encoding="ascii") as file:
        mark = next(line for line in file if line.startswith("VmHWM:"))  # resource's begins with what the parent held
        return int(mark.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def forget_peak() -> None:
    """Let `peak_bytes` begin anew, where the system can do that (Linux)."""
    with suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")
