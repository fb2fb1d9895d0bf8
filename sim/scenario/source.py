"""Scenario files as plain data that still knows where each key and value is written: the door to reading them.

A file is read into nodes (`compose`); the files that it extends, overlays (`layers`) and `--set` (`set_paths`) are laid
over one another; the result is a `Tree`. Nothing here knows what a scenario means: that is for the models
(`sim.scenario.check`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from sim.errors import BadInput, Problem
from sim.scenario.layers import Layers
from sim.scenario.node import Keys, Node, Place, dotted, undotted
from sim.scenario.scalars import scalar
from sim.scenario.set_paths import key_and_value, label, with_set
from sim.scenario.tree import Source, Tree

__all__ = [
    "Keys",
    "Place",
    "Source",
    "Tree",
    "dotted",
    "key_and_value",
    "label",
    "read_scenario",
    "scalar",
    "survey",
    "undotted",
]


def read_scenario(
    path: str | os.PathLike[str], overlays: Sequence[str | os.PathLike[str]] = (), sets: Sequence[str] = ()
) -> Tree:
    """The tree of a scenario file, what it extends, `overlays` and `sets` (`"a.b.c=V"`); BadInput with every mistake."""
    tree = survey(path, overlays, sets)
    if tree.problems:
        raise BadInput(tree.problems)
    return tree


def survey(path: str | os.PathLike[str], overlays: Sequence[str | os.PathLike[str]] = (), sets: Sequence[str] = ()) -> Tree:
    """As `read_scenario`, but mistakes are kept in `tree.problems`, so that what could be read can be checked as well."""
    layers = Layers()
    for file in (path, *overlays):
        layers.lay(os.fspath(file), again=True)
    root = layers.merged(os.fspath(path))
    for text in sets:
        root = with_set(root, text, layers.problems)
    return Tree(root, layers.files.values(), layers.problems, layers.complete, map(label, sets))


def read_sets(sets: Sequence[str]) -> Tree:
    """What `sets` (`"a.b.c=V"`) say by themselves, over nothing; mistakes are kept in `tree.problems`."""
    root = Node({}, Place("--set"))
    problems: list[Problem] = []
    for text in sets:
        root = with_set(root, text, problems)
    return Tree(root, (), problems, sets=map(label, sets))
