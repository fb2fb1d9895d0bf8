"""What an unquoted word of a scenario file means.

YAML is read as people mean it. `5`, `50_000`, `-.5`, `1e-3`, `1E5`, `.inf` are numbers; `true` and `false` are the only
truth values (`no`, `on` are text, models take them where a truth value is expected); `2023-09-01` is a date; `12:30:00`,
`2021-11-01T00:00:00` and `007` are text; `null`, `~` and an empty value are nothing.
"""

from __future__ import annotations

import datetime
import math
import re

LARGEST_INTEGER = 2**64

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*)")
_NUMBER = re.compile(r"[-+]?((0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = {
    name: value
    for word, value in (("true", True), ("false", False), ("null", None))
    for name in (word, word.title(), word.upper())
}
_WORDS |= {"": None, "~": None}


def scalar(text: str) -> str | int | float | bool | datetime.date | None:
    """What unquoted `text` means; ValueError, in plain words, for a number too large or a day that is in no calendar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _NUMBER.fullmatch(text):
        return _finite(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    if _DATE.fullmatch(text):
        return _date(text)
    return text


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    # the length first: Python refuses to read thousands of digits
    if len(digits) > 25 or not -LARGEST_INTEGER < (number := int(digits)) < LARGEST_INTEGER:
        raise ValueError(f"{shortened(text)} is too large: whole numbers are below 2 to the power of 64")
    return number


def _finite(text: str) -> float:
    number = float(text.replace("_", ""))
    if math.isinf(number):
        raise ValueError(f"{shortened(text)} is too large: numbers go up to about 1.8e308")
    return number


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is not a day of the calendar (a date is YYYY-MM-DD; a text is put in quotes)") from None


def shortened(text: str, longest: int = 40) -> str:
    """`text`, cut off with dots if it has more than `longest` characters."""
    return text if len(text) <= longest else text[: longest - 3] + "..."
