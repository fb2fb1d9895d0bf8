"""From files to a scenario: layers, what it says of itself, its hash, its plug-ins, and its way to other processes."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

import sim
from sim.errors import BadInput
from sim.experiments.executor import LocalProcesses
from sim.results.folder import write_scenario
from sim.scenario.load import Scenario, load
from sim.scenario.schema import json_schema
from sim.scenario.source import survey

ROOT = Path(__file__).parents[2]
SHIPPED = [*sorted((ROOT / "scenarios").glob("*.yaml")), *sorted((ROOT / "benchmarks").glob("*.yaml"))]
HISTORIES = "customer,x,t_x,T,value,n_value\nann,2,3.5,10,1500,2\nbob,0,0,10,0,0\n"
POLICY = """\
from __future__ import annotations

from pydantic import BaseModel

from sim.state.policy import READING, Policy, Strategy

LEVEL = 0.5


class Hours(BaseModel):
    first: int = 0


class Quiet(Policy):
    hours: Hours = Hours()
    weekdays: list[int] = [0]

    def factors(self) -> dict[str, float]:
        return {READING: LEVEL}


class Never(Strategy):
    pause: int = 0

    def plan(self, view):
        return ()
"""


def write(folder: Path, files: dict[str, Any]) -> Path:
    """Files of a scenario; maps are written as JSON, which is YAML too. Answers the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (folder / name).write_text(text, encoding="utf-8")
    return folder / next(iter(files))


def rich(folder: Path) -> Path:
    """A scenario with a table beside it, plug-ins in files, and policies without `use`."""
    scenario = {
        "start": "2024-02-28",
        "days": 40,
        "seed": 7,
        "currency": "EUR",
        "merchants": {
            "store": {"strategy": {"use": "own.py:Never", "pause": 2}, "industry": "food"},
        },
        "policies": {
            "zeal": {"use": "own.py:Quiet", "hours": {"first": 8}, "from": "2024-03-01", "until": 39},
            "caps": {"store_days": 5},
            "1e3": {"use": "adjust", "reading": 0.7, "until": "2024-03-09"},
        },
        "past": {"customers": "customers.csv", "weeks": "weeks.csv", "bg_nbd": {"r": 1e-1, "alpha": 4, "a": 1, "b": 2.5}},
    }
    return write(
        folder, {"rich.yaml": scenario, "own.py": POLICY, "customers.csv": HISTORIES, "weeks.csv": "week,date\n0,2024-01-01\n"}
    )


def changed(folder: Path, **changes: Any) -> Scenario:
    """The rich scenario with other top keys."""
    path = rich(folder)
    data = yaml.safe_load(path.read_text())
    return load(write(folder, {"rich.yaml": data | changes}))


# ---- what is shipped


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_are_valid(path: Path) -> None:
    scenario = load(path)
    assert scenario.name == path.stem
    assert scenario.consumers > 0
    assert scenario.merchants


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_fit_the_schema(path: Path) -> None:
    as_json = json.loads(json.dumps(survey(path).data, default=str))
    jsonschema.Draft202012Validator(json_schema()).validate(as_json)


def test_the_schema_is_one_and_knows_every_key() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert list(schema["properties"])[:4] == ["extends", "rules", "start", "days"]
    assert {"store_days", "from", "until", "use"} <= schema["$defs"]["Caps"]["properties"].keys()


OWN = """\
from pydantic import Field
from sim.state.policy import Policy, Strategy

class Quiet(Policy):
    hours: int = Field(3, ge=0, le=24, description="hours without messages")

class Silent(Strategy):
    pauses: int = Field(1, ge=1)
"""


