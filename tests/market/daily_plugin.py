"""A merchant that writes to everybody it has met at noon of every day."""

from __future__ import annotations

from collections.abc import Iterable

from sim.state.policy import Message, Strategy, View


class Daily(Strategy):
    """One message a day, of the kind on which there is no cap but those of dedicated service."""

    def plan(self, view: View) -> Iterable[Message]:
        return (Message(f"noon {view.day + 1}", (view.day + 1) * 86_400 + 43_200, "cs.service", "all"),)
