"""The page of own policies and strategies: every example of it is run, together."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import sim
from sim.scenario import plugins
from sim.state.crowd import CrowdConsumers, CrowdRelations
from sim.state.policy import Resource, TaskFacts

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with all files of the page, and a scenario that uses every class."""
    for block in blocks("python"):
        (tmp_path / re.match(r"# (\w+\.py)\n", block)[1]).write_text(block, encoding="utf-8")  # type: ignore[index]
    (text,) = blocks("yaml")
    data = yaml.safe_load(text)
    data["extends"] = str(ROOT / "scenarios" / data["extends"])
    data["policies"]["mood"] = {"use": "mood.py:Mood"}
    data |= {"days": 50, "consumers": 200}
    (tmp_path / "page.yaml").write_text(yaml.safe_dump(data), encoding="utf-8")
    return tmp_path


def test_everything_on_the_page_acts(folder: Path) -> None:
    run = sim.run(sim.load(folder / "page.yaml"), seed=3, out=folder / "out", events="all", threads=1)
    own = {name: count for name, count in run.summary["acted"].items() if name != "policies.caps"}
    assert set(own) == {f"policies.{name}" for name in ("hold_out", "one_a_week", "at_night", "mood", "subsidy")} | {
        "merchants.store.strategy"
    }
    at_night = own.pop("policies.at_night")
    assert at_night == 0, "nothing is sent after 22:00"
    assert all(own.values()), own
    assert {"held_out", "just_bought"} <= set(run.summary["refused"])
    orders = run.events[run.events["kind"] == "order"]
    assert (orders["amount"] / 2).groupby(orders["time"] // 86_400).sum().max() <= 20_000
    held = run.events[run.events["reason"] == "held_out"]["consumer"].unique()
    assert 20 <= len(held) <= 60, "a fifth of 200: within 3.5 standard deviations"
    sent = run.events[run.events["kind"] == "message_sent"]
    assert not set(held) & set(sent["consumer"])


def test_the_compiled_gate_of_the_page_acts_at_its_hours(folder: Path) -> None:
    scenario = sim.load(folder / "page.yaml", sets=["policies.at_night.hours=[19,20]", "policies.at_night.unread=1"])
    assert sim.run(scenario, seed=3, threads=1).summary["refused"]["at_night"] > 0


def test_the_page_names_all_fields_of_a_resource() -> None:
    for name in Resource._fields:
        assert f"`{name}`" in PAGE, name


def test_the_page_names_all_that_a_gate_is_given() -> None:
    public = [name for of in (CrowdConsumers, CrowdRelations, TaskFacts) for name in vars(of) if not name.startswith("_")]
    for name in {*public, *TaskFacts._fields} - {"count", "index"}:
        assert f"`{name}" in PAGE, name


@pytest.fixture
def package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The page's package, as if it was installed."""
    home = folder / "site" / "my_package"
    home.mkdir(parents=True)
    (home / "__init__.py").write_text("")
    for name in ("rules", "strategy"):
        (folder / f"{name}.py").rename(home / f"{name}.py")
    facts = folder / "site" / "my_package-1.2.3.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: my-package\nVersion: 1.2.3\n")
    (facts / "top_level.txt").write_text("my_package\n")
    (toml,) = blocks("toml")
    groups = tomllib.loads(toml)["project"]["entry-points"]
    lines = [line for group, names in groups.items() for line in (f"[{group}]", *(f"{k} = {v}" for k, v in names.items()))]
    (facts / "entry_points.txt").write_text("\n".join(lines) + "\n")
    monkeypatch.syspath_prepend(str(folder / "site"))
    plugins._registered.cache_clear()
    yield home
    plugins._registered.cache_clear()
    for name in [name for name in sys.modules if name.split(".")[0] == "my_package"]:
        del sys.modules[name]


def test_an_entry_point_is_used_by_its_name_and_stands_in_the_manifest(folder: Path, package: Path) -> None:
    store = str(ROOT / "scenarios" / "store.yaml")
    scenario = {
        "extends": store,
        "days": 4,
        "consumers": 50,
        "policies": {"hold_out": {"share": 0.5}},
        "merchants": {"store": {"strategy": {"use": "more_fans"}}},
    }
    (folder / "entry.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    loaded = sim.load(folder / "entry.yaml")
    sim.run(loaded, out=folder / "out", threads=1)
    told = json.loads((folder / "out" / "manifest.json").read_text(encoding="utf-8"))["policies"]
    rule = told["policies.hold_out"]
    assert (rule["use"], rule["class"], rule["module"], rule["version"]) == ("hold_out", "HoldOut", "my_package.rules", "1.2.3")
    assert told["merchants.store.strategy"]["module"] == "my_package.strategy"
    (package / "helper.py").write_text("CHANGED = True\n")
    assert sim.load(folder / "entry.yaml").sources["policies.hold_out"]["sha256"] != rule["sha256"]
