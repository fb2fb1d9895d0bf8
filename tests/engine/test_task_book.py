"""The book of tasks: ids, the order of a day's agenda, and when effects can be seen [MSG-15]."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.tasks import Task, TaskBook, group_by_merchant, visible_from
from sim.engine.world import root_key
from sim.state.names import DAY, HOUR
from sim.state.policy import Message
from sim.state.tables import MERCHANT

START = dt.datetime(2023, 5, 1)
STORES = ["b", "a", "c"]  # not in the order of names


def seconds(moment: str) -> int:
    """A moment of 2023 as seconds since the start: "05-30 09:00:00"."""
    return int((dt.datetime.fromisoformat(f"2023-{moment}") - START).total_seconds())


def book() -> TaskBook:
    return TaskBook(STORES, root_key(1))


def message(time: int, plan: str = "plan", crowd: str = "all") -> Message:
    return Message(plan, time, "cs.custom", crowd)


def sent(moment: str) -> Task:
    return book().add(0, message(seconds(moment)), created=seconds("05-28 00:00:00"))


def is_visible(task: Task, moment: str) -> bool:
    return seconds(moment) >= task.visible


class TestVisible:
    def test_msg_15_sent_in_the_morning_visible_at_noon_of_the_next_day(self) -> None:
        task = sent("05-30 09:00:00")
        assert not is_visible(task, "05-31 08:59:59")
        assert not is_visible(task, "05-31 11:59:59")
        assert is_visible(task, "05-31 12:00:00")

    def test_msg_15_sent_in_the_afternoon_visible_after_24_hours(self) -> None:
        task = sent("05-30 15:30:00")
        assert not is_visible(task, "05-31 15:29:59")
        assert is_visible(task, "05-31 15:30:00")

    def test_msg_15_both_at_noon(self) -> None:
        assert sent("05-30 12:00:00").visible == seconds("05-31 12:00:00")

    def test_msg_15_at_midnight_the_day_is_that_which_begins(self) -> None:
        assert sent("05-30 00:00:00").visible == seconds("05-31 12:00:00")

    @settings(derandomize=True)
    @given(st.integers(0, 400 * DAY))
    def test_msg_15_is_the_later_of_the_two(self, time: int) -> None:
        midnight = time - time % DAY
        bounds = (time + 24 * HOUR, midnight + 36 * HOUR)
        assert visible_from(time) == max(bounds)

    def test_msg_15_hangs_on_the_sending_not_on_the_creation(self) -> None:
        early, late = (book().add(0, message(9 * DAY), created) for created in (0, 8 * DAY))
        assert early.visible == late.visible


class TestAdding:
    def test_a_task_is_created_before_its_send_day(self) -> None:
        day = 3
        for created in (day * DAY, day * DAY + 1, 9 * DAY):
            with pytest.raises(ValueError, match="before 00:00 of its send day, day 3"):
                book().add(0, message(day * DAY + 10 * HOUR), created)
        book().add(0, message(day * DAY), created=day * DAY - 1)

    def test_a_store_has_a_hundred_tasks_a_day(self) -> None:
        full = book()
        ids = {full.add(merchant, message(DAY + k), 0).id for merchant in (0, 2) for k in range(100)}
        assert len(ids) == 200
        with pytest.raises(ValueError, match="b: more than 100 messages on day 1"):
            full.add(0, message(DAY + 5), 0)
        full.add(0, message(2 * DAY), 0)

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), max_size=30))
    def test_ids_are_unique_and_do_not_depend_on_other_stores(self, asked: list[tuple[int, int]]) -> None:
        """Each store alone gives its tasks the ids that they have among all."""
        everyone = book()
        together = [(merchant, everyone.add(merchant, message(day * DAY + k), 0).id) for k, (merchant, day) in enumerate(asked)]
        assert len({id_ for _, id_ in together}) == len(asked)
        for store in range(3):
            alone = book()
            own = [alone.add(store, message(day * DAY), 0).id for merchant, day in asked if merchant == store]
            assert own == [id_ for merchant, id_ in together if merchant == store]


def agenda(full: TaskBook, day: int) -> list[tuple[int, str, str]]:
    """A day's agenda: time, store, plan."""
    rows = full.agenda(day)
    return [(int(row["time"]), STORES[row["merchant"]], full.tasks[row["row"]].message.plan) for row in rows]


class TestAgenda:
    def test_is_ordered_by_time_creation_and_name(self) -> None:
        full = book()
        full.add(2, message(DAY + 60, "late"), created=0)
        full.add(0, message(DAY + 30, "first of b"), created=10)
        full.add(0, message(DAY + 30, "second of b"), created=10)
        full.add(1, message(DAY + 30, "of a"), created=10)
        full.add(2, message(DAY + 30, "created before"), created=5)
        full.add(1, message(2 * DAY, "another day"), created=5)
        plans = ["created before", "of a", "first of b", "second of b", "late"]
        assert [plan for _, _, plan in agenda(full, 1)] == plans
        assert agenda(full, 2) == [(2 * DAY, "a", "another day")]
        assert agenda(full, 3) == []

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 2)), max_size=12), st.randoms())
    def test_does_not_depend_on_who_asks_first(self, asked: list[tuple[int, int, int]], random: Random) -> None:
        """Stores may be asked in any order; each has its own order of asking."""
        own: dict[int, list[tuple[int, int, str]]] = {store: [] for store in range(3)}
        for k, (store, time, created) in enumerate(asked):
            own[store].append((DAY + time, created, f"{store}/{k}"))
        turns = [store for store, _, _ in asked]
        shuffled = random.sample(turns, len(turns))

        def made(order: list[int]) -> tuple[list[tuple[int, str, str]], list[int]]:
            full, queues = book(), {store: iter(tasks) for store, tasks in own.items()}
            for store in order:
                time, created, plan = next(queues[store])
                full.add(store, message(time, plan), created)
            result = agenda(full, 1)
            return result, full.agenda(1)["key"].tolist()

        assert made(turns) == made(shuffled)

    def test_a_task_is_known_by_store_plan_and_time(self) -> None:
        """Its draws are those of its identity: what the channel or the crowd is, or when it was created, changes none."""
        full = book()
        for merchant, plan, time in ((0, "x", DAY), (0, "x", DAY + 1), (0, "y", DAY), (1, "x", DAY)):
            full.add(merchant, message(time, plan), 0)
        assert len(set(full.keys.tolist())) == 4
        other = book()
        other.add(1, message(DAY + 9), 0)
        other.add(0, Message("x", DAY, "cs.promotion", "fans"), 77)
        assert other.keys[1] == full.keys[0]

    def test_grouped_by_store(self) -> None:
        full = book()
        for k, merchant in enumerate((2, 0, 2, 2)):
            full.add(merchant, message(DAY + k), 0)
        stores, rows = MERCHANT.rows(3), full.agenda(1)
        grouped = group_by_merchant(rows, stores)
        groups = [rows[grouped[m["agenda_first"] : m["agenda_first"] + m["agenda_count"]]]["time"].tolist() for m in stores]
        assert groups == [[DAY + 1], [], [DAY, DAY + 2, DAY + 3]]
