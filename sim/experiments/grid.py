"""A grid over settings of a scenario: what is varied, and every point of it as a checked scenario."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from sim.errors import BadInput, Problem
from sim.scenario.load import Scenario, as_yaml
from sim.scenario.source import Place, key_and_value, read_scenario, scalar

MOST_POINTS = 10_000
OPENING, CLOSING = "[{", "]}"

Grid = Mapping[str, Sequence[Any]] | Sequence[str]


@dataclass(frozen=True)
class Level:
    """One value of a factor: `text` as `--set` takes it, `value` as a table holds it, `shown` as people read it."""

    text: str

    @property
    def value(self) -> str | int | float | bool:
        """A number or truth value where it is one, else text."""
        try:
            found = scalar(self.text)
        except ValueError:
            return self.text
        return found if isinstance(found, bool | int | float) else self.shown

    @property
    def shown(self) -> str:
        """Without quotes."""
        text = self.text
        return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


@dataclass(frozen=True)
class Factor:
    """A setting that is varied, and its levels in the order given; differences are to the first."""

    path: str
    levels: tuple[Level, ...]

    @property
    def numeric(self) -> bool:
        """Whether all levels are numbers."""
        return all(isinstance(level.value, int | float) and not isinstance(level.value, bool) for level in self.levels)


@dataclass(frozen=True)
class Point:
    """One combination of levels, by position in each factor.

    `changed` are the settings in which it departs from the base, by path as `Scenario.with_values` takes them; `hash` is
    that of its scenario.
    """

    name: str
    levels: tuple[int, ...]
    changed: Mapping[str, Any]
    hash: str


def factors(grid: Grid) -> list[Factor]:
    """What is varied, from a map (path to values), or from texts as on a command line: `a.b.c=1,3,7`, or a YAML file.

    A file is a map from paths to lists. Raises BadInput.
    """
    found: list[tuple[str, list[str]]] = []
    problems: list[Problem] = []
    if isinstance(grid, Mapping):
        for path, values in grid.items():
            found += _of_list(path, values, Place("grid"), problems)
    else:
        for text in grid:
            found += _given(text, problems)
    keys: dict[str, list[str]] = {}
    for path, texts in found:
        where = f"--grid {path}"
        try:
            keys_of, _ = key_and_value(f"{path}=")
        except ValueError:
            words = "must be PATH=VALUE,VALUE,... or a YAML file of them: --grid policies.caps.store_days=1,3,7"
            problems.append(Problem(words, where))
            continue
        problems += [Problem(words, where) for words in _wrong(path, keys_of, texts, keys)]
        keys[path] = keys_of
    if not found and not problems:
        problems.append(Problem("nothing is varied; give --grid PATH=VALUE,VALUE,... (in Python: grid={path: [values]})"))
    if problems:
        raise BadInput(problems)
    return [Factor(path, tuple(map(Level, texts))) for path, texts in found]


def points(base: Scenario, varied: Sequence[Factor]) -> list[Point]:
    """Every combination of levels as a point, the last factor varying fastest. Raises BadInput with all that is wrong.

    Each value is checked by itself, like any `--set`; then every combination, for a limit may depend on two settings.
    """
    count = prod(len(factor.levels) for factor in varied)
    if count > MOST_POINTS:
        raise BadInput(f"--grid: {count:,} points; at most {MOST_POINTS:,} are allowed: leave out values, or split the sweep")
    problems: dict[Problem, None] = {}
    for factor in varied:
        alike: dict[str, str] = {}
        for level in factor.levels:
            text = f"{factor.path}={level.text}"
            alone = _set(base, [text], problems)
            first = alike.setdefault(alone.hash, level.text) if alone is not None else level.text
            if first != level.text:
                problems[Problem(f"says the same as {first}", f"--grid {text}")] = None
    result = []
    combinations = product(*(range(len(factor.levels)) for factor in varied))
    for number, levels in enumerate(combinations if not problems else ()):
        sets = [f"{factor.path}={factor.levels[level].text}" for factor, level in zip(varied, levels)]
        scenario = _set(base, sets, problems)
        if scenario is not None:
            changed = dict(_departures(base.resolved, scenario.resolved))
            result.append(Point(f"p{number:0{len(str(count - 1))}d}", levels, changed, scenario.hash))
    if problems:
        raise BadInput(problems)
    return result


def _departures(base: Mapping[str, Any], point: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """What differs, in maps with the same keys one by one, elsewhere as a whole."""
    for key, value in point.items():
        own = base[key]
        if isinstance(own, Mapping) and isinstance(value, Mapping) and own.keys() == value.keys():
            yield from _departures(own, value, f"{path}{key}.")
        elif own != value or type(own) is not type(value):
            yield f"{path}{key}", value


def _set(base: Scenario, sets: Sequence[str], problems: dict[Problem, None]) -> Scenario | None:
    try:
        return base.with_sets(sets)
    except BadInput as error:
        for one in error.problems:
            file = one.file.replace("--set ", "--grid ", 1) if one.file.startswith("--set ") else f"--grid {' '.join(sets)}"
            problems[one._replace(file=file)] = None
        return None


def _wrong(path: str, keys: list[str], texts: Sequence[str], before: Mapping[str, list[str]]) -> Iterator[str]:
    if keys == ["seed"]:
        yield "the seed is not varied by a grid but by replications (-r), alike at every point"
    if not texts:
        yield "no values; give at least one"
    twice = dict.fromkeys(text for text in texts if texts.count(text) > 1)
    yield from (f"{text} is given twice" for text in twice)
    for other, of_other in before.items():
        shorter = min(len(keys), len(of_other))
        if keys[:shorter] == of_other[:shorter]:
            yield "given twice" if keys == of_other else f"lies in one line with {other}: vary one of the two"


def _given(text: str, problems: list[Problem]) -> list[tuple[str, list[str]]]:
    """The factors of one option."""
    try:
        _, values = key_and_value(text)
    except ValueError:
        if "=" not in text and (Path(text).suffix in {".yaml", ".yml"} or Path(text).is_file()):
            return _of_file(text, problems)
        return [(text, [])]
    return [(text[: len(text) - len(values) - 1], _split(values))]


def _of_file(file: str, problems: list[Problem]) -> list[tuple[str, list[str]]]:
    try:
        tree = read_scenario(file)
    except BadInput as error:
        problems += error.problems
        return []
    if not isinstance(tree.data, dict):
        problems.append(Problem("must be a map from paths to lists: `policies.caps.store_days: [1, 3, 7]`", file))
        return []
    of_paths = [_of_list(path, values, tree.value_place((path,)), problems) for path, values in tree.data.items()]
    return [factor for of_path in of_paths for factor in of_path]


def _of_list(path: object, values: Any, place: Place, problems: list[Problem]) -> list[tuple[str, list[str]]]:
    """One factor, its values as texts for `--set`."""
    if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__iter__"):
        problems.append(place.problem(f"{path}: must be a list of values; given {values!r}"))
        return []
    return [(str(path), [v.isoformat() if isinstance(v, datetime.date) else as_yaml(v) for v in values])]


def _split(text: str) -> list[str]:
    """The values between commas that are in no bracket and no quotes."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and not parts[-1].strip():
            quote = character
        elif character in OPENING:
            depth += 1
        elif character in CLOSING:
            depth -= 1
        elif character == "," and depth <= 0:
            parts.append("")
            continue
        parts[-1] += character
    return [part.strip() for part in parts] if text.strip() else []
