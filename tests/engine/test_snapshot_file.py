"""The file of a snapshot: plain arrays and JSON, of one version, whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.engine import snapshot as snapshots
from sim.engine.simulation import Simulation
from sim.engine.snapshot import VERSION, Snapshot, restore, save
from sim.errors import BadInput
from sim.state.names import DAY

STORE = Path(__file__).parents[2] / "scenarios" / "store_every_2_days.yaml"
NOTES = {"parts": 3, "seconds": 1.5, "said by": "谁"}


@pytest.fixture(scope="module")
def halfway() -> Snapshot:
    """A store's run at an instant with books, tasks, pending events and log rows not handed over."""
    scenario = sim.load(STORE, consumers=40, days=12, past={"bg_nbd": {"r": 2.0, "alpha": 2.0, "a": 1.0, "b": 6.0}})
    simulation = Simulation(scenario, 3, 1, 3, "all", lambda rows: None)
    simulation.run(on_instant=lambda now: now >= 5 * DAY)
    taken = simulation.snapshot()
    assert len(taken.log)
    assert len(taken.tasks)
    assert len(taken.books.figures) == 5
    return taken


@pytest.fixture
def stored(halfway: Snapshot, tmp_path: Path) -> Path:
    save(halfway, tmp_path / "snapshot.npz", NOTES)
    return tmp_path / "snapshot.npz"


def rewrite(path: Path, **changes: np.ndarray | None) -> None:
    """Change arrays of the file, or leave them out: its contents are whole, but not a snapshot's."""
    with np.load(path) as file:
        arrays = dict(file) | changes
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})  # type: ignore[arg-type]


def text(words: bytes) -> np.ndarray:
    return np.frombuffer(words, np.uint8)


def state_of(path: Path) -> dict[str, Any]:
    with np.load(path) as file:
        return json.loads(file["state"].tobytes())


def test_what_is_restored_is_what_was_stored(halfway: Snapshot, stored: Path) -> None:
    again, notes = restore(stored)
    assert notes == NOTES
    assert (again.now, again.started) == (halfway.now, halfway.started)
    assert (again.actions, again.tasks) == (halfway.actions, halfway.tasks)
    assert (again.tallies, again.plans) == (halfway.tallies, halfway.plans)
    assert np.array_equal(again.figures, halfway.figures)
    assert (again.log == halfway.log).all()
    for name, days in vars(halfway.books).items():
        assert np.array_equal(getattr(again.books, name), days), name
    assert len(again.shards) == 3
    for one, other in zip(halfway.shards, again.shards):
        assert one.first == other.first
        for name in ("consumers", "ends", "figures", "sources", "stocks", "old_expiry", "tasks", "counts"):
            assert np.array_equal(np.asarray(getattr(one, name)), getattr(other, name)), name
        for name in ("relations", "recent", "pending", "log"):
            used = getattr(other, name)
            assert np.array_equal(np.asarray(getattr(one, name))[: len(used)], used), name


def test_there_is_no_pickle_in_it(stored: Path) -> None:
    with np.load(stored, allow_pickle=False) as file:
        arrays = dict(file)
    assert all(not array.dtype.hasobject for array in arrays.values())
    assert json.loads(arrays["state"].tobytes())["version"] == VERSION


def test_free_room_is_not_stored(halfway: Snapshot, stored: Path) -> None:
    again, _ = restore(stored)
    for one, other in zip(halfway.shards, again.shards):
        assert len(other.log) == 0 < len(one.log)
        assert len(other.pending) < len(one.pending)


def test_another_version_is_refused(stored: Path) -> None:
    rewrite(stored, state=text(json.dumps(state_of(stored) | {"version": VERSION + 1}).encode()))
    with pytest.raises(BadInput, match=f"version {VERSION + 1}; this program reads version {VERSION}") as refused:
        restore(stored)
    assert refused.value.problems[0].file == str(stored)


