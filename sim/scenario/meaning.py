"""Strict validation of what people mean: values are turned into what a field asks for where that is what is meant.

`yes` where a truth value is expected, `1e6` where a whole number is, a list for a tuple or set, text for a time, a path or
a choice. A quoted number stays text, `true` is no number.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError

from sim.scenario.locations import followed
from sim.scenario.node import Keys
from sim.scenario.parts import NOTHING, part_at, with_part
from sim.scenario.slots import Slot, reached

M = TypeVar("M", bound=BaseModel)


def validated(model: type[M], data: Any) -> tuple[M | None, Any, list[Any]]:
    """The model if it is valid, the data as it was turned into what the fields ask for, and pydantic's errors."""
    while True:
        try:
            return model.model_validate(data, strict=True), data, []
        except ValidationError as error:
            errors: list[Any] = error.errors(include_url=False)
        # The errors show which type was wanted where; each round may reach one level deeper. It ends, for nothing is
        # turned back into text, a list or a floating-point number.
        turned = data
        for one in errors:
            way = followed(model, one["loc"], data)
            turned = _turned(turned, way.path, way.slot)
        if turned is data:
            return None, data, errors
        data = turned


def _turned(data: Any, path: Keys, slot: Slot) -> Any:
    """`data` with the value at `path` as its slot wants it; `data` itself where nothing is to be done."""
    value = part_at(data, path)
    wanted = get_origin(slot.kind) or slot.kind
    if value is NOTHING or not isinstance(wanted, type):
        return data
    turn = _TURNS.get(wanted) or next((turn for kind, turn in _TURNS_BELOW if issubclass(wanted, kind)), None)
    if turn is None:
        return data
    try:
        turned = turn(wanted, value)
    except (ValueError, TypeError, ArithmeticError):
        return data
    return data if turned is value else with_part(data, path, turned)


_TRUTH = {"yes": True, "on": True, "no": False, "off": False}
_EXACT = 2**53  # whole numbers up to here are exact as floating point


def _truth(_: type, value: Any) -> Any:
    return _TRUTH.get(value.lower(), value) if isinstance(value, str) else value


def _whole(_: type, value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT else value


def _collection(wanted: type, value: Any) -> Any:
    return wanted(value) if isinstance(value, list) else value


def _moment(wanted: Any, value: Any) -> Any:
    if isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}:", value):
        return wanted.fromisoformat(value)
    if wanted is datetime.datetime and type(value) is datetime.date:
        return datetime.datetime.combine(value, datetime.time())
    return value


def _choice(wanted: Any, value: Any) -> Any:
    return value if isinstance(value, wanted | bool) else wanted(value)


def _path(_: type, value: Any) -> Any:
    return Path(value) if isinstance(value, str) else value


def _decimal(_: type, value: Any) -> Any:
    return decimal.Decimal(repr(value)) if type(value) in (int, float) else value


_TURNS: dict[type, Callable[[Any, Any], Any]] = {
    bool: _truth,
    int: _whole,
    tuple: _collection,
    set: _collection,
    frozenset: _collection,
    datetime.date: _moment,
    datetime.datetime: _moment,
    datetime.time: _moment,
    decimal.Decimal: _decimal,
}
_TURNS_BELOW: list[tuple[type, Callable[[Any, Any], Any]]] = [(enum.Enum, _choice), (Path, _path)]


def not_finite(model: type[BaseModel], data: Any, path: Keys = ()) -> Iterator[tuple[Keys, Slot]]:
    """The places of NaN and infinities where a number is wanted and `allow_inf_nan=True` does not stand."""
    if isinstance(data, dict | list):
        parts = data.items() if isinstance(data, dict) else enumerate(data)
        for part, below in parts:
            yield from not_finite(model, below, (*path, part))
    elif isinstance(data, float) and not math.isfinite(data):
        slots = [slot for slot in reached(model, path) if slot.kind is float]
        if slots and not any(getattr(limit, "allow_inf_nan", False) for slot in slots for limit in slot.limits):
            yield path, slots[0]
