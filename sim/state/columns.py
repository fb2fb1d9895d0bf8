"""A column is declared once: its declaration makes the array, the snapshot and the page of the docs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Column(NamedTuple):
    """One named number of each row of a table."""

    name: str
    dtype: str
    unit: str
    meaning: str
    start: float = 0


class Table(NamedTuple):
    """A table of declared columns, in the order of their use."""

    name: str
    meaning: str
    columns: tuple[Column, ...]

    @property
    def dtype(self) -> np.dtype:
        """The structured dtype of one row, aligned."""
        return np.dtype([(c.name, c.dtype) for c in self.columns], align=True)

    def rows(self, count: int) -> np.ndarray:
        """`count` fresh rows, every column at its start value."""
        rows = np.zeros(count, self.dtype)
        for c in self.columns:
            if c.start:
                rows[c.name] = c.start
        return rows

    def markdown(self) -> str:
        """The table of the docs."""
        head = f"## {self.name}\n\n{self.meaning}\n\n| column | dtype | unit | meaning |\n|---|---|---|---|\n"
        return head + "".join(f"| `{c.name}` | {c.dtype} | {c.unit} | {c.meaning} |\n" for c in self.columns)
