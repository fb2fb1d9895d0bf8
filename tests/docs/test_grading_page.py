"""The page of grading: its examples are run, and it names every column and parameter."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import sim
from sim.experiments.grade_table import COLUMNS
from sim.policies.grading.policy import MerchantGrading
from sim.policies.grading.rules import Grading
from sim.state.policy import Policy

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


def test_the_scenario_of_the_page_runs(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    data = yaml.safe_load(text)
    data |= {"days": 20, "consumers": 50, "behaviour": {"stores": {"choice": "compete"}, "needs": {}}}
    (tmp_path / "page.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    grades = sim.run(sim.load(tmp_path / "page.yaml"), threads=1).grades
    assert grades["merchant"].tolist() == ["fresh", "slow"]
    assert grades["scale_line"].tolist() == [1_500, 1_500]
    assert grades["gmv_share_line"].tolist() == [0.25, 0.25]


def test_the_page_names_every_parameter_of_the_policy() -> None:
    for name in {*MerchantGrading.model_fields} - {*Grading.model_fields, *Policy.model_fields}:
        assert re.search(rf"`{name}[`:.]|\b{name}:", PAGE), name
