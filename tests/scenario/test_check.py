"""Mistakes against a model are told with their place, what was given, what is allowed, and the nearest right name."""

import datetime as dt
import decimal
import enum
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from sim.scenario.check import check
from sim.scenario.near_names import nearest
from sim.scenario.source import survey

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def checked(text: str, model: type[BaseModel], at: tuple = (), sets: tuple[str, ...] = ()) -> tuple[Any, list[str]]:
    Path("a.yaml").write_text(text, encoding="utf-8")
    value, problems = check(survey("a.yaml", sets=sets), model, at)
    return value, [str(problem) for problem in problems]


def wrong(text: str, model: type[BaseModel], at: tuple = (), sets: tuple[str, ...] = ()) -> list[str]:
    value, problems = checked(text, model, at, sets)
    assert value is None
    return problems


def right(text: str, model: type[BaseModel], at: tuple = ()) -> Any:
    value, problems = checked(text, model, at)
    assert problems == []
    return value


class Shop(Strict):
    margin: float = Field(0.3, ge=0, le=1, description="part of the price")
    tags: list[str] = []


class Population(Strict):
    consumers: int = Field(ge=0, description="how many there are")
    merchants: dict[str, Shop] = {}


class Town(Strict):
    population: Population
    days: int = Field(180, ge=1, le=20_000, description="length of the run", json_schema_extra={"unit": "days"})
    open: bool = True


# ---- unknown, missing, wrong


def test_a_misspelt_key_is_named_with_the_nearest_right_one():
    assert wrong("population:\n  consumers: 5\n  merchant: {}\n", Town) == [
        "a.yaml:3:3: population.merchant: not known - did you mean 'merchants'? (allowed: consumers, merchants)"
    ]


def test_a_key_that_is_like_none():
    assert wrong("population: {consumers: 5, zzz: 1}\n", Town) == [
        "a.yaml:1:28: population.zzz: not known (allowed: consumers, merchants)"
    ]


def test_a_missing_key_is_told_at_the_map_that_lacks_it():
    assert wrong("days: 3\npopulation:\n  merchants: {}\n", Town) == [
        "a.yaml:2:1: population.consumers: missing; must be a whole number of at least 0 (how many there are)"
    ]
    assert wrong("\ndays: 3\n", Town) == ["a.yaml:2:1: population: missing; must be a map with keys among consumers, merchants"]


def test_a_misspelt_key_that_must_be_there_is_one_mistake_not_two():
    assert wrong("population: {consumer: 5}\n", Town) == [
        "a.yaml:1:14: population.consumer: not known - did you mean 'consumers'? (allowed: consumers, merchants)"
    ]


def test_extends_is_allowed_at_the_top_though_no_model_has_it():
    assert wrong("extend: base.yaml\npopulation: {consumers: 1}\n", Town) == [
        "a.yaml:1:1: extend: not known - did you mean 'extends'? (allowed: extends, population, days, open)"
    ]


def test_all_mistakes_at_once_in_the_order_of_their_places():
    text = """\
days: -5
population:
  merchants:
    shop: {margn: 1, margin: 1.5}
    other: 3
    third: {tags: [a, 5]}
open: 1
"""
    assert wrong(text, Town) == [
        "a.yaml:1:7: days: must be a whole number from 1 to 20000 (length of the run, days); given -5",
        "a.yaml:2:1: population.consumers: missing; must be a whole number of at least 0 (how many there are)",
        "a.yaml:4:12: population.merchants.shop.margn: not known - did you mean 'margin'? (allowed: margin, tags)",
        "a.yaml:4:30: population.merchants.shop.margin: must be a number from 0 to 1 (part of the price); given 1.5",
        "a.yaml:5:12: population.merchants.other: must be a map with keys among margin, tags; given 3",
        "a.yaml:6:23: population.merchants.third.tags[1]: must be text; given 5: put it in quotes",
        "a.yaml:7:7: open: must be true or false; given 1",
    ]


def test_what_came_by_set_is_told_so():
    problems = wrong("population: {consumers: 1}\n", Town, sets=("days=0", "population.shop=1"))
    assert problems == [
        "--set days=0: days: must be a whole number from 1 to 20000 (length of the run, days); given 0",
        "--set population.shop=1: population.shop: not known (allowed: consumers, merchants)",
    ]


