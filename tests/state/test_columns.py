"""A column is declared once, and what is declared is what is stored."""

from __future__ import annotations

import numpy as np
import pytest

from sim.state.columns import Column, Table
from sim.state.tables import AGENDA, CONSUMER, LOG, MERCHANT, PENDING, RELATION
from sim.state.world import CAPS, WORLD

TABLES = [CONSUMER, RELATION, PENDING, AGENDA, MERCHANT, LOG, WORLD, CAPS]
SMALL = Table(
    "small",
    "Three.",
    (Column("a", "u1", "0/1", "first"), Column("b", "f8", "s", "second", 1.5), Column("c", "i2", "", "third", -7)),
)


def test_rows_have_the_declared_columns_and_begin_as_declared() -> None:
    rows = SMALL.rows(3)
    assert rows.dtype.names == ("a", "b", "c")
    assert [rows.dtype[name] for name in "abc"] == [np.uint8, np.float64, np.int16]
    assert rows.tolist() == [(0, 1.5, -7)] * 3
    assert len(SMALL.rows(0)) == 0


def test_numbers_lie_where_the_processor_likes_them() -> None:
    dtype = SMALL.dtype
    assert dtype.isalignedstruct
    assert all(dtype.fields[name][1] % dtype[name].itemsize == 0 for name in "abc")  # type: ignore[index]


def test_page_of_the_docs_has_a_line_per_column() -> None:
    page = SMALL.markdown()
    assert page.startswith("## small\n\nThree.\n")
    assert "| `b` | f8 | s | second |" in page.splitlines()
    assert page.count("\n| `") == 3


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_declarations_are_whole(table: Table) -> None:
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    for column in table.columns:
        assert np.dtype(column.dtype).kind in "iuf", column
        assert column.meaning, column
        start = np.array([column.start]).astype(column.dtype)[0]
        assert start == column.start, f"{column.name} cannot hold {column.start}"
        assert (table.rows(2)[column.name] == column.start).all()