def test_the_schema_knows_a_scenarios_own_plug_ins(tmp_path: Path) -> None:
    """With the scenario they are among the classes whose parameters an editor can check; without it, any place is allowed."""
    (tmp_path / "own.py").write_text(OWN, encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(
        "behaviour: {needs: null}\nmerchants: {a: {strategy: {use: own.py:Silent}}}\n"
        "policies: {q: {use: own.py:Quiet, hours: 5}}\n"
    )
    blind, knowing = (jsonschema.Draft202012Validator(schema) for schema in (json_schema(), json_schema(load(path))))
    given = survey(path).data
    assert blind.is_valid(given)
    assert knowing.is_valid(given)
    for wrong in (
        {"policies": {"q": {"use": "own.py:Quiet", "hours": 25}}},
        {"policies": {"q": {"use": "rules/own.py:Quiet", "hors": 5}}},
        {"merchants": {"a": {"strategy": {"use": "own.py:Silent", "pauses": 0}}}},
    ):
        assert blind.is_valid(wrong)
        assert not knowing.is_valid(wrong)
    assert knowing.is_valid({"policies": {"q": {"use": "other.py:Quiet", "hors": 5}}})
    assert knowing.is_valid({"policies": {"caps": {"store_days": 3}}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"dayz": 3},
        {"days": 0},
        {"start": 3},
        {"behaviour": {"visits": {"folow": 0.1}}},
        {"policies": {"caps": {"store_dayz": 3}}},
        {"policies": {"x": {"use": "capz"}}},
        {"merchants": {"a": {"strategy": {"use": "plan", "cycel": 3}}}},
        {"past": "warm"},
    ],
)
def test_the_schema_refuses(wrong: dict[str, Any]) -> None:
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(wrong)


@pytest.mark.parametrize(
    "right",
    [
        {},
        {"extends": ["a.yaml", "b.yaml"]},
        {"policies": {"x": {"use": "own.py:Quiet", "level": 3}, "caps": None, "b": {"from": "2024-01-01", "until": 3}}},
        {"past": {"bg_nbd": {"r": 0.3}}},
        {"merchants": {"a": {"strategy": None}, "b": {"strategy": {"use": "package.module:Class", "pace": 3}}}},
    ],
)
def test_the_schema_accepts_what_changes_a_few_keys_only(right: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(json_schema()).validate(right)


# ---- layers


def test_extends_overlays_and_sets_in_order(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        {
            "a.yaml": {"extends": ["b.yaml", "c.yaml"], "days": 4, "policies": {"caps": {"store_limit": 2}, "mood": None}},
            "b.yaml": {"days": 1, "seed": 1, "consumers": 1, "currency": "AAA", "policies": {"caps": {"store_days": 3}}},
            "c.yaml": {"days": 2, "seed": 2, "consumers": 2, "policies": {"mood": {"use": "adjust"}}},
            "over.yaml": {"seed": 3, "consumers": 3},
        },
    )
    scenario = load(path, overlays=[tmp_path / "over.yaml"], sets=["consumers=4", "policies.caps.stores_per_day=1"])
    settings = scenario.settings
    assert (settings.days, settings.seed, settings.consumers, settings.currency) == (4, 3, 4, "AAA")
    assert list(scenario.policies) == ["caps"]
    caps = scenario.resolved["policies"]["caps"]
    assert (caps["store_limit"], caps["store_days"], caps["stores_per_day"]) == (2, 3, 1)
    assert [Path(source.file).name for source in scenario.files] == ["a.yaml", "b.yaml", "c.yaml", "over.yaml"]


def test_overrides_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, {"a.yaml": {"days": 4}})
    scenario = load(path, days=9, currency="USD", policies={"caps": {"from": 3, "store_limit": None}}, seed=2**40)
    assert (scenario.settings.days, scenario.settings.currency, scenario.seed) == (9, "USD", 2**40)
    assert scenario.resolved["policies"]["caps"]["from"] == 3
    with pytest.raises(BadInput, match="did you mean 'days'"):
        load(path, dayz=3)


def test_a_set_makes_a_policy_by_its_name(tmp_path: Path) -> None:
    scenario = load(write(tmp_path, {"a.yaml": {"days": 4}}), sets=["policies.caps.store_days=3"])
    assert scenario.resolved["policies"]["caps"] | {"store_days": 3, "use": "caps"} == scenario.resolved["policies"]["caps"]


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    rich(tmp_path / "base")
    path = write(tmp_path / "other", {"a.yaml": {"extends": "../base/rich.yaml"}})
    scenario = load(path)
    assert scenario.consumers == 2
    assert scenario.resolved["policies"]["zeal"]["use"] == f"{tmp_path}/base/own.py:Quiet"


