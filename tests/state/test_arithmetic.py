"""Our own exp, log and what is built on them: as good as the system's, and the same bits wherever they run."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import every_function as ours
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]


def ulps_apart(one: Floats, other: Floats) -> int:
    """The largest distance in units in the last place; numbers of one sign."""
    assert (np.signbit(one) == np.signbit(other)).all()
    return int(np.abs(one.view(np.int64) - other.view(np.int64)).max())


def system(function: object, x: Floats) -> Floats:
    return np.array([function(value) for value in x])  # type: ignore[operator]


def around(points: Floats, steps: int = 3) -> Floats:
    """Points and their nearest neighbours on both sides."""
    near = [points]
    below = above = points
    for _ in range(steps):
        below, above = np.nextafter(below, -np.inf), np.nextafter(above, np.inf)
        near += [below, above]
    return np.concatenate(near)


@pytest.fixture(scope="module")
def random() -> np.random.Generator:
    return np.random.default_rng(5)


class TestExp:
    def test_is_within_one_ulp_over_the_whole_range(self, random: np.random.Generator) -> None:
        parts_of_ln2 = np.arange(-130_740, 130_924) * (math.log(2) / 128)  # where the reduction changes, and its middles
        x = np.concatenate([random.uniform(-708, 709, 100_000), random.normal(0, 1, 50_000), around(parts_of_ln2, 1)])
        x = x[(x >= -708) & (x <= 709)]
        assert ulps_apart(ours.exp(x), system(math.exp, x)) <= 1

    def test_of_small_arguments(self) -> None:
        x = np.concatenate([10.0 ** -np.arange(1, 310), -(10.0 ** -np.arange(1, 310))])
        assert ulps_apart(ours.exp(x), system(math.exp, x)) <= 1

    def test_edges(self) -> None:
        x = np.array([0.0, -0.0, -708.0, np.nextafter(-708.0, -np.inf), -1e300, -np.inf])
        assert ours.exp(x).tolist() == [1.0, 1.0, math.exp(-708.0), 0.0, 0.0, 0.0]

    def test_is_held_above_709(self) -> None:
        held = ours.exp(np.array([709.0, 709.5, 1e6, np.inf]))
        assert np.isfinite(held).all()
        assert len(set(held)) == 1


class TestLog:
    def test_is_within_one_ulp_over_the_whole_range(self, random: np.random.Generator) -> None:
        x = np.concatenate(
            [
                np.ldexp(random.uniform(1, 2, 100_000), random.integers(-1_022, 1_024, 100_000)),
                around(np.ldexp(1.0, np.arange(-1_021, 1_024))),
                around(np.ldexp(math.sqrt(2), np.arange(-1_021, 1_023))),  # where the reduction changes
                random.uniform(0.5, 2, 50_000),
            ]
        )
        x = x[x != 1]
        assert ulps_apart(ours.log(x), system(math.log, x)) <= 1

    def test_edges(self) -> None:
        assert ours.log(np.array([1.0]))[0] == 0.0
        x = np.array([sys.float_info.min, sys.float_info.max, 1 - 2.0**-53, 1 + 2.0**-52, 2.0**-53])
        assert ulps_apart(ours.log(x), system(math.log, x)) <= 1

    def test_undoes_exp(self, random: np.random.Generator) -> None:
        x = random.uniform(-700, 700, 10_000)
        assert ours.log(ours.exp(x)) == pytest.approx(x, rel=1e-15, abs=4e-16)


class TestWhatIsBuiltOnThem:
    def test_sigmoid(self, random: np.random.Generator) -> None:
        x = np.concatenate([random.uniform(-700, 700, 20_000), random.normal(0, 4, 20_000)])
        assert ours.sigmoid(x) == pytest.approx(special.expit(x), rel=1e-15, abs=0)
        assert ours.sigmoid(np.array([0.0, 800.0, -800.0])).tolist() == [0.5, 1.0, 0.0]

    def test_exponential(self, random: np.random.Generator) -> None:
        u = np.concatenate([random.uniform(0, 1, 20_000), [0.0, 2.0**-53, 1 - 2.0**-53]])
        assert ours.exponential(u, 12.5) == pytest.approx(-12.5 * system(math.log, 1 - u), rel=1e-15, abs=0)

    def test_normal_quantile(self, random: np.random.Generator) -> None:
        """AS 241 promises about 1 part in 10**16."""
        tails = 2.0 ** -np.arange(2, 54)
        u = np.concatenate([random.uniform(0, 1, 50_000), tails, 1 - tails, around(np.array([0.075, 0.925]))])
        assert ours.normal_quantile(u) == pytest.approx(special.ndtri(u), rel=4e-15, abs=1e-15)
        assert ours.normal_quantile(np.array([0.5]))[0] == 0.0

    def test_normal_quantile_is_odd(self) -> None:
        u = np.arange(1, 2**12) / 2**12  # 1 - u is exact
        assert (ours.normal_quantile(u) == -ours.normal_quantile(1 - u)).all()


def test_interpreted_functions_give_the_same_bits(tmp_path: Path) -> None:
    given = ours.inputs()
    np.savez(tmp_path / "inputs.npz", **given)
    command = [sys.executable, str(Path(ours.__file__)), str(tmp_path / "inputs.npz"), str(tmp_path / "outputs.npz")]
    subprocess.run(command, check=True, env=os.environ | {"NUMBA_DISABLE_JIT": "1"})
    compiled = ours.outputs(given)
    interpreted = dict(np.load(tmp_path / "outputs.npz"))
    assert compiled.keys() == interpreted.keys()
    for name, values in compiled.items():
        assert (values.view(np.int64) == interpreted[name].view(np.int64)).all(), name
