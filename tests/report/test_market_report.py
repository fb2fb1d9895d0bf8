"""The report of a market: each number from the folder, no section without data, the same in both languages."""

import json
import re
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from market_folder import (
    CONSUMERS,
    CROWD,
    DAYS,
    ENTERED,
    LEFT,
    NAMES,
    NOT_EFFECTIVE,
    OPTED_OUT,
    OWN_REASON,
    READ,
    SENT,
    Market,
    assume,
    run_market,
    stocks,
    write_market,
)
from read_page import Page, says_the_same_in_both_languages
from store_scenario import Scenario
from store_scenario import run as run_store

from sim.experiments import units
from sim.experiments.compare import compare
from sim.report.folder import read
from sim.report.intervals import Ends, Scale
from sim.report.report import write_report
from sim.report.sections.funnel import STAGES, balance

ONLY_WITH_DATA = {"log", "messages", "outcomes", "money", "flips", "groups", "funnel", "relations", "externality", "cautions"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_market(tmp_path_factory.mktemp("market") / "comparison")


@pytest.fixture(scope="module")
def plain(folder):
    """Without an assumption range."""
    return Page(write_report(folder))


@pytest.fixture(scope="module")
def assumed(tmp_path_factory):
    folder = write_market(tmp_path_factory.mktemp("assumed") / "comparison")
    assume(folder)
    return folder


@pytest.fixture(scope="module")
def page(assumed):
    return Page(write_report(assumed))


@pytest.fixture(scope="module")
def chinese(page, assumed):
    return Page(write_report(assumed), "zh")


def test_the_answer_comes_first_then_how_sure_then_who_then_why(page):
    asked = ["answer", "money", "flips", "groups", "funnel", "relations", "messages", "externality", "changed", "assumptions"]
    places = [page.ids.index(one) for one in asked]
    assert places == sorted(places)


def test_winners_and_losers_in_a_plain_sentence(page, chinese):
    assert "Profit with thrice, of 20 merchants: 12 win, 3 lose, 5 cannot be told." in page.text
    assert "利润，thrice，20 家商家中：12 个获益、3 个受损、5 个无法判断。" in chinese.text


def test_the_error_of_the_family_is_named(page, chinese):
    assert "hold together with 95% for all 20 merchants in every arm compared with the base (1; Bonferroni)" in page.text
    assert "族错误率" in chinese.text


def test_segments_are_judged_by_needs_met_and_by_opt_outs(page):
    """Of two segments one meets 40 or 41 needs more, the other the same; both opt out more."""
    assert "Needs met with thrice, of 2 segments: 1 win, 0 lose, 0 cannot be told, 1 are exactly equal." in page.text
    assert "Opt-outs with thrice, of 2 segments: 0 win, 2 lose, 0 cannot be told." in page.text


def test_intervals_are_coloured_by_verdict_and_sorted_by_size(page, assumed):
    shown = [one.split() for one in page.classes if one.startswith("one ")]
    merchants = shown[: len(NAMES)]
    assert [verdict for _, verdict in merchants].count("wins") == 12
    assert [verdict for _, verdict in merchants].count("loses") == 3
    by = json.loads((assumed / "comparison.json").read_text())["by"]["merchant"]
    order = sorted(by, key=lambda name: -by[name]["profit"]["thrice"]["difference"])
    assert [verdict for _, verdict in merchants] == [by[name]["profit"]["thrice"]["verdict"] for name in order]


def test_every_figure_of_a_group_is_the_one_it_names(page, assumed):
    by = json.loads((assumed / "comparison.json").read_text())["by"]
    checked = 0
    for source, text in page.numbers:
        found = re.fullmatch(r"comparison\.json: by\.(\w+)\.(.+)\.(\w+)\.(once|thrice)\.(\w+)", source)
        if not found or found[5] == "verdict":
            continue
        kind, group, metric, arm, key = found.groups()
        value, number = by[kind][group][metric][arm][key], float(text.replace("−", "-").replace(",", "").rstrip("%"))
        value *= 100 if key == "relative" else 1 / units.scale(metric, "CNY")
        assert number == pytest.approx(value, rel=2e-3, abs=0.051), source
        checked += 1
    assert checked > 300


def test_link_1_a_stage_shows_what_entered_it_and_what_is_there(page):
    """280 days of a merchant, each with 10 entries of Lead, 6 of Interlock, 3 of Engage and 1 of Keep."""
    days = DAYS * len(NAMES)
    assert days * ENTERED["lead"] == 2_800
    for stage, entered in ENTERED.items():
        assert f"{days * entered:,}" in page.text[page.text.index("Entered over the run") :]
        assert f"{stocks(DAYS - 1)[stage] * len(NAMES):,}" in page.text[page.text.index("There at the end") :]
    assert "for every 100 entries into Lead, 60.0 into Interlock, 30.0 into Engage and 10.0 into Keep" in page.text


def test_link_1_nobody_is_lost_between_the_stages(page):
    """Of every row: at the start + entered = moved on + left + at the end; and who left is told by stage."""
    rows = re.findall(
        r"\| (Lead|Interlock|Engage|Keep) \| ([\d,.]+) \| ([\d,.]+) \| ([\d,.–]+) \| ([\d,.]+) \| ([\d,.]+)", page.text
    )
    assert [row[0] for row in rows] == ["Lead", "Interlock", "Engage", "Keep"] * 2
    for stage, *cells in rows:
        start, entered, moved, left, end = (0.0 if cell == "–" else float(cell.replace(",", "")) for cell in cells)
        assert start + entered == moved + left + end
        assert left == LEFT[stage.lower()] * (DAYS - 1) * len(NAMES)


@given(
    st.lists(st.tuples(*[st.integers(0, 5)] * 4), min_size=2, max_size=8), st.lists(st.integers(0, 4), min_size=4, max_size=4)
)
def test_link_1_the_balance_is_that_of_the_days(flows, first):
    """Any course of stocks and entries: who left comes out, since it is what the stocks lack."""
    stock, rows = list(first), []
    for entered in flows:
        for k in range(4):
            stock[k] += entered[k] - (entered[k + 1] if k < 3 else 0)
        gone = [max(0, one // 2) for one in stock]
        stock = [one - leaves for one, leaves in zip(stock, gone)]
        row = {**dict(zip(STAGES, stock)), **{f"{s}_entered": e for s, e in zip(STAGES, entered)}, "left": sum(gone)}
        rows.append((row, gone))
    index = pd.date_range("2024-01-01", periods=len(rows))
    run = SimpleNamespace(daily=pd.DataFrame([row for row, _ in rows], index=index))
    parts = balance([run])
    assert parts.left.tolist() == [sum(gone[k] for _, gone in rows[1:]) for k in range(4)]
    assert parts.left.sum() == run.daily["left"].iloc[1:].sum()
    assert (parts.start + parts.entered).tolist() == (parts.moved + parts.left + parts.end).tolist()


def test_link_2_relation_users_share_of_gmv(page):
    assert "| Share of GMV from any relation user | 62.0% | 62.0% |" in page.text
    assert "| Share of GMV from old customers | 40.0% | 40.0% |" in page.text
    assert f"| Fans at the end | {3 * DAYS * len(NAMES)}.0 |" in page.text
    assert "Members at the end" not in page.text  # nobody ever joined


def test_outcomes_add_up_to_the_crowds_in_the_order_of_the_checks(page):
    """280 crowds of 200: each of them refused for one reason, or delivered, read or not."""
    days = DAYS * len(NAMES)
    part = page.text[page.text.index("What became of the messages") :]
    rows = [
        "has opted out",
        "cap of the store over several days",
        OWN_REASON,
        "delivered, not read",
        "delivered and read",
        "All of the",
    ]
    places = [part.index(row) for row in rows]
    assert places == sorted(places)
    thrice = [days * n for n in (OPTED_OUT, CROWD - SENT[3] - OPTED_OUT - 1, 1, SENT[3] - READ[3], READ[3])]
    assert sum(thrice) == days * CROWD
    for row, number in zip(rows, thrice):
        cell = part[part.index(row) :][:160]
        assert f"{number:,}" in cell, row
    assert f"| All of the crowds | {days * CROWD:,} | {days * CROWD:,} |" in part
    assert (
        f"no effective old customer, or a silent member who is left alone not_effective | consumers | {days * NOT_EFFECTIVE:,}"
        in part
    )
    assert "the crowd is too small crowd_too_small | whole tasks | 2.00 | 2.00" in part


def test_a_stacked_bar_is_whole(page):
    widths = [
        float(found[1])
        for name, style in page.styles
        if name in ("", "dark") and (found := re.match(r"width: ([\d.]+)%; background", style))
    ]
    assert sum(widths) == pytest.approx(200, abs=0.01)  # of two arms


def test_more_messages_are_read_less(page, chinese):
    days = DAYS * len(NAMES)
    weekly = {level: days * sent / CONSUMERS / (DAYS / 7) for level, sent in SENT.items()}
    assert f"once {weekly[1]:.2f}, {100 * READ[1] / SENT[1]:.2f}% read; thrice {weekly[3]:.2f}, 15.00% read" in page.text
    assert "in each of the 4 replications" in page.text
    assert "Attention is shared" in page.text
    assert "4 次重复次次如此" in chinese.text


def test_the_assumption_range_stands_beside_the_simulation_error_and_is_no_part_of_it(page, chinese, assumed):
    money = page.text[page.text.index("GMV and profit") : page.text.index("What could flip it?")]
    profit = json.loads((assumed / "comparison.json").read_text())["metrics"]["profit"]["thrice"]
    error = f"simulation error: {profit['low'] / 100:+,.0f} to {profit['high'] / 100:+,.0f}"
    assert error in money
    assert "assumption range: −7,000 to +21,000" in money
    assert "模拟误差：" in chinese.text
    assert "假设范围：−7,000 至 +21,000" in chinese.text


def test_draws_on_fewer_consumers_are_said_to_be(page, chinese):
    assert "20 draws, on 200 of 1,000 consumers, scaled" in page.text
    assert "用 1,000 位消费者中的 200 位，已按比例放大" in chinese.text


def test_draws_on_all_consumers_need_no_such_words(tmp_path):
    folder = write_market(tmp_path / "c")
    assume(folder, consumers=CONSUMERS)
    text = Page(write_report(folder)).text
    assert "scaled" not in text
    assert "when the assumed figures vary (20 draws)" in text


def test_how_sure_says_with_which_arms_the_sign_holds(page):
    assert "Over the assumption range, Profit: the sign depends on the assumptions with thrice." in page.text


def test_what_could_flip_it_in_plain_words(page, chinese):
    assert "Profit with thrice: 6 of 20 draws have the opposite sign." in page.text
    assert "what one unit of the stock takes from the log-odds of reading (behaviour.reading.fatigue.slope)" in page.text
    assert "the higher it is, the smaller the difference (rank correlation −0.71)" in page.text
    assert "利润，thrice：20 组抽样中有 6 组方向相反。" in chinese.text
    assert "一单位存量对阅读对数几率的扣减（behaviour.reading.fatigue.slope）：越高，差异越小" in chinese.text


def test_without_a_range_nothing_is_said_of_one(plain):
    assert "flips" not in plain.ids
    assert "The assumption range has not been computed" in plain.text
    assert "assumption range:" not in plain.text


def test_what_many_declare_alike_stands_there_once(page):
    assert "0.3 to 0.7 (5)" in page.text
    assert page.text.count("awareness") == 2  # the path and its meaning


def test_the_meaning_of_a_changed_policy_is_told(page, chinese):
    assert "policies.caps.store_limitold-customer messages of a store in its window of days | 1 | 3 |" in page.text
    assert "单店在若干天内的老客消息上限" in chinese.text


def test_names_are_text_and_never_markup(assumed, page):
    text = write_report(assumed).read_text(encoding="utf-8")
    assert "<b>茶" not in text
    assert "<own>" not in text
    assert "<b>茶&馆</b>" in page.text  # as it is read


@pytest.mark.parametrize("side", ["en", "zh"])
def test_no_words_are_missing_in_either_language(assumed, side, page):
    assert len(page.spans["en"]) > 500
    says_the_same_in_both_languages(Page(write_report(assumed, side), side), names="茶馆")


def test_the_page_is_one_small_file(assumed):
    text = write_report(assumed).read_text(encoding="utf-8")
    assert len(text.encode()) < 1_500_000
    assert not re.search(r"https?:|//[a-z]|url\((?!#)|@import|<(?:link|img|iframe|base)\b", text)


def test_ids_are_unique_and_every_reference_is_there(page):
    inner = {link[1:] for link in page.fetches if link.startswith("#")}
    assert inner <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_no_section_without_data(tmp_path):
    """A store without stages, messages, groups or log."""
    folder = compare([Scenario("a", 14), Scenario("b", 15)], 2, tmp_path / "c", draws=0, runner=run_store, jobs=1).folder
    file = folder / "comparison.json"
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "by": {}, "headline": {}}))
    assert ONLY_WITH_DATA & set(Page(write_report(folder)).ids) == {"money", "cautions"}  # that the arms are the same


