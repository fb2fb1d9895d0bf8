"""Parts of plain data by their paths."""

from __future__ import annotations

from typing import Any

from sim.scenario.node import Keys

NOTHING = object()


def part_at(data: Any, path: Keys) -> Any:
    """The value at `path`, or NOTHING."""
    for part in path:
        is_item = isinstance(data, list | tuple) and isinstance(part, int) and part < len(data)
        if not is_item and not (isinstance(data, dict) and part in data):
            return NOTHING
        data = data[part]
    return data


def with_part(data: Any, path: Keys, value: Any) -> Any:
    """A copy of `data` with `value` at `path`."""
    if not path:
        return value
    part: Any = path[0]
    below = with_part(data[part], path[1:], value)
    if isinstance(data, dict):
        return {**data, part: below}
    return type(data)([*data[:part], below, *data[part + 1 :]])