class TestDamaged:
    """Whatever is wrong with the file, the person is told which file, without a traceback."""

    def refused(self, path: Path) -> None:
        with pytest.raises(BadInput) as refused:
            restore(path)
        assert refused.value.problems[0].file == str(path)

    def test_missing_file(self, tmp_path: Path) -> None:
        self.refused(tmp_path / "none.npz")

    def test_folder(self, tmp_path: Path) -> None:
        self.refused(tmp_path)

    @pytest.mark.parametrize(
        "contents", [b"", b"PK", b"not a snapshot\n" * 9, bytes(4_000)], ids=["empty", "PK", "text", "zeros"]
    )
    def test_something_else(self, tmp_path: Path, contents: bytes) -> None:
        path = tmp_path / "snapshot.npz"
        path.write_bytes(contents)
        self.refused(path)

    def test_one_array(self, tmp_path: Path) -> None:
        np.save(tmp_path / "array.npy", np.arange(3))
        self.refused(tmp_path / "array.npy")

    def test_pickle(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "pickle.npz", state=np.array([{"version": VERSION}], dtype=object))
        self.refused(tmp_path / "pickle.npz")

    @pytest.mark.parametrize("share", [0.01, 0.5, 0.9, 0.999])
    def test_cut_off(self, stored: Path, share: float) -> None:
        data = stored.read_bytes()
        stored.write_bytes(data[: int(len(data) * share)])
        self.refused(stored)

    def test_flipped_byte(self, stored: Path, tmp_path: Path) -> None:
        """Wherever it is: the file is refused, or the byte is one that tells nothing, such as the time of an entry."""
        whole, notes = stored.read_bytes(), restore(stored)[1]
        refused = 0
        for at in range(0, len(whole), len(whole) // 250):
            stored.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            try:
                again, said = restore(stored)
            except BadInput:
                refused += 1
                continue
            assert said == notes
            save(again, tmp_path / "again.npz", notes)
            assert (tmp_path / "again.npz").read_bytes() == whole
        assert refused > 200

    def test_an_array_that_says_it_is_shorter(self, stored: Path) -> None:
        """Its checksum is that of what is stored, not of what would be read."""
        whole = stored.read_bytes()
        at = whole.index(b"(", whole.index(b"shard.0.stocks.npy"))
        stored.write_bytes(whole[:at] + whole[at:].replace(b", 8)", b", 7)", 1))
        self.refused(stored)

    @pytest.mark.parametrize("member", ["state", "log", "books.figures", "shard.1.pending"])
    def test_missing_array(self, stored: Path, member: str) -> None:
        rewrite(stored, **{member: None})
        self.refused(stored)

    @pytest.mark.parametrize("words", [b"{", b"[]", b"{}", b"7", b"\xff\xfe"])
    def test_state_that_is_no_state(self, stored: Path, words: bytes) -> None:
        rewrite(stored, state=text(words))
        self.refused(stored)

    @pytest.mark.parametrize("part", ["actions", "tasks", "shards", "now", "notes"])
    def test_state_that_lacks_a_part(self, stored: Path, part: str) -> None:
        state = state_of(stored)
        del state[part]
        rewrite(stored, state=text(json.dumps(state).encode()))
        self.refused(stored)

    def test_columns_of_another_program(self, stored: Path) -> None:
        """Rows that are not as this program declares them would be read as what they are not."""
        with np.load(stored) as file:
            pending = file["shard.0.pending"]
        rewrite(stored, **{"shard.0.pending": pending.astype([(name, "i8") for name in pending.dtype.names or ()])})
        self.refused(stored)


class TestWholeOrNotAtAll:
    def test_a_full_disk_leaves_the_file_before(self, halfway: Snapshot, stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(file: Any, **arrays: np.ndarray) -> None:
            file.write(b"half of it")
            raise OSError(28, "No space left on device")

        before = stored.read_bytes()
        monkeypatch.setattr(snapshots.np, "savez", full)
        with pytest.raises(OSError, match="No space"):
            save(halfway._replace(now=9 * DAY), stored, {})
        assert stored.read_bytes() == before
        monkeypatch.undo()
        assert restore(stored)[1] == NOTES

    def test_a_process_that_ends_before_the_data_are_on_disk_leaves_the_file_before(
        self, halfway: Snapshot, stored: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def killed(number: int) -> None:
            raise KeyboardInterrupt

        before = stored.read_bytes()
        monkeypatch.setattr(snapshots.os, "fsync", killed)
        with pytest.raises(KeyboardInterrupt):
            save(halfway, stored, {"other": 1})
        assert stored.read_bytes() == before

    def test_what_was_left_half_written_is_written_over(self, halfway: Snapshot, stored: Path) -> None:
        stored.with_suffix(".part").write_bytes(b"half")
        save(halfway, stored, {"other": 1})
        assert restore(stored)[1] == {"other": 1}
        assert [path.name for path in stored.parent.iterdir()] == ["snapshot.npz"]
