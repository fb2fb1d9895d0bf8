"""How cost and memory grow with the number of consumers: `python -m benchmarks.scale` measures, and makes docs/scale.md anew.

Each run has a process of its own and one thread. Of the clock's loop, processor time is given beside the time on the wall: on
a busy machine only the first is a property of the program.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import machine
from benchmarks.measure import SEED, fresh

RESULTS = Path(__file__).parent / "results" / "scale.json"
PAGE = Path(__file__).parents[1] / "docs" / "scale.md"
SCENARIOS = {"W1": (Path(__file__).with_name("w1.yaml"), 60), "W2": (Path(__file__).with_name("w2.yaml"), 30)}
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
BILLION = 10**9
WORKERS = 1_000
MOST_OF_MEMORY = 0.75  # of what is available: others use the machine


def run(name: str, consumers: int) -> dict[str, Any]:
    """One run on one thread: its founding, its loop, its memory."""
    from sim.engine.simulation import Simulation
    from sim.scenario.load import load

    path, days = SCENARIOS[name]
    Simulation(load(path, consumers=4, days=2), SEED, 1).run()  # reads the cache
    before = machine.peak_bytes()
    began = time.process_time()
    simulation = Simulation(load(path, consumers=consumers, days=days), SEED, 1)
    founded, wall = time.process_time(), time.perf_counter()
    simulation.run()
    return {
        "workload": name,
        "consumers": consumers,
        "days": days,
        "founding_cpu_seconds": founded - began,
        "loop_cpu_seconds": time.process_time() - founded,
        "loop_seconds": time.perf_counter() - wall,
        "events": int(simulation.population.total("counts").sum()),
        "bytes": machine.peak_bytes() - before,
        "predicted_bytes": predicted_bytes(name, consumers),
        **machine.describe(),
    }


def warm_up(name: str) -> None:
    """Compiles, or reads the cache; in a process of its own, for compiling takes more memory than running."""
    from sim.engine.simulation import Simulation
    from sim.scenario.load import load

    Simulation(load(SCENARIOS[name][0], consumers=4, days=2), SEED, 1).run()


def predicted_bytes(name: str, consumers: int) -> int:
    """What the program itself would say before such a run, the program left out."""
    from sim.results.memory import needed
    from sim.scenario.load import load

    path, days = SCENARIOS[name]
    groups = needed(load(path, consumers=consumers, days=days), 1, None)
    return sum(groups.values()) - groups["program"]


def columns() -> str:
    """Bytes of a row by table, and what a consumer of W1 and of W2 has of them: from the declarations."""
    from sim.engine.size import predicted
    from sim.scenario.load import load
    from sim.state.benefits import LOYALTY
    from sim.state.tables import CONSUMER, CONTACT, NEED, PENDING, RELATION

    million, pages = 1_000_000, {}
    for name, (path, days) in SCENARIOS.items():
        pages[name] = predicted(load(path, consumers=million, days=days), 1, 1)
    rows = {
        "consumers": f"{CONSUMER.dtype.itemsize} a row",
        "needs": f"{NEED.dtype.itemsize} an industry",
        "relations": f"{RELATION.dtype.itemsize + CONTACT.dtype.itemsize} a row, {LOYALTY.dtype.itemsize} more with benefits, "
        "2 a remembered message",
        "pending events": f"{PENDING.dtype.itemsize} a row",
    }
    lines = ["| group | bytes | " + " | ".join(f"a consumer of {name}" for name in SCENARIOS) + " |", "|---|---|--:|--:|"]
    for group, size in rows.items():
        lines.append(
            f"| {group} | {size} | " + " | ".join(f"{pages[name].get(group, 0) / million:.0f}" for name in SCENARIOS) + " |"
        )
    totals = {name: sum(page.get(group, 0) for group in rows) / million for name, page in pages.items()}
    return "\n".join([*lines, "| **all** | | " + " | ".join(f"**{total:.0f}**" for total in totals.values()) + " |"])


def cluster() -> str:
    """What a billion consumers of W2 would take: from the declarations."""
    from sim.engine.size import TASKS_A_DAY
    from sim.scenario.load import load
    from sim.state.names import CHANNELS, FIGURES, SOURCE_FIGURES, STOCKS, TASK_FIGURES
    from sim.state.tables import AGENDA

    path, days = SCENARIOS["W2"]
    merchants = len(load(path, consumers=1, days=days).merchants)
    tasks = TASKS_A_DAY * merchants
    up = 8 * (merchants * (len(FIGURES) + len(STOCKS) + len(CHANNELS) * len(SOURCE_FIGURES)) + 6 * tasks * TASK_FIGURES)
    down = tasks * AGENDA.dtype.itemsize
    memory = predicted_bytes("W2", BILLION)
    return "\n".join(
        (
            f"| of {BILLION:,} consumers of W2 on {WORKERS:,} workers | |",
            "|---|--:|",
            f"| memory in all | {memory / 1e12:.1f} TB |",
            f"| memory a worker | {memory / WORKERS / 1e9:.1f} GB |",
            f"| tallies, from each worker to the coordinator at each 00:00 | {up / 1e3:.0f} kB |",
            f"| tallies, from all of them | {up * WORKERS / 1e6:.0f} MB |",
            f"| the day's agenda, from the coordinator to each worker | {down / 1e3:.1f} kB |",
        )
    )


def measured(rows: list[dict[str, Any]]) -> str:
    """The runs, a row each."""
    lines = [
        "| workload | consumers | days | events | ns of processor time a consumer-day | ns on the wall | set-up, ns a consumer "
        "| bytes a consumer | predicted |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        consumer_days = row["consumers"] * row["days"]
        lines.append(
            f"| {row['workload']} | {row['consumers']:,} | {row['days']} | {row['events']:,} "
            f"| {row['loop_cpu_seconds'] / consumer_days * 1e9:.0f} | {row['loop_seconds'] / consumer_days * 1e9:.0f} "
            f"| {row['founding_cpu_seconds'] / row['consumers'] * 1e9:,.0f} "
            f"| {row['bytes'] / row['consumers']:,.0f} | {row['predicted_bytes'] / row['consumers']:,.0f} |"
        )
    facts = rows[0]["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in rows[0]["versions"].items())
    return "\n".join([*lines, "", f"{facts['cpu']}, {facts['memory_bytes'] / 1e9:.0f} GB; {versions}; one thread."])


def page(rows: list[dict[str, Any]]) -> str:
    """The page of the docs with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, table in (("columns", columns()), ("cluster", cluster()), ("measured", measured(rows))):
        text = re.sub(
            rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", lambda at, new=table: at[1] + new + at[2], text, flags=re.DOTALL
        )
    return text


def main() -> None:
    from sim.results.memory import available

    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--only", choices=SCENARIOS, help="this workload")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of consumers")
    parser.add_argument("--page", action="store_true", help="measure nothing: make the page of what was measured before")
    options = parser.parse_args()
    rows = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else []
    for name in () if options.page else [name for name in SCENARIOS if options.only in (None, name)]:
        fresh(warm_up, name)
        for consumers in options.sizes:
            if predicted_bytes(name, consumers) > MOST_OF_MEMORY * (available() or 0):
                print(f"{name}, {consumers:,} consumers: skipped, there is not enough memory", file=sys.stderr, flush=True)
                continue
            row = fresh(run, name, consumers)
            rows = [known for known in rows if (known["workload"], known["consumers"]) != (name, consumers)] + [row]
            print(f"{name}, {consumers:,} consumers: {row['loop_seconds']:.1f} s", file=sys.stderr, flush=True)
            rows.sort(key=lambda known: (known["workload"], known["consumers"]))
            RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
