"""The unit of work on made-up runs: pairing, failures, warnings, folders."""

import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from sim.errors import BadInput
from sim.experiments.compare import compare, unique_names
from sim.experiments.runs import Task, run_all
from sim.experiments.table import render


@dataclass
class Scenario:
    name: str
    every: int | None = None
    seed: int = 10
    extra: dict = field(default_factory=dict)
    assumptions: tuple = ()
    consumers: int = 100

    @property
    def resolved(self):
        return {"currency": "USD", "policies": {"plan": {"every": self.every}, "caps": {"days": 7, **self.extra}}}


def store(scenario, *, seed, out, events, threads):
    """A run whose noise is its seed's and whose effect is its plan's: +5 orders a message."""
    noise = int(np.random.default_rng(seed).integers(0, 1000))
    sent = 0 if scenario.every is None else 28 // scenario.every
    out.mkdir(parents=True)
    (out / "seed").write_text(str(seed))
    totals = {
        "visits": np.int64(9000 + noise),
        "orders": 1000 + noise + 5 * sent + sent * (seed % 3),
        "profit": 100 * (500 + noise),
    }
    totals |= {"messages_sent": sent, "note": "text", "whole": True}
    return SimpleNamespace(summary={"totals": totals, "acted": {"policies.plan": sent, "policies.caps": 0}})


def fails_for_seed_11(scenario, *, seed, **rest):
    if scenario.every and seed == 11:
        raise ZeroDivisionError("no buyers")
    return store(scenario, seed=seed, **rest)


def input_is_wrong(scenario, **_):
    raise BadInput("store.yaml:3:1: start: no such day")


def dies_once(scenario, *, seed, out, **rest):
    mark = out.parent.parent / "died"
    if seed == 11 and not mark.exists():
        mark.write_text("")
        out.mkdir(parents=True)
        os.kill(os.getpid(), signal.SIGKILL)
    return store(scenario, seed=seed, out=out, **rest)


def dies_for_seed_11(scenario, *, seed, **rest):
    if seed == 11:
        os.kill(os.getpid(), signal.SIGKILL)
    return store(scenario, seed=seed, **rest)


def tasks(folder: Path, count: int) -> list[Task]:
    return [Task("a", k, Scenario("a"), 10 + k, folder / "a" / f"r{k:03d}") for k in range(count)]


@pytest.fixture
def arms():
    return [Scenario("none"), Scenario("weekly", 7), Scenario("daily", 1, seed=99)]


@pytest.fixture
def done(arms, tmp_path):
    return compare(arms, 4, tmp_path / "c", draws=0, runner=store, jobs=1)


def test_replications_are_paired_by_the_seed_of_the_base(done):
    assert done.seeds == [10, 11, 12, 13]
    for arm in ("none", "weekly", "daily"):
        seeds = [int((done.folder / run / "seed").read_text()) for run in done.runs[arm]]
        assert seeds == done.seeds
    assert done.runs["daily"][3] == "daily/r003"


def test_the_noise_that_arms_share_is_not_in_the_difference(done):
    weekly = done.metrics["orders"]["weekly"]
    assert weekly["difference"] == pytest.approx(5 * 4 + 4 * np.mean([s % 3 for s in done.seeds]))
    assert weekly["variance_reduction"] > 1000
    assert done.verdicts["orders"]["weekly"].kind == "higher"


def test_metrics_are_the_numbers_of_the_totals_headlines_first(done):
    assert list(done.metrics) == ["orders", "profit", "messages_sent", "visits"]


def test_the_file_holds_what_the_object_holds(done):
    content = json.loads((done.folder / "comparison.json").read_text(encoding="utf-8"))
    assert content == json.loads(json.dumps(done.to_dict()))
    assert content["base"] == "none"
    assert content["arms"] == ["none", "weekly", "daily"]
    assert (content["replications"], content["draws"]) == (4, 0)
    assert set(content["metrics"]["orders"]["weekly"]) == {
        "mean",
        "difference",
        "low",
        "high",
        "relative",
        "variance_reduction",
        "replications_for_1_percent",
        "assumption_low",
        "assumption_high",
    }
    assert content["changed"]["weekly"] == [{"path": "policies.plan.every", "base": None, "arm": 7}]
    assert content["verdicts"]["visits"]["daily"]["kind"] == "equal"
    assert not list(done.folder.glob("*.tmp"))


def test_the_result_does_not_depend_on_the_number_of_processes(arms, done, tmp_path):
    parallel = compare(arms, 4, tmp_path / "p", draws=0, runner=store, jobs=2, progress=False)
    assert parallel.metrics == done.metrics
    assert parallel.values == done.values


def test_a_failed_run_is_named_and_left_out(arms, tmp_path):
    got = compare(arms[:2], 4, tmp_path / "c", runner=fails_for_seed_11, jobs=1)
    assert [(one["folder"], one["seed"], one["error"]) for one in got.failures] == [
        ("weekly/r001", 11, "ZeroDivisionError: no buyers")
    ]
    assert got.values["orders"]["weekly"][1] is None
    assert got.metrics["visits"]["weekly"]["difference"] == 0
    assert [warning.kind for warning in got.warnings] == ["failed"]
    assert "FAILED: weekly/r001 (seed 11): ZeroDivisionError: no buyers" in render(got)


