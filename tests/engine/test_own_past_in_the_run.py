"""What goes over from a simulated past into the run, and what does not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engine.simulation import Simulation
from sim.results import tables
from sim.results.events import table

DAY = 86_400
RECORDING = f"{Path(__file__).with_name('recording_plugin.py')}:Recording"
QUIET = {"sessions": {"per_day": 0}, "stores": {"known": 1}, "needs": None, "opt_out": None}
LIVELY = {
    "sessions": {"per_day": 0.4},
    "stores": {"known": 2, "choice": "any_known"},
    "needs": None,
    "visits": {"follow": 0.1, "join": 0.1},
    "orders": {"own": {"base": 0.02}},
    "opt_out": None,
}


class Told:
    """A run with its whole log."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        scenario = {"days": 8, "consumers": 3, "behaviour": QUIET, "merchants": {"store": {}}, **settings}
        (folder / "world.yaml").write_text(json.dumps(scenario), encoding="utf-8")
        self.scenario = sim.load(folder / "world.yaml")
        rows: list[np.ndarray] = []
        self.simulation = Simulation(self.scenario, 1, 1, 2, "all", rows.append)
        self.simulation.run()
        self.events = table(np.concatenate(rows), self.simulation.tasks.plans).to_pandas()
        self.daily = tables.daily(self.simulation)
        self.summary = tables.summary(self.simulation, self.daily)

    def of(self, kind: str) -> pd.DataFrame:
        return self.events[self.events["kind"] == kind]


def past(days: int, **policies: Any) -> dict[str, Any]:
    return {"days": days, "short": days < 365, "policies": policies}


