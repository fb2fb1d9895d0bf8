"""sim: what if a platform changed a rule, or a merchant a plan? Simulated, compared, with its certainty.

import sim

base = sim.load("scenarios/store.yaml", overlays=["calibrated.yaml"])
weekly = sim.load("scenarios/store_weekly.yaml", overlays=["calibrated.yaml"])
run = sim.run(weekly, seed=7)
run.summary["totals"]["orders"], run.daily, run.messages
sim.compare(base, weekly, replications=8)
sim.sweep(weekly, {"merchants.store.strategy.cycle": [2, 7, 14]}, replications=8).table
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.errors import BadInput as BadInput
    from sim.experiments.calibrate import calibrate as calibrate
    from sim.experiments.membership_effect import membership_effect as membership_effect
    from sim.experiments.sweep import sweep as sweep
    from sim.results.run import Run as Run
    from sim.results.run import run as run
    from sim.scenario.load import Scenario as Scenario
    from sim.scenario.load import load as load

__all__ = ["BadInput", "Run", "Scenario", "calibrate", "compare", "load", "membership_effect", "run", "sweep"]

_WHERE = {
    "BadInput": "sim.errors",
    "Run": "sim.results.run",
    "Scenario": "sim.scenario.load",
    "calibrate": "sim.experiments.calibrate",
    "load": "sim.scenario.load",
    "membership_effect": "sim.experiments.membership_effect",
    "run": "sim.results.run",
    "sweep": "sim.experiments.sweep",
}


def __getattr__(name: str) -> Any:
    """Heavy modules are imported at their first use: `import sim` itself takes no time."""
    if name not in _WHERE:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(importlib.import_module(_WHERE[name]), name)


def compare(*scenarios: Scenario, replications: int = 8, **options: Any) -> Any:
    """Compare scenarios, the first being the base, by paired replications: see `sim.experiments.compare.compare`."""
    from sim.experiments.compare import compare as compare_scenarios

    return compare_scenarios(scenarios, replications, **options)
