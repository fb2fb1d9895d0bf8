"""Which joins a merchant takes in, and which settings it may choose [GRD-7, INT-3]."""

from __future__ import annotations

from sim.policies.grading.names import Grade, Refusal, RegisterJoin, Setting
from sim.policies.grading.rules import Grading
from sim.policies.grading.standing import Standing


def zero_yuan_join(standing: Standing, rules: Grading) -> bool:
    """Whether a consumer can join without having bought."""
    return standing.is_recruiting(rules) and standing.setting is Setting.ZERO and standing.has_right(rules)


def purchased_join(standing: Standing, rules: Grading) -> bool:
    """Whether a consumer can join who has bought enough and confirmed receipt."""
    return standing.is_recruiting(rules) and standing.setting is Setting.PURCHASED


def join_refusal(standing: Standing, rules: Grading, *, receipt_confirmed: bool, threshold_met: bool) -> Refusal | None:
    """Why this consumer's join is refused, the first reason of the documented order; None: it is accepted."""
    if standing.is_closed_by_grade(rules):
        return Refusal.NONCOMPLIANT if standing.grade is Grade.NONCOMPLIANT else Refusal.IMPROVING
    if standing.register_join is RegisterJoin.LOCKED:
        return Refusal.LOCKED
    if standing.setting is Setting.ZERO:
        return None if standing.has_right(rules) else Refusal.NO_RIGHT
    if not receipt_confirmed:
        return Refusal.NO_RECEIPT
    return None if threshold_met else Refusal.THRESHOLD


def setting_refusal(standing: Standing, setting: Setting, rules: Grading) -> Refusal | None:
    """Why the merchant cannot choose this setting; None: it can. Who is non-compliant has no back end to choose it in."""
    if standing.grade is Grade.NONCOMPLIANT:
        return Refusal.NONCOMPLIANT
    may_be_zero = standing.has_right(rules) and standing.register_join is not RegisterJoin.GRACE
    return Refusal.NO_RIGHT if setting is Setting.ZERO and not may_be_zero else None