# ---- what it says of itself


def test_resolved_holds_every_setting_in_plain_data(tmp_path: Path) -> None:
    scenario = load(rich(tmp_path))
    resolved = scenario.resolved
    assert json.loads(json.dumps(resolved)) == resolved
    assert resolved["behaviour"]["reading"]["fatigue"]["half_life_days"] == 15.0
    assert resolved["policies"]["caps"]["use"] == "caps"
    assert resolved["policies"]["caps"]["total_per_day"] == 10
    assert resolved["policies"]["zeal"]["hours"] == {"first": 8}
    assert resolved["merchants"]["store"]["strategy"] == {"use": f"{tmp_path}/own.py:Never", "pause": 2}
    assert resolved["past"]["customers"] == f"{tmp_path}/customers.csv"


def test_sources_of_what_plugs_in(tmp_path: Path) -> None:
    sources = load(rich(tmp_path)).sources
    assert set(sources) == {"policies.1e3", "policies.caps", "policies.zeal", "merchants.store.strategy"}
    assert sources["policies.zeal"]["class"] == "Quiet"
    assert sources["policies.zeal"]["sha256"] == sources["merchants.store.strategy"]["sha256"]
    assert sources["policies.caps"]["use"] == "caps"


def test_the_resolved_scenario_loads_from_elsewhere_to_the_same(tmp_path: Path) -> None:
    scenario = load(rich(tmp_path / "here"))
    (tmp_path / "there").mkdir()
    write_scenario(tmp_path / "there" / "scenario.yaml", scenario, seed=99)
    again = load(tmp_path / "there" / "scenario.yaml")
    assert again.hash == scenario.hash
    assert again.resolved == scenario.resolved | {"seed": 99}
    assert type(again.policies["zeal"]) is type(scenario.policies["zeal"])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_scenarios_survive_the_round_trip(path: Path, tmp_path: Path) -> None:
    write_scenario(tmp_path / "scenario.yaml", load(path), load(path).seed)
    assert load(tmp_path / "scenario.yaml").resolved == load(path).resolved
    assert load(tmp_path / "scenario.yaml").hash == load(path).hash


@pytest.mark.parametrize(
    "name", ["1e3", "no", "2024-01-01", "2024-02-31", "~", "a: b", "店铺", "'", "#x", "9" * 30, "- x", "<<"]
)
def test_any_name_survives_the_round_trip(name: str, tmp_path: Path) -> None:
    scenario = load(write(tmp_path, {"a.yaml": json.dumps({"merchants": {name: {}}, "policies": {name: {"use": "adjust"}}})}))
    write_scenario(tmp_path / "scenario.yaml", scenario, 1)
    assert load(tmp_path / "scenario.yaml").resolved == scenario.resolved


# ---- the hash


def test_the_hash_depends_neither_on_places_nor_on_the_seed_nor_on_order(tmp_path: Path) -> None:
    scenario = load(rich(tmp_path / "one"))
    path = rich(tmp_path / "two" / "deep")
    path.rename(path.with_name("renamed.yaml"))
    data = yaml.safe_load(path.with_name("renamed.yaml").read_text())
    for old, new in (("customers.csv", "people.csv"), ("own.py", "mine.py")):
        (path.parent / old).rename(path.parent / new)
    data["past"] |= {"customers": "people.csv"}
    del data["past"]["weeks"]  # shown in the report, without effect on the run
    data["policies"] = dict(reversed(data["policies"].items()))
    data["policies"]["zeal"]["use"] = "./mine.py:Quiet"
    data["policies"]["caps"]["use"] = "sim.policies.caps:Caps"
    data["merchants"]["store"]["strategy"]["use"] = f"{path.parent}/mine.py:Never"
    data["seed"] = 8
    moved = load(write(path.parent, {"renamed.yaml": dict(reversed(data.items()))}))
    assert moved.hash == scenario.hash
    assert moved.name != scenario.name


