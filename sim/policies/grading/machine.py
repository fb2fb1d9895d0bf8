"""The state machine of a merchant's grade and its right to 0-yuan joins: one pure step per event [GRD-6, GRD-7, GRD-9].

At one instant the order is: other rights become known, grade, register-join state, timers, the merchant's settings,
consumers. So steps at one time are taken in the order `Told`, `Refresh`, then any of `Choose` and `Wait`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from sim.policies.grading.calendar import months_after
from sim.policies.grading.joins import setting_refusal
from sim.policies.grading.names import Grade, Refusal, RegisterJoin, Right, Setting
from sim.policies.grading.privileges import privileges
from sim.policies.grading.rules import Grading, begun, midnight
from sim.policies.grading.standing import Standing


class Told(NamedTuple):
    """Other rights of the merchant become known; None says nothing of a right [GRD-6]."""

    custom_until: dt.datetime | None = None
    custom_ordered: dt.datetime | None = None  # none: in time
    member_link: bool | None = None  # an incumbent of member-link; False: it was taken away
    newcomer_since: dt.datetime | None = None


class Refresh(NamedTuple):
    """A period has closed with this result: quality, potential or improving."""

    result: Grade


class Choose(NamedTuple):
    """The merchant sets its threshold of joining."""

    setting: Setting


class Wait(NamedTuple):
    """Nothing happens but time."""


class Begin(NamedTuple):
    """The rules come into force: who has the setting of zero without a right to it has a duty [GRD-9]."""


Event: TypeAlias = Told | Refresh | Choose | Wait | Begin


class Effect(NamedTuple):
    """What became of it, as rows of the event log hold it."""

    time: dt.datetime
    kind: str  # grade, privilege, setting
    channel: str  # of a privilege, its name
    reason: str  # the grade; granted or withdrawn; the setting
    rule: str


class Step(NamedTuple):
    standing: Standing
    effects: tuple[Effect, ...]
    refused: Refusal | None = None  # of a `Choose`, which then has changed nothing


def step(standing: Standing, event: Event, time: dt.datetime, rules: Grading) -> Step:
    """The standing after an event, once all timers due before it have fired (with `Choose` and `Wait`, those due then too).

    Raises ValueError if `time` is before what the standing knows already.
    """
    if time < standing.at:
        raise ValueError(f"{time} is before {standing.at}, up to which the standing is known")
    effects: list[Effect] = []
    while (due := next_timer(standing, rules)) and (due < time or (due == time and isinstance(event, Choose | Wait))):
        fired = _fired(standing, due, rules)
        effects += _changes(standing, fired, rules)
        standing = fired
    now = replace(standing, at=time)
    after, refused = now, None
    if isinstance(event, Told):
        after = _told(now, event, rules)
    elif isinstance(event, Refresh):
        after = _refreshed(now, event.result, rules)
        effects.append(Effect(time, "grade", "", str(after.grade), "GRD-4"))
    elif isinstance(event, Begin) and now.register_join is RegisterJoin.NONE:
        after = _withdrawn(now, rules)
    elif isinstance(event, Choose):
        refused = setting_refusal(now, event.setting, rules)
        after = now if refused else _chosen(now, event.setting, rules)
    return Step(after, (*effects, *_changes(standing, after, rules)), refused)


# ---- refreshes


def _refreshed(standing: Standing, result: Grade, rules: Grading) -> Standing:
    is_improving = result is Grade.IMPROVING and begun(rules.phases.improving_counted_from, standing.at)
    run = standing.improving + 1 if is_improving else 0
    awarded = begun(rules.phases.noncompliant_from, standing.at) and not standing.is_exempt(rules)
    grade = Grade.NONCOMPLIANT if awarded and run >= rules.noncompliant_after else result
    graded = _link_reviewed(replace(standing, grade=grade, improving=run), result, rules)
    return _register_join_reviewed(graded, result, rules)


def _link_reviewed(standing: Standing, result: Grade, rules: Grading) -> Standing:
    """An incumbent's member-link is withdrawn after so many refreshes short of quality (A) [GRD-6]."""
    if Right.LINK not in standing.rights or result is Grade.QUALITY:
        return replace(standing, link_misses=0)
    missed = replace(standing, link_misses=standing.link_misses + 1)
    limit = rules.link_withdraw_after_cycles
    return _without_link(missed) if limit is not None and missed.link_misses >= limit else missed


def _register_join_reviewed(standing: Standing, result: Grade, rules: Grading) -> Standing:
    state = standing.register_join
    if result is Grade.QUALITY:
        return replace(standing, register_join=RegisterJoin.HELD, buffered=0, deadline=None)
    if state in (RegisterJoin.HELD, RegisterJoin.BUFFER):
        if standing.buffered < rules.buffer_cycles:
            return replace(standing, register_join=RegisterJoin.BUFFER, buffered=standing.buffered + 1)
        return _withdrawn(replace(standing, register_join=RegisterJoin.NONE, buffered=0), rules)
    if state is RegisterJoin.NONE:
        return _withdrawn(standing, rules)  # a duty that waited for the end of non-compliance, or member-link just lost
    if state is RegisterJoin.LOCKED and standing.setting is Setting.PURCHASED:
        return replace(standing, register_join=RegisterJoin.NONE)
    return standing


