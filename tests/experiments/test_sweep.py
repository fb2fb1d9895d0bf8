"""A sweep: the same seeds at every point, a row per run whatever became of it, and the same table however it was cut."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim
from sim import cache
from sim.errors import BadInput
from sim.experiments.runs import Interrupted
from sim.experiments.store import FolderStore
from sim.experiments.sweep import Sweep, resume, sweep
from sim.experiments.sweep_table import render
from sim.scenario.load import Scenario, load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
GRID = {"merchants.store.strategy.cycle": [2, 7], "days": [10, 20, 30]}
TIMES = ["seconds", "peak_bytes"]


@pytest.fixture(scope="module")
def weekly() -> Scenario:
    return load(SCENARIOS / "store_weekly.yaml", consumers=30, seed=5)


def totals(scenario: Scenario, seed: int) -> dict[str, int]:
    return {"orders": 100 * scenario.settings.days + seed, "profit": -1000 * seed, "fans": 0}


def fake(scenario: Scenario, *, seed: int, out: Path | None, events: str, threads: int) -> Any:
    """Stands for a run: its figures follow from days and seed alone."""
    return SimpleNamespace(summary={"totals": totals(scenario, seed)})


def swept(scenario: Scenario, out: Path, grid: Any = GRID, replications: int = 3, **options: Any) -> Sweep:
    return sweep(scenario, grid, replications, out, **{"runner": fake, "workers": 1, "progress": False} | options)


def content(done: Sweep) -> tuple[pd.DataFrame, dict[str, Any]]:
    whole = done.to_dict()
    for key in ("seconds", "run_seconds", "workers", "command"):
        del whole[key]
    return done.runs.drop(columns=TIMES), whole


def same(one: Sweep, other: Sweep) -> None:
    (runs, whole), (other_runs, other_whole) = content(one), content(other)
    pd.testing.assert_frame_equal(runs, other_runs)
    pd.testing.assert_frame_equal(one.table, other.table)
    assert whole == other_whole


def test_every_point_has_the_same_seeds_and_every_replication_its_own(weekly: Scenario, tmp_path: Path) -> None:
    runs = swept(weekly, tmp_path / "out").runs
    assert len(runs) == 2 * 3 * 3
    assert {tuple(of_point) for _, of_point in runs.groupby("point")["seed"]} == {(5, 6, 7)}
    assert {tuple(sorted(set(of))) for _, of in runs.groupby("replication")["seed"]} == {(5,), (6,), (7,)}
    assert runs["orders"].tolist() == [100 * days + seed for days, seed in zip(runs["days"], runs["seed"])]


def test_what_consumers_draw_is_common_to_all_points(weekly: Scenario, tmp_path: Path) -> None:
    """A cost that no consumer sees changes the profit and nothing that consumers do, in every replication by itself."""
    done = sweep(weekly, {"merchants.store.goods_cost": [0.5, 0.7]}, 3, tmp_path / "out", workers=1, progress=False)
    runs = done.runs.set_index(["merchants.store.goods_cost", "replication"])
    blind = ["orders", "gmv", "messages_sent", "messages_read", "visits"]
    pd.testing.assert_frame_equal(runs.loc[0.5, blind], runs.loc[0.7, blind])
    assert runs.loc[0.5, "orders"].nunique() > 1
    assert (runs.loc[0.5, "profit"] > runs.loc[0.7, "profit"]).all()
    assert done.effects["orders"]["merchants.store.goods_cost"][1]["low"] == 0


def test_a_run_of_the_table_is_the_run_of_that_scenario_and_seed(weekly: Scenario, tmp_path: Path) -> None:
    done = sweep(weekly, {"days": [10, 20]}, 2, tmp_path / "out", workers=1, keep_runs=True, progress=False)
    row = done.runs.iloc[3]
    alone = sim.run(weekly.with_values({"days": 20}), seed=int(row["seed"])).summary["totals"]
    assert row[list(alone)].to_dict() == alone
    kept = json.loads((tmp_path / "out" / "runs" / row["point"] / "r001" / "summary.json").read_text())
    assert kept["totals"] == alone


def test_the_result_does_not_depend_on_the_number_of_workers(weekly: Scenario, tmp_path: Path) -> None:
    grid = {"days": [10, 20]}
    same(swept(weekly, tmp_path / "one", grid), swept(weekly, tmp_path / "two", grid, workers=2))


def fails_at_days_20_and_seed_6(scenario: Scenario, *, seed: int, **options: Any) -> Any:
    if scenario.settings.days == 20 and seed == 6:
        raise ZeroDivisionError("no buyers")
    return fake(scenario, seed=seed, out=None, events="none", threads=1)


def test_a_failed_run_is_a_row_with_its_reason_and_place(weekly: Scenario, tmp_path: Path) -> None:
    done = swept(weekly, tmp_path / "out", runner=fails_at_days_20_and_seed_6)
    failed = done.runs[done.runs["status"] == "failed"]
    assert failed[["days", "seed"]].values.tolist() == [[20, 6], [20, 6]]
    assert set(failed["error"]) == {"ZeroDivisionError: no buyers"}
    assert failed["place"].str.match(r".*test_sweep\.py:\d+$").all()
    assert failed["orders"].isna().all()
    assert (done.complete, len(done.failures)) == (16, 2)
    assert done.used["days"] == (2, 2)
    assert "FAILED: p1, replication 1 (seed 6): ZeroDivisionError: no buyers" in render(done)


def test_failed_runs_are_tried_again_by_resume_and_the_end_is_that_of_a_sweep_without_a_failure(
    weekly: Scenario, tmp_path: Path
) -> None:
    swept(weekly, tmp_path / "cut", runner=fails_at_days_20_and_seed_6)
    calls: list[tuple[int, int]] = []

    def counted(scenario: Scenario, *, seed: int, **options: Any) -> Any:
        calls.append((scenario.settings.days, seed))
        return fake(scenario, seed=seed, out=None, events="none", threads=1)

    again = resume(tmp_path / "cut", runner=counted, progress=False)
    assert calls == [(20, 6), (20, 6)]
    same(again, swept(weekly, tmp_path / "whole"))
    with pytest.raises(BadInput, match="every run of this sweep is complete"):
        resume(tmp_path / "cut")


@pytest.mark.parametrize("stop_at", [1, 2, 10, 18])
def test_an_interrupted_sweep_goes_on_and_ends_with_the_same_table(weekly: Scenario, stop_at: int, tmp_path: Path) -> None:
    calls = []

    def interrupted(scenario: Scenario, *, seed: int, **options: Any) -> Any:
        calls.append(seed)
        if len(calls) == stop_at:
            raise KeyboardInterrupt
        return fake(scenario, seed=seed, out=None, events="none", threads=1)

    with pytest.raises(Interrupted, match=f"sim resume {tmp_path}/cut"):
        swept(weekly, tmp_path / "cut", runner=interrupted)
    status = pd.read_parquet(tmp_path / "cut" / "runs.parquet")["status"].tolist()
    assert status == ["complete"] * (stop_at - 1) + ["pending"] * (18 - stop_at + 1)
    with pytest.raises(BadInput, match="holds an interrupted sweep"):
        swept(weekly, tmp_path / "cut")
    done = resume(tmp_path / "cut", runner=interrupted, progress=False)
    assert len(calls) == 18 + 1
    same(done, swept(weekly, tmp_path / "whole"))


def test_a_line_of_the_journal_that_was_cut_off_counts_as_none(weekly: Scenario, tmp_path: Path) -> None:
    done = swept(weekly, tmp_path / "cut", runner=fails_at_days_20_and_seed_6)
    journal = tmp_path / "cut" / "runs.jsonl"
    text = journal.read_text()
    assert len(text.splitlines()) == 18
    journal.write_text(text[: text.index("\n") + 40])
    same(resume(tmp_path / "cut", runner=fails_at_days_20_and_seed_6, progress=False), done)


def test_a_worker_that_dies_is_tried_once_more_and_costs_no_other_run(weekly: Scenario, tmp_path: Path) -> None:
    def dies(scenario: Scenario, *, seed: int, **options: Any) -> Any:
        tried = tmp_path / f"{scenario.settings.days}-{seed}-{scenario.hash[:8]}"
        first = not tried.exists()
        tried.touch()
        if (scenario.settings.days, seed) == (10, 5) or (first and (scenario.settings.days, seed) == (20, 6)):
            os.kill(os.getpid(), signal.SIGKILL)
        return fake(scenario, seed=seed, out=None, events="none", threads=1)

    done = swept(weekly, tmp_path / "out", {"days": [10, 20, 30]}, 2, runner=dies, workers=2)
    failed = done.runs[done.runs["status"] == "failed"]
    assert failed[["days", "seed"]].values.tolist() == [[10, 5]]
    assert set(failed["error"]) == {"its process died (out of memory?)"}


def test_rows_stream_to_the_table_while_the_sweep_goes_on(
    weekly: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.experiments.store.WRITE_EVERY", 0.0)
    monkeypatch.setattr("sim.experiments.store.SHARE_OF_TIME", float("inf"))
    seen: list[list[str]] = []

    def looks(scenario: Scenario, *, seed: int, **options: Any) -> Any:
        table = pd.read_parquet(tmp_path / "out" / "runs.parquet")
        seen.append(table["status"].tolist())
        assert table["orders"].notna().sum() == len(seen) - 1 if len(seen) > 1 else "orders" not in table
        return fake(scenario, seed=seed, out=None, events="none", threads=1)

    swept(weekly, tmp_path / "out", {"days": [1, 2, 3]}, 1, runner=looks)
    assert seen == [["running", "pending", "pending"], ["complete", "running", "pending"], ["complete", "complete", "running"]]


def test_figures_keep_their_kind_and_money_its_unit(weekly: Scenario, tmp_path: Path) -> None:
    swept(weekly, tmp_path / "out", runner=fails_at_days_20_and_seed_6)
    schema = pq.read_schema(tmp_path / "out" / "runs.parquet")
    assert str(schema.field("orders").type) == "int64"
    assert schema.field("profit").metadata == {b"unit": b"USD, minor unit"}
    assert not schema.field("orders").metadata
    for name in ("runs", "table"):
        raw = (tmp_path / "out" / f"{name}.csv").read_bytes()
        assert raw.startswith(b"\xef\xbb\xbf")
        frame = pd.read_csv(tmp_path / "out" / f"{name}.csv", encoding="utf-8-sig")
        whole = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")
        assert frame.shape == whole.shape
        assert list(frame) == list(whole)


def test_a_store_that_is_opened_again_knows_what_finished(weekly: Scenario, tmp_path: Path) -> None:
    done = swept(weekly, tmp_path / "out", runner=fails_at_days_20_and_seed_6)
    planned = {(point, k): {} for point, k in done.runs[["point", "replication"]].itertuples(index=False)}
    rows = FolderStore(tmp_path / "out", planned, "USD").finished()
    assert len(rows) == 18
    assert sum(row.error is not None for row in rows.values()) == 2


def test_what_cannot_be_resumed_is_refused(weekly: Scenario, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not the folder of a sweep"):
        resume(tmp_path)
    (tmp_path / "design.json").write_text("{}")
    with pytest.raises(BadInput, match="is not the design"):
        resume(tmp_path)
    swept(weekly, tmp_path / "cut", runner=fails_at_days_20_and_seed_6)
    design = tmp_path / "cut" / "design.json"
    design.write_text(design.read_text().replace('"hash": "', '"hash": "0'))
    with pytest.raises(BadInput, match="has changed since"):
        resume(tmp_path / "cut")


@pytest.mark.parametrize(("options", "words"), [({"replications": 0}, "replications"), ({"workers": 0}, "workers")])
def test_what_cannot_be_begun_is_refused(weekly: Scenario, options: dict[str, int], words: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=words):
        swept(weekly, tmp_path / "out", **options)


def test_another_process_cannot_write_into_a_sweep_that_goes_on(weekly: Scenario, tmp_path: Path) -> None:
    told = []

    def intrudes(scenario: Scenario, *, seed: int, **options: Any) -> Any:
        with pytest.raises(BadInput, match="another process") as refused:
            resume(tmp_path / "out", runner=fake, progress=False)
        told.append(refused)
        return fake(scenario, seed=seed, out=None, events="none", threads=1)

    swept(weekly, tmp_path / "out", {"days": [1]}, 1, runner=intrudes)
    assert len(told) == 1


def test_a_past_that_points_share_is_simulated_once_and_not_once_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", os.environ.get("NUMBA_CACHE_DIR") or str(cache.compiled_folder()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # no past is there, while what is compiled stays
    cache.note_warm()
    caps = {"store_limit": 1, "store_days": 5}
    market = {
        "extends": str(SCENARIOS.parent / "benchmarks" / "w1.yaml"),
        "consumers": 80,
        "days": 5,
        "past": {"days": 12, "short": True, "policies": {"caps": caps}},
        "policies": {"caps": caps},
    }
    (tmp_path / "market.yaml").write_text(json.dumps(market), encoding="utf-8")
    grid = {"policies.caps.store_days": [1, 2, 3, 4]}
    sweep(load(tmp_path / "market.yaml"), grid, 1, tmp_path / "out", workers=2, keep_runs=True, progress=False)
    manifests = [json.loads(path.read_text()) for path in (tmp_path / "out" / "runs").glob("*/r000/manifest.json")]
    assert sorted(one["past"]["from_cache"] for one in manifests) == [False, True, True, True]
    assert len({one["past"]["hash"] for one in manifests}) == 1
