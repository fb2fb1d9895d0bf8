"""Grades and benefits in the report: strips, counts and money are those of the tables; nothing shows where there is none."""

import re
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from market_folder import DAYS, Market, run_market
from read_page import Page, says_the_same_in_both_languages

from sim.experiments.compare import compare
from sim.policies.benefit import FORMS
from sim.policies.grading.names import INDICATORS, Grade, RegisterJoin
from sim.report.report import write_report
from sim.report.sections.benefits import COLOURS, COUNTS, MONEY
from sim.report.sections.grades import COLOURS as OF_GRADES
from sim.report.words import TEXT
from sim.report.words.benefits import KINDS
from sim.report.words.grading import LEVERS as LEVER_WORDS
from sim.report.words.grading import REFUSED, SHORT, STANDINGS
from sim.state.benefits import BENEFIT_FIGURES
from sim.state.names import REFUSALS

DAY = 86_400
ODD = "<i>礼</i>"  # a merchant's name is text
# By merchant its grade and register-join state at two refreshes, in the market of level 1; at level 3 `slips` stays as it was.
STORIES = {ODD: [("quality", "held"), ("quality", "held")], "slips": [("quality", "held"), ("potential", "buffer")]}
COUPON = {"claimed": 200, "redeemed": 55, "expired": 100, "returned": 5, "discount": 40_000, "discount_merchant": 30_000,
          "discount_platform": 15_000, "gift_cost": 5_000, "successes": 8, "refused_too_late": 7}  # fmt: skip
OFFER = {"redeemed": 31, "discount": 9_300, "discount_merchant": 9_300}


def grades(level: int) -> pd.DataFrame:
    """Two refreshes of two merchants."""
    rows = []
    for k, time in enumerate((3 * DAY, 10 * DAY)):
        for merchant, story in STORIES.items():
            grade, state = story[0 if level == 3 else k]
            row = {"merchant": merchant, "time": time, "grade": grade, "register_join": state, "setting": "zero"}
            row |= {"gained": "", "lost": "my_members" if grade == "potential" else ""}
            short = grade == "potential"
            row |= {"next_grade": "quality" if short else None, "cheapest": "penetration" if short else None}
            row |= {"cost": 12.5 if short else None, "penetration_gap": 0.062 if short else None}
            rows.append(row | dict.fromkeys(("online_days_gap", "scale_gap", "gmv_share_gap", "quality_ratio_gap")))
    return pd.DataFrame(rows)


def benefits(level: int) -> pd.DataFrame:
    """A coupon of two stores, claimed once more a store by level 3; an offer; what a past left."""
    coupon = COUPON | {"claimed": COUPON["claimed"] + (level == 3), "held": 50 + (level == 3)}
    rows = [
        *({"benefit": "welcome", "merchant": name, "kind": "amount_off", "of_past": 0, **coupon} for name in STORIES),
        {"benefit": "<b>offer</b>", "merchant": "slips", "kind": "spend_percent_off", "of_past": 0, **OFFER},
        {"benefit": "welcome", "merchant": "slips", "kind": "amount_off", "of_past": 1, "claimed": 4, "expired": 4},
        {"benefit": "unused", "merchant": "slips", "kind": "gift", "of_past": 1},
    ]
    figures = pd.DataFrame(rows).reindex(columns=["benefit", "merchant", "kind", "of_past", "held", *BENEFIT_FIGURES])
    return figures.fillna(0)


def refusals(level: int) -> pd.DataFrame:
    rows = [(1, ODD, "join", "no_receipt", 6), (2, "slips", "join", "no_receipt", 2), (2, "slips", "setting", "no_right", 1)]
    return pd.DataFrame(rows[: 3 if level == 1 else 1], columns=["day", "merchant", "what", "reason", "count"])


def run_graded(scenario: Market, *, seed: int, out: Path, events: str = "none", threads: int = 1) -> SimpleNamespace:
    """A run folder of the market with these tables; the daily figures have claims."""
    done = run_market(scenario, seed=seed, out=out, events=events, threads=threads)
    grades(scenario.level).to_parquet(out / "grades.parquet")
    benefits(scenario.level).to_parquet(out / "benefits.parquet")
    refusals(scenario.level).to_parquet(out / "refusals.parquet")
    done.daily["claims"] = 1 + (scenario.level == 3)
    done.daily.to_parquet(out / "daily.parquet")
    done.summary["totals"]["claims"] = int(done.daily["claims"].sum())
    return done


@pytest.fixture(scope="module")
def of_run(tmp_path_factory):
    out = tmp_path_factory.mktemp("graded") / "run"
    run_graded(Market("once"), seed=5, out=out)
    return out


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    arms = [Market("once"), Market("thrice", level=3)]
    return compare(arms, 2, tmp_path_factory.mktemp("graded") / "c", draws=0, runner=run_graded, jobs=1).folder


@pytest.fixture(scope="module")
def page(of_run):
    return Page(write_report(of_run))


@pytest.fixture(scope="module")
def both(compared):
    return Page(write_report(compared))


def test_grd_2_a_run_shows_each_merchant_at_each_refresh_with_its_right(page):
    assert "2024 01-04 | 01-11 |" in page.text.replace("2024", "2024 ")
    assert f"| {ODD} | Q● | Q● |" in page.text
    assert "| slips | Q● | P◐ |" in page.text


def test_grd_2_a_cell_says_what_was_gained_and_lost(of_run):
    text = write_report(of_run).read_text(encoding="utf-8")
    assert 'title="2024-01-11 potential buffer zero -my_members"' in text