def test_a_part_of_a_tree_is_checked_under_its_full_path():
    assert right("shops: {a: {margin: 0.5}}\n", Shop, ("shops", "a")) == Shop(margin=0.5)
    assert wrong("shops: {a: {margin: x}}\n", Shop, ("shops", "a")) == [
        "a.yaml:1:21: shops.a.margin: must be a number from 0 to 1 (part of the price); given 'x'"
    ]
    assert wrong("shops: {a: 5}\n", Shop, ("shops", "a")) == [
        "a.yaml:1:12: shops.a: must be a map with keys among margin, tags; given 5"
    ]
    assert wrong("shops: {a: {}}\n", Shop, ("shops", "b")) == [
        "a.yaml:1:1: shops.b: missing; must be a map with keys among margin, tags"
    ]


def test_what_the_reading_has_complained_of_is_not_said_again():
    assert wrong("population: {consumers: 1e999}\ndays: 0\ndays: 1\n", Town) == [
        "a.yaml:2:7: days: must be a whole number from 1 to 20000 (length of the run, days); given 0"
    ]


def test_nothing_is_missing_from_a_scenario_that_could_not_be_read_whole():
    assert wrong("extends: nowhere.yaml\ndays: 0\n", Town) == [
        "a.yaml:2:7: days: must be a whole number from 1 to 20000 (length of the run, days); given 0"
    ]


# ---- scalars, strictly but as people mean them


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Values(Strict):
    truth: bool = False
    whole: int = 0
    number: float = 0
    text: str = ""
    day: dt.date | None = None
    moment: dt.datetime | None = None
    time: dt.time | None = None
    pair: tuple[int, str] | None = None
    many: tuple[float, ...] = ()
    names: frozenset[str] = frozenset()
    sequence: Sequence[int] = ()
    colour: Colour | None = None
    mode: Literal["by_need", "any_known"] = "by_need"
    file: Path | None = None
    price: decimal.Decimal | None = None
    nested: list[tuple[tuple[bool, ...], ...]] = []
    anything: Any = None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        *((f"truth: {word}", True) for word in ("true", "yes", "on", "Yes", "ON", "'on'")),
        *((f"truth: {word}", False) for word in ("false", "no", "off", "NO")),
        ("whole: 5.0", 5),
        ("whole: 1e6", 1_000_000),
        ("number: 5", 5.0),
        ("text: no", "no"),
        ("text: 12:30:00", "12:30:00"),
        ("day: 2023-09-01", dt.date(2023, 9, 1)),
        ("day: '2023-09-01'", dt.date(2023, 9, 1)),
        ("day: null", None),
        ("moment: 2021-11-01T00:00:00", dt.datetime(2021, 11, 1)),
        ("moment: 2021-11-01", dt.datetime(2021, 11, 1)),
        ("time: 09:00", dt.time(9)),
        ("pair: [1, x]", (1, "x")),
        ("many: [1, .5]", (1.0, 0.5)),
        ("names: [a, b]", frozenset("ab")),
        ("sequence: [1]", [1]),
        ("colour: red", Colour.RED),
        ("mode: any_known", "any_known"),
        ("file: a/b.csv", Path("a/b.csv")),
        ("price: 1.25", decimal.Decimal("1.25")),
        ("nested: [[[yes, no], [on]], []]", [((True, False), (True,)), ()]),
        ("anything: {a: .inf, b: 2023-09-01}", {"a": math.inf, "b": dt.date(2023, 9, 1)}),
    ],
)
def test_values_become_what_the_field_asks_for(written, meant):
    value = getattr(right(written + "\n", Values), written.partition(":")[0])
    assert (type(value), value) == (type(meant), meant)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("truth: 1", "must be true or false; given 1"),
        ("truth: maybe", "must be true or false; given 'maybe'"),
        ("whole: '5'", "must be a whole number; given '5' as text: leave out the quotes"),
        ("whole: 007", "must be a whole number; given '007'"),
        ("whole: 2.5", "must be a whole number; given 2.5"),
        ("whole: true", "must be a whole number; given true"),
        ("whole: yes", "must be a whole number; given 'yes'"),
        ("whole:", "must be a whole number; given nothing (null)"),
        ("whole: [1, 2]", "must be a whole number; given a list of 2"),
        ("number: true", "must be a number; given true"),
        ("number: '1e3'", "must be a number; given '1e3' as text: leave out the quotes"),
        ("number: .nan", "must be a finite number; given nan"),
        ("number: -.inf", "must be a finite number; given -inf"),
        ("whole: .inf", "must be a whole number; given inf"),
        ("text: 5", "must be text; given 5: put it in quotes"),
        ("text: 2023-09-01", "must be text; given 2023-09-01: put it in quotes"),
        ("text: true", "must be text; given true: put it in quotes"),
        ("text: {a: 1}", "must be text; given a map"),
        ("day: 2023-9-1", "must be a date (YYYY-MM-DD) or null; given '2023-9-1'"),
        ("day: 20230901", "must be a date (YYYY-MM-DD) or null; given 20230901"),
        ("moment: noon", "must be a date and time (YYYY-MM-DDTHH:MM:SS) or null; given 'noon'"),
        ("time: 25:00", "must be a time of day (HH:MM) or null; given '25:00'"),
        ("pair: [1, x, y]", "must be a list of 2: a whole number, text or null; given a list of 3"),
        ("many: 1", "must be a list, each item a number; given 1"),
        ("names: [a, 5]", "must be text; given 5: put it in quotes"),
        ("colour: blu", "must be one of red, blue or null; given 'blu' - did you mean 'blue'?"),
        ("mode: by_nead", "must be one of by_need, any_known; given 'by_nead' - did you mean 'by_need'?"),
        ("file: 5", "must be the name of a file or null; given 5"),
        (f"mode: {'x' * 200}", f"must be one of by_need, any_known; given '{'x' * 56}..."),
    ],
)
def test_values_that_do_not_fit_are_shown_with_what_does(written, words):
    (problem,) = wrong(written + "\n", Values)
    place, path, said = problem.split(": ", 2)
    assert (path, said) == (written.partition(":")[0], words)
    assert place.startswith("a.yaml:1:")


