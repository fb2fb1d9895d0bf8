"""The command `sim` as a person starts it: a process of its own, with caches in a folder of our choice."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
SCENARIOS = ROOT / "scenarios"
SIM = (sys.executable, "-c", "from sim.cli import main; main()")


def seconds_of(
    *words: object, cache: Path | None = None, compiled: Path | None = None, program: tuple[str, ...] = SIM
) -> float:
    """How long the command takes, start to end.

    `cache` is the user's cache folder, `compiled` one for machine code alone, which else is in the cache. Raises RuntimeError,
    with what it said, if it fails.
    """
    environment = dict(os.environ)
    if cache is not None:
        environment["XDG_CACHE_HOME"] = str(cache)
        environment.pop("NUMBA_CACHE_DIR", None)
    if compiled is not None:
        environment["NUMBA_CACHE_DIR"] = str(compiled)
    began = time.perf_counter()
    done = subprocess.run([*program, *map(str, words)], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"sim {' '.join(map(str, words))}: exit code {done.returncode}: {done.stderr.strip()[-500:]}")
    return seconds


def compiled_folder() -> Path:
    """Where this installation keeps its machine code."""
    from sim import cache

    return Path(os.environ.get("NUMBA_CACHE_DIR") or cache.compiled_folder())
