"""The platform's filter: the least active of a crowd are not sent to [MSG-2, MSG-9].

The score of a consumer for a store, at 00:00 of the send day, is an integer made of what the event log holds, so that anyone
can compute it again; every `//` is the quotient rounded down:

    login     = days since the last own session, or order at the store (yesterday: 1)
    visit     = days since the last visit to the store, or order there
    favourite = 1 if the store is a favourite, else 0
    delivered, read = messages of the store so far, through any channel
    score = 0 if login > login_days, else
            1 + login_weight * (100 * (login_days + 1 - login) // login_days)
              + visit_weight * (100 * (visit_days + 1 - visit) // visit_days)   if visit <= visit_days
              + favourite_weight * 100 * favourite
              + read_weight * (100 * (read + 1) // (delivered + 2))

Score 0 is always dropped; beyond that whoever scores strictly below the task's threshold: the largest score such that at most
(1 - share) of the crowd scores strictly below it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cached_property
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.state.compiled import inlined
from sim.state.names import ALGORITHM_FILTER, NOT_REFUSED
from sim.state.policy import Policy
from sim.state.shard import Row

FULL = 100  # points of each part at its best
LOWEST = 1  # threshold: score 0 is below it


@inlined
def score(f: Row, c: Row, r: Row, day: int) -> int:
    """How active the consumer is for the store, as of 00:00 of `day`."""
    login = day - max(c.session_day, r.order_day)
    if login > f.login_days:
        return 0
    points = 1 + f.login_weight * points_of(f.login_days + 1 - login, f.login_days)
    visit = day - max(r.visit_day, r.order_day)
    if visit <= f.visit_days:
        points += f.visit_weight * points_of(f.visit_days + 1 - visit, f.visit_days)
    points += f.favourite_weight * FULL * r.favourite
    return points + f.read_weight * points_of(r.read + 1, r.delivered + 2)


@inlined
def points_of(part: int, whole: int) -> int:
    """FULL * part // whole, of whole numbers from 0 to 2**40: exact, and in less time than they take to divide."""
    return int(np.float64(FULL * part) / np.float64(whole))


@inlined
def verdict(filters: np.ndarray, thresholds: np.ndarray, c: Row, r: Row, day: int) -> int:
    """The reason to refuse the consumer, 0: there is none. `thresholds` are the task's, one a filter, 0 where it has none."""
    for k in range(len(filters)):
        if thresholds[k] > 0 and score(filters[k], c, r, day) < thresholds[k]:
            return ALGORITHM_FILTER
    return NOT_REFUSED


def weight(default: int, of: str) -> Any:
    """The declaration of a weight."""
    return Field(default, ge=0, le=20, description=f"weight of {of}")


class AlgorithmFilter(Policy):
    """The least active of the crowd of an old-customer scene are refused at the send, as decided at 00:00 of the send day.

    No source gives the platform's share or weights: all are assumptions (A).
    """

    reasons = ("algorithm_filter",)

    share: float = Field(0.8, ge=0, le=1, description="share of the crowd that is kept, at least, of those who log in [MSG-2]")
    login_days: int = Field(30, ge=1, le=3_650, description="days; who has not logged in within them is always dropped [MSG-9]")
    visit_days: int = Field(90, ge=1, le=3_650, description="days for which a visit counts")
    login_weight: int = weight(1, "how recent the last login is")
    visit_weight: int = weight(2, "how recent the last visit to the store is")
    favourite_weight: int = weight(1, "the store being a favourite")
    read_weight: int = weight(2, "the share of the store's messages that were read")

    @property
    def looks_back(self) -> float:
        return inf  # messages delivered and read so far

    @property
    def row(self) -> dict[str, int]:
        """The filter's row of the table of filters."""
        names = ("login_days", "visit_days", "login_weight", "visit_weight", "favourite_weight", "read_weight")
        return {name: getattr(self, name) for name in names}

    @property
    def highest(self) -> int:
        """No score is higher."""
        return 1 + FULL * (self.login_weight + self.visit_weight + self.favourite_weight + self.read_weight)

    def thresholds(self, crowds: np.ndarray) -> NDArray[np.int64]:
        """The threshold for each crowd, (crowds,), given as numbers of consumers by score, (crowds, highest + 1) int."""
        part, whole = self.may_drop.as_integer_ratio()
        found = [up_to.searchsorted(part * int(up_to[-1]) // whole, side="right") for up_to in np.cumsum(crowds, axis=1)]
        return np.maximum(LOWEST, np.array(found, np.int64))

    @cached_property
    def may_drop(self) -> Fraction:
        """Share of a crowd that may be dropped, exactly."""
        return 1 - Fraction(str(self.share))