def test_an_item_has_its_position_in_the_path():
    assert wrong("many: [1, x]\nnested: [[], [[yes, 5]]]\npair: [1]\n", Values) == [
        "a.yaml:1:11: many[1]: must be a number; given 'x'",
        "a.yaml:2:21: nested[1][0][1]: must be true or false; given 5",
        "a.yaml:3:1: pair[1]: missing; must be text",
    ]


class Bounds(Strict):
    above: float = Field(1, gt=0, description="weeks")
    below: int = Field(0, ge=0, lt=10)
    most: Annotated[float, Field(le=1)] = 0
    even: int = Field(0, multiple_of=2)
    week: list[Annotated[float, Field(ge=0)]] = Field([], min_length=2, max_length=2, description="weights")
    name: str = Field("x", min_length=1)
    code: str = Field("X", pattern="^[A-Z]+$")
    shape: float | None = Field(None, gt=0)
    calendar: dict[str, int] = Field({}, max_length=1)
    free: float = Field(0, allow_inf_nan=True)


def test_bounds_are_told_in_words():
    text = (
        "above: 0\nbelow: 10\nmost: 2\neven: 3\nweek: [1]\nname: ''\ncode: a\nshape: -1\ncalendar: {a: 1, b: 2}\nfree: .inf\n"
    )
    assert [problem.partition(": ")[2] for problem in wrong(text, Bounds)] == [
        "above: must be a number above 0 (weeks); given 0",
        "below: must be a whole number of at least 0 and below 10; given 10",
        "most: must be a number of at most 1; given 2",
        "even: must be a whole number that is a multiple of 2; given 3",
        "week: must be a list of 2 items, each item a number of at least 0 (weights); given a list of 1",
        "name: must be text of at least 1 character; given ''",
        "code: must be text like ^[A-Z]+$; given 'a'",
        "shape: must be a number above 0 or null; given -1",
        "calendar: must be a map of at most 1 item, each value a whole number; given a map",
    ]


def test_nan_is_one_mistake_and_infinity_passes_where_it_is_allowed():
    assert wrong("above: .nan\nweek: [1, .inf]\n", Bounds) == [
        "a.yaml:1:8: above: must be a number above 0 (weeks); given nan",
        "a.yaml:2:11: week[1]: must be a finite number of at least 0; given inf",
    ]
    assert right("free: .inf\n", Bounds).free == math.inf


# ---- names in the file


class Policy(Strict):
    from_: int | dt.date = Field(0, alias="from", description="first day in force")
    until: int | dt.date | None = None


