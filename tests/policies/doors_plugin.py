"""Rules of whole tasks, as policies of the scenario file."""

from __future__ import annotations

from sim.state.policy import Message, Policy


class Door(Policy):
    """Refuses every task of some plans, for one of the platform's reasons."""

    says: str
    plans: list[str]

    def gate_task(self, message: Message) -> str:
        return self.says if message.plan in self.plans else ""
