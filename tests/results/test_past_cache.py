"""A simulated past is kept and shared; whether it was found, is damaged or is just being computed changes no result."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_store import ROOT, assert_same_results, in_json

import sim
from sim.engine import past
from sim.engine.snapshot import restore, save
from sim.errors import BadInput
from sim.experiments.compare import compare
from sim.results.run import Interrupted, resume, run

CAPS = {"store_limit": 1, "store_days": 5}


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the pasts of this test."""
    monkeypatch.setattr(past, "folder", lambda: tmp_path / "pasts")
    return tmp_path / "pasts"


def market(folder: Path, name: str = "market", **changes: Any) -> sim.Scenario:
    """A small market that has been going on for some days; `changes` are top keys."""
    scenario = {
        "extends": str(ROOT / "benchmarks" / "w1.yaml"),
        "consumers": 80,
        "days": 10,
        "past": {"days": 12, "short": True, "policies": {"caps": CAPS}},
        "policies": {"caps": CAPS},
    }
    (folder / f"{name}.yaml").write_text(json.dumps(scenario | changes), encoding="utf-8")
    return sim.load(folder / f"{name}.yaml")


def files(kept: Path) -> list[str]:
    return sorted(path.name for path in kept.glob("*.npz"))


def from_cache(folder: Path) -> bool:
    return in_json(folder, "manifest")["past"]["from_cache"]


def test_the_second_run_finds_the_past_of_the_first(tmp_path: Path, kept: Path) -> None:
    scenario = market(tmp_path)
    run(scenario, out=tmp_path / "first", threads=1)
    run(scenario, out=tmp_path / "second", threads=2, shards=3)
    assert_same_results(tmp_path / "first", tmp_path / "second")
    first, second = (in_json(tmp_path / name, "manifest")["past"] for name in ("first", "second"))
    assert (first.pop("from_cache"), second.pop("from_cache")) == (False, True)
    assert min(first.pop("seconds"), second.pop("seconds")) > 0
    assert first == second == {"hash": past.past_hash(scenario, 1), "days": 12}
    assert files(kept) == [f"{first['hash']}.npz"]
    assert in_json(tmp_path / "second", "manifest")["shards"] == 3


def test_scenarios_with_the_same_past_share_it_and_others_do_not(tmp_path: Path, kept: Path) -> None:
    run(market(tmp_path), out=tmp_path / "base")
    silent = market(tmp_path, "silent", policies={"caps": {"store_limit": 0}}, days=4, start="2023-09-04")
    run(silent, out=tmp_path / "silent")
    assert from_cache(tmp_path / "silent")
    run(silent, seed=2, out=tmp_path / "seed")
    eager = market(tmp_path, "eager", behaviour={"sessions": {"per_day": 3.0}})
    run(eager, out=tmp_path / "eager")
    assert not from_cache(tmp_path / "seed")
    assert not from_cache(tmp_path / "eager")
    assert len(files(kept)) == 3


def test_a_run_with_an_event_log_simulates_its_past(tmp_path: Path, kept: Path) -> None:
    scenario = market(tmp_path)
    plain = run(scenario, out=tmp_path / "plain")
    logged = run(scenario, out=tmp_path / "logged", events="all")
    assert not from_cache(tmp_path / "logged")
    assert (logged.events["time"] < 0).sum() > 100
    assert logged.daily.equals(plain.daily)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1_000])


def flip_a_bit(file: Path) -> None:
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)


def no_snapshot(file: Path) -> None:
    file.write_text("this is no snapshot")


def of_another_past(file: Path) -> None:
    """Whole, but not what its name says: everybody has irritation that nobody ever had."""
    snapshot, _ = restore(file)
    for shard in snapshot.shards:
        shard.consumers["fatigue"] = 1e6
    save(snapshot, file, {"past": "another"})


@pytest.mark.parametrize("harm", [cut_short, flip_a_bit, no_snapshot, of_another_past])
def test_a_file_that_is_damaged_or_foreign_is_not_trusted(tmp_path: Path, kept: Path, harm: Callable[[Path], None]) -> None:
    scenario = market(tmp_path, behaviour={"reading": {"probability": None}})
    run(scenario, out=tmp_path / "first")
    harm(kept / files(kept)[0])
    run(scenario, out=tmp_path / "second")
    assert not from_cache(tmp_path / "second")
    assert_same_results(tmp_path / "first", tmp_path / "second")
    run(scenario, out=tmp_path / "third")
    assert from_cache(tmp_path / "third"), "the file was not replaced"


