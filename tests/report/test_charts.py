"""Charts are drawings with words in both languages: small, and the same every time."""

import itertools
import re
from datetime import date, timedelta

import matplotlib as mpl
import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.font_manager import findfont

from sim.report.charts import MOST_POINTS, Line, apart, broken, chart
from sim.report.dots import Cloud, dots
from sim.report.drawing import FONT, STYLE
from sim.report.words import METRICS, TEXT, Words


def days(count: int) -> list[date]:
    return [date(2024, 1, 1) + timedelta(days=i) for i in range(count)]


@pytest.fixture
def svg() -> str:
    values = np.linspace(0, 2000, 60)
    return chart("a", [Line(days(60), values, "#123456", values - 10, values + 10)], since=date(2024, 1, 20))


def test_the_same_data_give_the_same_text(svg):
    values = np.linspace(0, 2000, 60)
    assert svg == chart("a", [Line(days(60), values, "#123456", values - 10, values + 10)], since=date(2024, 1, 20))


@pytest.fixture
def readable(monkeypatch):
    """Letters as text instead of outlines, to read what a chart says."""
    monkeypatch.setitem(STYLE, "svg.fonttype", "none")


def written(svg: str, language: str = "") -> list[str]:
    """In the language, or in any where none is given: there the same for both."""
    if language:
        svg = "".join(re.findall(rf'<g lang="{language}">(.*?)</g>', svg, re.DOTALL))
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_letters_are_outlines_that_need_no_font_of_the_reader(svg):
    assert "<text" not in svg
    assert "<use" in svg


@pytest.mark.usefixtures("readable")
def test_what_is_said_in_words_stands_there_in_both_languages():
    svg = chart("a", [Line(days(30), np.arange(30.0), "#123456")], unit=Words("relations", "关系数"))
    assert written(svg, "en") == ["relations"]
    assert written(svg, "zh") == ["关系数"]


@pytest.mark.usefixtures("readable")
def test_lines_are_named_at_their_ends_where_arms_are_compared():
    two = [Line(days(30), np.arange(30.0) + k, "#123456", name=name) for k, name in enumerate(("每周一次", "daily $x$"))]
    assert {"每周一次", "daily $x$"} <= set(written(chart("a", two)))
    assert "daily $x$" not in written(chart("a", two[1:]))  # one alone needs no name


@pytest.mark.usefixtures("readable")
@pytest.mark.parametrize("y", [[3.5, 3.4, 3.3, 3.2], [3.2, 3.3, 3.4, 3.5], [3.5, 3.4, 3.6, 3.4]])
def test_names_of_dots_that_lie_close_do_not_lie_over_each_other(y):
    clouds = [Cloud(f"arm {k}", "#123456", [1.5 + k / 50], [value]) for k, value in enumerate(y)]
    svg = dots("a", clouds, Words("x", "x"), Words("y", "y"))
    heights = sorted(float(top) for top in re.findall(r' y="([\d.]+)"[^>]*>arm ', svg))
    assert len(heights) == 4
    assert min(np.diff(heights)) > 9  # points: a letter's height


def test_a_character_of_no_font_is_a_box_and_no_warning(recwarn):
    chart("a", [Line(days(9), np.arange(9.0) + k, "#123456", name=f"\U0001f642{k}") for k in range(2)])
    assert not recwarn.list


@given(
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from([0.1, 0.2, 0.3])), min_size=1, max_size=6),
)
def test_names_never_stand_on_each_other_and_keep_their_order(things):
    places, heights = [place for place, _ in things], [height for _, height in things]
    found = apart(places, heights)
    order = sorted(range(len(places)), key=lambda i: places[i])
    for below, above in itertools.pairwise(order):
        assert found[above] - found[below] >= (heights[above] + heights[below]) / 2 - 1e-9


def test_names_that_do_not_touch_stay_where_they_are():
    assert apart([0.9, 0.1], [0.1, 0.1]) == pytest.approx([0.9, 0.1])


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=60))
def test_a_long_name_takes_three_lines_at_most(name):
    rows = broken(name).split("\n")
    assert len(rows) <= 3
    assert "".join(rows).rstrip("…").strip("_-") in name or "…" in rows[-1]


def test_a_name_is_broken_where_its_words_end():
    assert broken("store_every_2_days") == "store_every_\n2_days"
    assert broken("每三天一次老客消息") == "每三天一次老\n客消息"


@pytest.mark.usefixtures("readable")
def test_dots_carry_both_languages_and_their_names():
    svg = dots(
        "d",
        [Cloud("a", "#123456", [1, 2], [4, 5]), Cloud("b", "#654321", [3], [2])],
        Words("per week", "每周"),
        Words("read", "已读"),
    )
    assert {"per week", "read"} == set(written(svg, "en"))
    assert {"每周", "已读"} == set(written(svg, "zh"))
    assert {"a", "b"} <= set(written(svg))


def test_the_font_has_every_character_that_the_report_says():
    """DejaVu Sans comes with matplotlib."""
    known = set()
    for path in (FONT, findfont("DejaVu Sans")):
        known |= set(TTFont(path).getBestCmap())
    said = {character for words in [*TEXT.values(), *METRICS.values()] for text in words for character in text}
    assert {character for character in said if ord(character) not in known} == set()


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


@pytest.mark.usefixtures("readable")
def test_a_loss_is_drawn_below_zero_and_a_gain_from_zero():
    low = chart("a", [Line(days(30), np.linspace(-50, 10, 30), "#123456")])
    assert "−" in "".join(written(low))
    high = chart("a", [Line(days(30), np.linspace(1000, 1010, 30), "#123456")])
    assert "0" in written(high)
