"""What a comparison is to do, kept in its folder until it is done, so that an interrupted one can be resumed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import BadInput
from sim.results.files import write_json
from sim.scenario.load import from_resolved

FILE = "plan.json"


@dataclass(frozen=True)
class Plan:
    """`names` are the folders of the arms, `on` the consumers that draws are run on and of how many, if not on all."""

    folder: Path
    scenarios: Sequence[Any]
    names: list[str]
    replications: int
    draws: int
    on: tuple[int, int] | None
    events: str
    command: str

    @property
    def seed(self) -> int:
        """That of replication 0 and of all draws."""
        return int(self.scenarios[0].seed)

    @property
    def seeds(self) -> list[int]:
        """One per replication."""
        return [self.seed + k for k in range(self.replications)]

    @property
    def consumers(self) -> int:
        """Of the base."""
        return int(self.scenarios[0].consumers)


def write(plan: Plan) -> None:
    """Write the file, whole or not at all."""
    arms = [
        {"name": scenario.name, "folder": name, "hash": scenario.hash, "resolved": scenario.resolved}
        for name, scenario in zip(plan.names, plan.scenarios)
    ]
    facts = {key: getattr(plan, key) for key in ("replications", "draws", "on", "events", "command")}
    write_json(plan.folder / FILE, facts | {"arms": arms})


def read(folder: Path) -> Plan:
    """The plan of an interrupted comparison. Raises BadInput where there is none, or its scenarios have become others."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        arms = found["arms"]
        scenarios = [from_resolved(arm["resolved"], arm["name"]) for arm in arms]
        plan = Plan(
            folder=folder,
            scenarios=scenarios,
            names=[arm["folder"] for arm in arms],
            replications=found["replications"],
            draws=found["draws"],
            on=found["on"] and tuple(found["on"]),
            events=found["events"],
            command=found["command"],
        )
    except OSError as error:
        raise BadInput(f"{folder}: not the folder of an interrupted comparison: {FILE}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{folder / FILE}: is not the plan of a comparison: {error}") from None
    for arm, scenario in zip(arms, scenarios):
        if scenario.hash != arm["hash"]:
            raise BadInput(f"{folder}: a table or a plug-in of {arm['name']} has changed since the comparison began")
    return plan


def remove(folder: Path) -> None:
    """Of a comparison that is done."""
    (folder / FILE).unlink(missing_ok=True)
