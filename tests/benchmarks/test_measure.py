"""How measuring copes: repeats, medians, engines that are absent, runs that fail."""

from __future__ import annotations

import pytest

from benchmarks import w1
from benchmarks.measure import Case, measure, middles
from benchmarks.rows import Row, row

NUMPY = ("benchmarks.w1_numpy", 10, 2, 1)


def taking(seconds: float) -> Row:
    return row("W1", "sim", consumers=1, threads=1, days=1, counts={}, seconds=seconds, events=1)


def test_the_run_of_median_time_is_kept_with_the_seconds_of_all() -> None:
    (middle,) = middles([[taking(3.0)], [taking(1.0)], [taking(2.0)]])
    assert middle["seconds"] == 2.0
    assert middle["seconds_of_runs"] == [1.0, 2.0, 3.0]


def test_each_case_is_repeated_as_often_as_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    failures: list[str] = []
    rows = measure([[Case("once", w1.run, NUMPY, "numpy", 1), Case("twice", w1.run, NUMPY, "numpy", 2)]], failures)
    assert [len(row["seconds_of_runs"]) for row in rows] == [1, 2]
    assert rows[0]["counts"] == rows[1]["counts"]
    assert failures == []
    said = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert said == ["once, run 1 of 1", "twice, run 1 of 2", "twice, run 2 of 2"]


def test_what_is_not_installed_is_skipped_with_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    failures: list[str] = []
    assert measure([[Case("absent", w1.run, NUMPY, "no_such_engine")]], failures) == []
    assert failures == []
    assert "no_such_engine is not installed" in capsys.readouterr().err


def test_a_run_that_fails_is_named_and_costs_no_other() -> None:
    failures: list[str] = []
    wrong = Case("wrong", w1.run, ("benchmarks.no_such_version",), "numpy", 2)
    rows = measure([[wrong, Case("right", w1.run, NUMPY, "numpy", 1)]], failures)
    assert [row["implementation"] for row in rows] == ["numpy-day-step"]
    assert len(failures) == 1
    assert failures[0].startswith("wrong: failed: ModuleNotFoundError")
