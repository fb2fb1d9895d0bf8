"""All functions of the consumers' own arithmetic on given inputs: in this process compiled, or, run as a script without
compilation, interpreted.

python every_function.py INPUTS.npz OUTPUTS.npz
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from sim.engine.gamma import log_gamma_quantiles
from sim.state import arithmetic, draws
from sim.state.compiled import inlined
from sim.state.quantiles import tabulated

Arrays = dict[str, np.ndarray]


def each(function: Callable, dtype: type = np.float64) -> Callable[..., np.ndarray]:
    """The function of scalars as one of arrays of equal length, compiled unless compilation is off."""

    @njit
    def one(results: np.ndarray, a: np.ndarray) -> None:
        for k in range(len(a)):
            results[k] = function(a[k])

    @njit
    def two(results: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
        for k in range(len(a)):
            results[k] = function(a[k], b[k])

    @njit
    def three(results: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> None:
        for k in range(len(a)):
            results[k] = function(a[k], b[k], c[k])

    def of_arrays(*arrays: Any) -> np.ndarray:
        given = [np.ascontiguousarray(array) for array in np.broadcast_arrays(*arrays)]
        results = np.empty(given[0].shape, dtype)
        with np.errstate(over="ignore"):  # hashes overflow by design, which only the interpreted code remarks
            (one, two, three)[len(given) - 1](results, *given)
        return results

    return of_arrays


exp, log, sigmoid = each(arithmetic.exp), each(arithmetic.log), each(arithmetic.sigmoid)
normal_quantile, exponential = each(arithmetic.normal_quantile), each(arithmetic.exponential)
draw, gamma = each(draws.draw), each(draws.gamma)
under, poisson = each(draws.under, np.uint64), each(draws.poisson, np.int64)

SHAPES = np.array([0.05, 0.3, 2.7])
QUANTILES = log_gamma_quantiles(SHAPES)


@inlined
def log_gamma_of_row(key: np.uint64, row: int) -> float:
    """The draw of a key from the row's distribution."""
    return float(tabulated(QUANTILES, row, key))


log_gamma = each(log_gamma_of_row)


def inputs() -> Arrays:
    """A few thousand values of each kind."""
    random = np.random.default_rng(1)
    return {
        "real": np.concatenate([random.uniform(-720, 720, 3_000), random.normal(0, 3, 2_000), [0.0, -0.0, -708.0, 709.0]]),
        "positive": np.exp(random.uniform(-708, 709, 4_000)),
        "unit": np.concatenate([random.uniform(0, 1, 4_000), 2.0 ** -np.arange(1, 54), 1 - 2.0 ** -np.arange(1, 54)]),
        "key": random.integers(0, 2**64, 3_000, np.uint64),
        "shape": random.uniform(1, 40, 3_000),
    }


def outputs(given: Arrays) -> Arrays:
    """What every function makes of them."""
    means = np.linspace(0, 60, len(given["unit"]))
    return {
        "exp": exp(given["real"]),
        "log": log(given["positive"]),
        "sigmoid": sigmoid(given["real"]),
        "exponential": exponential(given["unit"], 3.7),
        "normal_quantile": normal_quantile(given["unit"]),
        "under": under(given["key"], given["key"][::-1]),
        "draw": draw(given["key"], draws.READ),
        "gamma": gamma(given["key"], given["shape"]),
        "tabulated": log_gamma(given["key"], np.arange(len(given["key"])) % len(SHAPES)),
        "poisson": poisson(given["unit"], means, exp(-means)),
    }


if __name__ == "__main__":
    np.savez(sys.argv[2], **outputs(dict(np.load(sys.argv[1]))))