def test_input_that_every_run_finds_wrong_is_the_callers_to_mend(arms, tmp_path):
    with pytest.raises(BadInput, match="no such day"):
        compare(arms, 2, tmp_path / "c", runner=input_is_wrong, jobs=1)
    assert not (tmp_path / "c" / "comparison.json").exists()


def test_a_process_that_dies_is_replaced_and_its_run_repeated(tmp_path):
    rows = run_all(tasks(tmp_path, 4), dies_once, jobs=2, progress=False)
    assert [row.error for row in rows] == [None] * 4
    assert [row.replication for row in rows] == [0, 1, 2, 3]


def test_a_run_that_always_kills_its_process_costs_no_other(tmp_path):
    rows = run_all(tasks(tmp_path, 4), dies_for_seed_11, jobs=2, progress=False)
    assert [row.error for row in rows] == [None, "its process died (out of memory?)", None, None]


def test_a_change_without_any_consequence_is_pointed_out(tmp_path):
    got = compare([Scenario("none"), Scenario("caps", extra={"days": 3})], 2, tmp_path / "c", runner=store, jobs=1)
    (warning,) = got.warnings
    assert (warning.kind, warning.arm, warning.paths) == ("never_acted", "caps", ["policies.caps.days"])
    assert "policies.caps.days" in warning.en
    assert "policies.caps.days" in warning.zh


def test_a_setting_of_a_module_that_never_acted_is_pointed_out(tmp_path):
    both = Scenario("both", 7, extra={"days": 3})
    got = compare([Scenario("none"), both], 2, tmp_path / "c", runner=store, jobs=1)
    (warning,) = got.warnings
    assert (warning.kind, warning.paths) == ("setting_never_acted", ["policies.caps.days"])


def test_a_module_that_was_switched_off_has_acted_in_the_base(tmp_path):
    got = compare([Scenario("weekly", 7), Scenario("none")], 2, tmp_path / "c", runner=store, jobs=1)
    assert got.warnings == []


def test_comparing_a_scenario_with_itself_is_pointed_out(tmp_path):
    got = compare([Scenario("a"), Scenario("a", seed=3)], 2, tmp_path / "c", runner=store, jobs=1)
    assert got.arms == ["a", "a-2"]
    assert [warning.kind for warning in got.warnings] == ["same_scenario"]


def test_one_replication_gives_differences_without_intervals(arms, tmp_path):
    got = compare(arms[:2], 1, tmp_path / "c", runner=store, jobs=1)
    assert got.metrics["orders"]["weekly"]["difference"] == 24
    assert got.metrics["orders"]["weekly"]["low"] is None
    assert [warning.kind for warning in got.warnings] == ["few_replications"]
    assert "1 run" in render(got)


def test_a_folder_in_use_is_refused_and_left_alone(arms, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        compare(arms, 2, tmp_path, runner=store, jobs=1)
    with pytest.raises(BadInput, match="cannot be used"):
        compare(arms, 2, tmp_path / "notes.txt", runner=store, jobs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_without_a_folder_each_comparison_gets_its_own(arms, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folders = {compare(arms[:2], 1, runner=store, jobs=1).folder for _ in range(2)}
    assert len(folders) == 2
    assert all(folder.parent == Path("runs") and folder.name.split("-", 2)[2].startswith("none") for folder in folders)


@pytest.mark.parametrize(
    ("count", "replications", "draws", "what"),
    [(1, 8, 0, "two scenarios"), (2, 0, 0, "at least 1"), (2, 8, -1, "draws")],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_written(arms, tmp_path, count, replications, draws, what):
    with pytest.raises(BadInput, match=what):
        compare(arms[:count], replications, tmp_path / "c", draws=draws, runner=store)
    assert not (tmp_path / "c").exists()


def test_names_are_unique_folders_everywhere():
    assert unique_names(["a", "A", "a", "a-2"]) == ["a", "A-2", "a-3", "a-2-2"]
    assert unique_names(["x/y", "..", "comparison.json", "每周"]) == ["x-y", "scenario", "comparison.json-2", "每周"]


def test_the_table_lines_up_and_shows_money_in_its_major_unit(done):
    lines = render(done, width=200).splitlines()
    rows = [line for line in lines if line.startswith(("orders", "profit, USD", "messages sent", "visits"))]
    assert [row.split("   ")[0].strip() for row in rows] == ["orders", "profit, USD", "messages sent", "visits"]
    header = next(line for line in lines if line.lstrip().startswith("mean"))
    end = header.index("mean") + len("mean")
    assert all(row[end - 1].isdigit() and row[end : end + 1] == " " for row in rows)
    mean = done.metrics["profit"]["none"]["mean"] / 100
    assert f"{mean:,.1f}" in rows[1] or f"{mean:,.0f}" in rows[1]


def test_arms_that_do_not_fit_beside_each_other_stand_below(done):
    assert sum(line.lstrip().startswith("mean") for line in render(done, width=200).splitlines()) == 1
    assert sum(line.lstrip().startswith("mean") for line in render(done, width=70).splitlines()) == 2


def test_the_table_says_what_kind_of_error_its_intervals_are(done):
    text = render(done)
    assert "simulation error of the paired difference, simultaneous for all arms" in text
    assert "Assumption range: not computed." in text
    assert "higher: +" in text