def _withdrawn(standing: Standing, rules: Grading) -> Standing:
    """Who is left with the setting of zero and no right has a duty; while non-compliant it cannot do it, so that waits."""
    has_duty = standing.setting is Setting.ZERO and not standing.rights and standing.grade is not Grade.NONCOMPLIANT
    return _in_grace(standing, rules) if has_duty else standing


def _in_grace(standing: Standing, rules: Grading) -> Standing:
    return replace(standing, register_join=RegisterJoin.GRACE, deadline=standing.at + rules.grace)


# ---- other rights


def _told(standing: Standing, told: Told, rules: Grading) -> Standing:
    """What is over already gives nothing, and a renewal extends nothing."""
    time, rights = standing.at, set(standing.rights)
    custom_until, newcomer_until = standing.custom_until, standing.newcomer_until
    ordered_in_time = told.custom_ordered is None or told.custom_ordered < midnight(rules.custom_ordered_before)
    if told.custom_until is not None and ordered_in_time:
        if custom_until is None and time < told.custom_until:
            custom_until = told.custom_until
            rights.add(Right.CUSTOM)
        elif custom_until is not None:
            custom_until = max(time, min(custom_until, told.custom_until))
    if told.newcomer_since is not None and newcomer_until is None and told.newcomer_since <= time:
        until = months_after(told.newcomer_since, rules.newcomer_months)
        if time < until:
            newcomer_until = until
            rights.add(Right.NEWCOMER)
    if told.member_link and not standing.link_withdrawn:
        rights.add(Right.LINK)
    known = replace(standing, rights=frozenset(rights), custom_until=custom_until, newcomer_until=newcomer_until)
    return _lost(known, Right.LINK, rules) if told.member_link is False else known


def _lost(standing: Standing, right: Right, rules: Grading) -> Standing:
    """Another right ends. Buffer, grace and lock go on as they were; else the last right's end begins a grace [GRD-7]."""
    if right not in standing.rights:
        return standing
    left = _without_link(standing) if right is Right.LINK else replace(standing, rights=standing.rights - {right})
    has_duty = left.register_join is RegisterJoin.NONE and left.setting is Setting.ZERO and not left.rights
    return _in_grace(left, rules) if has_duty else left


def _without_link(standing: Standing) -> Standing:
    return replace(standing, rights=standing.rights - {Right.LINK}, link_misses=0, link_withdrawn=True)


# ---- timers and settings


def _timers(standing: Standing, rules: Grading) -> dict[Right | None, dt.datetime]:
    """When each running timer is due: those of other rights by their names, that of the grace under None."""
    kept_from = rules.phases.register_join_from
    ends = {
        Right.OPEN: None if kept_from is None else midnight(kept_from),
        Right.CUSTOM: standing.custom_until,
        Right.NEWCOMER: standing.newcomer_until,
    }
    timers: dict[Right | None, dt.datetime] = {right: end for right, end in ends.items() if end and right in standing.rights}
    return timers | ({None: standing.deadline} if standing.deadline else {})


def next_timer(standing: Standing, rules: Grading) -> dt.datetime | None:
    """When the next timer of a standing is due, if one is running."""
    return min(_timers(standing, rules).values(), default=None)


def _fired(standing: Standing, time: dt.datetime, rules: Grading) -> Standing:
    """All timers that are due at `time` have fired."""
    standing = replace(standing, at=time)
    for right, due in _timers(standing, rules).items():
        if due > time:
            continue
        if right is None:
            standing = replace(standing, register_join=RegisterJoin.LOCKED, deadline=None)
        else:
            standing = _lost(standing, right, rules)
    return standing


def _chosen(standing: Standing, setting: Setting, rules: Grading) -> Standing:
    chosen = replace(standing, setting=setting)
    if setting is Setting.ZERO:
        return chosen
    mended = standing.register_join is RegisterJoin.LOCKED and rules.reopen == "setting"
    if mended or standing.register_join is RegisterJoin.GRACE:
        return replace(chosen, register_join=RegisterJoin.NONE, deadline=None)
    return chosen


# ---- what became of it


def _changes(before: Standing, after: Standing, rules: Grading) -> list[Effect]:
    """Privileges granted and withdrawn, and the setting, in the order of their names."""
    had, has = privileges(before, rules), privileges(after, rules)
    effects = [Effect(after.at, "privilege", name, "granted", "GRD-5") for name in sorted(has - had)]
    effects += [Effect(after.at, "privilege", name, "withdrawn", "GRD-5") for name in sorted(had - has)]
    if before.setting is not after.setting:
        effects.append(Effect(after.at, "setting", "", str(after.setting), "GRD-7"))
    return effects