@pytest.mark.parametrize(
    "change",
    [
        {"days": 41},
        {"start": "2024-02-27"},
        {"currency": "USD"},
        {"behaviour": {"visits": {"follow": 0.031}}},
        {"merchants": {"shop": {"strategy": {"use": "own.py:Never", "pause": 2}, "industry": "food"}}},
        {"merchants": {"store": {"strategy": {"use": "own.py:Never", "pause": 3}, "industry": "food"}}},
        {"merchants": {"store": {"industry": "food"}}},
        {"policies": {}},
        {"policies": {"caps": {"store_days": 5}}},
    ],
)
def test_the_hash_changes_with_any_setting(change: dict[str, Any], tmp_path: Path) -> None:
    assert changed(tmp_path / "one", **change).hash != load(rich(tmp_path / "other")).hash


def test_the_hash_changes_with_the_contents_of_tables_and_plug_ins(tmp_path: Path) -> None:
    path = rich(tmp_path)
    hashes = {load(path).hash}
    (tmp_path / "customers.csv").write_text(HISTORIES.replace("1500", "1501"))
    hashes.add(load(path).hash)
    (tmp_path / "own.py").write_text(POLICY.replace("LEVEL = 0.5", "LEVEL = 0.6"))
    second = load(path)
    hashes.add(second.hash)
    assert len(hashes) == 3
    assert second.policies["zeal"].factors() == {"reading": 0.6}


def test_a_scenario_is_what_was_read_even_if_its_plug_in_changes_later(tmp_path: Path) -> None:
    scenario = load(rich(tmp_path))
    (tmp_path / "own.py").write_text("broken(")
    assert scenario.policies["zeal"].factors() == {"reading": 0.5}
    assert scenario.hash == load(rich(tmp_path / "again")).hash
    assert pickle.loads(pickle.dumps(scenario)).hash == scenario.hash


# ---- plug-ins


def test_a_plug_in_leaves_nothing_behind(tmp_path: Path) -> None:
    load(rich(tmp_path))
    assert not (tmp_path / "__pycache__").exists()


def test_a_plug_in_beside_the_scenario_and_in_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "lib" / "my_rules", {"__init__.py": "", "quiet.py": POLICY})
    monkeypatch.syspath_prepend(tmp_path / "lib")
    scenario = load(write(tmp_path / "here", {"a.yaml": {"policies": {"q": {"use": "my_rules.quiet:Quiet"}}}}))
    assert scenario.resolved["policies"]["q"]["use"] == "my_rules.quiet:Quiet"
    assert scenario.policies["q"].factors() == {"reading": 0.5}


# ---- other processes


def seen_elsewhere(scenario: Scenario) -> tuple[str, dict[str, float], dict[str, Any]]:
    """What a worker process makes of a scenario."""
    return scenario.hash, dict(scenario.policies["zeal"].factors()), scenario.resolved


@pytest.mark.parametrize("ours", [False, True])
def test_a_scenario_goes_to_another_process(ours: bool, tmp_path: Path) -> None:
    scenario = load(rich(tmp_path / "gone"))
    shutil.rmtree(tmp_path / "gone")  # the sources travel with it
    if ours:
        ((_, seen),) = LocalProcesses(1).run(seen_elsewhere, {0: scenario}, lambda number: None)
    else:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
            seen = executor.submit(seen_elsewhere, scenario).result(timeout=60)
    assert seen == (scenario.hash, {"reading": 0.5}, scenario.resolved)


def test_a_copy_is_as_good(tmp_path: Path) -> None:
    scenario = load(rich(tmp_path))
    for again in (copy.deepcopy(scenario), pickle.loads(pickle.dumps(scenario))):
        assert again.resolved == scenario.resolved
        assert again.customers is not None
        assert list(again.customers.keys) == list(scenario.customers.keys)
        assert again.settings.merchants["store"] is again.merchants[0].settings


def test_it_is_never_changed(tmp_path: Path) -> None:
    scenario = load(rich(tmp_path))
    with pytest.raises(AttributeError):
        scenario.name = "other"  # type: ignore[misc]
    assert isinstance(scenario, sim.Scenario)