def test_where_all_arms_send_about_alike_nothing_is_said_of_what_more_messages_do(tmp_path, folder):
    """A comparison in which one arm sends 4 % more messages, and one in which it sends thrice as many."""
    alike = tmp_path / "alike"
    shutil.copytree(folder, alike)
    for file in alike.glob("thrice/*/summary.json"):
        content = json.loads(file.read_text(encoding="utf-8"))
        base = json.loads((alike / "once" / file.parent.name / file.name).read_text(encoding="utf-8"))
        content["totals"]["messages_sent"] = round(1.04 * base["totals"]["messages_sent"])
        file.write_text(json.dumps(content), encoding="utf-8")
    assert "externality" not in Page(write_report(alike)).ids
    assert "externality" in Page(write_report(folder)).ids


def test_a_single_run_has_its_stages_and_outcomes_but_nothing_of_differences(tmp_path):
    run_market(Market("once"), seed=5, out=tmp_path / "run")
    page = Page(write_report(tmp_path / "run"))
    assert ONLY_WITH_DATA & set(page.ids) == {"messages", "outcomes", "funnel", "relations"}
    assert "| Lead | 60 | 2,600 | 1,560 | 260 | 840 |" in page.text.replace(" |  |", " |")


def test_an_older_comparison_without_groups_or_draws_is_reported(tmp_path):
    folder = write_market(tmp_path / "c")
    file = folder / "comparison.json"
    content = json.loads(file.read_text())
    file.write_text(json.dumps({key: one for key, one in content.items() if key not in ("by", "headline", "assumptions")}))
    assert not {"groups", "flips"} & set(Page(write_report(folder)).ids)


def test_the_tables_say_who_is_in_which_industry(folder):
    industries = read(folder).a_run.industries
    assert len(industries) == 20
    assert industries["m03"] == "food"


@given(st.lists(st.floats(-1e9, 1e9), min_size=5, max_size=5))
def test_bars_lie_on_their_track(values):
    difference, *ends = values
    low, high = sorted(ends[:2])
    least, most = sorted(ends[2:])
    scale = Scale([Ends(difference, low, high, least, most)])
    track = scale.track(Ends(difference, low, high, least, most))
    assert 0 <= track.dot <= 100
    for left, right in (track.error, track.assumed):
        assert left >= 0
        assert right >= 0
        assert left + right <= 100.01
