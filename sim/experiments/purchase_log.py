"""A purchase log: one row per purchase, read into exact numbers or refused with the places of its mistakes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from sim.errors import BadInput, Problem
from sim.experiments.csv_text import columns_called, decode, existing, field_place, placed_records, read_bytes, read_header

WHAT = "a purchase log"
MAX_PROBLEMS = 20  # shown one by one; the others are counted
MAX_WHOLE_DIGITS = 10  # so that the sum over nine million rows still fits an int64
CURRENCIES = {"amount_usd": "USD", "amount_cny": "CNY", "amount_rmb": "CNY", "amount_yuan": "CNY"}

_AMOUNT = re.compile(r"([+-]?)(\d*)\.?(\d*)", re.ASCII)
_DAY = re.compile(
    r"(\d{4})(?:([-/])(\d{1,2})\2(\d{1,2})|(\d\d)(\d\d))"
    r"(?:[T ]\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?",  # a time of day may follow and is not used
    re.ASCII,
)


@dataclass(frozen=True, eq=False)
class PurchaseLog:
    """What was read from one file.

    `purchases` has the columns customer (str), date (datetime64[s], midnight of the day), amount (int64, hundredths of
    the currency: cents, fen) and, where the file has one, store (str); its rows are in the file's order.
    `sha256` is that of the file's bytes as they stand; `currency` is "" when the amount column's name does not say it.
    """

    path: Path
    sha256: str
    currency: str
    purchases: pd.DataFrame
    warnings: tuple[str, ...]


def read_purchase_log(
    path: str | Path,
    where: Sequence[str] = (),
    *,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    store: str | None = None,
    drop_duplicates: bool = False,
) -> PurchaseLog:
    """Read the purchases of a CSV or CSV.gz file.

    `where` holds filters "COLUMN=VALUE": a row must satisfy each named column, by any of the values given for it.
    `customer`, `date`, `amount` and `store` name the columns; without them they are found by their usual names.
    Rows that repeat another row in every column are kept, or dropped on request; a warning counts them.
    Raises BadInput with the places of all mistakes in the rows that the filters leave.
    """
    path = Path(path)
    data = read_bytes(path, WHAT)
    text = decode(path, data, WHAT)
    header, header_line = read_header(path, text)
    columns = _find_columns(path, header, header_line, {"customer": customer, "date": date, "amount": amount, "store": store})
    filters = _parse_filters(path, header, where)

    table, broken = _read_table(text, len(header))
    if table.num_rows == 0 and not broken:
        raise BadInput(Problem("there is a header but not one purchase", str(path), header_line, 1))
    if not broken:  # else the filters wait: a broken row cannot be told to be outside them
        table = _filter_rows(path, table, header, filters)
    cells = [_encode(column) for column in table.columns]
    parsed = {meaning: _parse(meaning, cells[index]) for meaning, index in columns.items()}
    if broken or any(column.bad for column in parsed.values()):
        bad = {index: parsed[meaning].bad for meaning, index in columns.items()}
        problems = _locate(path, text, len(header), bad, filters)
        raise BadInput(problems or Problem("cannot be read as CSV", str(path)))

    purchases = pd.DataFrame({meaning: column.values for meaning, column in parsed.items()})
    repeated = _repeated_rows(cells)
    warnings = _repetition_warning(int(repeated.sum()), drop_duplicates)
    if drop_duplicates:
        purchases = purchases[~repeated].reset_index(drop=True)
    currency = CURRENCIES.get(header[columns["amount"]].lower(), "")
    return PurchaseLog(path, hashlib.sha256(data).hexdigest(), currency, purchases, warnings)


# From text to columns


class _Usual(NamedTuple):
    names: str
    matches: Callable[[str], bool]


_USUAL = {
    "customer": _Usual('"customer" or "customer_id"', lambda name: name in ("customer", "customer_id")),
    "date": _Usual('"date"', lambda name: name == "date"),
    "amount": _Usual('"amount" or "amount_..."', lambda name: name.startswith("amount")),
    "store": _Usual('"store"', lambda name: name == "store"),
}


def _find_columns(path: Path, header: list[str], line: int, given: Mapping[str, str | None]) -> dict[str, int]:
    """The position of each column of meaning; `store` only where there is one."""
    found: dict[str, int] = {}
    problems: list[Problem] = []
    for meaning, name in given.items():
        wanted = meaning if name is None else name
        matching = columns_called(header, name) if name is not None else _usual(header, meaning)
        if len(matching) == 1:
            found[meaning] = matching[0]
        elif matching:
            names = ", ".join(header[index] for index in matching)
            problems.append(Problem(f"which is the {meaning} column: {names}? Say --{meaning} COLUMN", str(path), line, 1))
        elif name is not None:
            problems.append(Problem(f'no column "{name}" (--{meaning}); {existing(header, wanted)}', str(path), line, 1))
        elif meaning != "store":
            message = f"no {meaning} column, and one is required: {_USUAL[meaning].names}, or say --{meaning} COLUMN"
            problems.append(Problem(f"{message}; {existing(header, wanted)}", str(path), line, 1))
    if problems:
        raise BadInput(problems)
    return found


def _usual(header: list[str], meaning: str) -> list[int]:
    plain = columns_called(header, meaning)
    return plain or [index for index, column in enumerate(header) if _USUAL[meaning].matches(column.lower())]


def _parse_filters(path: Path, header: list[str], where: Sequence[str]) -> dict[int, set[str]]:
    """Column position -> the values that a row may have there."""
    filters: dict[int, set[str]] = {}
    problems = []
    for condition in where:
        name, equals, value = condition.partition("=")
        matching = columns_called(header, name.strip())
        if not equals:
            problems.append(Problem(f"--where {condition}: write COLUMN=VALUE"))
        elif len(matching) != 1:
            many = f'several columns are called "{name.strip()}"' if matching else f'no column "{name.strip()}"'
            problems.append(Problem(f"--where {condition}: {many}; {existing(header, name)}", str(path)))
        else:
            filters.setdefault(matching[0], set()).add(value.strip())
    if problems:
        raise BadInput(problems)
    return filters


def _read_table(text: str, width: int) -> tuple[pa.Table, bool]:
    """All cells as text, without the rows that are broken, and whether there are any."""
    broken = []

    def skip(row: pacsv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    names = [f"f{index}" for index in range(width)]  # the header's own names may be repeated, so it is read as a row
    try:
        table = pacsv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=pacsv.ReadOptions(column_names=names),
            parse_options=pacsv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            convert_options=pacsv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid:
        return pa.table({name: pa.array([], pa.string()) for name in names}), True
    return table.slice(1), bool(broken)


def _filter_rows(path: Path, table: pa.Table, header: list[str], filters: dict[int, set[str]]) -> pa.Table:
    for index, values in filters.items():
        trimmed = pc.utf8_trim_whitespace(table.column(index))
        kept = table.filter(pc.is_in(trimmed, pa.array(sorted(values))))
        if kept.num_rows == 0:
            there = sorted(pc.unique(trimmed).to_pylist())
            listed = ", ".join(there[:5]) + (f" and {len(there) - 5:,} others" if len(there) > 5 else "")
            asked = " or ".join(f"{header[index]}={value}" for value in sorted(values))
            raise BadInput(Problem(f"--where {asked} matches no row; the values of that column are {listed}", str(path)))
        table = kept
    return table


# From columns of text to values: each distinct text is parsed once


class _Parsed(NamedTuple):
    values: Any  # an array, one value a row; None where a text is bad
    bad: dict[str, str]  # text -> what is wrong with it


def _encode(column: pa.ChunkedArray) -> pa.DictionaryArray:
    return column.combine_chunks().dictionary_encode()


def _parse(meaning: str, cells: pa.DictionaryArray) -> _Parsed:
    parser = _PARSERS[meaning]
    values: list[Any] = []
    bad = {}
    for text in cells.dictionary.to_pylist():
        try:
            values.append(parser(text.strip()))
        except ValueError as error:
            bad[text] = str(error)
    return _Parsed(None if bad else _array(meaning, values).take(cells.indices.to_numpy()), bad)


def _array(meaning: str, values: list[Any]) -> Any:
    if meaning == "date":
        return (np.array([day.toordinal() for day in values]) - _EPOCH).astype("datetime64[D]").astype("datetime64[s]")
    return np.array(values, dtype=np.int64) if meaning == "amount" else pd.array(values, dtype="str")


def parse_customer(text: str) -> str:
    """A customer's id. Raises ValueError where it is empty."""
    if not text:
        raise ValueError("the customer is empty")
    return text


