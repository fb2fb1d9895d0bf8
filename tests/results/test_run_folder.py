"""The run folder as the contract says, and the same results in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from small_store import assert_same_results, contents, in_json, small_store

import sim
from sim.errors import BadInput
from sim.results import files
from sim.results import folder as run_folder
from sim.results.run import read_run, resume

FIGURES = [  # of daily.parquet, in the contract's order; more may follow
    "visitors", "visits", "follows", "unfollows", "joins", "leaves", "carts", "orders", "buyers", "units", "gmv", "gmv_fan",
    "gmv_member", "gmv_old", "discount", "goods_cost", "ad_cost", "commission", "profit", "refunds", "messages_sent",
    "messages_read", "messages_refused", "opt_outs", "fans", "members", "old_customers",
]  # fmt: skip
STOCKS = ("fans", "members", "old_customers", "lead", "interlock", "engage", "keep")
MARKET: dict[str, Any] = {
    "extends": [],
    "consumers": 80,
    "days": 12,
    "past": "cold",
    "merchants": {"shop": {"count": 3, "goods_cost": 0.5, "message_cost": 0.3, "strategy": {"use": "plan", "cycle": 2}}},
    "behaviour": {
        "stores": {"known": 2, "choice": "any_known"},
        "needs": None,
        "orders": {"own": {"base": 0.3}},
        "reading": {"probability": 0.8},
    },
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run."""
    folder = tmp_path_factory.mktemp("ran")
    sim.run(sim.load(small_store(folder)), seed=5, out=folder / "out", events="all", shards=3)
    return folder / "out"


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of several merchants."""
    folder = tmp_path_factory.mktemp("market")
    sim.run(sim.load(small_store(folder, **MARKET)), out=folder / "out", events="all")
    return folder / "out"


def test_the_files(ran: Path) -> None:
    assert sorted(path.name for path in ran.iterdir()) == [
        "benefits.parquet",
        "daily.parquet",
        "daily_by_channel.parquet",
        "events.parquet",
        "grades.parquet",
        "manifest.json",
        "messages.parquet",
        "refusals.parquet",
        "scenario.yaml",
        "segments.parquet",
        "summary.json",
    ]


def test_columns_of_daily(ran: Path) -> None:
    schema = pq.read_schema(ran / "daily.parquet")
    assert schema.names[: 4 + len(FIGURES)] == ["date", "day", "merchant", "industry", *FIGURES]
    types = {name: str(schema.field(name).type) for name in schema.names}
    assert types.pop("date") == "date32[day]"
    assert {types.pop("merchant"), types.pop("industry")} == {"string"}
    assert set(types.values()) == {"int64"}
    assert schema.field("gmv").metadata[b"unit"] == b"USD, minor unit"


def test_a_row_for_every_day_and_merchant(ran: Path, market: Path) -> None:
    daily = pd.read_parquet(ran / "daily.parquet")
    assert list(daily["day"]) == list(range(30))
    assert list(daily["date"]) == [dt.date(1997, 10, 1) + dt.timedelta(days=day) for day in range(30)]
    assert set(daily["industry"]) == {"media"}
    daily = pd.read_parquet(market / "daily.parquet")
    assert list(zip(daily["day"], daily["merchant"])) == [(d, f"shop-{m:03d}") for d in range(12) for m in range(3)]


def test_profit_is_what_is_left_of_gmv(ran: Path, market: Path) -> None:
    for folder in (ran, market):
        daily = pd.read_parquet(folder / "daily.parquet")
        costs = daily[["goods_cost", "ad_cost", "commission", "refunds", "message_cost"]].sum(axis=1)
        assert (daily["profit"] == daily["gmv"] - costs).all()
        assert daily["goods_cost"].sum() > 0
    assert (daily["message_cost"] == np.rint(0.3 * daily["messages_sent"])).all()
    assert daily["message_cost"].sum() > 0


def test_daily_agrees_with_the_log(ran: Path) -> None:
    daily, log = pd.read_parquet(ran / "daily.parquet"), pd.read_parquet(ran / "events.parquet")
    log = log[log["time"] >= 0]
    day = log["time"] // 86_400
    for column, kind in (
        ("visits", "visit"),
        ("orders", "order"),
        ("follows", "follow"),
        ("messages_sent", "message_sent"),
        ("messages_refused", "message_blocked"),
        ("messages_read", "message_read"),
        ("opt_outs", "opt_out"),
    ):
        of_kind = log["kind"] == kind
        assert of_kind.sum() > 0, kind
        assert list(np.bincount(day[of_kind], minlength=30)) == list(daily[column]), column
    orders = log["kind"] == "order"
    assert list(np.bincount(day[orders], log["amount"][orders], minlength=30)) == list(daily["gmv"])
    buyers = log[orders].assign(day=day[orders]).groupby("day")["consumer"].nunique().reindex(range(30), fill_value=0)
    assert list(buyers) == list(daily["buyers"])


def test_by_channel_adds_up(market: Path) -> None:
    whole = pd.read_parquet(market / "daily.parquet").groupby(["day", "merchant"])[["visits", "orders", "gmv"]].sum()
    parts = pd.read_parquet(market / "daily_by_channel.parquet")
    assert list(parts.columns) == ["date", "day", "merchant", "channel", "visits", "orders", "gmv"]
    assert set(parts["channel"]) == {"direct", "message"}
    sums = parts.groupby(["day", "merchant"])[["visits", "orders", "gmv"]].sum()
    pd.testing.assert_frame_equal(sums.reindex(whole.index, fill_value=0), whole)


def test_messages_agree_with_daily(ran: Path) -> None:
    messages, daily = pd.read_parquet(ran / "messages.parquet"), pd.read_parquet(ran / "daily.parquet")
    assert {"task", "merchant", "channel", "time", "outcome", "reason", "count"} <= set(messages.columns)
    sums = messages.groupby("outcome")["count"].sum()
    assert sums["sent"] == daily["messages_sent"].sum()
    assert sums["read"] == daily["messages_read"].sum()
    assert sums["refused"] == daily["messages_refused"].sum()
    assert (messages["reason"] != "").equals(messages["outcome"] == "refused")
    assert (messages["created"] < messages["time"] // 86_400 * 86_400).all()


def test_grades_are_an_empty_table(ran: Path) -> None:
    grades = pd.read_parquet(ran / "grades.parquet")
    assert list(grades.columns[:3]) == ["merchant", "time", "grade"]
    assert len(grades) == 0


def test_the_summary_sums_the_days(ran: Path) -> None:
    summary, daily = in_json(ran, "summary"), pd.read_parquet(ran / "daily.parquet")
    assert (summary["scenario"], summary["seed"], summary["days"], summary["currency"]) == ("small", 5, 30, "USD")
    assert sorted(summary["totals"]) == sorted(daily.columns[4:])
    for name, total in summary["totals"].items():
        assert total == (daily[name].iloc[-1] if name in STOCKS else daily[name].sum()), name
        assert summary["per_consumer"][name] == total / summary["consumers"], name
    assert summary["acted"]["policies.caps"] > 0
    assert summary["acted"]["merchants.store.strategy"] == pd.read_parquet(ran / "messages.parquet")["task"].nunique()


def test_the_manifest(ran: Path) -> None:
    manifest, scenario = in_json(ran, "manifest"), sim.load(ran / "scenario.yaml")
    assert manifest["status"] == "complete"
    assert manifest["scenario_hash"] == scenario.hash
    assert manifest["resolved"] == scenario.resolved
    assert (manifest["scenario"], manifest["seed"], manifest["events"], manifest["shards"]) == ("small", 5, "all", 3)
    assert manifest["policies"]["policies.caps"]["use"] == "caps"
    assert all(len(policy["sha256"]) == 64 for policy in manifest["policies"].values())
    assert {"python", "numpy", "numba", "sim"} <= manifest["versions"].keys()
    assert {"system", "processor", "cores"} <= manifest["machine"].keys()
    assert manifest["seconds"] > 0
    assert manifest["peak_bytes"] > 2**20


def test_the_scenario_can_be_run_again(ran: Path, tmp_path: Path) -> None:
    text = (ran / "scenario.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["seed"] == 5
    (tmp_path / "small.yaml").write_text(text, encoding="utf-8")
    sim.run(sim.load(tmp_path / "small.yaml"), out=tmp_path / "again", events="all", threads=1)
    assert_same_results(ran, tmp_path / "again")


@pytest.mark.parametrize("events", ["none", "sample", "all", "full"])
def test_in_memory_and_in_a_folder(events: str, tmp_path: Path) -> None:
    scenario = sim.load(small_store(tmp_path, days=12))
    memory, stored = sim.run(scenario, events=events), sim.run(scenario, out=tmp_path / "out", events=events)
    for name in ("daily", "daily_by_channel", "messages", "grades", "events"):
        one, other = getattr(memory, name), getattr(stored, name)
        as_text = {column: "str" for column, kind in one.dtypes.items() if str(kind) == "category"}
        pd.testing.assert_frame_equal(one.astype(as_text), other.astype(as_text), check_exact=True, obj=name)
    assert memory.summary == stored.summary
    assert memory.folder is None
    assert (tmp_path / "out" / "events.parquet").exists() == (events != "none")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"consumers": 0}, id="nobody"),
        pytest.param({"extends": [], "past": "cold", "behaviour": {}}, id="no merchants"),
        pytest.param({"merchants": {"store": {"strategy": None}}}, id="no messages"),
    ],
)
def test_tables_have_the_same_columns_with_and_without_rows(changes: dict[str, Any], ran: Path, tmp_path: Path) -> None:
    out = sim.run(sim.load(small_store(tmp_path, days=3, **changes)), out=tmp_path / "out", events="all").folder
    assert out is not None
    for name in contents(ran):
        schema = pq.read_schema(out / f"{name}.parquet")
        whole = pq.read_schema(ran / f"{name}.parquet")
        assert [(field.name, field.type) for field in schema] == [(field.name, field.type) for field in whole], name


# ---- the folder itself


def test_a_folder_in_use_is_refused_and_untouched(tmp_path: Path, command: Callable) -> None:
    path = small_store(tmp_path, days=2)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine")
    said = command("run", path, "--out", tmp_path / "out")
    assert (said.code, said.out) == (2, "")
    assert said.err == f"{tmp_path}/out: exists and is not empty; name a new folder with --out\n"
    assert [(p.name, p.read_text()) for p in (tmp_path / "out").iterdir()] == [("notes.txt", "mine")]


def test_a_file_is_no_folder(tmp_path: Path, command: Callable) -> None:
    path = small_store(tmp_path, days=2)
    for out in (path, path / "below"):
        said = command("run", path, "--out", out)
        assert said.code == 2
        assert f"{out}: cannot be a folder for results" in said.err


def test_an_empty_folder_is_taken(tmp_path: Path, command: Callable) -> None:
    (tmp_path / "out").mkdir()
    assert command("run", small_store(tmp_path, days=2), "--out", tmp_path / "out").code == 0
    assert read_run(tmp_path / "out").summary["days"] == 2


def test_a_folder_in_which_another_run_is_writing_is_refused(tmp_path: Path) -> None:
    scenario = sim.load(small_store(tmp_path, days=2))
    with run_folder.claimed(tmp_path / "out", new=True):
        with pytest.raises(BadInput, match="another process"):
            sim.run(scenario, out=tmp_path / "out")
        run_folder.write_scenario(tmp_path / "out" / "scenario.yaml", scenario, 1)
        files.write_json(tmp_path / "out" / "manifest.json", run_folder.manifest(scenario, 1, status="running", events="all"))
        with pytest.raises(BadInput, match="another process"):
            resume(tmp_path / "out")
    assert resume(tmp_path / "out").summary["days"] == 2


def test_default_folders_differ_even_in_the_same_second(
    tmp_path: Path, command: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopped(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Stopped:
            return cls(2024, 3, 1, 12, 30, 59)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files.dt, "datetime", Stopped)
    path = small_store(tmp_path, days=1)
    for _ in range(3):
        assert command("run", path).code == 0
    names = sorted(folder.name for folder in (tmp_path / "runs").iterdir())
    assert names == ["20240301-123059-small", "20240301-123059-small-2", "20240301-123059-small-3"]


def test_no_run_folder(tmp_path: Path, command: Callable) -> None:
    for content in (None, "{", "[]", '{"status": "complete"}'):
        if content is not None:
            (tmp_path / "manifest.json").write_text(content)
        said = command("resume", tmp_path)
        assert said.code == 2
        assert said.err.startswith(f"{tmp_path}: not the folder of a run: manifest.json ")
        assert len(said.err.splitlines()) == 1
