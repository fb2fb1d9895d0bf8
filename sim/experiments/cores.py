"""How many runs can be at work at a time."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path

GROUPS = (  # what the control groups of a process, as a container has them, grant: microseconds in each period of so many
    ("/sys/fs/cgroup/cpu.max",),
    ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us"),
)


def cores() -> int:
    """Those that this process may use: of the machine, of its own share, of its group's."""
    own = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([own, *_of_groups()]))


def _of_groups() -> list[int]:
    found = []
    for files in GROUPS:
        with suppress(OSError, ValueError):  # there is no such group, or no limit ("max")
            granted, period = map(int, " ".join(Path(file).read_text() for file in files).split())
            if granted > 0:
                found.append(math.ceil(granted / period))
    return found
