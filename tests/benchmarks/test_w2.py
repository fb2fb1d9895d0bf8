"""W2 is the whole thing: every rule family is on, and acts."""

from __future__ import annotations

import pytest

import sim
from benchmarks import w2
from sim.policies.adjust import Adjust
from sim.scenario import plugins


def test_every_built_in_rule_is_in_it() -> None:
    """`adjust` is a what-if's handle on behaviour, no rule."""
    used = {type(policy) for policy in sim.load(w2.SCENARIO).policies.values()}
    left_out = set(plugins.POLICIES.values()) - used - {Adjust}
    assert not left_out, "what exists belongs to the whole thing: add it to benchmarks/w2.yaml"


def test_it_is_the_size_that_it_says() -> None:
    scenario = sim.load(w2.SCENARIO)
    assert (len(scenario.merchants), scenario.consumers, scenario.settings.days) == (100, 1_000_000, 365)


def test_its_rules_act() -> None:
    """In 120 days, the 11th of November among them, and long enough for visits to be 90 days ago."""
    acted = sim.run(sim.load(w2.SCENARIO, consumers=16_000, days=120), seed=3, threads=1).summary["acted"]
    assert all(count > 0 for name, count in acted.items() if name.startswith("merchants."))
    idle = {name for name, count in acted.items() if name.startswith("policies.") and not count}
    assert not idle


def test_a_row_accounts_for_all_of_its_time() -> None:
    (row,) = w2.run(300, 5, 1, 7)
    assert sum(row["details"]["seconds_by_part"].values()) == pytest.approx(row["seconds"])
    assert min(row["details"]["seconds_by_part"].values()) >= 0
    assert row["events"] > 0
