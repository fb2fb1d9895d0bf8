"""The page of strategies: what it shows is the file, and runs."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

import sim

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "strategies.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(found)


def test_the_strategy_that_is_shown_is_the_file() -> None:
    name, _, code = block("python").partition("\n")
    assert code == (ROOT / "scenarios" / "merchants" / name.removeprefix("# ")).read_text(encoding="utf-8")


def test_the_strategy_of_the_page_acts(tmp_path: Path) -> None:
    """More than 5 days of a half month with a benefit are its aim [GRD-4]; on some it has none, and it sends as its plan says."""
    (tmp_path / "grade_chaser.py").write_text(block("python"), encoding="utf-8")
    data = yaml.safe_load(block("yaml"))
    data["extends"] = str(ROOT / "scenarios" / data["extends"])
    (tmp_path / "chased.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    run = sim.run(sim.load(tmp_path / "chased.yaml", days=62, consumers=300, past="cold"), threads=1)
    assert run.summary["acted"]["merchants.dawn.strategy"] > 0
    days = run.grades[run.grades["merchant"] == "dawn"]["online_days"]
    assert len(days) == 4
    assert all(5 < count < 15 for count in days)
    assert set(run.messages["merchant"]) >= {"dawn"}


def test_the_page_names_every_strategy() -> None:
    for file in (ROOT / "scenarios" / "merchants").glob("*.py"):
        assert f"merchants/{file.name}:" in PAGE, file.name
        assert len(file.read_text(encoding="utf-8").splitlines()) < 60, file.name
