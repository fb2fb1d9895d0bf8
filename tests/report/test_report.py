"""The page as a reader gets it: the numbers that went in, both languages, nothing fetched from anywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from read_page import Page, says_the_same_in_both_languages
from scipy.special import hyp2f1
from store_scenario import Scenario, run, write_log

from sim.errors import BadInput
from sim.experiments.compare import compare
from sim.report.report import write_report


@pytest.fixture
def page(compared):
    return Page(write_report(compared))


def test_the_question_comes_first_and_then_the_answer(page):
    assert "What changes if quiet is replaced by weekly or daily?" in page.text
    places = [page.text.index(title) for title in ("The answer", "Purchases against the log", "How to get this again")]
    assert places == sorted(places)
    assert "Orders: higher with weekly (+25.8%); lower with daily (−25.8%)." in page.text


def test_the_figures_are_those_of_the_runs(page):
    """15.5 orders on 28 days in the mean of the base; weekly has four a day more in every replication, daily four fewer."""
    assert "| Orders | quiet | 434.0 | –" in page.text
    assert "| weekly | 546.0 | +112.0 | +25.8% | +112.0 to +112.0" in page.text
    assert "GMV, USD | quiet | 4,340.0" in page.text
    assert "| Messages sent | 0 | 2,240 | 11,200 |" in page.text
    assert "| Read rate | – | 25.00% | 25.00% |" in page.text
    assert "| Opt-outs per 1,000 sent | – | 50.00 | 50.00 |" in page.text
    # a day and merchant: 40 sent and 10 read, 120 refused
    assert "| has opted out opted_out | 0 | 120.0 " in page.text


def test_verdicts_stand_there_in_words(page):
    assert "exactly +25.8% in every replication" in page.text


def test_simulation_error_and_the_missing_assumption_range_are_named(page):
    assert "the simulation error, that is, what is left open because only 4 replications were run" in page.text
    assert "The assumption range has not been computed" in page.text


def test_purchases_are_held_against_the_weeks_of_the_log(page):
    """Four weeks of the log are simulated: 460 repeats against 434 in the mean of the base."""
    assert "In the 4 weeks from 2024-01-01 to 2024-01-28 the log has 460 repeat purchases." in page.text
    assert "quiet gives 434.0 on average: −5.7% against the log." in page.text
    # 392, 420, 448, 476: mean -+ 3.1824 * 36.148 * sqrt(1 + 1/4)
    assert "| quiet | 434.0 | 305 to 563 | 460 | −5.7% |" in page.text


def test_the_closed_form_is_that_of_the_customers_own_histories(page):
    """The conditional expectation of Fader, Hardie & Lee 2005, equation (10), written out."""
    r, alpha, a, b, t = 0.2426, 4.4136, 0.7929, 2.4259, 4.0
    total = 0.0
    for x, t_x, age in [(0, 0.0, 38.0), (2, 12.5, 35.0), (6, 30.0, 31.0)]:
        z = t / (alpha + age + t)
        ahead = 1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
        dropped = (a / (b + x - 1)) * ((alpha + age) / (alpha + t_x)) ** (r + x) if x else 0.0
        total += (a + b + x - 1) / (a - 1) * ahead / (1 + dropped)
    assert f"(BG/NBD, each customer's own history, no messages) predicts {total:.2f}: " in page.text
    assert f"| BG/NBD in closed form | {total:.2f} | – | 460 | {100 * (total / 460 - 1):+.1f}% |".replace("-", "−") in page.text
    assert "It is named here, not tuned away" in page.text


def test_what_differs_and_what_is_assumed(page):
    assert "| policies.plan.sent | 0 | 40 | 200 |" in page.text
    assert "4 figures of quiet: 1 assumed, 1 sourced, 1 fitted, 1 chosen." in page.text
    assert "spreadhow much readers differ | 0.8 | logit | 0 to 1.5 | assumed | no source |" in page.text
    assert "Yancey & Settles" in page.text


def test_how_to_get_it_again(page):
    assert "sim compare quiet.yaml weekly.yaml daily.yaml -r 4 --draws 0 --set seed=5" in page.text
    assert "5 to 8 (replication k" in page.text
    assert "sim 0.1.0, python 3.11" in page.text
    assert "hash-of-weekly" in page.text


def test_every_figure_says_where_it_stands(page, compared):
    content = json.loads((compared / "comparison.json").read_text(encoding="utf-8"))
    places = {title for title in page.titles if title.startswith("comparison.json: metrics.") and " / " not in title}
    assert len(places) > 40
    for place in places:
        metric, arm, key = place.removeprefix("comparison.json: metrics.").split(".")
        assert content["metrics"][metric][arm][key] is not None
    assert all(title for title in page.titles)


def test_nothing_is_fetched_and_every_link_leads_to_a_file(page):
    text = page.path.read_text(encoding="utf-8")
    assert not re.search(r"https?:|//[a-z]|url\((?!#)|@import|<(?:link|img|iframe|base)\b", text)
    links = [link for link in page.fetches if not link.startswith("#")]
    assert len(links) == 12
    assert all((page.path.parent / link).is_file() for link in links)
    inner = {link[1:] for link in page.fetches if link.startswith("#")}
    assert inner <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize(("lang", "declared"), [("en", "en"), ("zh", "zh-Hans")])
def test_it_opens_in_the_language_asked_for_and_holds_both(compared, lang, declared):
    page = Page(write_report(compared, lang), lang)
    assert page.chosen == f"in-{lang}"
    assert page.root["lang"] == declared
    says_the_same_in_both_languages(page)


def test_the_chinese_side_says_the_same(compared):
    page = Page(write_report(compared), "zh")
    assert "如果把 quiet 换成 weekly 或 daily，会发生什么变化？" in page.text
    assert "订单数：weekly（+25.8%）更高；daily（−25.8%）更低。" in page.text
    assert "The answer" not in page.text
    said = re.sub(
        r"the log|no source|how much readers differ|Yancey & Settles", "", page.text
    )  # sources are quoted as they are
    assert not re.search(r"\b(?:the|replications?|interval|week|none)\b", said)


def test_without_a_script_the_switch_is_plain_css(compared):
    text = write_report(compared).read_text(encoding="utf-8")
    assert '#in-en:checked ~ * [lang="zh"], #in-zh:checked ~ * [lang="en"] { display: none; }' in text


def test_the_same_folder_gives_the_same_page(compared):
    assert write_report(compared).read_bytes() == write_report(compared).read_bytes()
    assert not list(compared.glob("*.tmp"))


def test_a_single_run_claims_no_certainty(one_run):
    page = Page(write_report(one_run))
    assert "What happens under weekly?" in page.text
    assert "It says nothing about how much another would differ" in page.text
    assert "| Orders | 504 |" in page.text
    assert "this run has 504: +9.6% against the log" in page.text
    assert "sim run scenario.yaml --seed 5" in page.text
    assert "average" not in page.text


def test_a_run_that_is_not_whole_is_pointed_out(one_run):
    manifest = json.loads((one_run / "manifest.json").read_text())
    (one_run / "manifest.json").write_text(json.dumps({**manifest, "status": "interrupted"}))
    assert "this run is not complete (interrupted)" in Page(write_report(one_run)).text


def test_failed_runs_are_named_and_the_rest_is_reported(tmp_path):
    arms = [Scenario("quiet", 14), Scenario("weekly", 18, 40, fails=True)]
    folder = compare(arms, 4, tmp_path / "c", runner=run, jobs=1).folder
    page = Page(write_report(folder))
    assert "1 of 4 runs failed and are left out (replications 1)" in page.text
    assert "r001 (failed)" in page.text


def test_an_arm_without_a_single_result_does_not_hide_the_others(tmp_path):
    def never(scenario, **rest):
        if scenario.fails:
            raise RuntimeError("no")
        return run(scenario, **rest)

    arms = [Scenario("quiet", 14), Scenario("broken", 1, fails=True), Scenario("weekly", 18, 40)]
    folder = compare(arms, 2, tmp_path / "c", runner=never, jobs=1).folder
    page = Page(write_report(folder))
    assert "no result for broken" in page.text
    assert "higher with weekly" in page.text


def test_a_base_without_a_single_result_is_no_fault(tmp_path, past):
    def never(scenario, **rest):
        if scenario.fails:
            raise RuntimeError("no")
        return run(scenario, **rest)

    folder = compare([Scenario("broken", 1, fails=True), Scenario("a", 3, past=past)], 2, tmp_path / "c", runner=never, jobs=1)
    assert "no result for a" in Page(write_report(folder.folder)).text


def test_one_replication_gives_no_interval(tmp_path):
    folder = compare([Scenario("quiet", 14), Scenario("weekly", 18, 40)], 1, tmp_path / "c", runner=run, jobs=1).folder
    page = Page(write_report(folder))
    assert "one replication only, so nothing is certain, with weekly (+28.6%)" in page.text
    assert "its simulation error is unknown" in page.text


def test_words_from_a_scenario_are_text_and_never_markup(tmp_path):
    script = {"note": "<script>alert(1)</script>"}
    arms = [Scenario("a & b", 14), Scenario("c", 15, policies=script)]
    text = write_report(compare(arms, 2, tmp_path / "c", runner=run, jobs=1).folder).read_text(encoding="utf-8")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "a &amp; b" in text


def test_scenarios_without_log_or_messages_say_so(tmp_path):
    page = Page(write_report(compare([Scenario("a", 14), Scenario("b", 15)], 2, tmp_path / "c", runner=run, jobs=1).folder))
    assert "no log of its own" in page.text
    assert "Zero in every run: messages sent" in page.text.replace("Messages", "messages")
    assert not {"messages", "log"} & set(page.ids)


def test_customers_whom_the_run_cannot_know_are_mentioned(tmp_path):
    past = write_log(tmp_path, first=7)
    run(Scenario("a", 14, past=past), seed=5, out=tmp_path / "run")
    assert "The log also has 28 first purchases in these weeks." in Page(write_report(tmp_path / "run")).text


def test_a_log_that_ends_before_the_run_is_no_comparison(tmp_path, past):
    weeks = Path(past["weeks"])
    weeks.write_text("\n".join(weeks.read_text().splitlines()[:5]))
    run(Scenario("a", 14, past=past), seed=5, out=tmp_path / "run")
    assert "No week of the log lies wholly in the simulated time" in Page(write_report(tmp_path / "run")).text


@pytest.mark.parametrize("name", ["manifest.json", "summary.json", "daily.parquet", "messages.parquet"])
def test_a_missing_file_is_named(compared, name):
    (compared / "weekly" / "r002" / name).unlink()
    with pytest.raises(BadInput, match=re.escape(f"weekly/r002/{name}: is missing")):
        write_report(compared)
    assert not (compared / "report.html").exists()


@pytest.mark.parametrize("name", ["comparison.json", "quiet/r000/manifest.json", "quiet/r001/daily.parquet"])
def test_a_broken_file_is_named(compared, name):
    (compared / name).write_text("{[")
    with pytest.raises(BadInput, match=re.escape(name)):
        write_report(compared)


def test_missing_weeks_are_named(compared, past):
    Path(past["weeks"]).unlink()
    with pytest.raises(BadInput, match=r"past\.weeks"):
        write_report(compared)


def test_weeks_may_lie_beside_the_results(tmp_path, past):
    local = {**past, "weeks": "weeks.csv", "customers": "customers.csv"}
    run(Scenario("a", 14, past=local), seed=5, out=tmp_path / "run")
    for name in ("weeks.csv", "customers.csv"):
        (tmp_path / name).rename(tmp_path / "run" / name)
    assert "the log has 460 repeat purchases" in Page(write_report(tmp_path / "run")).text


def test_other_folders_and_languages_are_refused(tmp_path, compared):
    with pytest.raises(BadInput, match="not the folder of a comparison"):
        write_report(tmp_path)
    with pytest.raises(BadInput, match="no such folder"):
        write_report(tmp_path / "nowhere")
    with pytest.raises(BadInput, match="allowed are en, zh"):
        write_report(compared, "de")
