"""Files in the current folder, read as scenarios; what their mistakes are called; and data to write into them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from sim.errors import BadInput
from sim.scenario.source import Tree, read_scenario

quick = settings(max_examples=60, deadline=None)


def write(name: str, content: str | bytes) -> str:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def read(text: str | bytes, *sets: str) -> Tree:
    return read_scenario(write("a.yaml", text), sets=sets)


def problems(do: Callable[[], object]) -> list[str]:
    """What is wrong, in the order in which it is told."""
    with pytest.raises(BadInput) as error:
        do()
    return [str(problem) for problem in error.value.problems]


def refused(path: str = "a.yaml", overlays: tuple[str, ...] = (), sets: tuple[str, ...] = ()) -> list[str]:
    return problems(lambda: read_scenario(path, overlays, sets))


def wrong(text: str | bytes, *sets: str) -> list[str]:
    write("a.yaml", text)
    return refused(sets=sets)


def leaves(data: object, path: tuple = ()) -> Iterator[tuple[tuple, object]]:
    """Every path of a tree with its value, the inner ones included."""
    if path:
        yield path, data
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, below in items:
        yield from leaves(below, (*path, part))


keys = st.text("abcdefgh世é", min_size=1, max_size=6)
trees = st.dictionaries(
    keys,
    st.recursive(
        st.integers(0, 999), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
    ),
    min_size=1,
    max_size=4,
)
