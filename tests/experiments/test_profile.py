"""What rules cost: seconds add up, a family is taken away alone, the run stays as it is, noise is told. No time is judged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engine.stopwatch import Stopwatch
from sim.errors import BadInput
from sim.experiments import profile as profiles
from sim.experiments.profile import Difference, Family, Profile, families, profile, without
from sim.experiments.profile_table import render
from sim.results.run import run

MARKET = """\
days: 9
consumers: 60
past: {days: 3, short: true, policies: {caps: {}}}
behaviour:
  visits: {follow: 0.2, join: 0.3}
  sessions: {per_day: 2}
  stores: {choice: compete, consider: 0.5, browse: 0.3, discover: 0.3}
  needs: {rates: {food: {per_year: 60}}}
merchants:
  a: {industry: food, strategy: {use: plan, cycle: 1, days: [0], at: "10:00", crowd: all}}
  b: {industry: food}
policies:
  caps: {}
  grading: {}
  small: {use: benefit, amount: 100, claim: {probability: 1}}
  large: {use: benefit, amount: 500}
  late: {use: relation_prices, member: 0.1, from: 8}
  own: {use: "rules.py:Own"}
"""
OWN = """\
from sim.state.crowd import refuse
from sim.state.policy import Policy


class Own(Policy):
    def gate_message(self, crowd, task):
        return refuse(crowd.draw() < 0.5)

    def times(self, days):
        return [3_600 + 86_400 * day for day in range(days)]

    def act(self, time):
        pass
"""
STRATEGY = """\
from sim.state.policy import Strategy


class Needs(Strategy):
    def plan(self, view):
        if view.day >= 0 and view.grades is None:
            raise RuntimeError("where are they?")
        assert view.day < 0 or "small" in view.benefits
        return []
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profiled")
    (folder / "rules.py").write_text(OWN)
    (folder / "needs.py").write_text(STRATEGY)
    (folder / "market.yaml").write_text(MARKET)
    return folder


@pytest.fixture(scope="module")
def scenario(folder: Path) -> sim.Scenario:
    return sim.load(folder / "market.yaml")


@pytest.fixture(scope="module")
def ran(scenario: sim.Scenario, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Profile]:
    home = tmp_path_factory.mktemp("run") / "out"
    run(scenario, 3, home, threads=1)
    manifest = json.loads((home / "manifest.json").read_text())
    found = profile(scenario, 3, manifest, 4, threads=1, rounds=2)
    profiles.note(home, found)
    return home, found


def test_a_part_within_another_takes_its_time_away_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 1.0, 3.0, 3.5, 10.0, 11.0])
    monkeypatch.setattr("sim.engine.stopwatch.perf_counter", lambda: next(times))
    watch = Stopwatch()
    with watch.on("outer"), watch.on("inner"):
        pass
    with watch.on("inner"):
        pass
    assert watch.seconds == {"outer": 1.0 + 0.5, "inner": 2.0 + 1.0}


def test_a_part_that_fails_is_closed() -> None:
    watch = Stopwatch()
    with pytest.raises(ValueError, match="no"), watch.on("a"):
        raise ValueError("no")
    with watch.on("b"):
        pass
    assert list(watch.seconds) == ["a", "b"]


def test_a_family_is_all_policies_of_one_use(scenario: sim.Scenario) -> None:
    found = families(scenario)
    own = next(use for use in found if use.endswith("rules.py:Own"))
    assert found == {
        "benefit": ("large", "small"),
        "caps": ("caps",),
        "grading": ("grading",),
        "relation_prices": ("late",),
        own: ("own",),
    }


def test_a_family_is_taken_away_alone_and_its_past_stays(scenario: sim.Scenario) -> None:
    rest = without(scenario, ("caps",))
    assert list(rest.policies) == ["grading", "large", "late", "own", "small"]
    assert rest.past_policies == scenario.past_policies
    assert list(scenario.policies) == ["caps", "grading", "large", "late", "own", "small"]


def test_benefits_stay_for_strategies_to_name_and_are_never_in_force(scenario: sim.Scenario) -> None:
    rest = without(scenario, ("large", "small"))
    start = scenario.settings.start
    assert list(rest.policies) == list(scenario.policies)
    for name, policy in rest.policies.items():
        days = [day for day in range(9) if policy.in_force(day, start)]
        assert days == ([] if name in ("large", "small") else [8] if name == "late" else list(range(9)))


def test_host_seconds_add_up_to_those_of_merchants_and_platform(ran: tuple[Path, Profile]) -> None:
    home, found = ran
    manifest = json.loads((home / "manifest.json").read_text())
    whole = sum(family.host_seconds or 0.0 for family in found.families.values()) + sum(found.other_host_seconds.values())
    assert whole == pytest.approx(manifest["seconds_by_part"]["merchants and platform"])
    assert all(seconds >= 0 for seconds in found.other_host_seconds.values())


def test_a_family_with_host_work_of_its_own_has_it_told(ran: tuple[Path, Profile]) -> None:
    families_found = ran[1].families
    own = next(use for use in families_found if use.endswith("rules.py:Own"))
    assert all(families_found[use].host_seconds for use in ("benefit", "grading", own))
    assert families_found["caps"].host_seconds is None


def test_each_family_in_force_has_a_difference_with_its_spread(ran: tuple[Path, Profile]) -> None:
    found = ran[1]
    for use, family in found.families.items():
        if use == "relation_prices":  # from day 8 on, and the window has four days
            assert (family.difference, family.events_without, family.error) == (None, None, None)
            continue
        assert family.difference is not None
        assert family.difference.low <= family.difference.median <= family.difference.high
        assert family.events_without
        assert family.events_per_second_without
    assert found.noise.low <= found.noise.median <= found.noise.high
    assert (found.days, found.rounds) == (4, 2)


