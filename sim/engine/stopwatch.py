"""Where the time of a run goes: seconds by part, each second in one part only."""

from __future__ import annotations

from contextlib import AbstractContextManager
from time import perf_counter


class _Timed:
    """What is done within is a part's: made once for each part, for a day opens a score of them."""

    __slots__ = ("_part", "_watch")

    def __init__(self, watch: Stopwatch, part: str) -> None:
        self._watch, self._part = watch, part

    def __enter__(self) -> None:
        self._watch.begin(self._part)

    def __exit__(self, *_: object) -> None:
        self._watch.end()


class Stopwatch:
    """A part that begins inside another stops that one's clock until it ends, so that all parts add up to the whole."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._parts: dict[str, _Timed] = {}
        self._open: list[str] = []
        self._since = 0.0

    def on(self, part: str) -> AbstractContextManager[None]:
        """Time what is done within as a part's."""
        if part not in self._parts:
            self._parts[part] = _Timed(self, part)
            self.seconds[part] = 0.0
        return self._parts[part]

    def begin(self, part: str) -> None:
        """A part begins."""
        self._note()
        self._open.append(part)

    def end(self) -> None:
        """The part that began last ends."""
        self._note()
        self._open.pop()

    def _note(self) -> None:
        now = perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now
