"""From a tree to a model: every mistake with its place, what was given and what is allowed.

Models are validated strictly, after values have been turned into what a field asks for where that is what people mean
(`meaning`); pydantic's errors are found in the data (`faults`) and said in words (`refusals`).

A validator says in plain words, by ValueError, what is wrong. A line of its message that begins with a key of the map
and a colon ("until: the run ends before it starts") is placed at that key; every line is a problem of its own.
"""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

from sim.errors import Problem
from sim.scenario.faults import Found, located, settled
from sim.scenario.meaning import not_finite, validated
from sim.scenario.node import Keys
from sim.scenario.parts import NOTHING, part_at
from sim.scenario.refusals import in_words
from sim.scenario.slots import slot_of
from sim.scenario.tree import Tree

M = TypeVar("M", bound=BaseModel)


def check(tree: Tree, model: type[M], at: Keys = ()) -> tuple[M | None, list[Problem]]:
    """The part of `tree` at `at` as a `model`, or None and all that is wrong with it, in the order of its places.

    Fields refuse unknown keys if their model does (`extra="forbid"`). What the tree itself has complained about is not
    said again; of a tree that is not complete nothing is said to be missing.
    """
    given = part_at(tree.data, at)
    if given is NOTHING:
        found = [Found("missing", at, slot_of(model))]
        return None, in_words(found, tree)
    value, data, errors = validated(model, given)
    found = settled([located(model, at, error, data) for error in errors])
    refused = {one.path for one in found}
    unbounded = [Found("finite_number", (*at, *path), slot) for path, slot in not_finite(model, given)]
    found += [one for one in unbounded if one.path not in refused]
    problems = in_words(found, tree)
    return (None if found else value), problems
