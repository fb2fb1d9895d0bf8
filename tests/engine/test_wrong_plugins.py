"""What goes wrong in a plug-in is told by file, line and name; the run ends as failed, with exit code 2."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import wrong_plugins

import sim
from sim.engine.simulation import Simulation
from sim.errors import BadInput

PLUGIN = Path(wrong_plugins.__file__)
LINES = PLUGIN.read_text(encoding="utf-8").splitlines()
POLICIES = {
    "Raises": "gate_message() raised AttributeError: 'TaskFacts' object has no attribute 'nothing'",
    "AnswersNone": "gate_message() must return refuse(mask, reason) or allow(); returned None (NoneType)",
    "WrongShape": "one for each of the crowd, (9,), or one for all; given ndarray of shape (10,) and dtype bool",
    "WrongType": "the mask must be bool, one for each of the crowd, (9,), or one for all; given ndarray of shape (9,)",
    "WrongReason": "the reason must be one of quiet; given 'quit' (str)",
    "NoReason": "refuse() needs a reason, one of quiet, loud",
    "Writes": "gate_message() raised ValueError: assignment destination is read-only",
    "WrongCaps": "caps() must return None or a map with exactly the keys store_limit, store_days, stores_per_day,",
    "WrongFactors": "factors() must return a map of factors on reading, ordering, opting_out; returned {'reeding': 2.0} (dict)",
    "WrongRelation": "discounts() must return a map of shares off the price for member, fan, old_customer; returned {'friend'",
    "WrongShare": "discounts() member: a share off must be a number, 0 or more and below 1; returned 1 (int)",
    "WrongTimes": "times() a time (s): must be a whole number from",
    "ActRaises": "act() raised KeyError: 'nothing'",
    "WrongTaskReason": "gate_task() must return '' or one of not_invited, image_late,",
    "NoSuchFact": "compiled gate no_such_fact(): cannot be compiled: Unknown attribute 'nothing'",
    "Allocates": "compiled gate allocates(): cannot be compiled: it would allocate memory",
    "AnswersANumber": "compiled gate answers_a_number(): must answer True or False; it answers int64",
    "Asserts": "compiled gate asserts(): a compiled gate cannot raise or assert",
}
STRATEGIES = {
    "PlanRaises": "plan() raised RuntimeError: too much",
    "PlansNothing": "plan() must return Messages, JoinSettings or Switches (a list, or by yield); returned None (NoneType)",
    "WrongChannel": "plan() channel of a Message must be one of cs.service, cs.custom,",
    "WrongCrowd": "plan() crowd of a Message must be one of customers, fans, members, all; given 'friends' (str)",
    "TooLate": "plan() time of a Message: what is planned on day -1 is sent at or after 00:00 of day 0, 0 s; given -82800",
    "HalfASecond": "plan() time of a Message (s): must be a whole number",
    "AskedYesterday": "next_asked() a day to be asked on: must be a whole number from -1 to",
    "Peeks": "plan() raised KeyError: 'messages_read'",
}


def world(name: str) -> dict[str, Any]:
    plan = {"use": f"{PLUGIN}:{name}"} if name in STRATEGIES else {"use": "plan", "cycle": 1, "crowd": "all"}
    return {
        "days": 4,
        "consumers": 9,
        "behaviour": {"stores": {"known": 1, "choice": "any_known"}, "needs": None},
        "merchants": {"shop": {"strategy": plan}},
        "policies": {"mine": {"use": f"{PLUGIN}:{name}"}} if name in POLICIES else {},
    }


def file_of(name: str, folder: Path) -> Path:
    path = folder / "wrong.yaml"
    path.write_text(json.dumps(world(name)), encoding="utf-8")
    return path


def marked_line(name: str) -> int:
    """The line of the class, or of its compiled gate, that is marked as where it goes wrong."""
    plugin = getattr(wrong_plugins, name)
    gate = getattr(plugin, "compiled_gate", None)
    _, first = inspect.getsourcelines(plugin if gate is None else gate.function)
    return next(k for k in range(first, len(LINES) + 1) if LINES[k - 1].endswith("# here") or "# here" in LINES[k - 1])


@pytest.mark.parametrize(("name", "words"), (POLICIES | STRATEGIES).items(), ids=str)
def test_who_is_told_what_and_where(tmp_path: Path, name: str, words: str) -> None:
    scenario = sim.load(file_of(name, tmp_path))
    with pytest.raises(BadInput) as told:
        Simulation(scenario, threads=1, shards=1).run()
    (problem,) = told.value.problems
    assert words in problem.message
    assert problem.message.startswith("policies.mine: " if name in POLICIES else "merchants.shop.strategy: ")
    assert (problem.file, problem.line) == (str(PLUGIN), marked_line(name))
    assert problem.column >= 1
    assert "\n" not in str(problem)


@pytest.mark.parametrize("name", ["Raises", "WrongChannel"])
def test_sim_run_ends_as_failed_with_exit_code_2(tmp_path: Path, name: str, command: Callable) -> None:
    said = command("run", file_of(name, tmp_path), "--out", tmp_path / "out", "--threads", 1)
    assert said.code == 2
    assert f"{PLUGIN}:{marked_line(name)}:" in said.err
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "failed"
    assert f"{PLUGIN}:{marked_line(name)}:" in manifest["error"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"manifest.json", "scenario.yaml"}


def test_sim_compare_has_a_row_with_the_error(tmp_path: Path, command: Callable) -> None:
    bad = file_of("Raises", tmp_path)
    good = tmp_path / "good.yaml"
    good.write_text(json.dumps(world("Raises") | {"policies": {}}), encoding="utf-8")
    said = command("compare", good, bad, "-r", 2, "--draws", 0, "--out", tmp_path / "out")
    assert said.code == 2
    assert f"{PLUGIN}:{marked_line('Raises')}:" in said.err
