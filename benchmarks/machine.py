"""The facts that a timing means nothing without: machine, versions, peak memory."""

from __future__ import annotations

import os
import platform
import resource
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypedDict

PACKAGES = ("sim", "numpy", "numba", "simpy", "salabim", "mesa")


class Machine(TypedDict):
    cpu: str
    cores: int
    memory_bytes: int
    system: str


class Facts(TypedDict):
    machine: Machine
    versions: dict[str, str]


def describe() -> Facts:
    """This machine and the versions that run on it."""
    return {
        "machine": {
            "cpu": _cpu(),
            "cores": len(cores()),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "system": f"{platform.system()} {platform.machine()}",
        },
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
    }


def peak_bytes() -> int:
    """The most memory that this process has held at once, in bytes."""
    # On Linux ru_maxrss starts from what the *parent* held when it started us; the kernel's own mark does not.
    mark = _field(Path("/proc/self/status"), "VmHWM")
    if mark:
        return int(mark.split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def cores() -> list[int]:
    """The cores that this process may use, which in a container can be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def keep_to(core: int) -> None:
    """Run the calling thread on `core` alone, where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


def _cpu() -> str:
    return _field(Path("/proc/cpuinfo"), "model name") or platform.processor() or "unknown"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _field(path: Path, name: str) -> str:
    """The value of the first `name: value` line of one of Linux's text files, or nothing."""
    if not path.exists():
        return ""
    for line in path.read_text().splitlines():
        label, _, value = line.partition(":")
        if label.strip() == name:
            return value.strip()
    return ""
