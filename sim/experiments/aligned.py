"""Tables of plain text for a terminal."""

from __future__ import annotations

import unicodedata

GAP = "   "


def aligned(rows: list[list[str]], sides: str) -> list[str]:
    """One line a row; of each column `sides` says where its cells stand: "<" left, ">" right."""
    widths = [max(wide(row[column]) for row in rows) for column in range(len(sides))]
    return [GAP.join(_padded(cell, side, width) for cell, side, width in zip(row, sides, widths)) for row in rows]


def _padded(cell: str, side: str, width: int) -> str:
    space = " " * (width - wide(cell))
    return cell + space if side == "<" else space + cell


def wide(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
