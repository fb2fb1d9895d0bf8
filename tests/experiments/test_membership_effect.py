"""The naive and the true effect of membership: what the one makes of selection, and how the other comes about [evidence D8]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

import sim
from sim.experiments.membership_effect import effect_of, first_invitation

SHIPPED = Path(__file__).parents[2] / "scenarios" / "membership_effect.yaml"
SELECTION, TREATMENT = "behaviour.membership.selection", "behaviour.membership.treatment"
EVEN = {"r": 1.5, "alpha": 5.0, "a": 0.8, "b": 2.4}  # rates not so unequal that a few customers make the mean


def shipped(**values: Any) -> sim.Scenario:
    return sim.load(SHIPPED).with_values(values)


def covering(runs: int, scenario: sim.Scenario, figure: str) -> tuple[int, float]:
    """In how many runs the naive interval covers the true ratio, the mean over all of them; and that."""
    found = [getattr(sim.membership_effect(scenario, seeds=[seed], threads=1), figure) for seed in range(runs)]
    true = float(np.mean([effect.true.value for effect in found]))
    return sum(effect.naive.low <= true <= effect.naive.high for effect in found), true


@pytest.mark.slow
def test_d8_without_selection_the_naive_ratio_covers_the_true_one_at_95_percent_and_with_it_hardly_ever() -> None:
    """Binomial test of the coverage over 40 runs, size 1 % two-sided; treatment as by default, so that the ratio is not 1."""
    small = shipped(**{"consumers": 600, "days": 181, "past.bg_nbd": EVEN, "policies.invitation.probability": 0.4})
    covered, true = covering(40, small.with_values({SELECTION: 0.0}), "orders")
    assert stats.binomtest(covered, 40, 0.95).pvalue > 0.01
    assert true > 1.05
    covered, _ = covering(10, small.with_values({SELECTION: 0.5}), "orders")
    assert covered <= 1


@pytest.mark.slow
@pytest.mark.parametrize("figure", ["orders", "spend"])
def test_d8_without_selection_the_naive_ratio_covers_the_true_one_among_very_unequal_customers(figure: str) -> None:
    """As above, over 150 runs of half a year, of customers like those of CDNOW."""
    covered, _ = covering(150, shipped(**{"consumers": 2_000, "days": 181, SELECTION: 0.0}), figure)
    assert stats.binomtest(covered, 150, 0.95).pvalue > 0.01


def test_d8_without_treatment_the_true_effect_is_exactly_none() -> None:
    found = sim.membership_effect(shipped(**{"consumers": 600, TREATMENT: 0.0}), 2, threads=1)
    for effect in (found.orders, found.spend):
        assert effect.true == (1.0, 1.0, 1.0)
        assert effect.naive.low > 1
        assert effect.overstated == effect.by_drop_out == (None, None, None)


@pytest.mark.slow
def test_trap_1_at_the_defaults_the_naive_comparison_is_more_than_2_times_too_large_and_the_truth_is_lower_drop_out() -> None:
    """One-sided by the bounds of the 95 % intervals, so at most 2.5 % each."""
    found = sim.membership_effect(sim.load(SHIPPED), 8)
    assert (found.since, found.days, len(found.seeds)) == (1, 365, 8)
    assert found.members + found.others == 8 * 5_000
    for effect in (found.orders, found.spend):
        assert effect.true.low > 1
        assert effect.naive_over_true.low > 2, effect
        assert effect.overstated.low > 2, effect
        assert 0.8 < effect.by_drop_out.low < effect.by_drop_out.value < 1, effect
    assert len(found.table) == 2 * 5


def test_the_estimates_of_a_few_pairs_by_hand() -> None:
    """Consumer 0 is a member of two stores, 1 of one, 2 and 3 of none."""
    consumer = np.array([0, 0, 1, 2, 3])
    member = np.array([True, True, True, False, False])
    did = np.array([[4.0, 2.0, 6.0, 1.0, 3.0], [3.0, 2.0, 4.0, 1.0, 3.0], [4.0, 2.0, 5.0, 1.0, 3.0]])
    effect = effect_of("orders", consumer, member, did)
    assert effect.naive.value == 4 / 2
    assert effect.true.value == 4 / 3
    assert effect.naive_over_true.value == pytest.approx(3 / 2)
    assert effect.overstated.value == pytest.approx(3)
    assert effect.by_drop_out.value == pytest.approx((11 / 9 - 1) / (12 / 9 - 1))
    in_naive = np.array([(6 - 2 * 4) / 12, (6 - 4) / 12, -(1 - 2) / 4, -(3 - 2) / 4])  # of each consumer, in ln of the ratio
    wide = np.exp(stats.norm.isf(0.025) * np.sqrt((in_naive**2).sum()))
    assert effect.naive[1:] == pytest.approx((2 / wide, 2 * wide))


def test_what_cannot_be_compared_is_said() -> None:
    few = shipped(consumers=200, days=20)
    assert first_invitation(few) == 1
    with pytest.raises(sim.BadInput, match="days of the run"):
        sim.membership_effect(few, 1, since=20)
    with pytest.raises(sim.BadInput, match="nobody is a member"):
        sim.membership_effect(few, 1, since=0)
    with pytest.raises(sim.BadInput, match="replications"):
        sim.membership_effect(few, 0)
