"""When grades are refreshed, and which period a refresh looks at [GRD-2]."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MIDNIGHT = dt.time()


class Calendar(BaseModel):
    """Refreshes at 00:00 on some days of every month."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: tuple[Annotated[int, Field(ge=1, le=31)], ...] = Field(
        (1, 16),
        min_length=1,
        description="days of the month, [1] for a monthly cycle; one that a month lacks is its last day [GRD-2]",
    )

    def is_refresh(self, time: dt.datetime) -> bool:
        """Whether grades are refreshed at this very instant."""
        return time.time() == MIDNIGHT and time.day in self._of_month(time.year, time.month)

    def next_after(self, time: dt.datetime) -> dt.datetime:
        """The first refresh strictly after `time`."""
        return next(refresh for refresh in self._from_month_of(time, 1) if refresh > time)

    def period(self, refresh: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
        """What a refresh looks at: [begin, end), from the refresh before it to itself."""
        return next(before for before in self._from_month_of(refresh, -1) if before < refresh), refresh

    def refreshes(self, begin: dt.datetime, end: dt.datetime) -> Iterator[dt.datetime]:
        """All refreshes in [begin, end)."""
        for refresh in self._from_month_of(begin, 1):
            if refresh >= end:
                return
            if refresh >= begin:
                yield refresh

    def _of_month(self, year: int, month: int) -> list[int]:
        last = monthrange(year, month)[1]
        return sorted({min(day, last) for day in self.days})

    def _from_month_of(self, time: dt.datetime, direction: int) -> Iterator[dt.datetime]:
        """Every refresh from the month of `time` on, forwards (1) or backwards (-1)."""
        month = time.year * 12 + time.month - 1
        while True:
            year, of_year = divmod(month, 12)
            for day in self._of_month(year, of_year + 1)[::direction]:
                yield dt.datetime(year, of_year + 1, day)
            month += direction


def months_after(time: dt.datetime, months: int) -> dt.datetime:
    """The same day and time some months later; the month's last day where it lacks that day."""
    year, month = divmod(time.year * 12 + time.month - 1 + months, 12)
    return time.replace(year=year, month=month + 1, day=min(time.day, monthrange(year, month + 1)[1]))
