"""A table of what happens to merchants under grading: refreshes, settings and questions, one a row, read or refused."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import BadInput, Problem
from sim.experiments.csv_text import columns_called, decode, existing, field_place, placed_records, read_bytes, read_header
from sim.policies.grading.indicators import Indicators
from sim.policies.grading.machine import Told
from sim.policies.grading.names import INDICATORS, Setting

WHAT = "a table of merchants"
MAX_PROBLEMS = 20  # shown one by one; the others are counted
REFRESH, SETTING, ASK = "refresh", "setting", "ask"
EVENTS = (REFRESH, SETTING, ASK)  # in the order in which those of one instant happen
REQUIRED = ("merchant", "time", "event")
RIGHTS = ("custom_until", "custom_ordered", "member_link", "newcomer_since")
COLUMNS = (*REQUIRED, *INDICATORS, "setting", "industry", *RIGHTS)

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COUNT = re.compile(r"(\d{1,15})(?:\.0*)?", re.ASCII)
_RATIO = re.compile(r"((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(%?)", re.ASCII)
_TRUTH = dict.fromkeys(("yes", "true", "1", "1.0"), True) | dict.fromkeys(("no", "false", "0", "0.0"), False)


class Row(NamedTuple):
    """One row, and where it is written."""

    merchant: str
    time: dt.datetime
    event: str
    indicators: Indicators | None  # of a refresh
    setting: Setting | None
    industry: str
    told: Told
    line: int
    record: str


@dataclass(frozen=True)
class GradeTable:
    """The rows in the file's order, and the positions of its columns by name."""

    path: Path
    rows: tuple[Row, ...]
    columns: Mapping[str, int]
    unused: tuple[tuple[str, int], ...]  # columns that mean nothing here, and their positions
    header_line: int

    def problem(self, row: Row, column: str, message: str) -> Problem:
        """A message about one cell."""
        return _problem(self.path, row.line, row.record, self.columns[column], message)


def read_grade_table(path: str | Path) -> GradeTable:
    """Read the rows of a CSV or CSV.gz file. Raises BadInput with the places of all mistakes."""
    path = Path(path)
    text = decode(path, read_bytes(path, WHAT), WHAT)
    header, header_line = read_header(path, text)
    columns = _find_columns(path, header, header_line)
    problems: list[Problem] = []
    rows: list[Row] = []
    lacking: dict[str, str] = {}  # columns that some row needs
    for line, cells, lines in islice(placed_records(text), 1, None):
        record = "".join(lines)
        mistakes = list(_wrong_shape(cells, header))
        if not mistakes:
            reader = _RowReader({name: cells[index].strip() for name, index in columns.items()})
            row = reader.row(line, record)
            mistakes = [(columns[name], message) for name, message in reader.mistakes.items() if name in columns]
            lacking |= {name: reader.event for name in reader.mistakes if name not in columns}
            if row is not None:
                rows.append(row)
        problems += [_problem(path, line, record, index, message) for index, message in mistakes]
    for name, event in lacking.items():
        message = f"no {name} column, and a {event} needs one; {existing(header, name)}"
        problems.insert(0, Problem(message, str(path), header_line, 1))
    unused = tuple((name, index) for index, name in enumerate(header) if index not in columns.values())
    table = GradeTable(path, tuple(rows), columns, unused, header_line)
    problems += _second_refreshes(table)
    if len(problems) > MAX_PROBLEMS:
        problems[MAX_PROBLEMS:] = [Problem(f"... and {len(problems) - MAX_PROBLEMS:,} more", str(path))]
    if problems:
        raise BadInput(problems)
    if not rows:
        raise BadInput(Problem("there is a header but not one row", str(path), header_line, 1))
    return table


def _problem(path: Path, line: int, record: str, index: int, message: str) -> Problem:
    below, column = field_place(record, index)
    return Problem(message, str(path), line + below, column)


def _find_columns(path: Path, header: list[str], line: int) -> dict[str, int]:
    found: dict[str, int] = {}
    problems = []
    for name in COLUMNS:
        called = columns_called(header, name)
        if len(called) == 1:
            found[name] = called[0]
        elif called:
            problems.append(Problem(f"there are {len(called)} columns called {name}: leave one", str(path), line, 1))
        elif name in REQUIRED:
            message = f"no {name} column, and one is required; {existing(header, name)}"
            problems.append(Problem(message, str(path), line, 1))
    if problems:
        raise BadInput(problems)
    return found


