"""The results that are kept: their form, and the READMEs' tables, which are made from them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks import __main__, readme
from benchmarks.tables import Language, counts_table, page

KEYS = {
    "workload", "implementation", "consumers", "threads", "days", "events", "counts", "seconds", "peak_bytes", "machine",
    "versions",
}  # fmt: skip
ROWS: list[dict[str, Any]] = json.loads(__main__.RESULTS.read_text(encoding="utf-8"))


def test_rows_have_the_keys_that_others_rely_on() -> None:
    assert ROWS
    assert all(row.keys() >= KEYS for row in ROWS)
    assert {row["implementation"] for row in ROWS} <= {"sim", "bare-kernel", "simpy", "salabim", "mesa", "numpy-day-step"}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_block_of_the_readme_is_what_the_results_give(language: Language) -> None:
    text = readme.READMES[language].read_text(encoding="utf-8")
    assert text == readme.with_block(text, ROWS, language), "`python -m benchmarks --readme` writes it"


def test_the_exact_engines_agree_in_the_results() -> None:
    compared = [row["details"]["differences"] for row in ROWS if "differences" in row["details"]]
    assert compared
    assert not any(compared)


def test_a_block_is_replaced_and_the_rest_stays() -> None:
    before = f"# A\n\n{readme.BEGIN}\nold\n{readme.END}\n\nafter\n"
    after = readme.with_block(before, ROWS, "en")
    assert after.startswith("# A\n\n")
    assert after.endswith("\n\nafter\n")
    assert "old" not in after
    assert page(ROWS, "en") in after
    assert readme.with_block(after, ROWS, "en") == after


def test_without_its_marks_a_readme_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the tables"):
        readme.with_block("# A\n", ROWS, "en")


def test_every_row_is_in_the_table_of_counts() -> None:
    lines = counts_table(ROWS).splitlines()
    assert len(lines) == 2 + len(ROWS)
    for row, line in zip(ROWS, lines[2:], strict=True):
        assert f"{row['events']:,}" in line


def test_only_the_rows_of_the_workload_are_replaced(tmp_path: Any) -> None:
    path = tmp_path / "latest.json"
    first, second = ({**ROWS[0], "workload": name} for name in ("W2", "W1"))
    __main__.write("W2", [first], path)
    __main__.write("W1", [second], path)
    assert json.loads(path.read_text(encoding="utf-8")) == [second, first]
    __main__.write("W2", [first | {"seconds": 0.5}], path)
    assert [row["seconds"] for row in json.loads(path.read_text(encoding="utf-8"))] == [second["seconds"], 0.5]