def test_keys_are_called_as_in_the_file():
    assert right("from: 2023-09-01\n", Policy).from_ == dt.date(2023, 9, 1)
    assert wrong("from: soon\n", Policy) == [
        "a.yaml:1:7: from: must be a whole number or a date (YYYY-MM-DD) (first day in force); given 'soon'"
    ]
    assert wrong("from_: 5\n", Policy) == [
        "a.yaml:1:1: from_: not known - did you mean 'from'? (allowed: extends, from, until)"
    ]


class Calendar(Strict):
    days: dict[int, float] = {}
    short: dict[Annotated[str, Field(max_length=3)], int] = {}


def test_a_name_that_is_wrong_is_told_at_the_name():
    assert wrong("short: {abc: 1, abcd: 2, ab: x}\n", Calendar) == [
        "a.yaml:1:17: short.abcd: the name must be text of at most 3 characters",
        "a.yaml:1:30: short.ab: must be a whole number; given 'x'",
    ]


# ---- unions


class Caps(Strict):
    use: Literal["caps"] = "caps"
    limit: int = Field(1, ge=0)


class Plan(Strict):
    use: Literal["plan"] = "plan"
    every: int = Field(7, ge=1, description="days")

    @model_validator(mode="after")
    def _not_thirteen(self) -> "Plan":
        if self.every == 13:
            raise ValueError("every: 13 is not liked")
        return self


class Unions(Strict):
    told_apart: dict[str, Annotated[Caps | Plan, Field(discriminator="use")]] = {}
    alike: Caps | Plan | None = None
    past: Plan | Literal["cold", "warm"] = "cold"
    mixed: list[Annotated[int, Field(ge=0)]] | int | Literal["all"] = 0
    parsed: Annotated[str, AfterValidator(str.strip)] | int = 0
    tagged: Annotated[
        Annotated[Caps, Tag("is_caps")] | Annotated[Plan, Tag("is_plan")],
        Discriminator(lambda value: "is_plan" if isinstance(value, dict) and "every" in value else "is_caps"),
    ] = Caps()


def test_members_of_unions_leave_no_trace_in_paths_and_messages():
    text = """\
told_apart:
  a: {use: cap}
  b: {limit: 1}
  c: {use: plan, evry: 3}
  d: {use: caps, limit: -1}
  e: 5
alike: {use: plan, every: x}
past: hot
mixed: [1, -1]
parsed: [1]
tagged: {every: 0}
"""
    assert wrong(text, Unions) == [
        "a.yaml:2:12: told_apart.a.use: must be one of caps, plan; given 'cap' - did you mean 'caps'?",
        "a.yaml:3:3: told_apart.b.use: missing; must be one of caps, plan",
        "a.yaml:4:18: told_apart.c.evry: not known - did you mean 'every'? (allowed: use, every)",
        "a.yaml:5:25: told_apart.d.limit: must be a whole number of at least 0; given -1",
        "a.yaml:6:6: told_apart.e: must be a map with use: caps or plan; given 5",
        "a.yaml:7:27: alike.every: must be a whole number of at least 1 (days); given 'x'",
        "a.yaml:8:7: past: must be a map with keys among use, every, or one of cold, warm; given 'hot'",
        "a.yaml:9:12: mixed[1]: must be a whole number of at least 0; given -1",
        "a.yaml:10:1: parsed: must be text or a whole number; given a list of 1",
        "a.yaml:11:17: tagged.every: must be a whole number of at least 1 (days); given 0",
    ]


def test_a_union_whose_members_are_all_of_another_kind_is_one_mistake():
    assert wrong("mixed: none\nalike: 5\ntold_apart: {a: [1]}\n", Unions) == [
        "a.yaml:1:8: mixed: must be a list, each item a whole number of at least 0, or a whole number, or 'all'; given 'none'",
        "a.yaml:2:8: alike: must be a map or null; given 5",
        "a.yaml:3:14: told_apart.a: must be a map with use: caps or plan; given a list of 1",
    ]


def test_a_validator_of_a_unions_member_is_heard():
    assert wrong("told_apart: {a: {use: plan, every: 13}}\npast: {every: 13}\n", Unions) == [
        "a.yaml:1:36: told_apart.a.every: 13 is not liked",
        "a.yaml:2:15: past.every: 13 is not liked",
    ]


class Names(RootModel[dict[str, Shop]]):
    pass


class Streets(Strict):
    names: Names = Names({})


