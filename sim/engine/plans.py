"""Plans of several tasks that are under way: where it is remembered whom each has reached [MSG-8]."""

from __future__ import annotations

from collections.abc import Iterable

from sim.engine.tasks import Plan, TaskBook


class PlansUnderWay:
    """Each plan of several tasks has a row of the shards' `reached` from its first send day to its last."""

    def __init__(self, rows: Iterable[tuple[Plan, int]] = ()) -> None:
        self.rows = dict(rows)

    def turn_to(self, day: int, book: TaskBook) -> list[int]:
        """Free the rows of plans that ended before the day, give rows to those that begin on it; answers these rows."""
        self.rows = {plan: row for plan, row in self.rows.items() if book.span(plan)[1] >= day}
        fresh = []
        for task in (book.tasks[row] for row in book.rows_of(day)):
            plan = book.plan_of(task)
            if plan is not None and plan not in self.rows and book.size(plan) > 1 and book.span(plan)[0] == day:
                row = min(set(range(len(self.rows) + 1)) - set(self.rows.values()))
                self.rows[plan] = row
                fresh.append(row)
        return fresh