def _wrong_shape(cells: list[str], header: list[str]) -> Iterator[tuple[int, str]]:
    if not cells:
        yield 0, "cannot be read from here on: is a quote left open?"
    elif len(cells) != len(header):
        yield 0, f"the row has {len(cells)} field{'s' * (len(cells) > 1)}, the header has {len(header)}"


def _second_refreshes(table: GradeTable) -> Iterator[Problem]:
    first: dict[tuple[str, dt.datetime], int] = {}
    for row in table.rows:
        if row.event == REFRESH and first.setdefault((row.merchant, row.time), row.line) != row.line:
            words = f"a second refresh of {row.merchant} at this time; the first is in line {first[row.merchant, row.time]}"
            yield table.problem(row, "time", words)


class _RowReader:
    """Reads one row's cells, and notes by column what is wrong with them."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self._cells = cells
        self.mistakes: dict[str, str] = {}
        self.event = cells["event"]

    def row(self, line: int, record: str) -> Row | None:
        """The row; None if anything is wrong with it."""
        merchant = self._read("merchant", _name, needed=True)
        time = self._read("time", parse_time, needed=True)
        event = self._read("event", _event, needed=True)
        indicators = None
        if event == REFRESH:
            values = [self._read(name, _PARSERS[name], name in _COUNTS) for name in INDICATORS]
            indicators = Indicators(*values)
            lacks = [name for name in INDICATORS if name not in self._cells]
            self.mistakes |= dict.fromkeys(lacks, "")
        setting = self._read("setting", _setting, needed=event == SETTING)
        told = Told(
            custom_until=self._read("custom_until", _moment),
            custom_ordered=self._read("custom_ordered", _moment),
            member_link=self._read("member_link", _truth),
            newcomer_since=self._read("newcomer_since", _moment),
        )
        if self.mistakes:
            return None
        return Row(merchant, time, event, indicators, setting, self._cells.get("industry", ""), told, line, record)

    def _read(self, name: str, parser: Callable[[str], Any], needed: bool = False) -> Any:
        """What the cell means; None where it is empty or wrong."""
        text = self._cells.get(name, "")
        if not text and not needed:
            return None
        try:
            return parser(text)
        except ValueError as error:
            self.mistakes[name] = str(error)
            return None


# ---- cells; each raises ValueError with words for who wrote it


def parse_time(text: str) -> dt.datetime:
    """A time of the platform, to the second."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{_given(text, 'time')}: write it as 2021-12-16T00:00:00")
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is not a time of the calendar and the clock') from None


def _moment(text: str) -> dt.datetime:
    """A time, or 00:00 of a date."""
    return parse_time(f"{text}T00:00:00" if _DATE.fullmatch(text) else text)


def _name(text: str) -> str:
    if not text:
        raise ValueError("the merchant is empty")
    return text


def _event(text: str) -> str:
    if text not in EVENTS:
        raise ValueError(f"{_given(text, 'event')}: allowed are {', '.join(EVENTS)}")
    return text


def _setting(text: str) -> Setting:
    if text not in tuple(Setting):
        raise ValueError(f"{_given(text, 'setting')}: allowed are {', '.join(Setting)}")
    return Setting(text)


def _truth(text: str) -> bool:
    if text.lower() not in _TRUTH:
        raise ValueError(f'"{text}" is neither yes nor no')
    return _TRUTH[text.lower()]


def _count(text: str) -> int:
    match = _COUNT.fullmatch(text)
    if match is None:
        raise ValueError(f"{_given(text, 'number')}: write a whole number, such as 1200")
    return int(match[1])


def _ratio(text: str) -> float:
    """A fraction: 0.35 or 35%, which are the same number to the last bit."""
    match = _RATIO.fullmatch(text)
    if match is None:
        advice = "write a fraction, such as 0.35 or 35%; leave it empty where there is nothing to divide by"
        raise ValueError(f"{_given(text, 'ratio')}: {advice}")
    value = float(Decimal(match[1]) / (100 if match[2] else 1))
    if not math.isfinite(value):
        raise ValueError(f'"{text}" is too large')
    return value


def _part(text: str) -> float:
    """A ratio of a part to its whole."""
    value = _ratio(text)
    if value > 1:
        raise ValueError(f'"{text}" is above 1, and a part is at most the whole: write a fraction, such as 0.35 or 35%')
    return value


def _given(text: str, meaning: str) -> str:
    return f'"{text}" is no {meaning}' if text else f"the {meaning} is empty"


_COUNTS = ("online_days", "scale")
_PARSERS: dict[str, Callable[[str], Any]] = {
    "online_days": _count,
    "scale": _count,
    "gmv_share": _part,
    "quality_ratio": _part,
    "penetration": _ratio,  # may be above 1: who used a benefit need not have bought
}
