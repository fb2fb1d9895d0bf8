"""Draws by a table of quantiles: as good as the quantiles themselves. How they are distributed: `test_draw_quality`."""

from __future__ import annotations

import every_function as ours
import numpy as np
import pytest
from scipy import special

from sim.state.quantiles import LEAST, NODES, nodes

BENT = 2.0**-12  # of a probability: what is straight between two nodes is off by less
KEYS = np.random.default_rng(5).integers(0, 2**64, 200_000, np.uint64)


def key_of(p: float, from_above: bool) -> np.uint64:
    """The key whose draw is the quantile of p, or of 1 - p, for p < 1/2 that 52 bits hold."""
    return np.uint64((int(p * 2**53) * 2 + from_above) << 11)


@pytest.mark.parametrize("row", range(len(ours.SHAPES)))
def test_a_draw_is_the_quantile_that_its_key_stands_for(row: int) -> None:
    """Of 53 bits the last says from which end the others count. Compared by what SciPy says the draw's probability is."""
    shape = ours.SHAPES[row]
    bits = KEYS >> np.uint64(11)
    p, above = (bits >> np.uint64(1)) / 2**53, (bits & np.uint64(1)) == 1
    gamma = np.exp(ours.log_gamma(KEYS, np.full(len(KEYS), row)))
    found = np.where(above, special.gammaincc(shape, gamma), special.gammainc(shape, gamma))
    seen = (gamma > 1e-300) & (p > LEAST)  # below, a Gamma draw of a small shape is no number any more
    assert seen.mean() > 0.99
    assert (np.abs(found[seen] / p[seen] - 1) < BENT).all()


@pytest.mark.parametrize("row", range(len(ours.SHAPES)))
def test_draws_rise_with_their_probability_and_end_where_the_table_ends(row: int) -> None:
    p = np.concatenate([[0, LEAST / 4, LEAST], 2.0 ** -np.arange(30, 1, -1), [0.3, 0.49, 0.5 - 2.0**-52]])
    below = ours.log_gamma(np.array([key_of(x, from_above=False) for x in p]), np.full(len(p), row))
    above = ours.log_gamma(np.array([key_of(x, from_above=True) for x in p]), np.full(len(p), row))
    assert (np.diff(below)[2:] > 0).all()
    assert (np.diff(above)[2:] < 0).all()
    assert below[0] == below[1] == ours.QUANTILES[row, 0]
    assert above[0] == above[1] == ours.QUANTILES[row, NODES]
    assert below[-1] == pytest.approx(above[-1], rel=1e-5)


def test_nodes_cut_each_half_of_what_is_left_alike() -> None:
    p = nodes()
    assert len(p) == NODES
    assert (p[0], p[-1]) == (LEAST, 0.5)
    assert (np.diff(p)[1:] >= np.diff(p)[:-1]).all()
    assert np.diff(p).max() / p[np.diff(p).argmax()] <= 1 / 32
