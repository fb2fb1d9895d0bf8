"""Tasks of one plan do not overlap, as runs of the simulator [MSG-8]."""

from __future__ import annotations

from typing import Any

import pytest
from market import Market

import sim
from sim.errors import BadInput
from sim.results.run import run

OVERLAP: dict[str, Any] = {"overlap": {}}
FANS, MEMBERS = "a 09-{day} {at} cs.custom fans summer", "a 09-{day} {at} cs.promotion members summer"


def two_crowds(scale: int) -> Market:
    """A: 1,000,000 fans; B: 500,000 members, of whom 40 % are fans: all divided by `scale`."""
    fans, members, both = (number // scale for number in (1_000_000, 500_000, 200_000))

    def declare(store: str, consumer: int) -> dict[str, int]:
        return {"fan": int(consumer < fans), "member": int(fans - both <= consumer < fans - both + members)}

    return Market(OVERLAP, consumers=fans + members - both, declare=declare)


def check_the_example(scale: int) -> None:
    """A first: B sends 300,000. B first: A sends 800,000. On one day, or a week apart."""
    a, b, both = 1_000_000 // scale, 500_000 // scale, 200_000 // scale
    market = two_crowds(scale)
    first, later = {"day": 22, "at": "10:00"}, {"day": 22, "at": "10:01"}
    assert market.counts(FANS.format(**first), MEMBERS.format(**later)) == [{"sent": a}, {"sent": b - both, "overlap": both}]
    later = {"day": 28, "at": "09:00"}
    assert market.counts(MEMBERS.format(**first), FANS.format(**later)) == [{"sent": b}, {"sent": a - both, "overlap": both}]


def test_msg_8_a_thousandth_of_a_million() -> None:
    check_the_example(scale=1_000)


@pytest.mark.slow
def test_msg_8_a_million_and_half_a_million() -> None:
    check_the_example(scale=1)


def test_msg_8_is_checked_before_the_caps() -> None:
    plans = ("a 09-22 10:00 cs.custom all x", "a 09-23 10:00 cs.custom all x", "a 09-24 10:00 cs.custom all y")
    assert Market(OVERLAP | {"caps": {}}).outcomes(*plans) == ["sent", "overlap", "store_window"]
    assert Market({"caps": {}}).outcomes(*plans) == ["sent", "store_window", "store_window"]


def test_msg_8_only_who_was_reached_is_refused() -> None:
    """The second task is refused by a cap: the third of its plan goes, the fourth does not."""
    policies = OVERLAP | {"caps": {"store_days": 2}}
    plans = ("a 09-22 10:00 cs.custom all w", *(f"a 09-{day} 10:00 cs.custom all x" for day in (23, 25, 28)))
    assert Market(policies).outcomes(*plans) == ["sent", "store_window", "sent", "overlap"]


def test_msg_8_plans_of_other_stores_and_names_are_others() -> None:
    sends = [f"{store} 09-2{2 + k} 1{k}:00 cs.custom all {plan}" for k in (0, 1) for store in "ab" for plan in "xy"]
    outcomes = Market(OVERLAP).outcomes(*sends)
    assert outcomes == [*["sent"] * 4, *["overlap"] * 4]


def test_msg_8_rows_that_remember_are_used_again() -> None:
    """Plans one after another, overlapping in time by turns: none remembers what another has reached."""
    spans = [(21, 23), (22, 25), (24, 25), (26, 28), (26, 27), (28, 29)]
    sends = [f"a 09-{day} 10:{k:02d} cs.custom all plan-{k}" for k, span in enumerate(spans) for day in span]
    assert Market(OVERLAP).outcomes(*sends) == ["sent", "overlap"] * len(spans)


def test_msg_8_counts_old_customer_scenes_only() -> None:
    sends = [
        f"a 09-{day} 10:00 {channel} all x"
        for day, channel in ((22, "cs.service"), (23, "cs.custom"), (24, "feed"), (25, "cs.service"), (26, "cs.member_day"))
    ]
    assert Market(OVERLAP).outcomes(*sends) == ["sent", "sent", "sent", "sent", "overlap"]


def test_msg_8_what_was_reached_before_the_rule_counts() -> None:
    late = {"overlap": {"from": "2023-09-24", "until": "2023-09-26"}}
    sends = [f"a 09-{day} 10:00 cs.custom all x" for day in (22, 23, 24, 25, 26)]
    assert Market(late).outcomes(*sends) == ["sent", "sent", "overlap", "overlap", "sent"]


LATE = """\
from sim.state.policy import Message, Strategy


class Late(Strategy):
    def plan(self, view):
        return [Message("summer", (view.day + 1) * 86_400 + 36_000, "cs.custom", "all")]
"""
SCENARIO = """\
days: 5
consumers: 2
behaviour: {stores: {known: 1, choice: any_known}, needs: null}
merchants: {tea: {strategy: {use: late.py:Late}}}
policies: {overlap: {}}
"""


def test_msg_8_a_task_that_comes_after_its_plan_has_begun_is_a_clear_error(tmp_path: Any) -> None:
    (tmp_path / "late.py").write_text(LATE)
    (tmp_path / "late.yaml").write_text(SCENARIO)
    with pytest.raises(BadInput, match=r"late.py:Late' of merchant 'tea': plan 'summer' .* day 1, .* plan of its own"):
        run(sim.load(tmp_path / "late.yaml"))
    assert len(run(sim.load(tmp_path / "late.yaml", policies={"overlap": None})).messages) > 0


@pytest.mark.parametrize(("plan_per", "reached"), [("task", 4), ("cycle", 2)])
def test_msg_8_the_built_in_plan_by_task_or_by_cycle(tmp_path: Any, plan_per: str, reached: int) -> None:
    """Two messages a week for two weeks: in a plan of the cycle the second is refused, and the draws are the same."""
    text = SCENARIO.replace("days: 5", "days: 14").replace(
        "{use: late.py:Late}", f"{{use: plan, days: [1, 4], crowd: all, plan_per: {plan_per}}}"
    )
    (tmp_path / "plan.yaml").write_text(text)
    done = run(sim.load(tmp_path / "plan.yaml", behaviour={"opt_out": None}), events="all")
    assert done.summary["totals"]["messages_sent"] == 2 * reached
    tasks = done.events[done.events["kind"] == "task"]
    per_plan = tasks[tasks["time"] < 14 * 86_400]["reason"].astype(str).value_counts()
    assert set(per_plan) == {4 // reached}
