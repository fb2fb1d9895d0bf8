"""What merchants see of their days and of their messages, and the tasks that they ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import overload

import numpy as np

from sim.engine.asked import next_asked_of, planner_of
from sim.engine.benefits import Benefits
from sim.engine.grading import Grades
from sim.engine.snapshot import Books
from sim.engine.tallies import Tallies
from sim.engine.tasks import Task, TaskBook
from sim.scenario.load import Scenario
from sim.state.names import DAY, FIGURES, STOCK_FANS, STOCK_MEMBERS, STOCK_OLD, TASK_READ_SEEN, TASK_SENT
from sim.state.policy import Act, SeenTask, Strategy, View

KNOWN_LATER = ("follows", "unfollows", "fans")  # [FAN-3]
SEEN_BY_TASK = ("messages_sent", "messages_read", "messages_refused")  # when its effect data are made [MSG-15]
HIDDEN = ("left",)  # who has dropped out does not say so
SEEN_FIGURES = {name: column for column, name in enumerate(FIGURES) if name not in (*SEEN_BY_TASK, *HIDDEN)}
SEEN_STOCKS = {"fans": STOCK_FANS, "members": STOCK_MEMBERS, "old_customers": STOCK_OLD}


class OwnDays(Mapping[str, list[int]]):
    """What a merchant sees of its own days, a number per day by name; counted only when looked at.

    Of what counts fans, the last day is not known yet: T+2 [FAN-3].
    """

    def __init__(self, days: list[np.ndarray], merchant: int, names: Mapping[str, int]) -> None:
        """`days` are (merchants, columns) each, `names` are columns by name."""
        self._days, self._merchant, self._names = days, merchant, names
        self._counted: dict[str, list[int]] = {}  # of the days so far that were looked at, by name

    def __getitem__(self, name: str) -> list[int]:
        column, counted = self._names[name], self._counted.setdefault(name, [])
        end = len(self._days) - 1 if name in KNOWN_LATER else len(self._days)
        counted += [int(of_day[self._merchant, column]) for of_day in self._days[len(counted) : max(end, 0)]]
        return counted.copy()

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class SeenTasks(Sequence[SeenTask]):
    """Those of a merchant's tasks whose effect data it can see, by send time; made only when looked at.

    Whatever happens to a message after its effect data were made is not in its figures: they do not change.
    """

    def __init__(self, book: TaskBook, tallies: Tallies, rows: list[int]) -> None:
        """Those `rows` of the book that there are by now; what is appended to them later is not seen."""
        self._book, self._tallies, self._rows, self._count = book, tallies, rows, len(rows)

    @overload
    def __getitem__(self, at: int) -> SeenTask: ...
    @overload
    def __getitem__(self, at: slice) -> list[SeenTask]: ...
    def __getitem__(self, at: int | slice) -> SeenTask | list[SeenTask]:
        of = range(self._count)[at]  # raises IndexError, as a list would
        return [self._seen(self._rows[k]) for k in of] if isinstance(of, range) else self._seen(self._rows[of])

    def __len__(self) -> int:
        return self._count

    def _seen(self, row: int) -> SeenTask:
        message, figures = self._book.tasks[row].message, self._tallies.figures[row]
        return SeenTask(message.plan, message.time, message.channel, int(figures[TASK_SENT]), int(figures[TASK_READ_SEEN]))


class Merchants:
    """All merchants of a run; each is asked at 00:00 of every day."""

    def __init__(
        self, scenario: Scenario, books: Books, tasks: TaskBook, tallies: Tallies, grades: Grades, benefits: Benefits
    ) -> None:
        """Those tasks that are in the book already will be seen once they are due."""
        self._tasks, self._tallies, self._grades, self._benefits = tasks, tallies, grades, benefits
        self._planned_by_past = planned_by_past(scenario)
        self._strategies = [merchant.strategy for merchant in scenario.merchants]
        self._of_past = [merchant.past_strategy for merchant in scenario.merchants]
        self._positions = [merchant.position for merchant in scenario.merchants]
        used = {id(s): s for s in (*self._strategies, *self._of_past) if s is not None}
        self._planners = {key: planner_of(strategy) for key, strategy in used.items()}
        self._next_asked = {key: next_asked_of(strategy) for key, strategy in used.items()}
        self.plan = len(self._planners) > 0  # whether any merchant has a strategy, now or in its past
        self._calendar_of: list[Strategy | None] = []
        self._calendar: dict[int, list[int]] = {}  # whom to ask, by day: of those to come
        everyone = range(len(scenario.merchants))
        self._figures = [OwnDays(books.figures, m, SEEN_FIGURES) for m in everyone]
        self._stocks = [OwnDays(books.stocks, m, SEEN_STOCKS) for m in everyone]
        self._seen: list[list[int]] = [[] for _ in everyone]  # rows of its tasks whose effect data it can see, by send time
        self._unseen: dict[int, list[int]] = {}  # rows of tasks whose effect data are to be seen, by day of the first 00:00
        self.will_see(0)

    def strategies(self, time: int) -> list[Strategy | None]:
        """By what each plans at a time (s)."""
        return self._of_past if time < self._planned_by_past else self._strategies

    def ask(self, day: int) -> Iterable[tuple[int, Strategy, Act]]:
        """The tasks that are asked for at 00:00 of a day and what is set then, merchant by merchant."""
        book, tallies, see_grades, see_benefits = self._tasks, self._tallies, self._grades.seen_by, self._benefits.switched_on
        for m, strategy in self._to_be_asked(day):
            tasks = SeenTasks(book, tallies, self._seen[m])
            own = self._figures[m], self._stocks[m], see_grades(m), see_benefits(m, day + 1)
            for act in self._planners[id(strategy)](View(day, self._positions[m], tasks, *own)):
                yield m, strategy, act

    def _to_be_asked(self, day: int) -> list[tuple[int, Strategy]]:
        """The merchants whose strategies are to be asked at 00:00 of a day, in their order."""
        strategies = self.strategies(day * DAY)
        if strategies is not self._calendar_of:  # the first day that we hear of, or the first after the past
            self._calendar_of, self._calendar = strategies, {}
            self._enter(range(len(strategies)), day)
        due = sorted(self._calendar.pop(day, ()))
        self._enter(due, day + 1)
        return [(m, strategy) for m in due if (strategy := strategies[m]) is not None]

    def _enter(self, merchants: Iterable[int], day: int) -> None:
        """Note on which day, not before `day`, each of the merchants is to be asked next."""
        for m in merchants:
            strategy = self._calendar_of[m]
            if strategy is not None:
                self._calendar.setdefault(self._next_asked[id(strategy)](day, self._positions[m]), []).append(m)

    def will_see(self, first: int) -> None:
        """Have the effect data of new tasks, from a row of the book on, made when they are due."""
        for row, task in enumerate(self._tasks.tasks[first:], first):
            self._unseen.setdefault(-(-task.visible // DAY), []).append(row)

    def see_effects(self, day: int) -> None:
        """Let merchants see the effect data that are due by 00:00 of a day [MSG-15]."""
        tasks, refused = self._tasks.tasks, self._tasks.refused
        for due in sorted(due for due in self._unseen if due <= day):
            for row in sorted(self._unseen.pop(due), key=lambda row: tasks[row].visible):
                if row not in refused:
                    self._see(tasks[row], row)

    def _see(self, task: Task, row: int) -> None:
        tasks, rows = self._tasks.tasks, self._seen[task.merchant]
        at = len(rows)
        while at and tasks[rows[at - 1]].message.time > task.message.time:
            at -= 1
        if at == len(rows):
            rows.append(row)
        else:  # what was seen already stays as it is
            self._seen[task.merchant] = [*rows[:at], row, *rows[at:]]


def planned_by_past(scenario: Scenario) -> int:
    """Before this time (s) merchants plan by the strategies of the past: those of day 0 are asked the day before."""
    return -DAY if scenario.own_past is None else 0
