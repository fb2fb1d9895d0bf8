"""The page of grading: its examples are run, and it names every column and parameter."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.experiments.grade_table import COLUMNS
from sim.policies.grading.rules import Grading

PAGE = (Path(__file__).parents[2] / "docs" / "grading.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples(tmp_path: Path, command: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (plan,) = blocks("csv")
    Path("plan.csv").write_text(plan, encoding="utf-8")
    shown, other_rules = blocks("console")
    asked, _, answer = shown.partition("\n")
    said = command(*shlex.split(asked)[2:])
    assert (said.code, said.out, said.err) == (0, answer, "")
    said = command(*shlex.split(other_rules)[2:])
    assert (said.code, said.err) == (0, "")
    last = said.out.splitlines()[-1]
    assert last.startswith("threshold, 2022-02-01: missing to quality: 50 effective members (cost 400.00)."), "50 at 8 each"


def test_the_page_names_every_column_and_parameter() -> None:
    for name in COLUMNS:
        assert f"`{name}`" in PAGE, name
    for name in Grading.model_fields:
        assert re.search(rf"`{name}[`.]", PAGE), name