def test_grd_12_what_is_missing_and_what_to_begin_with(page, of_run):
    said = (
        "| slips | potential | quality | 6.2 points of benefit penetration | configure benefits that members use, which is fast"
    )
    assert f"{said} | 12.50 |" in page.text
    assert "会员权益渗透 6.2 个百分点" in Page(write_report(of_run, "zh"), "zh").text


def test_grd_12_where_no_unit_cost_is_known_there_is_no_column_of_costs(of_run, page, tmp_path):
    shutil.copytree(of_run, tmp_path / "run")
    table = tmp_path / "run" / "grades.parquet"
    pd.read_parquet(table).assign(cost=None).to_parquet(table)
    assert "| Cost |" in page.text
    assert "| Cost |" not in Page(write_report(tmp_path / "run")).text


def test_grd_7_refusals_by_what_and_reason(page):
    assert "| Joins | no receipt is confirmed yet no_receipt | 8 |" in page.text
    assert "| Settings of joins | the store has no right to 0-yuan joins no_right | 1 |" in page.text


def test_grd_2_a_comparison_counts_refreshes_at_each_grade(both):
    """Of four refreshes a run one is at potential in the base, none in the other arm."""
    assert "Q quality | 3.00 75.0% | 4.00 100.0% |" in both.text
    assert "P potential | 1.00 25.0% | 0 0.0% |" in both.text
    assert "◐ buffer before it is withdrawn | 1.00 25.0% | 0 0.0% |" in both.text
    assert "| configure benefits that members use, which is fast | 1.00 | 0 |" in both.text
    assert f"| {ODD} | 2.00 | 2.00 |" in both.text
    assert "| slips | 1.00 | 2.00 |" in both.text


def test_grades_are_told_apart_by_letter_too():
    assert len({SHORT[grade].en for grade in Grade}) == len({SHORT[grade].zh for grade in Grade}) == len(Grade)
    assert len(set(OF_GRADES.values())) == len(Grade)


def test_keep_1_a_coupon_is_used_held_or_expired(page):
    """400 claimed at both stores: 110 used, 10 of them come back, 200 expired, 100 held."""
    assert "| 400 | 110 25.0% | 200 | 100 | 10 | 16 | 800.0 | 100.0 | 600.0 | 300.0 |" in page.text
    widths = [
        float(found[1]) for found in re.finditer(r"width: ([\d.]+)%; background: (#\w+)", styles(page)) if of_coupon(found)
    ]
    assert widths[:3] == [25.0, 25.0, 50.0]


def styles(page: Page) -> str:
    return "\n".join(style for _, style in page.styles)


def of_coupon(found: re.Match) -> bool:
    return found[2] in COLOURS.values()


def test_what_needs_no_claim_has_only_uses(page):
    assert "<b>offer</b> a share off from a threshold on | – | 31 | – | – | – | – | 93.00 | 0 | 93.00 | 0 |" in page.text


def test_a_benefit_of_the_past_is_told_apart_and_left_out_where_it_did_nothing(page):
    assert "welcome coupon, an amount off (of the past) | 4 | 0 0.0% | 4 | 0 |" in page.text
    assert "unused" not in page.text


def test_int_4_refused_claims_by_benefit_and_reason(page):
    assert "welcome coupon, an amount off | the claim came too late too_late | 14 |" in page.text


def test_a_comparison_has_a_row_per_arm_and_the_differences_with_intervals(both):
    assert "welcome coupon, an amount off | | once | 400.0 | 110.0 25.0%" in both.text
    assert "| thrice | 402.0 | 110.0 24.9%" in both.text
    whole = DAYS * 20
    assert f"Coupons claimed once: {whole}.0" in both.text
    assert f"+{whole}.0 (+100.0%) simulation error: +{whole}.0 to +{whole}.0" in both.text


@pytest.mark.parametrize("side", ["en", "zh"])
def test_both_languages_say_the_same(of_run, compared, side):
    for folder in (of_run, compared):
        says_the_same_in_both_languages(Page(write_report(folder, side), side), names="茶馆礼")


def test_names_are_text(of_run):
    text = write_report(of_run).read_text(encoding="utf-8")
    assert "<i>礼" not in text
    assert "<b>offer" not in text


def test_without_such_rules_there_is_no_such_section(tmp_path):
    """Neither where tables have no rows nor where, in an older run, there are none."""
    run_graded(Market("once"), seed=5, out=tmp_path / "run")
    for table in ("grades", "benefits", "refusals"):
        path = tmp_path / "run" / f"{table}.parquet"
        pd.read_parquet(path).head(0).to_parquet(path)
    assert not {"grades", "benefits"} & set(Page(write_report(tmp_path / "run")).ids)
    for table in ("grades", "benefits", "refusals"):
        (tmp_path / "run" / f"{table}.parquet").unlink()
    assert not {"grades", "benefits"} & set(Page(write_report(tmp_path / "run")).ids)


def test_every_word_of_the_tables_has_words():
    assert set(KINDS) == set(FORMS)
    assert set(STANDINGS) == set(RegisterJoin)
    assert set(LEVER_WORDS) == set(INDICATORS)
    assert {(what, reason) for what, reasons in REFUSED.items() for reason in reasons} == set(REFUSALS)
    assert {f"refused_{what}" for what in REFUSED} <= set(TEXT)
    assert {*COUNTS, *MONEY} - {"held"} == {name for name in BENEFIT_FIGURES if not name.startswith("refused_")}
