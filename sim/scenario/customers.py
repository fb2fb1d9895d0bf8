"""The customers' table of a declared past: each customer's own history, from `sim calibrate` or by hand."""

from __future__ import annotations

import csv
import warnings
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import BadInput, Problem
from sim.state.draws import name_key
from sim.state.names import IS_CUSTOMER

REQUIRED = ("customer", "x", "t_x", "T", "value", "n_value")
WEEK_DAYS = 7
FIRST_LINE = 2  # after the names of the columns
MOST_PROBLEMS = 20  # told of one table
LAST_DAY = 20_000  # of any run
LIMITS = {  # smallest, largest, whether whole; days and counts of orders are 16-bit numbers in the state
    "x": (0, 30_000, True),
    "t_x": (0, 4_000, False),
    "T": (0, 4_000, False),
    "value": (0, np.inf, False),
    "n_value": (0, 30_000, True),
}


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
    """Read and check a table of customers. Raises BadInput with the lines that are wrong."""
    table = _read(path)
    missing = [name for name in REQUIRED if name not in table]
    if missing:
        given = ", ".join(map(str, table.columns))
        raise BadInput(Problem(f"column {', '.join(missing)} is missing (columns: {given})", str(path), 1, 1))
    if table.empty:
        raise BadInput(Problem("there are no customers in this table", str(path), 1, 1))
    problems = _problems(table, str(path))
    if len(problems) > MOST_PROBLEMS:
        more = f"and {len(problems) - MOST_PROBLEMS:,} problems more in this table"
        problems[MOST_PROBLEMS:] = [problems[MOST_PROBLEMS]._replace(message=more)]
    if problems:
        raise BadInput(problems)
    enter = table["enter"].fillna(IS_CUSTOMER) if "enter" in table else pd.Series(IS_CUSTOMER, table.index, dtype=float)
    keys = np.fromiter((name_key(name) for name in table["customer"]), np.uint64, len(table))
    x, t_x, observed, value, n_value = (table[name].to_numpy(np.float64) for name in REQUIRED[1:])
    observed = np.where(enter == IS_CUSTOMER, observed, 0.0)  # who comes during the run has not been observed yet
    return Customers(keys, x, t_x, observed, value, n_value, np.asarray(enter, np.int64))


def _read(path: Path) -> pd.DataFrame:
    """The table as text and numbers, its index the lines of the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # rows of more fields than the first line has
            table = pd.read_csv(
                path,
                dtype={"customer": str},
                keep_default_na=False,
                na_values=[""],
                index_col=False,
                skip_blank_lines=False,
                low_memory=False,
            )
    except UnicodeDecodeError as error:
        raise BadInput(Problem(f"not UTF-8 text (byte 0x{error.object[error.start]:02x})", str(path), 1, 1)) from error
    except pd.errors.EmptyDataError as error:
        raise BadInput(Problem(f"the table is empty; its columns are {', '.join(REQUIRED)}", str(path), 1, 1)) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        raise BadInput(_malformed(path, error)) from error
    table.index += FIRST_LINE
    return table.dropna(how="all")


def _malformed(path: Path, error: Exception) -> Problem:
    """The first row that has more values than there are columns, or else what the reader says."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        columns = len(next(rows))
        for row in rows:
            if len(row) > columns:
                return Problem(f"{len(row)} values, but there are {columns} columns", str(path), rows.line_num, 1)
    return Problem(f"not a table of comma-separated values: {' '.join(str(error).split())}", str(path), 1, 1)


def _problems(table: pd.DataFrame, file: str) -> list[Problem]:
    """What is wrong with the rows, by line of the file."""
    found: list[Problem] = []

    def wrong(rows: Any, words: str, given: str | None = None) -> None:
        for line, value in zip(table.index[rows], table.loc[rows, given or "customer"], strict=True):
            shown = "nothing" if pd.isna(value) else repr(value) if isinstance(value, str) else f"{value:g}"
            found.append(Problem(words if given is None else f"{given}: must be {words}; given {shown}", file, int(line), 1))

    numbers = {name: pd.to_numeric(table[name], errors="coerce") for name in (*LIMITS, "enter") if name in table}
    for name, column in numbers.items():
        low, high, whole = LIMITS.get(name, (0, LAST_DAY, True))
        fine = column.between(low, high) & (not whole or column % 1 == 0)
        if name == "enter":
            fine |= table[name].isna()
        kind = "a whole number" if whole else "a number"
        wrong(~fine, f"{kind} of at least {low}" + (f" and at most {high}" if np.isfinite(high) else ""), name)
    wrong(table["customer"].isna(), "customer: a name is needed")
    wrong(table["customer"].notna() & table["customer"].duplicated(), "a name that no line before has", "customer")
    if not found:
        x, t_x, n_value = numbers["x"], numbers["t_x"], numbers["n_value"]
        wrong(t_x > numbers["T"], "t_x: the last purchase is at most T weeks after the first")
        wrong((x > 0) != (t_x > 0), "t_x: above 0 for those with repeat purchases (x above 0), and for them only")
        wrong(n_value > x, "n_value: at most x, for it counts repeat purchases with an amount")
        wrong((n_value > 0) & (numbers["value"] <= 0), "value: above 0 where n_value is")
        if "enter" in numbers:
            wrong(
                numbers["enter"].notna() & (x > 0), "enter: whoever has bought before (x above 0) cannot buy for the first time"
            )
    return sorted(found, key=lambda problem: problem.line)
