"""Resources as a scenario declares them, for all kinds at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from sim.state.policy import Policy, Resource


class Shares(Policy):
    """`of` are the fields of Resources; `one`: of the first merchant alone."""

    of: list[dict[str, Any]] = Field(default_factory=list)

    def resources(self, merchants: Sequence[str]) -> Iterable[Resource]:
        for k, fields in enumerate(self.of):
            one = fields.get("one", False)
            rest = {name: value for name, value in fields.items() if name != "one"}
            yield Resource(**({"name": f"{k}", "merchant": merchants[0] if one else None} | rest))
