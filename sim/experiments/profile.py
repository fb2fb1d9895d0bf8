"""What each family of rules costs, in time.

All families run in one compiled kernel, where none can be timed by itself. So a window of the first days is run again with
each family taken away in turn, under the same seed and, where there is one, from the same past; what the consumers' path
takes less is what the family cost, with all that consumers then do otherwise. Rounds go through all variants, each round
in another order, and the whole is run twice in each: how far these two differ is the noise. What counts is the time of
processors, of all threads: the wall's is also that of whoever else uses the machine.
"""

from __future__ import annotations

import gc
import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from sim.engine.simulation import Simulation
from sim.engine.snapshot import restore, save
from sim.errors import BadInput
from sim.policies.benefit import Benefit
from sim.results.files import write_json
from sim.scenario.load import Scenario
from sim.state.names import DAY, FIGURES, PENDING_NAMES

FEWEST_DAYS, ROUNDS = 7, 5
ENOUGH = 1.0  # s of the consumers' path in a window: much shorter ones say little
WHOLE, AGAIN = "", " "  # names of variants that are none of a family


@dataclass(frozen=True)
class Window:
    """One run of the window: processor seconds of the consumers' path, and events as the summary of a run counts them."""

    seconds: float
    events: int


@dataclass(frozen=True)
class Difference:
    """What the whole took longer than a variant: median, least and most over the rounds (s of processors)."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Family:
    """The policies of one `use`.

    `host_seconds` are those of the whole run, where the host does work of its own for it. The rest is of the window without
    it: None where none of it is in force there, or where the scenario cannot be run without it (`error` says why).
    """

    policies: tuple[str, ...]
    host_seconds: float | None
    difference: Difference | None = None
    within_noise: bool | None = None
    events_without: int | None = None
    events_per_second_without: float | None = None
    error: str | None = None


@dataclass(frozen=True)
class Profile:
    """`seconds` is the consumers' path of the window, of processors, a median; `noise` is how far two runs of it differ.

    Host seconds are those of the whole run, on the wall.
    """

    days: int
    rounds: int
    seconds: float
    events: int
    noise: Difference
    families: Mapping[str, Family]
    other_host_seconds: Mapping[str, float]  # of the whole run, by task

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "days": self.days,
            "rounds": self.rounds,
            "seconds": self.seconds,
            "events": self.events,
            "events_per_second": _rate(self.events, self.seconds),
            "noise": vars(self.noise),
            "families": {
                use: vars(family)
                | {"policies": [*family.policies], "difference": None if family.difference is None else vars(family.difference)}
                for use, family in self.families.items()
            },
            "other_host_seconds": dict(self.other_host_seconds),
        }


def check(scenario: Scenario, days: int | None, wanted: bool) -> None:
    """Refuse, by BadInput, a window that there cannot be, before anything is run."""
    if days is None:
        return
    if not wanted:
        raise BadInput("--profile-days: is the window of --profile, which was not asked for; add --profile")
    if not 1 <= days <= scenario.settings.days:
        raise BadInput(f"--profile-days: must be from 1 to the {scenario.settings.days} days of the run; given {days}")


def profile(
    scenario: Scenario,
    seed: int | None,
    manifest: Mapping[str, Any],
    days: int | None = None,
    threads: int | None = None,
    shards: int | None = None,
    rounds: int = ROUNDS,
) -> Profile:
    """Time a window of the first `days` with and without each family, of a run that was made and has this manifest.

    By default it is as long as it takes to see something, a week at least.
    """
    host_seconds: Mapping[str, float] = manifest["host_seconds"]
    days = _long_enough(scenario, manifest) if days is None else days
    found = families(scenario)
    variants = {WHOLE: scenario, AGAIN: scenario}
    variants |= {use: without(scenario, names) for use, names in found.items() if _acts(scenario, names, days)}
    errors: dict[str, str] = {}
    taken: dict[str, list[Window]] = {variant: [] for variant in variants}
    with tempfile.TemporaryDirectory() as folder:
        start = _start(scenario, seed, threads, shards, Path(folder))
        _run(scenario, seed, threads, shards, start, days)  # nothing is waited for any more by the next ones
        for turn in range(rounds):
            for variant in _turned([*variants], turn):
                if variant in errors:
                    continue
                try:
                    taken[variant].append(_run(variants[variant], seed, threads, shards, start, days))
                except BadInput as error:
                    if variant in (WHOLE, AGAIN):
                        raise
                    errors[variant] = str(error)
    whole = [one.seconds for one in taken[WHOLE]]
    noise = _difference(whole, taken[AGAIN])
    of_families = {
        use: _family(names, host_seconds.get(use), whole, taken.get(use, []), errors.get(use), noise)
        for use, names in found.items()
    }
    other = {part: seconds for part, seconds in host_seconds.items() if part not in found}
    return Profile(days, rounds, median(whole), taken[WHOLE][0].events, noise, of_families, other)


def _long_enough(scenario: Scenario, manifest: Mapping[str, Any]) -> int:
    past = manifest.get("past")
    simulated = scenario.settings.days + (past["days"] if past and not past["from_cache"] else 0)
    a_day = manifest["seconds_by_part"]["consumers"] / simulated
    wanted = scenario.settings.days if a_day <= 0 else math.ceil(ENOUGH / a_day)
    return min(max(wanted, FEWEST_DAYS), scenario.settings.days)


def families(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """The policies of the run by what they use."""
    found: dict[str, tuple[str, ...]] = {}
    for name, policy in scenario.policies.items():
        found[policy.use] = (*found.get(policy.use, ()), name)
    return dict(sorted(found.items()))


def without(scenario: Scenario, names: Sequence[str]) -> Scenario:
    """The scenario without some policies of the run; its past is the same.

    Benefits stay as what is never in force, for strategies know them by name.
    """
    never = {"from_": scenario.settings.days, "until": None}
    kept = {
        name: policy.model_copy(update=never) if name in names else policy
        for name, policy in scenario.policies.items()
        if name not in names or isinstance(policy, Benefit)
    }
    return replace(scenario, policies=kept)


def _acts(scenario: Scenario, names: Sequence[str], days: int) -> bool:
    start = scenario.settings.start
    return any(scenario.policies[name].in_force(day, start) for name in names for day in range(days))


def _start(scenario: Scenario, seed: int | None, threads: int | None, shards: int | None, folder: Path) -> Path | None:
    """The state at the start of the run, where a past of its own leads there."""
    if scenario.own_past is None:
        return None
    simulation = Simulation(scenario, seed, threads, shards)
    simulation.run(0)
    save(simulation.snapshot(), folder / "start.npz", {})
    return folder / "start.npz"


def _run(
    scenario: Scenario, seed: int | None, threads: int | None, shards: int | None, start: Path | None, days: int
) -> Window:
    gc.collect()  # what the run before has left is not this one's to clear away
    simulation = Simulation(scenario, seed, threads, shards, resumed=None if start is None else restore(start)[0])
    simulation.run(days * DAY)
    return Window(simulation.processor_seconds, _events(simulation))


def _events(simulation: Simulation) -> int:
    """Since the start of the run: what was refused is no event."""
    handled = simulation.population.total("counts")
    of_days = [*simulation.books.figures[-simulation.scenario.first_day :], simulation.population.total("figures")]
    sent = sum(figures[:, FIGURES.index("messages_sent")].sum() for figures in of_days)
    return int(handled.sum() - handled[PENDING_NAMES.index("messages")] + sent)


def _turned(variants: list[str], turn: int) -> list[str]:
    """In another order each round, so that none is always behind the same one."""
    ahead = turn * (len(variants) // 2 + 1) % len(variants)
    return [*variants[ahead:], *variants[:ahead]]


def _difference(whole: Sequence[float], others: Sequence[Window]) -> Difference:
    differences = [one - other.seconds for one, other in zip(whole, others, strict=True)]
    return Difference(median(differences), min(differences), max(differences))


def _family(
    names: tuple[str, ...],
    host_seconds: float | None,
    whole: Sequence[float],
    taken: Sequence[Window],
    error: str | None,
    noise: Difference,
) -> Family:
    if error is not None or not taken:
        return Family(names, host_seconds, error=error)
    cost = _difference(whole, taken)
    events = taken[0].events
    rate = _rate(events, median(one.seconds for one in taken))
    within = abs(cost.median) <= max(abs(noise.low), abs(noise.high))
    return Family(names, host_seconds, cost, within, events, rate)


def _rate(events: int, seconds: float) -> float | None:
    return events / seconds if seconds > 0 else None


def note(folder: Path, found: Profile) -> None:
    """Enter it in the manifest of the run."""
    path = folder / "manifest.json"
    write_json(path, json.loads(path.read_text(encoding="utf-8")) | {"profile": found.to_dict()})
