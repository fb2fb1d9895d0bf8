"""Where the time of a run goes: seconds by part, each second in one part only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter, process_time


class Stopwatch:
    """A part that begins inside another stops that one's clock until it ends, so that all parts add up to the whole.

    `seconds` are those on the wall; `of_processors` those of all threads, which say more where others use the machine too.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.of_processors: dict[str, float] = {}
        self._open: list[str] = []
        self._since = (0.0, 0.0)

    @contextmanager
    def on(self, part: str) -> Iterator[None]:
        """Time what is done within as a part's."""
        self._note()
        self._open.append(part)
        try:
            yield
        finally:
            self._note()
            self._open.pop()

    def _note(self) -> None:
        now = perf_counter(), process_time()
        if self._open:
            part = self._open[-1]
            for kept, to, since in zip((self.seconds, self.of_processors), now, self._since):
                kept[part] = kept.get(part, 0.0) + to - since
        self._since = now
