"""`sim grade`: the contract's answers, the cases of the rulebook to the second, and what is wrong with a table."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HEADER = "merchant,time,event,online_days,scale,gmv_share,quality_ratio,penetration,setting,industry"
QUALITY, POTENTIAL, IMPROVING = "6,1000,.2,.2,.2", "6,0,.2,0,0", "5,1000,.2,.2,.2"
KEYS = [
    "merchant", "time", "event", "grade", "register_join", "setting",
    "recruiting", "zero_yuan_join", "purchased_join", "refused",
]  # fmt: skip


@pytest.fixture
def graded(tmp_path: Path, command: Callable) -> Callable[..., list[dict[str, Any]]]:
    """`graded("a,2022-01-01T00:00:00,ask,,,,,,,")`: what the command answers."""

    def ask(*rows: str, header: str = HEADER, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
        table = tmp_path / "table.csv"
        table.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        said = command("grade", table, "--json", *options)
        assert said.code == 0, said.err
        assert said.out.count("\n") == 1
        answers = json.loads(said.out)
        assert [list(answer) for answer in answers] == [KEYS] * len(rows)
        return answers

    return ask


def refresh(time: str, indicators: str, merchant: str = "a") -> str:
    return f"{merchant},{time}T00:00:00,refresh,{indicators},,"


def sets(time: str, setting: str, merchant: str = "a") -> str:
    return f"{merchant},{time},setting,,,,,,{setting},"


def ask(time: str, merchant: str = "a") -> str:
    return f"{merchant},{time},ask,,,,,,,"


def short(answers: list[dict[str, Any]]) -> list[str]:
    """Grade, register-join state and which joins are open, of each answer."""

    def joins(one: dict[str, Any]) -> str:
        assert one["recruiting"] == (one["zero_yuan_join"] or one["purchased_join"])
        return "zero" if one["zero_yuan_join"] else "purchased" if one["purchased_join"] else "closed"

    return [f"{one['grade']} {one['register_join']} {joins(one)}" for one in answers]


CASE_A = (
    refresh("2021-12-16", QUALITY),
    sets("2021-12-16T00:00:00", "zero"),
    refresh("2022-01-01", POTENTIAL),
    ask("2022-01-15T23:59:59"),
    refresh("2022-01-16", POTENTIAL),
)


def test_grd_7_case_a_to_the_second(graded: Callable) -> None:
    answers = graded(
        *CASE_A,
        ask("2022-01-16T23:59:59"),
        ask("2022-01-17T00:00:00"),
        sets("2022-01-20T10:00:00", "purchased"),
        ask("2022-01-31T23:59:59"),
        refresh("2022-02-01", POTENTIAL),
        sets("2022-02-01T00:00:00", "zero"),
    )
    assert short(answers) == [
        "quality held purchased",
        "quality held zero",
        "potential buffer zero",
        "potential buffer zero",
        "potential grace zero",
        "potential grace zero",
        "potential locked closed",
        "potential locked closed",
        "potential locked closed",
        "potential none purchased",
        "potential none purchased",
    ]
    assert [one["refused"] for one in answers] == [None] * 10 + ["no_right"]


def test_grd_7_case_a_changed_a_second_before_and_at_the_deadline(graded: Callable) -> None:
    before = graded(*CASE_A, sets("2022-01-16T23:59:59", "purchased"), ask("2022-01-17T00:00:00"))
    assert short(before)[-2:] == ["potential none purchased"] * 2
    at_the_deadline = graded(*CASE_A, sets("2022-01-17T00:00:00", "purchased"), ask("2022-01-31T23:59:59"))
    assert short(at_the_deadline)[-2:] == ["potential locked closed"] * 2
    assert at_the_deadline[-1]["setting"] == "purchased"


def test_grd_7_case_b_never_interrupted(graded: Callable) -> None:
    answers = graded(*CASE_A[:-1], refresh("2022-01-16", QUALITY), ask("2022-01-17T00:00:00"), ask("2022-01-31T23:59:59"))
    assert short(answers)[1:] == [
        "quality held zero", "potential buffer zero", "potential buffer zero",
        "quality held zero", "quality held zero", "quality held zero",
    ]  # fmt: skip


def test_grd_7_case_c_up_at_once(graded: Callable) -> None:
    answers = graded(
        refresh("2022-05-16", POTENTIAL),
        sets("2022-05-31T23:59:59", "zero"),
        refresh("2022-06-01", QUALITY),
        sets("2022-06-01T00:00:00", "zero"),
    )
    assert short(answers) == ["potential none purchased"] * 2 + ["quality held purchased", "quality held zero"]
    assert [one["refused"] for one in answers] == [None, "no_right", None, None]


@pytest.mark.parametrize("year", [2021, 2022, 2024])
def test_grd_7_case_d_down_but_for_register_join(graded: Callable, year: int) -> None:
    answers = graded(
        refresh(f"{year}-05-16", QUALITY),
        sets(f"{year}-05-16T00:00:00", "zero"),
        refresh(f"{year}-06-01", POTENTIAL),
        ask(f"{year}-06-15T23:59:59"),
    )
    assert short(answers)[2:] == ["potential buffer zero"] * 2


def test_grd_4_grid(graded: Callable) -> None:
    grid = {
        "5,1000,.2,.2,.2": "improving",
        "6,1000,0,0,0": "improving",
        "6,0,0,.2,0": "potential",
        "6,999,.2,.2,.2": "potential",
        "6,1000,.2,.2,.2": "quality",
    }
    answers = graded(*(refresh("2022-01-01", indicators, f"m{k}") for k, indicators in enumerate(grid)))
    assert [one["grade"] for one in answers] == list(grid.values())


def test_grd_4_two_and_three_improving_periods(graded: Callable) -> None:
    days = ("2022-01-01", "2022-01-16", "2022-02-01")
    for results, grades in {
        (IMPROVING,) * 3: ["improving", "noncompliant", "noncompliant"],
        (IMPROVING, POTENTIAL, IMPROVING): ["improving", "potential", "improving"],
    }.items():
        answers = graded(*map(refresh, days, results))
        assert [one["grade"] for one in answers] == grades


def test_grd_3_nothing_over_nothing_is_left_empty(graded: Callable) -> None:
    lines = ("--set", "lines.default.quality={scale: 0, gmv_share: 0, quality_ratio: 0, penetration: 0}")
    answers = graded(refresh("2022-01-01", "6,0,,,"), refresh("2022-01-01", "6,0,0,0,0", "b"), options=lines)
    assert [one["grade"] for one in answers] == ["improving", "quality"]


def test_lines_are_set_by_industry(graded: Callable) -> None:
    row = "{},2022-01-01T00:00:00,refresh,6,500,.2,.2,.2,,{}"
    rows = (row.format("a", "beauty"), row.format("b", ""), row.format("c", "food"))
    answers = graded(*rows, options=("--set", "lines.beauty.quality.scale=500"))
    assert [one["grade"] for one in answers] == ["quality", "potential", "potential"]
    answers = graded(*rows, options=("--set", "lines.default.quality.scale=500", "--set", "lines.food.quality.scale=1e3"))
    assert [one["grade"] for one in answers] == ["quality", "quality", "potential"]


def test_rows_in_any_order_are_answered_in_theirs(graded: Callable) -> None:
    rows = [
        *CASE_A,
        ask("2022-01-17T00:00:00"),
        refresh("2022-01-16", IMPROVING, "b"),
        sets("2022-01-16T00:00:00", "zero", "b"),
    ]
    forward, backward = graded(*rows), graded(*rows[::-1])
    assert backward == forward[::-1]


def test_grd_6_other_rights_by_columns(graded: Callable) -> None:
    header = f"{HEADER},custom_until,member_link,newcomer_since"
    rows = [
        "custom,2021-12-15T00:00:00,setting,,,,,,zero,,2022-01-20,,",
        "custom,2022-01-20T00:00:00,ask,,,,,,,,,,",
        "link,2021-12-15T00:00:00,setting,,,,,,zero,,,yes,",
        "new,2023-12-15T00:00:00,setting,,,,,,zero,,,,2023-12-01",
        "new,2024-05-31T23:59:59,ask,,,,,,,,,,",
        "new,2024-06-01T00:00:00,ask,,,,,,,,,,",
        "none,2021-12-15T00:00:00,setting,,,,,,zero,,,,",
    ]
    answers = graded(*rows, header=header)
    assert short(answers) == [
        "None none zero", "None grace zero", "None none zero",
        "None none zero", "None none zero", "None grace zero", "None none purchased",
    ]  # fmt: skip
    assert [one["refused"] for one in answers] == [None] * 6 + ["no_right"]


def test_a_setting_beside_a_refresh_is_made_right_after_it(graded: Callable) -> None:
    rows = ["a,2021-12-16T00:00:00,refresh,6,1000,.2,.2,.2,zero,", "a,2022-01-01T00:00:00,refresh,6,0,.2,0,0,zero,"]
    rows += ["a,2022-01-16T00:00:00,refresh,6,0,.2,0,0,zero,", "b,2022-01-16T00:00:00,refresh,6,0,.2,0,0,zero,"]
    answers = graded(*rows)
    assert short(answers) == [
        "quality held zero", "potential buffer zero", "potential grace zero", "potential none purchased",
    ]  # fmt: skip
    assert [one["refused"] for one in answers] == [None, None, None, "no_right"], "what is set already is no refusal"


def test_numbers_as_spreadsheets_write_them(graded: Callable) -> None:
    answers = graded(refresh("2022-01-01", "6.0,1000.0,20%,2e-1,0.20"), refresh("2022-01-16", "6,1000,20.0 %,1,1.7"))
    assert [one["grade"] for one in answers] == ["quality", "quality"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("zipped", [False, True])
def test_encodings(tmp_path: Path, command: Callable, encoding: str, zipped: bool) -> None:
    data = f"{HEADER}\r\n{ask('2022-01-01T00:00:00', '旗舰店')}\r\n".encode(encoding)
    table = tmp_path / ("table.csv.gz" if zipped else "table.csv")
    table.write_bytes(gzip.compress(data) if zipped else data)
    said = command("grade", table, "--json")
    assert json.loads(said.out)[0]["merchant"] == "旗舰店"


# ---- what is wrong


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (",2022-01-01T00:00:00,ask,,,,,,,", 1, "the merchant is empty"),
        ("a,2022-01-01,ask,,,,,,,", 3, '"2022-01-01" is no time: write it as 2021-12-16T00:00:00'),
        ("a,2022-02-29T00:00:00,ask,,,,,,,", 3, '"2022-02-29T00:00:00" is not a time of the calendar and the clock'),
        ("a,2022-02-28T00:00:00,grade,,,,,,,", 23, '"grade" is no event: allowed are refresh, setting, ask'),
        ("a,2022-02-28T00:00:00,setting,,,,,,,", 36, "the setting is empty: allowed are zero, purchased"),
        ("a,2022-02-28T00:00:00,setting,,,,,,free,", 36, '"free" is no setting: allowed are zero, purchased'),
        ("a,2022-02-16T00:00:00,refresh,,1,.1,.1,.1,,", 31, "the number is empty: write a whole number, such as 1200"),
        ("a,2022-02-16T00:00:00,refresh,5.5,1,.1,.1,.1,,", 31, '"5.5" is no number: write a whole number, such as 1200'),
        ("a,2022-02-16T00:00:00,refresh,6,-1,.1,.1,.1,,", 33, '"-1" is no number: write a whole number, such as 1200'),
        (
            "a,2022-02-16T00:00:00,refresh,6,1,35,.1,.1,,", 35,
            '"35" is above 1, and a part is at most the whole: write a fraction, such as 0.35 or 35%',
        ),
        (
            "a,2022-02-16T00:00:00,refresh,6,1,nan,.1,.1,,", 35,
            '"nan" is no ratio: write a fraction, such as 0.35 or 35%; leave it empty where there is nothing to divide by',
        ),
        ("a,2022-02-16T00:00:00,refresh,6,1,.1,.1,1e999,,", 41, '"1e999" is too large'),
        ("a,2022-02-16T00:00:00,ask", 1, "the row has 3 fields, the header has 10"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_told_with_its_place(tmp_path: Path, command: Callable, row: str, column: int, words: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text(f"{HEADER}\n{ask('2022-01-01T00:00:00')}\n{row}\n", encoding="utf-8")
    said = command("grade", table, "--json")
    assert (said.code, said.out) == (2, "")
    assert said.err == f"{table}:3:{column}: {words}\n"


def test_two_refreshes_at_once(tmp_path: Path, command: Callable) -> None:
    table = tmp_path / "table.csv"
    table.write_text("\n".join([HEADER, refresh("2022-01-01", QUALITY), refresh("2022-01-01", POTENTIAL)]) + "\n")
    assert command("grade", table).err == f"{table}:3:3: a second refresh of a at this time; the first is in line 2\n"


def test_columns_that_are_missing(tmp_path: Path, command: Callable) -> None:
    table = tmp_path / "table.csv"
    table.write_text("merchant,tme,event\na,2022-01-01T00:00:00,ask\n")
    said = command("grade", table)
    assert said.err.startswith(f"{table}:1:1: no time column, and one is required; the file has merchant, tme, event")
    table.write_text("merchant,time,event,online_days,scale,gmv_share,quality_ratio\na,2022-01-01T00:00:00,refresh,6,1,1,1\n")
    said = command("grade", table)
    assert said.code == 2
    assert said.err.startswith(f"{table}:1:1: no penetration column, and a refresh needs one")
    table.write_text("merchant,time,event\na,2022-01-01T00:00:00,ask\n")
    assert command("grade", table).code == 0, "an ask needs no more"


def test_all_mistakes_up_to_twenty_are_told_and_the_rest_counted(tmp_path: Path, command: Callable) -> None:
    table = tmp_path / "table.csv"
    table.write_text("\n".join(["merchant,time,event", *["a,now,ask"] * 25]) + "\n")
    told = command("grade", table).err.splitlines()
    assert len(told) == 21
    assert told[-1] == f"{table}: ... and 5 more"


def test_no_rows_no_file_and_no_such_setting(tmp_path: Path, command: Callable) -> None:
    table = tmp_path / "table.csv"
    assert command("grade", table).err == f"{table}: there is no such file\n"
    table.write_text(f"{HEADER}\n")
    assert command("grade", table).err == f"{table}:1:1: there is a header but not one row\n"
    said = command("grade", table, "--set", "grace_hour=48", "--set", "potential_min=4")
    assert said.code == 2
    assert "grace_hour: not known - did you mean 'grace_hours'?" in said.err
    assert "potential_min: must be" in said.err
    change = "lines.food.potential.gmv_share=.3"
    words = "lines: food.potential.gmv_share must be at most the quality line, 0.2; given 0.3"
    assert command("grade", table, "--set", change).err == f"--set {change}: {words}\n"
    assert command("grade", table, "--lang", "fr").err == "lang: given 'fr'; allowed are en, zh\n"


def test_what_is_probably_not_meant_is_a_warning(tmp_path: Path, command: Callable) -> None:
    table = tmp_path / "table.csv"
    rows = [
        "a,2022-01-02T00:00:00,refresh,6,1,.1,.1,.1,,,",
        "a,2022-01-16T00:00:00,refresh,16,1,.1,.1,.1,,food,",
        "a,2022-01-17T00:00:00,ask,,,,,,zero,,",
    ]
    table.write_text("\n".join([f"{HEADER},costum_until", *rows]) + "\n")
    said = command("grade", table, "--json")
    assert said.code == 0
    assert said.err.splitlines() == [
        f"warning: {table}:1:1: the column 'costum_until' is not used; is custom_until meant?",
        f"warning: {table}:2:3: grades are refreshed at 00:00 of the days 1, 16 of a month, not at 2022-01-02 00:00:00",
        f"warning: {table}:3:46: 'food' has no lines of its own and takes the default ones; lines are set for default",
        f"warning: {table}:3:31: 16 online days in a period of 15",
        f"warning: {table}:4:32: an ask changes nothing: this setting is not made (event: setting makes it)",
    ]
    assert json.loads(said.out)[2]["setting"] == "purchased"


# ---- for people


def test_the_table_in_words(tmp_path: Path, command: Callable) -> None:
    table = tmp_path / "table.csv"
    table.write_text("\n".join([HEADER, *CASE_A, ask("2022-01-17T00:00:00"), sets("2022-01-18T00:00:00", "zero")]) + "\n")
    english, chinese = command("grade", table).out, command("grade", table, "--lang", "zh").out
    lines = english.splitlines()
    assert lines[0].split("   ")[0] == "merchant"
    assert "grace to 2022-01-17 00:00:00" in lines[5]
    assert "locked to 2022-02-01 00:00:00" in lines[6]
    assert "no_right: no right to 0-yuan joins" in lines[7]
    gaps = "20 points of benefit penetration, 20 points of quality ratio, 1,000 effective members"
    first = "First configure benefits that members use, which is fast."
    assert lines[-1] == f"a, 2022-01-16: missing to quality: {gaps}. {first}"
    assert "关闭招募至 2022-02-01 00:00:00" in chinese
    assert chinese.splitlines()[-1].startswith("a，2022-01-16：距“优质”还差会员权益渗透 20 个百分点、")


def test_grd_12_unit_costs_choose_the_lever(tmp_path: Path, command: Callable) -> None:
    table = tmp_path / "table.csv"
    table.write_text("\n".join([HEADER, refresh("2022-01-01", "6,900,.2,.1,.1")]) + "\n")
    costs = ("--set", "costs={scale: 10, quality_ratio: 50, penetration: 5}")
    lines = command("grade", table, *costs).out.splitlines()
    assert lines[-1].endswith("(cost 1,550.00). First configure benefits that members use, which is fast.")
