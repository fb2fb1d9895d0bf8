"""What a scenario says in all: plain data, and the place of each part of it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import Problem
from sim.scenario.node import Keys, Node, Place, child, plain


class Source(NamedTuple):
    """A file that was read."""

    file: str
    sha256: str


class Tree:
    """What a scenario says in all: plain data, and the place of each part of it.

    `problems` are the mistakes met on the way (empty after `read_scenario`); `complete` is False if a file could not be
    read, so that nothing follows from what is missing.
    """

    def __init__(
        self,
        root: Node,
        files: Iterable[Source] = (),
        problems: Iterable[Problem] = (),
        complete: bool = True,
        sets: Iterable[str] = (),
    ) -> None:
        self._root = root
        self.files = tuple(files)
        self.complete = complete
        self._order = {name: i for i, name in enumerate([*(source.file for source in self.files), *sets])}
        self.problems = self.sorted(problems)

    @cached_property
    def data(self) -> Any:
        """Plain maps, lists and scalars; every part is its own copy."""
        return plain(self._root)

    def place(self, path: Keys) -> Place:
        """Where the key at `path` is written (for an item of a list: the item), or its nearest ancestor's."""
        node = self._nearest(path)
        return node.key or node.at

    def value_place(self, path: Keys) -> Place:
        """Where the value at `path` begins, or its nearest ancestor's."""
        return self._nearest(path).at

    def keys_place(self, path: Keys, key: str) -> Place:
        """Where `key` is written in the map at `path`."""
        return self.place((*path, key))

    def base(self, path: Keys) -> Path:
        """The folder that a file name at `path` is relative to: that of its file, or the current one for `--set`."""
        place = self.value_place(path)
        return Path(place.file).parent if place.line else Path()

    def sorted(self, problems: Iterable[Problem]) -> list[Problem]:
        """Each problem once, by file in reading order, line and column: first the files that could not be opened."""

        def order(problem: Problem) -> tuple[int, int, int]:
            elsewhere = len(self._order) if problem.line else -1
            return self._order.get(problem.file, elsewhere), problem.line, problem.column

        return sorted(dict.fromkeys(problems), key=order)

    def _nearest(self, path: Keys) -> Node:
        node = self._root
        for part in path:
            below = child(node, part)
            if below is None:
                break
            node = below
        return node
