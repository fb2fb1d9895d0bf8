"""Unquoted words mean what people mean by them."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import quick, read, wrong
from yaml.reader import Reader

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("5", 5),
        ("+5", 5),
        ("-5", -5),
        ("50_000_000", 50_000_000),
        ("18446744073709551615", 2**64 - 1),
        ("1e-3", 0.001),
        ("1E5", 100_000.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1_000.25", 1000.25),
        (".inf", float("inf")),
        ("-.inf", float("-inf")),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("007", "007"),
        ("00.5", "00.5"),
        ("12:30:00", "12:30:00"),
        ("09:00", "09:00"),
        ("2023-09-01", dt.date(2023, 9, 1)),
        ("2023-9-1", "2023-9-1"),
        ("2021-11-01T00:00:00", "2021-11-01T00:00:00"),
        ("0x1F", "0x1F"),
        ("1,000", "1,000"),
        ("1.2.3", "1.2.3"),
        ("nan", "nan"),
        ("٣", "٣"),  # a digit to Unicode, not to a scenario
        ("=", "="),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("! 5", "5"),
    ],
)
def test_yaml_means_what_people_mean(written, meant):
    value = read(f"a: {written}\n").data["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_a_number_too_large_and_a_day_in_no_calendar_are_said_to_be_so():
    assert wrong("a: 1e400\nb: 18446744073709551616\nc: 2023-02-30\n") == [
        "a.yaml:1:4: a: 1e400 is too large: numbers go up to about 1.8e308",
        "a.yaml:2:4: b: 18446744073709551616 is too large: whole numbers are below 2 to the power of 64",
        "a.yaml:3:4: c: 2023-02-30 is not a day of the calendar (a date is YYYY-MM-DD; a text is put in quotes)",
    ]
    assert len(wrong(f"a: {'9' * 10_000}\n")) == 1


# Characters that YAML takes for line breaks are folded, and some may not stand in it at all.
any_text = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30).filter(
    lambda text: not Reader.NON_PRINTABLE.search(text) and "\ufeff" not in text
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64) + 1, 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    any_text,
)


def as_yaml(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)


@quick
@given(scalars)
def test_scalars_come_back_as_they_were_written(value):
    back = read(f"a: {as_yaml(value)}\n").data["a"]
    assert (type(back), back) == (type(value), value)


@quick
@given(scalars)
def test_a_scalar_by_set_is_the_scalar_in_a_file(value):
    assert read("a: 1\n", f"a={as_yaml(value)}").data["a"] == value
