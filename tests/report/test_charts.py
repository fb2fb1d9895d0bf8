"""Charts are bare drawings: language-neutral, small, and the same every time."""

import re
from datetime import date, timedelta

import matplotlib as mpl
import numpy as np
import pytest

from sim.report.charts import MOST_POINTS, Line, chart


def days(count: int) -> list[date]:
    return [date(2024, 1, 1) + timedelta(days=i) for i in range(count)]


@pytest.fixture
def svg() -> str:
    values = np.linspace(0, 2000, 60)
    return chart("a", [Line(days(60), values, "#123456", values - 10, values + 10)], since=date(2024, 1, 20))


def test_the_same_data_give_the_same_text(svg):
    values = np.linspace(0, 2000, 60)
    assert svg == chart("a", [Line(days(60), values, "#123456", values - 10, values + 10)], since=date(2024, 1, 20))


def test_only_figures_and_dates_are_written_in_it(svg):
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "1,200" in texts
    assert all(re.fullmatch(r"[\d,.−-]+", text) for text in texts)


def test_it_is_a_part_of_a_page_and_carries_no_date_of_its_making(svg):
    assert svg.startswith("<svg viewBox=")
    assert svg.endswith("</svg>")
    for word in ("http", "metadata", "<?xml", "<style", "font-family", "<!--", "dc:date"):
        assert word not in svg
    assert "width" not in svg[: svg.index(">")]


def test_long_lines_are_thinned_but_keep_their_ends():
    count = 20_000
    svg = chart("long", [Line(days(count), np.arange(count) % 97, "#abcdef")])
    (path,) = re.findall(r'<path d="([^"]*)"[^>]*stroke: #abcdef', svg)
    assert 2 < len(re.findall(r"[ML]", path)) <= MOST_POINTS


def test_ids_of_two_charts_do_not_meet():
    line = [Line(days(30), np.arange(30.0), "#123456")]
    ids = [set(re.findall(r'id="([^"]*)"', chart(name, line))) for name in "ab"]
    assert ids[0].isdisjoint(ids[1])


def test_the_styles_of_other_figures_are_left_alone():
    before = dict(mpl.rcParams)
    chart("a", [Line(days(3), [1, 2, 3], "#123456")])
    assert dict(mpl.rcParams) == before


def test_a_loss_is_drawn_below_zero_and_a_gain_from_zero():
    low = chart("a", [Line(days(30), np.linspace(-50, 10, 30), "#123456")])
    assert "−" in "".join(re.findall(r"<text[^>]*>([^<]*)</text>", low))
    high = chart("a", [Line(days(30), np.linspace(1000, 1010, 30), "#123456")])
    assert ">0</text>" in high