def test_where_nothing_can_be_kept_the_past_is_simulated(tmp_path: Path, kept: Path) -> None:
    kept.write_text("a file where the folder should be")
    for name in ("first", "second"):
        run(market(tmp_path), out=tmp_path / name)
        assert not from_cache(tmp_path / name)
    assert_same_results(tmp_path / "first", tmp_path / "second")


def test_what_was_used_longest_ago_makes_room(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = market(tmp_path)
    hashes = [past.past_hash(scenario, seed) for seed in range(3)]
    for age, seed in enumerate((1, 0)):
        run(scenario, seed=seed)
        os.utime(kept / f"{hashes[seed]}.npz", (age, age))
    run(scenario, seed=1)  # used again: now 0 is the oldest
    size = max(path.stat().st_size for path in kept.glob("*.npz"))
    monkeypatch.setattr(past, "MOST_BYTES", int(2.5 * size))
    left_behind = kept / "dead-1-2.npz"
    left_behind.touch()
    os.utime(left_behind, (0, 0))
    run(scenario, seed=2)
    assert files(kept) == sorted(f"{hashes[seed]}.npz" for seed in (1, 2))
    monkeypatch.setattr(past, "MOST_BYTES", size // 2)
    run(scenario, seed=3, out=tmp_path / "too large")
    assert past.find(past.past_hash(scenario, 3)) is None


def test_of_two_who_need_a_past_one_waits_for_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both begin at once; the past is computed and kept once."""
    scenario = market(tmp_path)
    kept_by = []
    keep = past.keep
    monkeypatch.setattr(past, "keep", lambda *what: (kept_by.append(threading.get_ident()), time.sleep(0.3), keep(*what)))
    both = threading.Barrier(2)

    def work(name: str) -> None:
        both.wait()
        run(scenario, out=tmp_path / name, threads=1)

    workers = [threading.Thread(target=work, args=(name,)) for name in ("one", "other")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert len(kept_by) == 1
    assert sorted(from_cache(tmp_path / name) for name in ("one", "other")) == [False, True]
    assert_same_results(tmp_path / "one", tmp_path / "other")


def test_whoever_gives_up_waiting_goes_on(kept: Path) -> None:
    """Someone else holds the past; who is asked for the third time whether to go on waiting says no."""
    asked: list[int] = []

    def given_up() -> bool:
        asked.append(len(asked))
        return len(asked) > 2

    with past.alone("key", lambda: False), past.alone("key", given_up):
        assert len(asked) == 3
    asked.clear()
    with past.alone("key", given_up):
        assert not asked, "nobody holds it any more"


def test_arms_share_their_pasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    computed = []
    keep = past.keep
    monkeypatch.setattr(past, "keep", lambda key, snapshot: (computed.append(key), keep(key, snapshot)))
    arms = [market(tmp_path), market(tmp_path, "silent", policies={"caps": {"store_limit": 0}})]
    compared = compare(arms, 3, tmp_path / "compared", draws=2, jobs=1, progress=False)
    assert computed[:3] == [past.past_hash(arms[0], seed) for seed in compared.seeds]
    assert len(set(computed)) == len(computed) == 3 + 2, "one for each replication and each draw"
    found = {arm: [from_cache(compared.folder / name) for name in compared.runs[arm]] for arm in compared.arms}
    assert found == {"market": [False] * 3, "silent": [True] * 3}
    assert not compared.failures


TROUBLE = """\
import os
from pathlib import Path

from sim.state.policy import Policy


class Trouble(Policy):
    mark: str
    signal: int

    def times(self, days):
        return [5 * 86_400 + 34_200]

    def act(self, time):
        if not Path(self.mark).exists():
            Path(self.mark).touch()
            os.kill(os.getpid(), self.signal)
"""


@pytest.mark.parametrize("events", ["none", "all"])
def test_a_run_that_was_interrupted_in_its_past_goes_on(tmp_path: Path, kept: Path, events: str) -> None:
    (tmp_path / "trouble.py").write_text(TROUBLE)
    trouble = {"use": "trouble.py:Trouble", "mark": str(tmp_path / "mark"), "signal": int(signal.SIGINT)}
    scenario = market(tmp_path, past={"days": 12, "short": True, "policies": {"caps": CAPS, "trouble": trouble}})
    with pytest.raises(Interrupted, match="interrupted in its past, 7 days before the start; `sim resume"):
        run(scenario, out=tmp_path / "out", events=events)
    manifest = in_json(tmp_path / "out", "manifest")
    assert (manifest["status"], manifest["until"]) == ("interrupted", -7 * 86_400 + 34_200)
    assert "past" not in manifest
    assert files(kept) == []

    resume(tmp_path / "out")
    assert (files(kept) == []) == (events == "all")
    run(scenario, out=tmp_path / "whole", events=events)
    assert from_cache(tmp_path / "whole") == (events == "none")
    assert_same_results(tmp_path / "out", tmp_path / "whole")
    assert in_json(tmp_path / "out", "manifest")["past"]["days"] == 12


def test_a_run_that_was_interrupted_after_its_past_still_knows_of_it(tmp_path: Path) -> None:
    (tmp_path / "trouble.py").write_text(TROUBLE)
    trouble = {"use": "trouble.py:Trouble", "mark": str(tmp_path / "mark"), "signal": int(signal.SIGINT)}
    scenario = market(tmp_path, policies={"caps": CAPS, "trouble": trouble})
    with pytest.raises(Interrupted, match="on day 5 of 10"):
        run(scenario, out=tmp_path / "out")
    before = in_json(tmp_path / "out", "manifest")["past"]
    resume(tmp_path / "out")
    assert in_json(tmp_path / "out", "manifest")["past"] == before
    run(scenario, out=tmp_path / "whole")
    assert_same_results(tmp_path / "out", tmp_path / "whole")


def test_the_command_says_that_it_is_in_the_past(tmp_path: Path, command: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.results.progress.SECONDS_A_LINE", 0.0)
    market(tmp_path)
    said = command("run", tmp_path / "market.yaml", "--out", tmp_path / "out")
    assert said.code == 0
    lines = [line for line in said.err.splitlines() if "days" in line or ": day " in line]
    assert any(line.startswith("market, its past: day 5 of 12, about ") and line.endswith(" s left") for line in lines)
    assert any(line.startswith("market: day 5 of 10, about ") for line in lines)


def test_a_scenario_without_a_past_of_its_own_keeps_none(tmp_path: Path, kept: Path) -> None:
    run(market(tmp_path, past="cold"), out=tmp_path / "out")
    assert "past" not in in_json(tmp_path / "out", "manifest")
    assert not kept.exists()


def test_a_kept_past_holds_nothing_of_the_run(tmp_path: Path, kept: Path) -> None:
    """Two scenarios that share a past keep the same contents, whoever comes first."""
    states = []
    for name, policies in (("base", {"caps": CAPS}), ("other", {"ticks": {"use": "adjust", "reading": 0.3}})):
        run(market(tmp_path, name, policies=policies), threads=1, shards=2)
        snapshot, notes = restore(kept / files(kept)[0])
        assert notes == {"past": files(kept)[0].removesuffix(".npz")}
        assert (snapshot.now, snapshot.started, snapshot.actions, len(snapshot.log)) == (0, False, [], 0)
        assert all((shard.counts == 0).all() for shard in snapshot.shards)
        states.append(snapshot)
        (kept / files(kept)[0]).unlink()
    for one, other in zip(states[0].shards, states[1].shards, strict=True):
        state = set(one._fields) - {"asks"}  # room that a window needs
        assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in state)
    assert states[0].coupling == states[1].coupling


def test_the_past_in_the_file_of_a_run_can_be_run_again(tmp_path: Path) -> None:
    scenario = market(tmp_path)
    run(scenario, out=tmp_path / "out")
    again = sim.load(tmp_path / "out" / "scenario.yaml")
    assert again.hash == scenario.hash
    assert past.past_hash(again, 1) == past.past_hash(scenario, 1)
    with pytest.raises(BadInput, match=r"past\.days: must be at least 365"):
        sim.load(tmp_path / "market.yaml", sets=["past.short=false"])
