"""A CSV or CSV.gz file as text: from bytes to records that still know their places."""

from __future__ import annotations

import csv
import difflib
import gzip
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from sim.errors import BadInput, Problem

_GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)|[^\r\n]+")
_FIELD = re.compile(r'"(?:[^"]|"")*"?[^,]*|[^,]*')


def read_bytes(path: Path, what: str) -> bytes:
    """The bytes of a file as they stand; `what` it should be is for whoever gave something else. Raises BadInput."""
    if path.is_dir():
        raise BadInput(Problem(f"is a folder; {what} is a CSV or CSV.gz file", str(path)))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(Problem("there is no such file", str(path))) from None
    except OSError as error:
        raise BadInput(Problem(f"cannot be read: {error.strerror}", str(path))) from None


def decode(path: Path, data: bytes, what: str) -> str:
    """The text of UTF-8 with or without a byte order mark, or of GB18030, gzipped or not. Raises BadInput."""
    data = _unzip(path, data)
    if data.startswith(_UTF16_MARKS):
        raise BadInput(Problem("is UTF-16 text; save it as UTF-8 (or GB18030)", str(path)))
    if (nul := data.find(b"\0")) >= 0:
        raise BadInput(Problem(f"is not text; {what} is a CSV or CSV.gz file", str(path), *_place(data, nul)))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as utf8:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError:
            message = "is neither UTF-8 nor GB18030 text; save it as UTF-8"
            raise BadInput(Problem(message, str(path), *_place(data, utf8.start))) from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise BadInput(Problem("is empty", str(path)))
    return text


def _unzip(path: Path, data: bytes) -> bytes:
    if not (data.startswith(_GZIP_MAGIC) or (data and path.suffix.lower() == ".gz")):
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(Problem(f"is not a whole gzip file ({error}); make or copy it again", str(path))) from None


def _place(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column (in bytes) of a byte, both from 1."""
    lines = data[: offset + 1].splitlines()
    return len(lines), len(lines[-1])


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends, one at a time."""
    return (match[0] for match in _LINE.finditer(text))


def read_header(path: Path, text: str) -> tuple[list[str], int]:
    """The names of the columns, without the space around them, and the line that they stand in. Raises BadInput."""
    reader = csv.reader(_lines(text))
    try:
        header = next(row for row in reader if row)
    except csv.Error as error:
        raise BadInput(Problem(f"the header cannot be read: {error}", str(path), 1, 1)) from None
    return [name.strip() for name in header], reader.line_num


def columns_called(header: list[str], name: str) -> list[int]:
    """The positions of the columns of a name: as it is written, or else whatever the case."""
    exact = [index for index, column in enumerate(header) if column == name]
    return exact or [index for index, column in enumerate(header) if column.lower() == name.lower()]


def existing(header: list[str], wanted: str) -> str:
    """What the file has in place of a column that is wanted."""
    if len(header) == 1 and (separator := re.search(r"[;\t|]", header[0])):
        return f"the whole header is one column, {header[0]!r}: separate by commas, not by {separator[0]!r}"
    lower = {name.lower(): name for name in header}
    nearest = difflib.get_close_matches(wanted.lower(), lower, n=1, cutoff=0.5)
    hint = f'; the nearest is "{lower[nearest[0]]}"' if nearest else ""
    return f"the file has {', '.join(header)}{hint}"


def placed_records(text: str) -> Iterator[tuple[int, list[str], list[str]]]:
    """The first line, the cells and all lines of each record; no cells where the rest of the file cannot be read."""
    lines = list(_lines(text))
    reader = csv.reader(lines)
    start = 0
    try:
        for row in reader:
            if row:
                yield start + 1, row, lines[start : reader.line_num]
            start = reader.line_num
    except csv.Error:
        yield start + 1, [], []


def field_place(record: str, field: int) -> tuple[int, int]:
    """Lines below the record's first, and column from 1, of the start of a field."""
    start = 0
    for _ in range(field):
        start = _FIELD.match(record, start).end() + 1  # type: ignore[union-attr]  # it matches the empty field too
    above = list(_lines(record[:start] + "|"))  # the last line is at least the field's own first character
    return len(above) - 1, len(above[-1])
