"""When a merchant sees what its messages did [MSG-15]."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from sim.state.policy import Policy


class EffectData(Policy):
    """Effect data of tasks sent on the days of a promotion are visible one day later than others."""

    promotions: list[dt.date] = Field(default_factory=list, description="dates of big promotions, by day of sending [MSG-15]")