def parse_day(text: str) -> date:
    """The day of `2024-01-31`, `2024/1/31` or `20240131`, a time of day after it left aside. Raises ValueError."""
    match = _DAY.fullmatch(text)
    if match is None:
        given = f'"{text}" is not a date' if text else "the date is empty"
        raise ValueError(f"{given}: write it as 2024-01-31")
    year, _, month, day, *compact = match.groups()
    if month is None:
        month, day = compact
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError(f'"{text}" is not a day of the calendar') from None


def parse_amount(text: str) -> int:
    """An amount in hundredths, exact: "11.77" -> 1177. Raises ValueError."""
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        given = f'"{text}" is not an amount' if text else "the amount is empty"
        raise ValueError(f"{given}: write digits with at most two decimals, such as 11.77")
    sign, whole, decimals = match[1], match[2].lstrip("0"), match[3].rstrip("0")
    if len(decimals) > 2:
        raise ValueError(f'"{text}" has more than two decimals: round it to hundredths')
    if len(whole) > MAX_WHOLE_DIGITS:
        raise ValueError(f'"{text}" is too large for one purchase: at most {MAX_WHOLE_DIGITS} digits before the point')
    hundredths = int(whole + decimals.ljust(2, "0"))
    if sign == "-" and hundredths:
        raise ValueError(f'"{text}" is negative: a refund is not a purchase, leave its row out')
    return hundredths


