"""The pages of the docs are up to date, and their examples work."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

import sim
from benchmarks import scale
from sim.scenario.load import load
from sim.scenario.model import ScenarioFile

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page."""
    return re.findall(rf"```{language}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_page_of_the_state_is_up_to_date() -> None:
    made = runpy.run_path(str(DOCS / "make_state.py"))["page"]()
    assert (DOCS / "state.md").read_text(encoding="utf-8") == made, "run `python docs/make_state.py`"


def test_the_page_of_scale_is_up_to_date() -> None:
    """Bytes of the declared columns, and the runs of `benchmarks/results/scale.json`."""
    rows = json.loads(scale.RESULTS.read_text(encoding="utf-8"))
    assert (DOCS / "scale.md").read_text(encoding="utf-8") == scale.page(rows), "run `python -m benchmarks.scale --page`"


def test_the_page_of_scenarios_names_every_top_key() -> None:
    text = (DOCS / "scenario.md").read_text(encoding="utf-8")
    for name in ("extends", *ScenarioFile.model_fields):
        assert f"`{name}`" in text, name


def test_examples_of_scenarios(tmp_path: Path, command: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    weekly, policies, market, past, own_past = blocks("scenario.md", "yaml")
    (plugin,) = blocks("scenario.md", "python")
    pages = {"weekly.yaml": weekly, "policies.yaml": policies, "market.yaml": market, "past.yaml": past}
    pages |= {"own_past.yaml": own_past, "quiet.py": plugin}
    for name, text in pages.items():
        Path(name).write_text(text, encoding="utf-8")
    Path("store.yaml").write_text((ROOT / "scenarios" / "store.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    Path("calibrated.customers.csv").write_text("customer,x,t_x,T,value,n_value\nann,1,2,5,1500,1\n")
    Path("calibrated.weeks.csv").write_text("week\n0\n")
    scenario = load("weekly.yaml", overlays=["policies.yaml", "past.yaml"], sets=["policies.caps.store_days=3"])
    assert list(scenario.policies) == ["autumn", "caps", "quiet"]
    assert scenario.resolved["policies"]["caps"]["store_days"] == 3
    assert scenario.policies["quiet"].factors() == {"reading": 1.125}
    assert scenario.consumers == 1
    assert sum(sim.run(load("market.yaml", days=5, consumers=500)).daily["orders"]) > 0
    lived = load("own_past.yaml")
    assert (lived.first_day, list(lived.past_policies)) == (-400, ["caps"])
    assert [merchant.past_strategy.cycle for merchant in lived.merchants] == [7]

    (mistakes,) = blocks("scenario.md", "text")
    Path("weekly.yaml").write_text(weekly.replace("cycle", "cycel").replace("store_days: 7", "store_days: 0"), encoding="utf-8")
    assert command("validate", "weekly.yaml").err == mistakes
