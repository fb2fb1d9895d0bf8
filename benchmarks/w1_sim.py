"""W1 by the production kernel: the scenario `w1.yaml`, run as `sim run` runs it."""

from __future__ import annotations

from pathlib import Path

from benchmarks import w1
from benchmarks.rows import Row

SCENARIO = Path(__file__).with_name("w1.yaml")


def run(consumers: int, threads: int, days: int, seed: int) -> Row:
    """One run; the seconds are those of the clock's loop, founding and compilation left out."""
    import time

    from sim.engine.simulation import Simulation
    from sim.results import tables
    from sim.scenario.load import load

    small = load(SCENARIO, consumers=threads * 2, days=2)
    Simulation(small, seed, threads).run()  # compiles, or reads the cache
    simulation = Simulation(load(SCENARIO, consumers=consumers, days=days), seed, threads)
    began = time.perf_counter()
    simulation.run()
    seconds = time.perf_counter() - began
    return w1.row("sim", consumers, threads, days, counts(tables.summary(simulation, tables.daily(simulation))), seconds)


def counts(summary: dict) -> dict[str, int]:
    """W1's counts from a run's summary."""
    handled, totals, refused = summary["counts"], summary["totals"], summary["refused"]
    return {
        "sessions": handled["sessions"],
        "reads": handled["reads"],
        "receipts": handled["receipts"],
        "orders": totals["orders"],
        "sends": totals["messages_sent"],
        "refused_window": refused.get("store_window", 0),
        "refused_stores": refused.get("stores_per_day", 0),
        "follows": totals["follows"],
        "joins": totals["joins"],
    }
