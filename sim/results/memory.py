"""Whether a run fits into the memory that there is: said before anything is allocated."""

from __future__ import annotations

import resource
from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.engine.cuts import cuts
from sim.engine.size import PROGRAM, predicted
from sim.errors import BadInput, Problem
from sim.scenario.load import Scenario

LARGE = 1_000_000_000  # bytes; what a run needs is told from here on
SHOWN = 3  # groups
CGROUPS = (  # a limit, what is used of it
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def needed(scenario: Scenario, threads: int, shards: int | None, events: str = "none") -> dict[str, int]:
    """Bytes of a run by what they are for, the largest first."""
    return predicted(scenario, len(cuts(scenario.consumers, threads, shards)) - 1, events)


def available() -> int | None:
    """Bytes that this process and those that it starts may still take; None: nobody says."""
    limits = [limit for limit in (_of_machine(), *_of_groups(), _of_process()) if limit is not None]
    return min(limits, default=None)


def check(runs: Sequence[dict[str, int]], at_once: int = 1) -> None:
    """Refuse, by BadInput, runs of which so many at a time do not fit into the memory that there is.

    Of a single run the program is in memory already; several have processes of their own.
    """
    room = available()
    largest = sorted((sum(groups.values()) for groups in runs), reverse=True)[:at_once]
    if room is None or sum(largest) - (PROGRAM if at_once == 1 else 0) <= room:
        return
    groups = max(runs, key=lambda groups: sum(groups.values()))
    several = f"{len(largest)} runs at once need" if at_once > 1 else "this run needs"
    words = f"{several} about {told(sum(largest))} of memory, there are {told(room)}: {largest_of(groups)}"
    fewer = "run fewer at once, or " if at_once > 1 else ""
    raise BadInput(Problem(f"{words}; {fewer}lower 'consumers', or use a larger machine"))


def largest_of(groups: dict[str, int]) -> str:
    """What takes most of the memory, in words."""
    most = [f"{name} {told(size)}" for name, size in groups.items()][:SHOWN]
    return f"most of it {', '.join(most)}"


def told(size: float) -> str:
    """A number of bytes as people say it."""
    return f"{size / 1e9:.1f} GB" if size >= LARGE / 10 else f"{size / 1e6:.0f} MB"


def _of_machine() -> int | None:
    return next((kilobytes * 1024 for kilobytes in _fields("/proc/meminfo", "MemAvailable")), None)


def _of_groups() -> Iterable[int]:
    """What the control groups of this process, as a container has them, leave."""
    for limit, used in CGROUPS:
        try:
            text = Path(limit).read_text().strip()
            if text != "max":
                yield max(0, int(text) - int(Path(used).read_text()))
        except (OSError, ValueError):
            pass


def _of_process() -> int | None:
    """What is left of the address space that this process may have."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return None
    return max(0, limit - next((kilobytes * 1024 for kilobytes in _fields("/proc/self/status", "VmSize")), 0))


def _fields(path: str, name: str) -> Iterable[int]:
    """The number of each line `name: number` of one of Linux's text files; none where there is no such file."""
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return []
    return [int(line.split()[1]) for line in lines if line.startswith(f"{name}:")]
