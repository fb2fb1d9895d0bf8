"""The block of the READMEs that is written from the results, never by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.rows import Row
from benchmarks.tables import Language, page

ROOT = Path(__file__).parents[1]
READMES: dict[Language, Path] = {"en": ROOT / "README.md", "zh": ROOT / "README.zh.md"}
BEGIN = "<!-- benchmarks: from here on written by `python -m benchmarks --readme` -->"
END = "<!-- benchmarks: until here -->"


def with_block(text: str, rows: Sequence[Row], language: Language) -> str:
    """The text of a README with its block as the results have it. Raises ValueError if it has no such block."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no place for the tables: expected {BEGIN!r} and, after it, {END!r}")
    return f"{before}{BEGIN}\n\n{page(rows, language)}\n\n{END}{after}"


def write(rows: Sequence[Row]) -> None:
    """Write the block in all READMEs."""
    for language, path in READMES.items():
        path.write_text(with_block(path.read_text(encoding="utf-8"), rows, language), encoding="utf-8")
