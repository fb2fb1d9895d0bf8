"""Merchant grading in a run: where each merchant stands, and what follows from it for consumers and other policies.

The rules are those of `policies.grading`, the same that `sim grade` asks. Here they are given their instants, their indicators
from what consumers did, and their effects. Grading acts at 00:00 of every day (grades, phases, timers) and wherever a timer is
due; settings are the merchants' own acts. Between two instants nothing changes.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np

from sim.engine.benefits import Benefits
from sim.engine.platform_log import PlatformLog
from sim.engine.population import Population
from sim.engine.rules import RulesInForce
from sim.engine.tiers import members_by_tier
from sim.policies.grading.calendar import Calendar
from sim.policies.grading.grade import grade_of
from sim.policies.grading.indicators import Indicators, measured
from sim.policies.grading.joins import join_refusal
from sim.policies.grading.levers import distance
from sim.policies.grading.machine import Begin, Choose, Event, Refresh, Told, Wait, next_timer, step
from sim.policies.grading.names import PRIVILEGES, Grade, Privilege, Refusal, RegisterJoin, Right, Setting
from sim.policies.grading.policy import MerchantGrading
from sim.policies.grading.privileges import privileges
from sim.policies.grading.rules import Grading, LinesInForce
from sim.policies.grading.standing import Standing
from sim.policies.member_tiers import POTENTIAL, QUALITY
from sim.scenario.load import Scenario
from sim.state.grades import NO_TIME, NOT_YET, REFRESHED, STANDING
from sim.state.names import (
    ACCEPTED,
    BENEFIT_DAYS,
    BENEFIT_USERS,
    DAY,
    GMV,
    GMV_MEMBER,
    KINDS,
    LOG_BENEFIT_OFF,
    LOG_BENEFIT_ON,
    MEMBER_BUYERS,
    REFUSALS,
)
from sim.state.policy import SeenGrade

Word = TypeVar("Word", Grade, RegisterJoin, Right, Setting, Refusal)
UNGRADED = Grading()  # the rules of joins where no merchant is graded: everybody has the right
USUAL = Calendar()  # the periods of days on which no grading is in force
SETTING_KIND = KINDS.index("setting")


@dataclass
class Graded:
    """One merchant."""

    standing: Standing | None = None  # None: grading has not begun for it
    setting: Setting | None = None  # of joins; None: none was chosen
    refused: Refusal | None = None  # of its last setting
    on: frozenset[Privilege] = frozenset()  # its privileges
    due: dt.datetime | None = None  # when the next of its timers is due; None: none is running
    seen: SeenGrade | None = None  # what it sees of all that, as long as that is so
    refreshed: np.void | None = None  # its last row of REFRESHED


class Grades:
    """The standings of all merchants of a run."""

    def __init__(self, scenario: Scenario, rules: RulesInForce, benefits: Benefits, log: PlatformLog) -> None:
        self._scenario, self._rules, self._benefits, self._log = scenario, rules, benefits, log
        self._start = dt.datetime.combine(scenario.settings.start, dt.time())
        self._policy: MerchantGrading | None = None  # in force at the last instant
        self.merchants = [Graded(setting=_given(Setting, merchant.settings.join.setting)) for merchant in scenario.merchants]
        self._refreshed: list[np.ndarray] = []
        self._newcomers: list[tuple[int, dt.datetime]] = []  # who is told to be new to membership, and since when
        self._lines: list[LinesInForce] = []  # of each merchant
        self._online = np.zeros(len(self.merchants), bool)  # whose members had a benefit online when that was logged last
        self._changed = True  # since the table of merchants was brought up to date
        # (merchants,) ln of what privileges add to how visible each store is [GRD-5].
        self.log_visibility = np.zeros(len(self.merchants))
        self._period = (USUAL, 0, 0)  # the calendar, and [begin, end) of its last period that was asked for (days)

    # What others ask

    def may(self, merchant: int, privilege: Privilege) -> bool:
        """Whether a merchant, by its position, has a privilege now; where none is graded, every one [GRD-5]."""
        return self._policy is None or privilege in self.merchants[merchant].on

    def is_quality(self, merchant: int) -> bool:
        """Whether a merchant is of quality now, which was level 2 [GRD-1]; where none is graded, it is not."""
        of = self.merchants[merchant].standing
        return self._policy is not None and of is not None and of.grade is Grade.QUALITY

    def online_on(self, day: int) -> np.ndarray:
        """(merchants,) bool: whose members have a benefit online on a natural day, at any moment of it [GRD-3]."""
        return self._rules.members_priced(day) | self._benefits.of_members_online(day)

    def seen_by(self, merchant: int) -> SeenGrade | None:
        """What a merchant may see of its own grading now [GRD-10]; None: there is none."""
        of = self.merchants[merchant]
        if self._policy is None or of.standing is None:
            return None
        if of.seen is None:
            of.seen = self._seen(merchant, of, of.standing, self._policy)
        return of.seen

    @property
    def refreshed(self) -> np.ndarray:
        """All refreshes so far, (refreshes x merchants,) REFRESHED."""
        return np.concatenate([REFRESHED.rows(0), *self._refreshed])

    # Instants

    def at(self, time: int, figures: Sequence[np.ndarray], population: Population) -> None:
        """All that is due at an instant (s), in its order: grades, privileges, timers.

        `figures` are those of all closed days, (merchants, FIGURES) each, the first that of the simulation's first day.
        """
        day = time // DAY
        self._turn_to(day)
        if time % DAY == 0:
            self._log_benefits(time)
        rules = self._policy
        if rules is None:
            return
        now = self._moment(time)
        fresh = {m for m, of in enumerate(self.merchants) if of.standing is None}
        before = [of.on for of in self.merchants]
        since = dict(self._newcomers)
        for m in sorted(fresh | since.keys()):
            if m in fresh:
                self._begin(m, time, rules)
            else:
                self._tell(m, since[m], time, rules)
        found = {}
        if rules.calendar.is_refresh(now):
            graded = [m for m in range(len(self.merchants)) if m not in fresh]
            found = dict(zip(graded, self._indicators(graded, day, now, rules, figures, population)))
        results = {m: grade_of(indicators, self._lines[m], now, rules) for m, indicators in found.items()}
        for m, result in results.items():
            self._take(m, Refresh(result), time, rules)
        new_phase = now.time() == dt.time() and now.date() in dict(rules.phases).values()
        for m, of in enumerate(self.merchants):
            if new_phase or (of.due is not None and of.due <= now):  # time alone changes something
                self._take(m, Wait(), time, rules)
        if found:
            self._note(self._rows(time, found, results, before))

    def timers(self, now: int) -> Iterator[int]:
        """The instants after `now` (s) at which something is due that is known by now."""
        if self._policy is None:
            return
        moments = {since for _, since in self._newcomers} | {of.due for of in self.merchants if of.due is not None}
        yield from (time for moment in moments if (time := self._seconds(moment)) > now)

    def choose(self, merchant: int, setting: str, time: int, population: Population) -> None:
        """A merchant sets its threshold of joining [INT-3]; a refusal is counted with the day's, by its reason [GRD-7]."""
        of, rules = self.merchants[merchant], self._policy
        of.seen, self._changed = None, True
        if rules is None or of.standing is None:
            if of.setting != setting:
                of.setting = Setting(setting)
                self._log.of_merchant(time, merchant, SETTING_KIND, reason=setting)
            return
        of.refused = self._take(merchant, Choose(Setting(setting)), time, rules)
        if of.refused is not None:
            population.shards[0].refusals[merchant, REFUSALS.index(("setting", of.refused.value))] += 1

    def _turn_to(self, day: int) -> None:
        """The rules of a day are in force; standings go on under others, and so their privileges may be others."""
        before, self._policy = self._policy, next(iter(self._scenario.in_force(day, MerchantGrading)), None)
        if self._policy is before:
            return
        self._changed = True
        if self._policy is not None:
            merchants = self._scenario.merchants
            told = ((m, self._policy.start_of(merchant.name).newcomer_since) for m, merchant in enumerate(merchants))
            self._newcomers = [(m, since) for m, since in told if since is not None]
            of_industry = cache(self._policy.lines_of)
            self._lines = [of_industry(merchant.settings.industry) for merchant in merchants]
            for of in self.merchants:
                if of.standing is not None:
                    self._stand(of, of.standing, self._policy)

    def _begin(self, m: int, time: int, rules: MerchantGrading) -> None:
        """The rules come into force for a merchant; where nobody chose its setting, it is one that it has a right to."""
        of, name, now = self.merchants[m], self._scenario.merchants[m].name, self._moment(time)
        start = rules.standing_at_start(name, now, of.setting or Setting.ZERO)
        standing = step(start, rules.start_of(name).told, now, rules).standing
        if of.setting is None and not standing.has_right(rules):
            standing = step(standing, Choose(Setting.PURCHASED), now, rules).standing
            if standing.setting is Setting.PURCHASED:
                self._log.of_merchant(time, m, SETTING_KIND, reason=standing.setting.value)
        self._stand(of, standing, rules)
        self._take(m, Begin(), time, rules)

    def _tell(self, m: int, since: dt.datetime, time: int, rules: MerchantGrading) -> None:
        """Who is new to membership from an instant inside the run on has the right of newcomers then [GRD-6, INT-6]."""
        standing = self.merchants[m].standing
        if since <= self._moment(time) and standing is not None and standing.newcomer_until is None:
            self._take(m, Told(newcomer_since=since), time, rules)

    def _take(self, m: int, event: Event, time: int, rules: MerchantGrading) -> Refusal | None:
        """One step of a merchant's standing, and its rows of the log; the reason of a refusal."""
        of = self.merchants[m]
        assert of.standing is not None
        found = step(of.standing, event, self._moment(time), rules)
        for effect in found.effects:
            self._log.of_merchant(time, m, KINDS.index(effect.kind), effect.channel, effect.reason)
        self._stand(of, found.standing, rules)
        return found.refused

    def _stand(self, of: Graded, standing: Standing, rules: MerchantGrading) -> None:
        """A merchant stands so from now on: what follows from that."""
        of.standing, of.setting = standing, standing.setting
        of.on, of.due, of.seen = privileges(standing, rules), next_timer(standing, rules), None
        self._changed = True

    def _log_benefits(self, time: int) -> None:
        online = self.online_on(time // DAY)
        for m in np.flatnonzero(online != self._online).tolist():
            self._log.of_merchant(time, m, LOG_BENEFIT_ON if online[m] else LOG_BENEFIT_OFF)
        self._online = online

    # Indicators

    def _indicators(
        self,
        merchants: list[int],
        day: int,
        now: dt.datetime,
        rules: MerchantGrading,
        figures: Sequence[np.ndarray],
        population: Population,
    ) -> Iterator[Indicators]:
        """The indicators of the period that closes now, from those of its days that were simulated [GRD-3]."""
        begin = (rules.calendar.period(now)[0] - self._start).days
        days = figures[max(begin, self._scenario.first_day) - self._scenario.first_day : day - self._scenario.first_day]
        of_period = np.sum(days, axis=0)
        members = members_by_tier(population, len(self.merchants), rules.tiers.windows, day)
        for m in merchants:
            yield measured(
                online_days=int(of_period[m, BENEFIT_DAYS]),
                quality_members=int(members[m, QUALITY]),
                potential_members=int(members[m, POTENTIAL]),
                member_gmv=int(of_period[m, GMV_MEMBER]),
                store_gmv=int(of_period[m, GMV]),
                users=int(of_period[m, BENEFIT_USERS]),
                buyers=int(of_period[m, MEMBER_BUYERS]),
            )

    def _rows(
        self, time: int, found: dict[int, Indicators], results: dict[int, Grade], before: list[frozenset[Privilege]]
    ) -> np.ndarray:
        rows = REFRESHED.rows(len(found))
        rows["time"] = time
        for row, (m, indicators) in zip(rows, found.items(), strict=True):
            of, standing = self.merchants[m], self.merchants[m].standing
            assert standing is not None
            row["merchant"], row["result"] = m, _code(results[m])
            for name, value in indicators._asdict().items():
                row[name] = math.nan if value is None else value
            row["grade"], row["register_join"] = _code(standing.grade), _code(standing.register_join)
            row["setting"] = _code(standing.setting)
            row["had"], row["has"] = (_bits(PRIVILEGES, names) for names in (before[m], of.on))
        return rows

    def _note(self, rows: np.ndarray) -> None:
        """Keep rows of REFRESHED, in their order; the last of each merchant is what it sees."""
        self._refreshed.append(rows)
        for row in rows:
            self.merchants[row["merchant"]].refreshed = row

    def _seen(self, m: int, of: Graded, standing: Standing, rules: MerchantGrading) -> SeenGrade:
        lines, last = self._lines[m], of.refreshed
        found = None if last is None else indicators_of(last)
        to = None if last is None or found is None else distance(found, lines, self._moment(int(last["time"])), rules)
        return SeenGrade(
            grade=None if standing.grade is None else standing.grade.value,
            register_join=standing.register_join.value,
            setting=standing.setting.value,
            deadline=None if standing.deadline is None else self._seconds(standing.deadline),
            privileges=frozenset(of.on),
            refused=None if of.refused is None else of.refused.value,
            refreshed=None if last is None else int(last["time"]),
            indicators={} if found is None else found._asdict(),
            quality_lines={"online_days": rules.online_days_above + 1, **lines.quality},
            potential_lines=dict(lines.potential),
            next_grade=None if to is None else to.grade.value,
            gaps={} if to is None else to.gaps,
            cost=None if to is None else to.cost,
        )

    # What the kernel reads

    def bring_merchants(self, merchants: np.ndarray) -> None:
        """Bring the table of merchants, always the same, to who is taken in by which store now [GRD-7, INT-3]."""
        if not self._changed:
            return
        rules, self._changed = self._policy, False
        standings = [(None if rules is None else of.standing) or _ungraded(of.setting) for of in self.merchants]
        merchants["join_purchased"] = [standing.setting is Setting.PURCHASED for standing in standings]
        of_joins = UNGRADED if rules is None else rules
        for name, receipt, threshold in (("unserved", False, False), ("below", True, False), ("above", True, True)):
            refusals = [
                join_refusal(standing, of_joins, receipt_confirmed=receipt, threshold_met=threshold) for standing in standings
            ]
            merchants[f"join_{name}"] = [
                ACCEPTED if refusal is None else REFUSALS.index(("join", refusal.value)) for refusal in refusals
            ]
        merchants["join_factor"] = [1.0 if rules is None else rules.joining_of(of.on) for of in self.merchants]
        visible = [1.0 if rules is None else rules.visibility_of(of.on) for of in self.merchants]
        self.log_visibility = np.array([math.log(factor) for factor in visible])

    def bring_day(self, world: np.ndarray, day: int) -> None:
        """Bring the world to a day: its period, and whether silent members are spared [GRD-2, GRD-8]."""
        now, rules = self._moment(day * DAY), self._policy
        calendar = USUAL if rules is None else rules.calendar
        of, begin, end = self._period
        if of is not calendar or not begin <= day < end:
            begin, end = ((moment - self._start).days for moment in calendar.period(calendar.next_after(now)))
            self._period = calendar, begin, end
        world["period"] = begin
        world["spare_silent"] = rules is not None and not rules.reaches_silent_members(now)
        if rules is not None:
            world["silent_visited_days"] = rules.tiers.potential_visited_days
            world["silent_bought_days"] = rules.tiers.potential_bought_days

    # Snapshots

    def stored(self) -> dict[str, np.ndarray]:
        """All of it, as tables: `standings` and `refreshed`."""
        rows = STANDING.rows(len(self.merchants))
        rows["online"] = self._online
        for row, of in zip(rows, self.merchants, strict=True):
            row["setting"], row["refused"] = _code(of.setting), _code(of.refused)
            standing = of.standing
            if standing is None:
                continue
            for name in ("at", "deadline", "custom_until", "newcomer_until"):
                moment = getattr(standing, name)
                row[name] = NO_TIME if moment is None else self._seconds(moment)
            row["grade"], row["register_join"] = _code(standing.grade), _code(standing.register_join)
            row["rights"] = _bits(tuple(Right), standing.rights)
            for name in ("improving", "buffered", "link_misses", "link_withdrawn"):
                row[name] = getattr(standing, name)
        return {"standings": rows, "refreshed": self.refreshed}

    def restore(self, stored: dict[str, np.ndarray], day: int) -> None:
        """Go on with what a snapshot has, on its day."""
        self._note(stored["refreshed"])
        self._online = stored["standings"]["online"] == 1
        for row, of in zip(stored["standings"], self.merchants, strict=True):
            of.setting, of.refused = _word(Setting, row["setting"]), _word(Refusal, row["refused"])
            at = self._restored(row["at"])
            if at is None or of.setting is None:
                continue
            of.standing = Standing(
                at,
                _word(Grade, row["grade"]),
                int(row["improving"]),
                of.setting,
                tuple(RegisterJoin)[row["register_join"]],
                int(row["buffered"]),
                self._restored(row["deadline"]),
                frozenset(right for k, right in enumerate(Right) if row["rights"] >> k & 1),
                self._restored(row["custom_until"]),
                self._restored(row["newcomer_until"]),
                int(row["link_misses"]),
                bool(row["link_withdrawn"]),
            )
        self._turn_to(day)

    def _restored(self, seconds: int) -> dt.datetime | None:
        return None if seconds == NO_TIME else self._moment(int(seconds))

    def _moment(self, time: int) -> dt.datetime:
        return self._start + dt.timedelta(seconds=time)

    def _seconds(self, moment: dt.datetime) -> int:
        return round((moment - self._start).total_seconds())


def indicators_of(row: np.void) -> Indicators:
    """The indicators of a row of REFRESHED."""
    ratios = (float(row[name]) for name in ("gmv_share", "quality_ratio", "penetration"))
    share, quality, penetration = (None if math.isnan(ratio) else ratio for ratio in ratios)
    return Indicators(int(row["online_days"]), int(row["scale"]), share, quality, penetration)


def _ungraded(setting: Setting | None) -> Standing:
    """What joins are decided by where nobody is graded: the setting alone."""
    return Standing(dt.datetime.min, setting=setting or Setting.ZERO, rights=frozenset({Right.OPEN}))


def _code(word: Word | None) -> int:
    return NOT_YET if word is None else tuple(type(word)).index(word)


def _word(words: type[Word], code: int) -> Word | None:
    return None if code == NOT_YET else tuple(words)[code]


def _given(words: type[Word], value: str | None) -> Word | None:
    return None if value is None else words(value)


def _bits(names: Sequence[str], of: frozenset[Any]) -> int:
    return sum(1 << k for k, name in enumerate(names) if name in of)