_PARSERS: dict[str, Callable[[str], Any]] = {
    "customer": parse_customer,
    "date": parse_day,
    "amount": parse_amount,
    "store": str,
}
_EPOCH = date(1970, 1, 1).toordinal()


def _repeated_rows(cells: list[pa.DictionaryArray]) -> np.ndarray:
    """Which rows are equal in every column to an earlier one."""
    if any(len(column.dictionary) == len(column) for column in cells):
        return np.zeros(len(cells[0]), dtype=bool)  # one column alone, say an order number, tells all rows apart
    return pd.DataFrame({index: column.indices.to_numpy() for index, column in enumerate(cells)}).duplicated().to_numpy()


def _repetition_warning(count: int, dropped: bool) -> tuple[str, ...]:
    if count == 0:
        return ()
    rows = "1 row that repeats another exactly is" if count == 1 else f"{count:,} rows that repeat another exactly are"
    return (f"{rows} {'dropped' if dropped else 'kept (--drop-duplicates drops them)'}",)


# From what is wrong to where it is


def _locate(
    path: Path, text: str, width: int, bad: Mapping[int, Mapping[str, str]], filters: Mapping[int, set[str]]
) -> list[Problem]:
    """Read the rows once more, this time with their lines, and list the first mistakes."""
    problems = []
    total = 0
    for line, row, lines in islice(placed_records(text), 1, None):
        for field, message in _mistakes(row, width, bad, filters):
            total += 1
            if total <= MAX_PROBLEMS:
                below, column = field_place("".join(lines), field)
                problems.append(Problem(message, str(path), line + below, column))
    if total > MAX_PROBLEMS:
        problems.append(Problem(f"... and {total - MAX_PROBLEMS:,} more", str(path)))
    return problems


def _mistakes(
    row: list[str], width: int, bad: Mapping[int, Mapping[str, str]], filters: Mapping[int, set[str]]
) -> Iterator[tuple[int, str]]:
    """(field, message) of one record."""
    if not row:
        yield 0, "cannot be read from here on: is a quote left open?"
    elif len(row) != width:
        yield 0, f"the row has {len(row)} field{'s' * (len(row) > 1)}, the header has {width}"
    elif all(row[index].strip() in values for index, values in filters.items()):
        for field in sorted(bad):
            if row[field] in bad[field]:
                yield field, bad[field][row[field]]