def test_the_window_is_the_run_itself_with_one_family_less(ran: tuple[Path, Profile], scenario: sim.Scenario) -> None:
    """Without caps and own gate more is delivered and read; a family that does nothing here leaves events as they are."""
    found = ran[1]
    own = next(use for use in found.families if use.endswith("rules.py:Own"))
    assert found.families["benefit"].events_without != found.events
    assert found.families[own].events_without != found.events
    assert found.events == profile(scenario, 3, manifest_of(ran[0]), 4, shards=3, rounds=1).events


def test_events_of_a_window_as_long_as_the_run_are_those_of_the_run(ran: tuple[Path, Profile], scenario: sim.Scenario) -> None:
    summary = json.loads((ran[0] / "summary.json").read_text())
    assert profile(scenario, 3, manifest_of(ran[0]), 9, rounds=1).events == summary["events"]


def manifest_of(home: Path) -> dict:
    return json.loads((home / "manifest.json").read_text())


def test_the_results_are_those_of_a_run_without_a_profile(ran: tuple[Path, Profile], scenario: sim.Scenario) -> None:
    plain = run(scenario, 3, threads=1)
    for table in ("daily", "messages", "benefits", "grades", "refusals"):
        pd.testing.assert_frame_equal(pd.read_parquet(ran[0] / f"{table}.parquet"), getattr(plain, table), check_dtype=False)


def test_the_manifest_has_it(ran: tuple[Path, Profile]) -> None:
    noted = manifest_of(ran[0])["profile"]
    assert noted == json.loads(json.dumps(ran[1].to_dict()))
    assert set(noted["families"]["benefit"]) == set(Family.__dataclass_fields__)
    assert noted["families"]["benefit"]["policies"] == ["large", "small"]


def test_by_default_the_window_is_as_long_as_it_takes_to_see_something(
    scenario: sim.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "FEWEST_DAYS", 2)

    def days(seconds: float, **past: object) -> int:
        return profiles._long_enough(scenario, {"seconds_by_part": {"consumers": seconds}, "past": past or None})

    assert days(4.5) == 2  # half a second a day
    assert days(1e9) == 2
    assert days(0.0) == days(0.1) == 9
    assert days(3.0, days=3, from_cache=False) == 4  # a quarter of a second on each of twelve days
    assert days(3.0, days=3, from_cache=True) == 3


def test_what_cannot_be_run_without_a_family_says_why(folder: Path, ran: tuple[Path, Profile]) -> None:
    needing = sim.load(folder / "market.yaml", **{"merchants.b.strategy": {"use": f"{folder / 'needs.py'}:Needs"}})
    found = profile(needing, 3, manifest_of(ran[0]), 2, threads=1, rounds=1)
    graded = found.families["grading"]
    assert graded.difference is None
    assert "where are they?" in (graded.error or "")
    assert found.families["caps"].error is found.families["benefit"].error is None
    assert "grading: cannot be taken away" in render(found)


def test_each_round_begins_with_another_variant() -> None:
    variants = list("abcde")
    orders = [profiles._turned(variants, turn) for turn in range(5)]
    assert all(sorted(order) == variants for order in orders)
    assert len({order[0] for order in orders}) == 5


def test_what_is_printed() -> None:
    """Two seconds; a family costs more than the noise, another does not, a third is not in force."""
    noise = Difference(0.01, -0.02, 0.05)
    seen = Family(("a", "b"), 0.25, Difference(0.5, 0.4, 0.625), False, 900, 600.0)
    unseen = Family(("c",), None, Difference(0.02, -0.01, 0.04), True, 1_000, 500.0)
    found = Profile(9, 5, 2.0, 1_000, noise, {"dear": seen, "cheap": unseen, "later": Family(("d",), None)}, {"books": 1.5})
    lines = [line.split() for line in render(found).splitlines()]
    assert lines[1] == ["dear", "2", "0.25", "+0.500", "+0.400", "to", "+0.625", "600"]
    assert lines[2] == ["cheap", "1", "+0.020", "~", "-0.010", "to", "+0.040", "500"]
    assert lines[3] == ["later", "1", "not", "in", "force"]
    assert lines[4] == ["(books)", "1.50"]
    assert lines[5] == ["nothing:", "the", "noise", "+0.010", "-0.020", "to", "+0.050", "500"]
    assert "9 days, 5 rounds" in render(found)


@pytest.mark.parametrize(
    ("wanted", "days", "words"),
    [
        (False, 3, "--profile-days: is the window of --profile, which was not asked for; add --profile"),
        (True, 0, "--profile-days: must be from 1 to the 9 days of the run; given 0"),
        (True, 10, "--profile-days: must be from 1 to the 9 days of the run; given 10"),
    ],
)
def test_bad_windows(scenario: sim.Scenario, wanted: bool, days: int, words: str) -> None:
    with pytest.raises(BadInput) as error:
        profiles.check(scenario, days, wanted)
    assert str(error.value) == words


def test_medians_are_of_pairs() -> None:
    cost = profiles._difference([1.0, 5.0, 2.0], [profiles.Window(s, 1) for s in (0.5, 4.75, 1.9)])
    assert np.allclose([cost.median, cost.low, cost.high], [0.25, 0.1, 0.5])
