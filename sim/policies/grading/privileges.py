"""The switches that other policies ask for [GRD-5, GRD-6]."""

from __future__ import annotations

from sim.policies.grading.names import Grade, Privilege, Right
from sim.policies.grading.rules import Grading
from sim.policies.grading.standing import Standing


def privileges(standing: Standing, rules: Grading) -> frozenset[Privilege]:
    """What is switched on: the grade's own, but that register-join and recruiting are as GRD-7 has them.

    An incumbent of member-link keeps it below quality until it is withdrawn [GRD-6]; who is non-compliant has nothing. Who
    is improving keeps benefits and outreach, and may recover at the next refresh [GRD-11]; who has no grade yet has them too.
    """
    if standing.grade is Grade.NONCOMPLIANT:
        return frozenset()
    on = set(rules.privileges_of(standing.grade or Grade.IMPROVING, standing.at))
    on -= {"register_join", "recruiting"}
    if standing.has_right(rules):
        on.add("register_join")
    if standing.is_recruiting(rules):
        on.add("recruiting")
    if Right.LINK in standing.rights:
        on.add("member_link")
    return frozenset(on)
