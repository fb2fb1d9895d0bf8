"""How far a run is, with the time left: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from tqdm import tqdm

from sim.state.names import DAY

SECONDS_A_LINE = 15.0

tqdm.set_lock(threading.RLock())  # no bar is shared by processes: a lock for these would be left behind by one that is killed


class Progress:
    """Days done of a run, or of its past, from `begin` to `end` (s). Says nothing if it is off."""

    def __init__(self, begin: int, end: int, on: bool, name: str) -> None:
        self._begin = begin // DAY
        self._days = end // DAY - self._begin
        self._on = on
        self._name = name
        self._began = self._last = 0.0  # since the end of the first day, which may hold the compilation
        self._first = 0
        self._bar = tqdm(total=self._days, desc=name, unit="day", disable=None if on else True, leave=False)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.close()

    def at(self, now: int) -> None:
        """The run has come to `now` (s)."""
        day = now // DAY - self._begin
        if not self._bar.disable:
            self._bar.update(day - self._bar.n)
        elif self._began == 0.0:
            if day > 0:
                self._began, self._first = time.perf_counter(), day
                self._last = self._began
        elif self._on and day > self._first and time.perf_counter() - self._last > SECONDS_A_LINE:
            self._last = time.perf_counter()
            left = (self._last - self._began) / (day - self._first) * (self._days - day)
            print(f"{self._name}: day {day} of {self._days}, about {left:.0f} s left", file=sys.stderr, flush=True)
