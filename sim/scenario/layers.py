"""Scenario files over files: what each extends, and the order in which they are laid."""

from __future__ import annotations

import difflib
import hashlib
import os
from dataclasses import replace
from pathlib import Path

from sim.errors import Problem
from sim.scenario.compose import Unreadable, compose, line_and_column
from sim.scenario.near_names import did_you_mean
from sim.scenario.node import Node, Place, dotted, laid_over
from sim.scenario.tree import Source

LONGEST_CHAIN = 50  # files that extend one another


class Layers:
    """Reads files and what they extend, each once, and lays them in order: what a file extends lies below it.

    Where two files extend the same third one, that lies below both, so that the second does not undo the first.
    """

    def __init__(self) -> None:
        self.files: dict[str, Source] = {}  # by real path, in reading order
        self.problems: list[Problem] = []
        self.complete = True
        self._read: dict[str, Node | None] = {}
        self._laid: dict[str, None] = {}
        self._layers: list[Node] = []

    def merged(self, main: str) -> Node:
        own = self._read.get(os.path.realpath(main))
        root = Node({}, Place(main))
        for layer in self._layers:
            root = laid_over(root, layer)
        return replace(root, at=own.at if own else Place(main))

    def lay(self, file: str, asked: Place | None = None, ring: tuple[tuple[str, str], ...] = (), again: bool = False) -> None:
        """Lays what `file` extends, then `file`. `ring`: the files (real path, name) that have led here."""
        real = os.path.realpath(file)
        if asked and not self._may_follow(real, file, asked, ring):
            return
        if real in self._laid and not again:
            return
        node = self._load(real, file, asked)
        if node is None:
            self.complete = False
            return
        for name, place in self._extended(node):
            self.lay(_beside(file, name), place, (*ring, (real, file)))
        self._laid[real] = None
        self._layers.append(replace(node, value={key: below for key, below in node.value.items() if key != "extends"}))

    def _may_follow(self, real: str, file: str, asked: Place, ring: tuple[tuple[str, str], ...]) -> bool:
        reals = [known for known, _ in ring]
        if real in reals:
            names = [name for _, name in ring[reals.index(real) :]]
            self.problems.append(asked.problem(f"extends: a circle: {' -> '.join([*names, names[0]])}"))
        elif len(ring) >= LONGEST_CHAIN:
            self.problems.append(asked.problem(f"extends: more than {LONGEST_CHAIN} files extend one another"))
            self.complete = False
        else:
            return True
        return False

    def _extended(self, node: Node) -> list[tuple[str, Place]]:
        """The files that a file's `extends` names, with the place of each."""
        entry = node.value.get("extends")
        if entry is None:
            return []
        several = isinstance(entry.value, list)
        files = []
        for i, item in enumerate(entry.value if several else [entry]):
            if isinstance(item.value, str) and item.value.strip() and "\0" not in item.value:
                files.append((item.value, item.at))
            else:
                path = dotted(("extends", i) if several else ("extends",))
                self.problems.append(item.at.problem(f"{path}: must be the name of a file, or a list of such names"))
                self.complete = False
        return files

    def _load(self, real: str, file: str, asked: Place | None) -> Node | None:
        if real not in self._read:
            try:
                data = Path(file).read_bytes()
            except (OSError, ValueError) as error:
                self.problems.append(_cannot_open(file, error, asked))
                return None
            self.files[real] = Source(file, hashlib.sha256(data).hexdigest())
            self._read[real] = self._parse(data, file)
        return self._read[real]

    def _parse(self, data: bytes, file: str) -> Node | None:
        try:
            text = _decoded(data, file)
        except Unreadable as error:
            self.problems.append(error.problem)
            return None
        known = len(self.problems)
        node = compose(text, lambda line, column: Place(file, line, column), self.problems)
        if node is None and len(self.problems) > known:
            return None
        if node is None or node.value is None:
            self.problems.append(Problem("the file is empty: a scenario is a map of keys and values", file, 1, 1))
            return None
        if not isinstance(node.value, dict):
            kind = "a list" if isinstance(node.value, list) else "a single value"
            self.problems.append(
                node.at.problem(f"the file holds {kind}: a scenario is a map of keys and values ('key: value')")
            )
            return None
        return node


_BOM = b"\xef\xbb\xbf"


def _decoded(data: bytes, file: str) -> str:
    start = len(_BOM) if data.startswith(_BOM) else 0
    try:
        return data[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = line_and_column(data[start : start + error.start].decode("utf-8"))
        at = start + error.start
        words = f"not UTF-8 text: byte 0x{data[at]:02x} at offset {at}; save the file as UTF-8"
        raise Unreadable(Problem(words, file, line, column)) from None


def _cannot_open(file: str, error: Exception, asked: Place | None) -> Problem:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        words = f"there is no such file{_similar(file)}"
    elif isinstance(error, IsADirectoryError):
        words = "is a folder: name a file in it"
    else:
        words = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return asked.problem(f"extends: {file}: {words}") if asked else Problem(words, file)


def _similar(file: str) -> str:
    folder, name = os.path.split(file)
    try:
        names = sorted(os.listdir(folder or "."))
    except OSError:
        return ""
    stems = {Path(other).stem: other for other in names}  # endings are all alike, and would make all names so
    close = difflib.get_close_matches(Path(name).stem, list(stems), 1)
    return did_you_mean(stems[close[0]] if close else None)


def _beside(file: str, name: str) -> str:
    """`name` as seen from `file`; `..` is taken out only where that does not lead through a link elsewhere."""
    path = os.path.join(os.path.dirname(file), name)
    tidy = os.path.normpath(path)
    return tidy if os.path.realpath(tidy) == os.path.realpath(path) else path