def test_msg_3_the_window_reaches_back_across_the_start(tmp_path: Path) -> None:
    """Delivered on day -3 with one per 7 days: refused until day 4. The message of day 0 is one that the past planned."""
    told = Told(
        tmp_path,
        past=past(10, caps={"store_limit": 1, "store_days": 7}),
        policies={"caps": {"store_limit": 1, "store_days": 7}},
        merchants={
            "store": {
                "strategy": {"use": "plan", "cycle": 1, "crowd": "all"},
                "past_strategy": {"use": "plan", "cycle": 366, "days": [0, 363], "crowd": "all"},  # days 0 and -3
            }
        },
    )
    sent, blocked = (told.of(kind) for kind in ("message_sent", "message_blocked"))
    assert sorted(set(sent["time"] // DAY)) == [-3, 4]
    assert sorted(set(blocked["time"] // DAY)) == [0, 1, 2, 3, 5, 6, 7]
    assert set(blocked["reason"]) == {"store_window"}
    assert (told.summary["totals"]["messages_sent"], told.summary["totals"]["messages_refused"]) == (3, 21)
    assert told.summary["refused"] == {"store_window": 21}
    assert told.summary["acted"] == {"policies.caps": 21, "merchants.store.strategy": 8}  # asked at eight midnights


def test_msg_3_policies_of_the_past_end_with_it_and_those_of_the_run_begin(tmp_path: Path) -> None:
    silence = {"use": "caps", "store_limit": 0}
    market = {"store": {"strategy": {"use": "plan", "cycle": 1, "crowd": "all"}}}
    told = Told(tmp_path, past=past(5, silence=silence), merchants=market)
    assert sorted(set(told.of("message_sent")["time"] // DAY)) == list(range(8))
    told = Told(tmp_path, past=past(5), policies={"silence": silence | {"from": "2023-08-30"}}, merchants=market)
    assert sorted(set(told.of("message_sent")["time"] // DAY)) == list(range(-5, 0))


def test_tables_begin_at_day_0_and_stocks_carry_over(tmp_path: Path) -> None:
    """Stocks at the end of each day are what all events so far, those of the past included, make of them."""
    told = Told(tmp_path, past=past(60), behaviour=LIVELY, consumers=200, merchants={"store": {"count": 3}}, days=9)
    daily = told.daily
    assert daily["day"].tolist() == [day for day in range(9) for _ in range(3)]
    assert str(daily["date"].iloc[0]) == "2023-09-01"
    for kind, stock in (("follow", "fans"), ("join", "members")):
        times = told.of(kind)["time"]
        assert (times < 0).sum() > 20
        expected = [(times < (day + 1) * DAY).sum() for day in range(9)]
        assert daily.groupby("day")[stock].sum().tolist() == expected
    orders = told.of("order")
    in_run = orders[orders["time"] >= 0]
    assert 0 < len(in_run) < len(orders)
    assert daily["orders"].sum() == told.summary["totals"]["orders"] == len(in_run)
    assert orders["ref"].is_unique
    sessions = told.of("session")["time"]
    assert told.summary["counts"]["sessions"] == (sessions >= 0).sum() < len(sessions)


def test_msg_1_old_customers_are_those_of_365_days_before_and_after_the_start(tmp_path: Path) -> None:
    """The stock at the end of day d: who has ordered on one of the days d - 364 .. d; the log has all that matters."""
    told = Told(
        tmp_path, past=past(364), behaviour=LIVELY | {"orders": {"own": {"base": 0.005}}}, consumers=80, days=420,
        merchants={"store": {"count": 2}},
    )  # fmt: skip
    orders = told.of("order").assign(day=lambda events: events["time"] // DAY)
    assert (orders["day"] < 0).sum() > 30
    for day in range(0, 420, 7):
        lately = orders[(orders["day"] >= day - 364) & (orders["day"] <= day)]
        stock = told.daily[told.daily["day"] == day]["old_customers"].sum()
        assert stock == len(lately[["consumer", "merchant"]].drop_duplicates()), day


def test_segments_are_by_what_was_bought_in_the_past(tmp_path: Path) -> None:
    told = Told(
        tmp_path, past=past(60), behaviour=LIVELY | {"orders": {"own": {"base": 0.08}}}, consumers=200,
        merchants={"store": {"count": 3}},
    )  # fmt: skip
    orders = told.of("order")
    before = orders[orders["time"] < 0].groupby("consumer").size().reindex(range(200), fill_value=0)
    expected = [(before.between(low, high)).sum() for low, high in ((0, 0), (1, 3), (4, 11), (12, 1_000))]
    segments = tables.segments(told.simulation)
    assert segments["consumers"].tolist() == [count for count in expected if count > 0]
    assert len(segments) >= 2
    assert segments["orders"].sum() == (orders["time"] >= 0).sum() > 0


def test_the_log_of_a_past_is_as_long_as_the_longest_window(tmp_path: Path) -> None:
    """The last 365 days; a task of the first of these was created the day before."""
    told = Told(
        tmp_path, past=past(400), behaviour=QUIET | {"sessions": {"per_day": 3}}, days=2, consumers=30,
        merchants={"store": {"strategy": {"use": "plan", "cycle": 1, "crowd": "all"}}},
    )  # fmt: skip
    days = told.events["time"] // DAY
    assert sorted(set(days[told.events["kind"] == "message_sent"])) == list(range(-365, 2))
    assert set(days[told.events["kind"] == "session"]) == set(range(-365, 2))
    assert min(days) == -366
    assert set(told.events["kind"][days == -366]) == {"task"}
    assert set(told.of("message_sent")["ref"]) | {2 * 100} == set(told.of("task")["ref"])  # the last one, after the end
    ordered = told.events[["time", "consumer", "seq"]]
    assert ordered.equals(ordered.sort_values(["time", "consumer", "seq"], ignore_index=True))


def test_merchants_remember_their_past(tmp_path: Path) -> None:
    """Figures since the first day of the past, yesterday's last [T+1]; tasks of the past whose effects are there [MSG-15]."""
    told = Told(tmp_path, past=past(6), days=3, merchants={"store": {"strategy": {"use": RECORDING}}})
    seen = sys.modules[type(told.scenario.merchants[0].strategy).__module__].SEEN
    assert [view.day for view in seen] == list(range(-7, 3))
    for view in seen:
        known = max(view.day + 6, 0)
        assert len(view.figures["visits"]) == len(view.stocks["members"]) == known
        # sent at 10:00: seen from 12:00 of the next day on, so at the midnight after that
        assert [task.time // DAY for task in view.tasks] == list(range(-6, view.day - 1))
        assert all(task.sent == 3 for task in view.tasks)
    seen.clear()


@pytest.mark.parametrize("before", ["same", None])
def test_who_sends_nothing_in_its_past_begins_on_day_1(tmp_path: Path, before: str | None) -> None:
    """What is sent on day 0 was planned on the day before; the run's own strategy is asked first at its first midnight."""
    store = {"strategy": {"use": "plan", "cycle": 1, "crowd": "all"}, "past_strategy": before}
    told = Told(tmp_path, past=past(4), merchants={"store": store})
    assert sorted(set(told.of("message_sent")["time"] // DAY)) == list(range(-4 if before == "same" else 1, 8))


def test_msg_9_and_14_rules_that_look_back_on_everything_have_all_of_the_past_logged(tmp_path: Path) -> None:
    for rule, first in ((None, -366), ("old_customers", -390), ("dedicated_service", -400), ("algorithm_filter", -400)):
        rules = {} if rule is None else {rule: {"bought_days": 390} if rule == "old_customers" else {}}
        told = Told(tmp_path, past=past(400), policies=rules, days=1, behaviour=QUIET | {"sessions": {"per_day": 9}})
        days = told.of("session")["time"] // DAY
        assert max(first, -400) <= min(days) <= max(first, -400) + 2, rule


def test_msg_15_effects_of_what_the_past_planned_are_late_by_the_rules_of_the_send_day(tmp_path: Path) -> None:
    """Planned on day -1, sent on day 0, which is a promotion's in the run: a run from the kept past sees it as late."""
    settings = {
        "past": past(3),
        "merchants": {"store": {"strategy": {"use": "plan", "cycle": 1, "crowd": "all"}}},
        "policies": {"effect_data": {"promotions": ["2023-09-01"]}},
    }
    plain = Told(tmp_path, **settings | {"policies": {}})
    promoted = Told(tmp_path, **settings)
    shared = Simulation(plain.scenario, 1, 1, 2)
    shared.run(until=0)
    again = Simulation(promoted.scenario, 1, 1, 2, resumed=shared.snapshot())
    again.run()
    for simulation, noon in ((plain.simulation, 36), (promoted.simulation, 60), (again, 60)):
        (task,) = (task for task in simulation.tasks.tasks if task.message.time // DAY == 0)
        assert task.visible == noon * 3_600


def test_fatigue_of_a_long_past_is_a_number(tmp_path: Path) -> None:
    """Irritation decays from the first day on, however long ago; nothing that anybody reads is lost."""
    told = Told(
        tmp_path, past=past(3_650), days=2, consumers=20,
        behaviour=QUIET | {"reading": {"intercept": 6.0, "fatigue": {"half_life_days": 0.5}}},
        merchants={"store": {"strategy": {"use": "plan", "cycle": 1, "crowd": "all"}}},
    )  # fmt: skip
    fatigue = np.concatenate([shard.consumers["fatigue"] for shard in told.simulation.population.shards])
    assert np.isfinite(fatigue).all()
    assert len(told.of("message_read")) > 0.9 * len(told.of("message_sent"))