def test_a_root_model_adds_nothing_to_the_path():
    assert wrong("names: {a: {margin: 2}, b: 5}\n", Streets) == [
        "a.yaml:1:21: names.a.margin: must be a number from 0 to 1 (part of the price); given 2",
        "a.yaml:1:28: names.b: must be a map with keys among margin, tags; given 5",
    ]


# ---- validators


class Span(Strict):
    start: dt.date
    until: dt.date
    steps: list[int] = []
    word: str = ""

    @field_validator("steps")
    @classmethod
    def _rising(cls, steps: list[int]) -> list[int]:
        if sorted(steps) != steps:
            raise ValueError("must rise")
        return steps

    @field_validator("word")
    @classmethod
    def _short(cls, word: str) -> str:
        if len(word) > 3:
            raise AssertionError("at most three letters")
        if word == "no":
            raise PydanticCustomError("negative", "is too {how}", {"how": "negative"})
        if word == "x":
            raise ValueError
        return word

    @model_validator(mode="after")
    def _forward(self) -> "Span":
        if self.until < self.start:
            raise ValueError(f"until: {self.until} is before the start\nsteps[1]: so is this\nnothing: fits")
        return self


def test_validators_speak_for_themselves():
    dates = "start: 2023-01-02\nuntil: 2023-01-03\n"
    assert wrong(dates + "steps: [2, 1]\nword: longer\n", Span) == [
        "a.yaml:3:1: steps: must rise",
        "a.yaml:4:7: word: at most three letters",
    ]
    assert wrong(dates + "word: no\n", Span) == ["a.yaml:3:7: word: is too negative"]
    assert wrong(dates + "word: x\n", Span) == ["a.yaml:3:7: word: not allowed"]


def test_a_line_that_begins_with_a_key_is_placed_there():
    assert wrong("start: 2023-01-02\nuntil: 2023-01-01\nsteps: [1, 2]\n", Span) == [
        "a.yaml:1:1: nothing: fits",
        "a.yaml:2:8: until: 2023-01-01 is before the start",
        "a.yaml:3:12: steps[1]: so is this",
    ]
    assert wrong("span: {start: 2023-01-02, until: 2023-01-01}\n", Span, ("span",)) == [
        "a.yaml:1:1: span.steps[1]: so is this",
        "a.yaml:1:1: span: nothing: fits",
        "a.yaml:1:34: span.until: 2023-01-01 is before the start",
    ]


# ---- nearest


@pytest.mark.parametrize(
    ("name", "meant"), [("merchant", "merchants"), ("Store-Days", "store_days"), ("zzz", None), ("", None), ("days", "days")]
)
def test_the_nearest_name(name, meant):
    assert nearest(name, ["merchants", "store_days", "days"]) == meant


def test_of_no_names_none_is_near():
    assert nearest("days", []) is None


# ---- anything at all

scalars = (
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats() | st.dates() | st.sampled_from(["yes", "x", "caps", "1"])
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["use", "every", "limit", "a", "margin", "tags"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def as_yaml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {as_yaml(below)}" for name, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_yaml, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return {math.inf: ".inf", -math.inf: "-.inf"}.get(value, ".nan")
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not isinstance(value, float) else repr(value)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([Town, Values, Bounds, Policy, Calendar, Unions, Streets, Span]), st.data())
def test_whatever_is_written_is_taken_or_refused_in_plain_words(model, data):
    names = [field.alias or name for name, field in model.model_fields.items()]
    written = data.draw(st.dictionaries(st.sampled_from(names), anything, min_size=1, max_size=4))
    value, problems = checked(as_yaml(written), model)
    assert (value is None) == bool(problems)
    for problem in problems:
        assert problem.startswith("a.yaml:1:")
        assert not any(jargon in problem for jargon in ("Input", "literal[", "function-", "valid ", "instance", "dict"))
        assert "\n" not in problem


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1), st.booleans(), st.lists(st.sampled_from(["a", "b c", "5"]), max_size=3))
def test_a_valid_scenario_comes_through_unchanged(consumers, margin, is_open, tags):
    written = ", ".join(f"'{tag}'" for tag in tags)
    shops = f"{{s: {{margin: {margin!r}, tags: [{written}]}}}}"
    text = f"open: {'yes' if is_open else 'off'}\npopulation: {{consumers: {consumers}, merchants: {shops}}}\n"
    shop = Shop(margin=margin, tags=tags)
    assert right(text, Town) == Town(population=Population(consumers=consumers, merchants={"s": shop}), open=is_open)
