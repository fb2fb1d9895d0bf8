"""Plans of several tasks that are under way: where it is remembered whom each has reached [MSG-8]."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from sim.engine.tasks import Plan, TaskBook


class PlansUnderWay:
    """Each plan of several tasks has a row of the shards' `reached` from its first send day to its last."""

    def __init__(self, rows: Iterable[tuple[Plan, int]] = ()) -> None:
        self.rows = dict(rows)

    def turn_to(self, day: int, book: TaskBook) -> list[int]:
        """Free the rows of plans that ended before the day, give rows to those that begin on it; answers these rows."""
        self.rows = {plan: row for plan, row in self.rows.items() if book.span(plan)[1] >= day}
        taken = set(self.rows.values())
        free = (row for row in count() if row not in taken)
        fresh = []
        for plan in book.plans_of(day):
            if plan not in self.rows and book.span(plan)[0] == day:
                self.rows[plan] = next(free)
                fresh.append(self.rows[plan])
        return fresh
