"""The event log as the contract says: columns, order, what each way of logging holds, and how parts become one file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from small_store import small_store

import sim
from sim.engine.founding import consumer_keys
from sim.engine.platform_log import in_log_sample
from sim.engine.world import root_key
from sim.results import events
from sim.results.events import EventLog, has_parts, nothing
from sim.state.names import CHANNELS, KINDS, LOG_REASONS
from sim.state.tables import LOG

COLUMNS = {
    "time": "int64",
    "seq": "int32",
    "kind": "text",
    "consumer": "int64",
    "merchant": "int32",
    "channel": "text",
    "ref": "int64",
    "amount": "int64",
    "reason": "text",
    "rule": "text",
}
HISTORIES = "customer,x,t_x,T,value,n_value\nann,2,3.5,10,1500,2\nbob,0,0,10,0,0\ncid,1,1,70,900,1\n"


def rows(times: list[int]) -> np.ndarray:
    """Log rows of consumer 0 at these times."""
    made = LOG.rows(len(times))
    made["time"] = times
    return made


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> dict[str, sim.Run]:
    """Runs of some thousand consumers, so that a sample has a few of them, by way of logging."""
    folder = tmp_path_factory.mktemp("big")
    scenario = sim.load(small_store(folder, consumers=3_000, days=12))
    return {how: sim.run(scenario, out=folder / how, events=how, shards=2) for how in ("none", "sample", "all", "full")}


def test_columns_and_types(big: dict[str, sim.Run]) -> None:
    for how in ("sample", "all", "full"):
        folder = big[how].folder
        assert folder is not None
        schema = pq.read_schema(folder / "events.parquet")
        assert {f.name: "text" if "string" in str(f.type) else str(f.type) for f in schema} == COLUMNS
        assert schema.names == list(COLUMNS)
        assert schema.field("time").metadata[b"unit"] == b"s"


def test_sorted_by_time_consumer_and_seq_each_once(big: dict[str, sim.Run]) -> None:
    for how in ("sample", "all"):
        order = big[how].events[["time", "consumer", "seq"]]
        pd.testing.assert_frame_equal(order, order.sort_values(list(order), kind="stable"))
        assert not order.duplicated().any()
        assert (order["seq"] >= 0).all()


def test_words_are_those_of_the_contract(big: dict[str, sim.Run]) -> None:
    log = big["all"].events
    assert set(log["kind"]) <= set(KINDS)
    assert set(log["channel"]) <= set(CHANNELS)
    tasks = log["kind"] == "task"
    assert set(log["reason"][~tasks]) <= set(LOG_REASONS)
    assert set(log["reason"][tasks]) <= {f"plan {day}" for day in range(13)}, "a task has the name of its plan"
    refused = log[log["kind"] == "message_blocked"]
    assert set(refused["reason"]) == {"store_window", "opted_out"}
    assert set(zip(refused["reason"], refused["rule"])) == {("store_window", "MSG-3"), ("opted_out", "MSG-14")}


def test_every_outcome_of_a_task_is_there(big: dict[str, sim.Run]) -> None:
    """One outcome per task and consumer of the crowd, all with the id of a task that was created."""
    log = big["all"].events
    outcomes = log[log["kind"].isin(["message_sent", "message_blocked"])]
    assert not outcomes.duplicated(["ref", "consumer"]).any()
    assert set(outcomes["ref"]) <= set(log["ref"][log["kind"] == "task"])
    assert (log["consumer"][log["kind"] == "task"] == -1).all()


def test_none_is_no_log_with_its_columns(big: dict[str, sim.Run]) -> None:
    run = big["none"]
    assert run.folder is not None
    assert not (run.folder / "events.parquet").exists()
    assert list(run.events.columns) == list(COLUMNS)
    assert run.events.empty
    pd.testing.assert_frame_equal(run.daily, big["all"].daily)


def test_the_sample_is_a_hundredth_by_hash_and_complete(big: dict[str, sim.Run]) -> None:
    chosen = np.flatnonzero(in_log_sample(consumer_keys(root_key(1), 0, 3_000, None)))
    assert 12 <= len(chosen) <= 52  # 30 expected; four standard deviations
    whole, sample = big["all"].events, big["sample"].events
    assert set(sample["consumer"]) - {-1} == set(chosen)
    expected = whole[whole["consumer"].isin([*chosen, -1])].reset_index(drop=True)
    pd.testing.assert_frame_equal(sample, expected, check_exact=True)


def test_the_sample_does_not_depend_on_what_is_compared(big: dict[str, sim.Run], tmp_path: Path) -> None:
    other = sim.load(small_store(tmp_path, consumers=3_000, days=12, policies={"caps": {"store_limit": 0}}))
    assert set(sim.run(other, events="sample").events["consumer"]) == set(big["sample"].events["consumer"])


def test_full_holds_what_all_does(big: dict[str, sim.Run]) -> None:
    full, whole = big["full"].events, big["all"].events
    assert full[full["kind"] != "exposure"].reset_index(drop=True).equals(whole)


def test_the_past_comes_first_with_times_below_zero(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text(HISTORIES)
    past = {"customers": "customers.csv", "bg_nbd": {"r": 1, "alpha": 4, "a": 1, "b": 2.5}}
    log = sim.run(sim.load(small_store(tmp_path, past=past, days=2)), events="all").events
    before = log[(log["time"] < 0) & (log["consumer"] >= 0)]
    day = 86_400
    assert list(zip(before["time"] // day, before["consumer"], before["kind"], before["reason"])) == [
        (-71, 1, "order", "declared_past"),
        (-47, 0, "order", "declared_past"),
    ], "cid has not bought for more than a year"
    assert log["time"].is_monotonic_increasing


def test_a_log_without_events_is_a_table_without_rows(tmp_path: Path) -> None:
    scenario = sim.load(small_store(tmp_path, consumers=0, days=2, merchants={"store": {"strategy": None}}))
    for run in (sim.run(scenario, events="all"), sim.run(scenario, events="all", out=tmp_path / "out")):
        assert list(run.events.columns) == list(COLUMNS)
        assert run.events.empty
    assert pq.read_metadata(tmp_path / "out" / "events.parquet").num_rows == 0


# ---- parts


def test_parts_become_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "ROWS_A_PART", 3)
    log = EventLog(tmp_path)
    for time in range(8):
        log.add(rows([2 * time, 2 * time + 1]))
    assert log.parts == 4
    log.close()
    assert list(log.frame()["time"]) == list(range(16))
    assert has_parts(tmp_path, 4), "until the run is complete they may be needed"
    log.clear()
    assert [path.name for path in tmp_path.iterdir()] == ["events.parquet"]


def test_parts_of_a_run_that_was_cut_off_are_left_out(tmp_path: Path) -> None:
    log = EventLog(tmp_path)
    for time in range(3):
        log.add(rows([time]))
        log.flush()
    (tmp_path / "events.parts" / "000003.part").write_bytes(b"half")
    again = EventLog(tmp_path, parts=1)
    assert [path.name for path in (tmp_path / "events.parts").iterdir()] == ["000000.parquet"]
    again.add(rows([7]))
    again.close()
    assert list(again.frame()["time"]) == [0, 7]


def test_whether_all_parts_are_there(tmp_path: Path) -> None:
    assert has_parts(tmp_path, 0)
    log = EventLog(tmp_path)
    log.add(rows([1]))
    log.flush()
    assert has_parts(tmp_path, 1)
    assert not has_parts(tmp_path, 2)


def test_in_memory(tmp_path: Path) -> None:
    log = EventLog()
    assert list(log.frame().columns) == list(nothing().columns) == list(COLUMNS)
    log.add(rows([3]))
    log.add(rows([4, 5]))
    log.close()
    assert list(log.frame()["time"]) == [3, 4, 5]
