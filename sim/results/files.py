"""Folders for results, and files in them that are written whole or not at all: for runs, comparisons and reports alike."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from sim.errors import BadInput, Problem


def default_folder(name: str) -> Path:
    """A new folder under `runs`, named by time and scenario. Raises BadInput if it cannot be made."""
    path = first = Path("runs") / f"{dt.datetime.now():%Y%m%d-%H%M%S}-{name}"
    number = 1
    while not _is_made(path):
        number += 1
        path = first.with_name(f"{first.name}-{number}")
    return path


def _is_made(path: Path) -> bool:
    """Whether a folder could be made; not, if it was there before."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir()
    except FileExistsError as error:
        if path.parent.is_dir():
            return False
        raise BadInput(Problem("is no folder; name one for the results with --out", str(path.parent))) from error
    except OSError as error:
        raise BadInput(Problem(f"cannot be made: {error.strerror}; name a folder with --out", str(path))) from error
    return True


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def write_json(path: Path, data: Any) -> None:
    """Write a JSON file, whole or not at all."""
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
