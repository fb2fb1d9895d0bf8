"""The tables say what the rows say, in both languages."""

from __future__ import annotations

from itertools import pairwise

import pytest

from benchmarks import w2, w3
from benchmarks.rows import row
from benchmarks.tables import page
from benchmarks.words import WORDS

COMMON = {"threads": 2, "days": 100, "counts": {"runs": 16}, "peak_bytes": 1_500_000_000}
PARTS = {w2.KERNEL: 3.0, "merchants and platform": 1.0, "event log": 0.0, w2.REST: 1.0}
SAVING = {"variance_reduction": 20.0, "low": 10.0, "high": 41.0, "replications": 8, "replications_independent": 113}
ROWS = [
    row("W1", "numpy-day-step", consumers=2_000, seconds=2.0, events=10**7, **COMMON)
    | {"details": {"ratio": {"times": 9.0, "at_consumers": 1_000}, "errors": {"refused_stores": [-0.5, 0.02]}}},
    row("W1", "mesa", consumers=1_000, seconds=2.0, events=10**6, **COMMON)
    | {"details": {"ratio": {"times": 0.5, "at_consumers": 1_000}, "differences": {"sends": 4.25}}},
    row("W2", "sim", consumers=50_000, seconds=5.0, events=10**7, details={"seconds_by_part": PARTS}, **COMMON),
    *(
        row("W3", "sim", case=case, consumers=20_000, seconds=12.5, events=10**6, **COMMON)
        for case in (w3.COLD, w3.NEW_PAST, w3.WARM)
    ),
    row("W4", "sim", case="a v. b", consumers=10, seconds=9.0, events=1, details={"gmv": SAVING}, **COMMON),
    row(
        "W4",
        "sim",
        case="fork: a v. b",
        consumers=10,
        seconds=6.0,
        events=1,
        details={"seconds_anew": 10.0, "saved": 0.4},
        **COMMON,
    ),
]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_figures_are_those_of_the_rows(language: str) -> None:
    cells = [cell.strip() for line in page(ROWS, language).splitlines() for cell in line.split("|")]
    for figure in ("5.00", "1.00", "2.00", "60%", "20%", "1.50", "12.50", "20.0 (10.0-41.0)", "113", "10.0 s", "6.0 s", "40%"):
        assert figure in cells, figure


def test_an_approximation_shows_its_error_and_a_difference_is_loud() -> None:
    text = page(ROWS, "en")
    assert "approximation: refused stores -50.0% (± 2.0%)" in text
    assert "DIFFER: sends +4.2 sd" in text
    assert "9.0 (at 1,000)" in text
    assert "| 0.5 |" in text


def test_every_head_and_caption_has_chinese_words() -> None:
    lines = page(ROWS, "en").splitlines()
    heads = {cell.strip() for line, rule in pairwise(lines) if "--" in rule for cell in line.split("|")} - {""}
    captions = [line for line in page(ROWS, "zh").splitlines() if line.startswith("**")]
    assert heads <= WORDS.keys()
    assert len(captions) == 4
    assert all("：" in caption for caption in captions)
