"""A store that sets its threshold of joining on given days, and says what it saw, as a strategy of the scenario file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from sim.state.policy import JoinSetting, Message, Strategy, View


class Sets(Strategy):
    """`settings` are "DAY SETTING", the day on which it chooses; `sends` are days of a message to members at 12:00; `seen` a file to note in."""

    settings: list[str] = Field(default_factory=list)
    sends: list[int] = Field(default_factory=list)
    seen: str | None = None

    def plan(self, view: View) -> Iterator[Message | JoinSetting]:
        if self.seen is not None:
            note = None if view.grades is None else view.grades._asdict() | {"privileges": sorted(view.grades.privileges)}
            with Path(self.seen).open("a", encoding="utf-8") as file:
                file.write(json.dumps({"day": view.day, "grades": note}) + "\n")
        for day, setting in (text.split() for text in self.settings):
            if view.day == int(day):
                yield JoinSetting(setting)
        if view.day + 1 in self.sends:
            yield Message("members", (view.day + 1) * 86_400 + 43_200, "cs.service", "members")
