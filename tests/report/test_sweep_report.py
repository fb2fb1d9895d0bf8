"""The report of a sweep, as its reader gets it, in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from read_page import Page, says_the_same_in_both_languages

from sim.errors import BadInput
from sim.experiments.sweep import sweep
from sim.report.levels import Dot, levels, places
from sim.report.report import write_report
from sim.scenario.load import Scenario, load

SCENARIO = Path(__file__).parents[2] / "scenarios" / "store_weekly.yaml"
GRID = {"merchants.store.goods_cost": [0.5, 0.7], "days": [10, 20, 40], "merchants.store.industry": ["media", "beauty"]}


def fake(scenario: Scenario, *, seed: int, **options: Any) -> Any:
    days, cost = scenario.settings.days, scenario.settings.merchants["store"].goods_cost
    orders = 10 * days + 30 * seed
    money = {"gmv": 1000 * orders, "profit": round(1000 * orders * (1 - cost))}
    return SimpleNamespace(summary={"totals": {"orders": orders, **money, "visits": 3 * orders, "fans": 0}})


def fails_for_seed_3_at_40(scenario: Scenario, *, seed: int, **options: Any) -> Any:
    if seed == 3 and scenario.settings.days == 40:
        raise RuntimeError("out of <luck>")
    return fake(scenario, seed=seed)


def folder(out: Path, runner: Any = fake, replications: int = 3) -> Path:
    scenario = load(SCENARIO, consumers=30)
    return sweep(scenario, GRID, replications, out, runner=runner, workers=1, progress=False).folder


@pytest.fixture
def done(tmp_path: Path) -> Path:
    return folder(tmp_path / "out")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_opens_in_its_language_and_asks_the_net_for_nothing(done: Path, lang: str) -> None:
    page = Page(write_report(done, lang), lang)
    assert page.chosen == f"in-{lang}"
    says_the_same_in_both_languages(page)
    outside = [what for what in page.fetches if not what.startswith("#") and not (done / what).exists()]
    assert outside == []
    assert len(page.ids) == len(set(page.ids))


def test_what_stands_there_in_english(done: Path) -> None:
    page = Page(write_report(done))
    assert "What do merchants.store.goods_cost and days and merchants.store.industry do to store_weekly?" in page.text
    assert "12 points × 3 replications" in page.text
    assert "273 days" not in page.text  # the scenario's own, which the grid varies
    means = [shown for source, shown in page.numbers if re.fullmatch(r"sweep.json: effects.orders.days\[.\].mean", source)]
    assert means == ["160.0", "260.0", "460.0"]  # 10 a day and 30 for each seed, which are 1, 2 and 3
    assert "Means over 4 points with each value and 3 replications" in page.text
    assert "cost of goods" in page.text
    assert "Fans" not in page.text


def test_what_stands_there_in_chinese(done: Path) -> None:
    text = Page(write_report(done, "zh"), "zh").text
    assert "对 store_weekly 有何影响？" in text
    assert "商品成本占标价的比例" in text
    assert "尚未计算假设范围" in text
    assert not re.search(r"\b(Light bar|Means over|Difference)\b", text)


def test_every_number_says_where_it_stands_and_stands_there(done: Path) -> None:
    page = Page(write_report(done))
    whole = json.loads((done / "sweep.json").read_text(encoding="utf-8"))
    checked = 0
    for source, shown in page.numbers:
        found = re.fullmatch(r"sweep\.json: effects\.(\w+)\.(.+)\[(\d+)\]\.(\w+)", source)
        if found is None:
            assert source.startswith("runs.parquet: mean of ")
            continue
        metric, path, number, key = found.groups()
        value = whole["effects"][metric][path][int(number)][key]
        if key in {"mean", "difference"}:
            told = float(shown.replace("−", "-").replace(",", ""))
            scale = 100 if metric in {"gmv", "profit"} else 1
            assert told == pytest.approx(value / scale, abs=0.06)
            checked += 1
    assert checked > 30


def test_each_headline_has_a_chart_for_each_setting_and_every_other_figure_a_row(done: Path) -> None:
    page = write_report(done).read_text(encoding="utf-8")
    assert page.count("<svg") == 3 * 3  # orders, GMV and profit, against three settings
    assert page.count('title="sweep.json: effects.visits.days[2].mean"') == 1


def test_failures_are_told_with_what_the_figures_rest_on(tmp_path: Path) -> None:
    page = Page(write_report(folder(tmp_path / "out", fails_for_seed_3_at_40)))
    assert "4 of 36 runs failed" in page.text
    assert "days rests on 4 of 4 points per value and 2 of 3 replications" in page.text
    assert "RuntimeError: out of <luck>" in page.text


def test_one_replication_promises_nothing(tmp_path: Path) -> None:
    assert "the simulation error is unknown" in Page(write_report(folder(tmp_path / "out", replications=1))).text


def test_a_sweep_of_which_nothing_finished(tmp_path: Path) -> None:
    def fails(scenario: Scenario, **options: Any) -> Any:
        raise RuntimeError("never")

    assert "No run finished" in Page(write_report(folder(tmp_path / "out", fails))).text


def test_a_missing_file_is_named(done: Path) -> None:
    (done / "runs.parquet").unlink()
    with pytest.raises(BadInput, match=r"runs\.parquet"):
        write_report(done)


def test_values_stand_true_to_scale_where_that_keeps_them_apart() -> None:
    assert places([1, 3, 7, 14]) == pytest.approx([0, 2 / 13, 6 / 13, 1])
    assert places([1, 10, 100, 1000]) == pytest.approx([0, 1 / 3, 2 / 3, 1])
    assert places([0, 1, 1000]) == [0, 0.5, 1]
    assert places([None, None, None]) == [0, 0.5, 1]
    assert places([20, 10]) == [1, 0]
    assert places([5]) == [0.5]


def test_the_same_figures_give_the_same_drawing() -> None:
    dots = [Dot("1", 1.0, 5.0, 4.0, 6.0, None), Dot("2", 2.0, 5.0, 4.0, 6.0, (4.9, 5.1))]
    assert levels("a", dots, "#123456") == levels("a", dots, "#123456")
