"""What has finished, a line for each: written as it comes, so that nothing finished is lost however the program ends."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.experiments.runs import Row


def add(path: Path, row: Row, **facts: Any) -> None:
    """Add a row and what else is to be known of it; on the disk when this returns."""
    with path.open("ab+") as file:
        if file.tell() and not _ends_a_line(file):
            file.write(b"\n")  # behind a line that was cut off
        file.write(json.dumps(facts | {"row": asdict(row)}).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")


def read(path: Path) -> Iterator[tuple[Row, dict[str, Any]]]:
    """The rows with their facts; a line that was cut off counts as none."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
            row = Row(**found.pop("row"))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        yield row, found
