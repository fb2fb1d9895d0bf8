"""The customers' table of a declared past: each customer's own history, from `sim calibrate` or by hand."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import BadInput, Problem
from sim.state.draws import name_key

REQUIRED = ("customer", "x", "t_x", "T", "value", "n_value")
WEEK_DAYS = 7
IS_CUSTOMER = -1


@dataclass(frozen=True)
class Customers:
    """One entry per customer, in the order of the table."""

    keys: NDArray[np.uint64]  # hash of the customer's name
    x: NDArray[np.float64]  # repeat purchases
    t_x: NDArray[np.float64]  # weeks from the first to the last purchase
    observed: NDArray[np.float64]  # T, weeks from the first purchase to the end of the period
    value: NDArray[np.float64]  # mean amount of the `n_value` repeat purchases with an amount, minor units
    n_value: NDArray[np.float64]
    enter: NDArray[np.int64]  # day of a first purchase inside the run, or IS_CUSTOMER

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, part: slice) -> Customers:
        return replace(self, **{f.name: getattr(self, f.name)[part] for f in fields(self)})

    @property
    def last_day(self) -> NDArray[np.int64]:
        """Day of the last purchase, negative: the period ends with the day before the start."""
        return -1 - np.rint((self.observed - self.t_x) * WEEK_DAYS).astype(np.int64)


def read_customers(path: Path) -> Customers:
    """Read and check a table of customers."""
    try:
        table = pd.read_csv(path, dtype={"customer": str}, keep_default_na=False, na_values=[""])
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise BadInput(Problem(f"not a readable table of customers: {error}", str(path))) from error
    missing = [name for name in REQUIRED if name not in table]
    if missing:
        given = ", ".join(map(str, table.columns))
        raise BadInput(Problem(f"column {', '.join(missing)} is missing (columns: {given})", str(path), 1, 1))
    problems = list(_problems(table, str(path)))
    if problems:
        raise BadInput(problems[:20])
    if "enter" in table:
        enter = table["enter"].fillna(IS_CUSTOMER).to_numpy(np.int64)
    else:
        enter = np.full(len(table), IS_CUSTOMER)
    keys = np.fromiter((name_key(name) for name in table["customer"]), np.uint64, len(table))
    numbers = (table[name].to_numpy(np.float64) for name in REQUIRED[1:])
    return Customers(keys, *numbers, enter)


def _problems(table: pd.DataFrame, file: str) -> list[Problem]:
    """What is wrong with the rows, by line of the file."""
    found: list[Problem] = []
    for name in (*REQUIRED[1:], *(["enter"] if "enter" in table else [])):
        numbers = pd.to_numeric(table[name], errors="coerce")
        wrong = ~np.isfinite(numbers) | (numbers < 0)
        if name == "enter":
            wrong &= table[name].notna()
        found += [
            Problem(f"{name}: a number of at least 0 is needed, not {table[name].iloc[row]!r}", file, row + 2, 1)
            for row in np.flatnonzero(wrong)
        ]
    twice = table["customer"].isna() | table["customer"].duplicated()
    found += [Problem("customer: empty, or named twice", file, row + 2, 1) for row in np.flatnonzero(twice)]
    if not found:
        wrong = (table["t_x"] > table["T"]) | ((table["x"] > 0) != (table["t_x"] > 0))
        found += [
            Problem("t_x is at most T, and above 0 for those with repeat purchases only", file, row + 2, 1)
            for row in np.flatnonzero(wrong)
        ]
    return sorted(found, key=lambda problem: problem.line)
