"""The benefits of a scenario: their table for the kernel, and which are online on each day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from sim.engine.coupling import Coupling
from sim.policies.benefit import Benefit
from sim.policies.grading.policy import MerchantGrading
from sim.policies.groups import Groups
from sim.policies.member_tiers import Tiers
from sim.policies.programme import BASE_LEVEL, Programme
from sim.scenario.load import MerchantOf, Scenario
from sim.scenario.model import Past
from sim.state.benefits import (
    AMOUNT_OFF,
    BENEFIT,
    FAN,
    GIFT,
    MEMBER,
    MOST_GIFT_COUPONS,
    MOST_GIFTS,
    MOST_ORDERS,
    NO_BENEFIT,
    NO_CROWD,
    OCCASION_BITS,
    PRIORITY,
    SHARE_OFF,
    WHO,
)
from sim.state.draws import name_key
from sim.state.groups import GROUP_BITS
from sim.state.names import DAY, HOUR, INDUSTRIES, MEMBER_TIERS
from sim.state.policy import day_number

FAR = 2**40  # s: beyond any run's end
BITS_A_COUPON = 4
DAYS_KEPT = 2  # yesterday, whose books are closed, and today; today, and tomorrow's switches
VALID_DAYS = 30  # of a coupon that says nothing else
EFFECTS = {"amount": AMOUNT_OFF, "share": SHARE_OFF, "gift": GIFT, "priority": PRIORITY}
OF_EVERYBODY = -1  # in place of a merchant
NOBODY_PAID = 2**62  # minor units
NONE: Mapping[str, bool] = MappingProxyType({})


class Given(NamedTuple):
    """A benefit as one store gives it, or one industry where it is good at all its stores: a row of the table."""

    name: str
    policy: Benefit
    of_past: bool
    merchant: int  # OF_EVERYBODY: all stores of the industry
    industry: str
    shift: int  # bits

    @property
    def is_price(self) -> bool:
        """Whether it is a price of the store's own for members."""
        return self.policy.form.effect == "price"


class Benefits:
    """All benefits of a run, and which are switched on. Prices of relations are in the table of merchants, not here."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        groups = [name for name, policy in scenario.policies.items() if isinstance(policy, Groups)]
        self.names = list(dict.fromkeys([*_of(scenario.past_policies), *_of(scenario.policies), *groups]))  # in the log
        self.given = _with_shifts([*_given(scenario, of_past=True), *_given(scenario, of_past=False)])
        everyone = list(enumerate(scenario.merchants))
        self._of_merchant = [
            [k for k, row in enumerate(self.given) if _is_at(row, m, merchant.settings.industry)] for m, merchant in everyone
        ]
        own = [
            [k for k in rows if not self.given[k].of_past and self.given[k].merchant == m]
            for m, rows in enumerate(self._of_merchant)
        ]
        self._own = own  # of the run, that are one store's alone
        self.table = self._table()
        self.offers = np.array([k for rows in self._of_merchant for k in rows if not self.given[k].is_price], np.int32)
        self._switched: dict[tuple[str, int], list[tuple[int, bool]]] = {}  # by strategies: from which day, and whether on
        self._switches = lru_cache(DAYS_KEPT)(self._switches_of)  # the same until one more is switched
        self.online_on = lru_cache(DAYS_KEPT)(self._online_of)
        self._at_start = np.array([row.policy.online_at_start for row in self.given], bool)
        self._of_past = np.array([row.of_past for row in self.given], bool)
        spans = [row.policy.span(scenario.settings.start) for row in self.given]
        self._spans = np.array(spans, np.float64).reshape(len(spans), 2)  # days: the first in force, the first no longer
        self._known_online = np.zeros(len(self.given), bool)
        coupons = self.table["at"] != 0
        self.columns = {"claimable": max((int(coupons[rows].sum()) for rows in self._of_merchant), default=0)}  # of the world
        of_members = (self.table["is_member_benefit"] == 1).tolist()
        pairs = [(k, m) for m, rows in enumerate(self._of_merchant) for k in rows if of_members[k]]
        self._of_members = np.array(pairs, np.int64).reshape(len(pairs), 2)  # rows of benefits of members, and whose they are
        self._told: tuple[bool, dict[tuple[str, int], int]] | None = None  # of what the tables were told last, beside `online`
        self._prices = np.zeros((0, 2))  # of each store's own for members: the row, and the share off
        # (merchants,) ln of how much more visible each is by its lowest price [LEAD-1], of which some are no part [INT-7].
        self.log_price_power = np.zeros(len(self._of_merchant))

    def __len__(self) -> int:
        return len(self.given)

    @property
    def stacks(self) -> list[str]:
        """The stacking groups, in the order in which shares are taken off."""
        return sorted({row.policy.group for row in self.given})

    def _table(self) -> np.ndarray:
        table = BENEFIT.rows(len(self.given))
        stacks = self.stacks
        behaviour = self._scenario.settings.behaviour.coupons
        start = self._scenario.settings.start
        rules = {True: self._scenario.past_policies, False: self._scenario.policies}
        for k, row in enumerate(self.given):
            policy, claim, within = row.policy, row.policy.claim, row.policy.within_hours
            who, valid = policy.who, policy.valid
            of = row.industry if row.merchant == OF_EVERYBODY else self._scenario.merchants[row.merchant].name
            effect = "gift" if policy.is_gift else policy.form.effect
            tiers = next((rule.tiers for rule in rules[row.of_past].values() if isinstance(rule, MerchantGrading)), Tiers())
            windows = tiers.windows._asdict()
            probability = behaviour.claim if claim is None or claim.probability is None else claim.probability
            until = FAR if valid.until is None else day_number(valid.until, start) * DAY
            days = VALID_DAYS if valid.days is None and valid.until is None else valid.days
            numbers: dict[str, Any] = {
                "key": name_key(f"{row.name}/{of}"),
                "merchant": row.merchant,
                "industry": INDUSTRIES.index(row.industry),
                "policy": self.names.index(row.name),
                "at": 0 if policy.occasion is None else OCCASION_BITS[policy.occasion],
                "probability": probability,
                "delay": 0.0 if claim is None else claim.delay_hours * HOUR,
                "fixed_delay": claim is not None and claim.fixed_delay,
                "within": 0 if within is None else round(within * HOUR),
                "who": WHO.index(policy.relation),
                "orders_from": who.orders_from,
                "orders_to": MOST_ORDERS if who.orders_to is None else who.orders_to,
                "crowd": NO_CROWD if who.crowd is None else list(self._scenario.settings.crowds).index(who.crowd),
                "groups": 0 if who.group is None else GROUP_BITS[who.group],
                "tiers": sum(1 << MEMBER_TIERS.index(tier) for tier in who.tiers),
                "paid_from": self._paid_from(row),
                **windows,
                "shift": row.shift,
                "per_person": policy.per_person,
                "points": policy.points,
                "valid_for": 0 if days is None else round(days * DAY),
                "valid_from": 0 if valid.from_ is None else day_number(valid.from_, start) * DAY,
                "valid_until": until,
                "early": behaviour.early / DAY,
                "early_decay": behaviour.early_decay / DAY,
                "late": behaviour.late / DAY,
                "late_rise": behaviour.late_rise / DAY,
                "next_session": behaviour.trip == "next_session",
                "threshold": policy.threshold,
                "goods": policy.goods,
                "stack": stacks.index(policy.group),
                "effect": EFFECTS.get(effect, AMOUNT_OFF),
                "amount": policy.amount or 0,
                "share": policy.share or 0.0,
                "gift_cost": policy.gift_cost or 0,
                "borne": policy.bears,
                "is_member_benefit": self._is_member_benefit(row),
                "is_new_member_gift": policy.is_new_member_gift,
                "on_following": policy.kind == "follow_discount",
                "conversion": policy.conversion,
                "taken": policy.taken,
                "potential": policy.potential_days,
                "appeal": self._appeal(row),
            }
            for column, value in numbers.items():
                table[column][k] = value
        return table

    def _is_member_benefit(self, row: Given) -> bool:
        """Whether its use is that of a member benefit, maybe because the crowd that it is for is of members [GRD-3]."""
        crowd = row.policy.who.crowd
        return row.policy.is_member_benefit or (
            crowd is not None and self._scenario.settings.crowds[crowd].relation == "member"
        )

    def _paid_from(self, row: Given) -> int:
        """What a member must have paid at the store in all for the level that a benefit is for [GRD-13]."""
        level = row.policy.who.level
        if level <= BASE_LEVEL:
            return 0
        programme = self._programme(row.merchant, row.of_past)
        return NOBODY_PAID if programme is None else programme.amount_of(level) or NOBODY_PAID

    def _programme(self, merchant: int, of_past: bool) -> Programme | None:
        """The programme of a store for its members, if it has one."""
        store = self._scenario.merchants[merchant] if merchant >= 0 else None
        policies = self._scenario.past_policies if of_past else self._scenario.policies
        found = [policy for policy in policies.values() if isinstance(policy, Programme)]
        return next((policy for policy in found if store and policy.is_of(store.name, store.settings.industry)), None)

    def _appeal(self, row: Given) -> float:
        """-ln of the price that it makes of the store's mean order, as a share of it; 0 where that is below its threshold."""
        policy = row.policy
        if row.merchant == OF_EVERYBODY or policy.is_gift:
            return 0.0
        mean = mean_order(self._scenario, self._scenario.merchants[row.merchant])
        if mean < policy.threshold:
            return 0.0
        share = policy.share or (policy.amount or 0) / mean
        return -math.log(1.0 - min(share, 0.9) * policy.goods)

    # Days

    def _online_of(self, day: int) -> np.ndarray:
        """(benefits,) bool: which can be claimed or had on a day: in force, and switched on."""
        first, end = self._spans.T
        in_force = self._of_past if day < 0 else ~self._of_past & (first <= day) & (day < end)
        return in_force & self._switches(day)

    def _switches_of(self, day: int) -> np.ndarray:
        """(benefits,) bool: which their stores have switched on, on a day."""
        on = self._at_start.copy()
        for (name, merchant), switches in self._switched.items():
            last = next((is_on for since, is_on in reversed(switches) if since <= day), None)
            for k in self._of_merchant[merchant] if last is not None else ():
                if self.given[k].name == name and self.given[k].merchant == merchant:
                    on[k] = last
        return on

    def _forget(self) -> None:
        """Something was switched: what days were like is to be worked out anew."""
        self._switches.cache_clear()
        self.online_on.cache_clear()

    def turn_to(self, day: int, merchants: np.ndarray, coupling: Coupling) -> None:
        """Bring the tables to a day; rules have laid relation prices into that of merchants before."""
        online, of_past, of_benefit = self.online_on(day), day < 0, coupling.tables.of_benefit
        if self._told != (of_past, of_benefit) or not np.array_equal(self.table["online"], online):
            self.table["online"] = online
            for k, row in enumerate(self.given):
                at = of_benefit.get((row.name, row.merchant)) if row.of_past == of_past else None
                self.table["claims_first"][k] = at or 0
                self.table["claims_last"][k] = 0 if at is None else at + 1
            self._tell(merchants, of_past)
            self._told = of_past, of_benefit
            self.log_price_power = self._log_price_power()
        self._lay_prices(merchants)

    def _log_price_power(self) -> np.ndarray:
        weight = self._scenario.settings.behaviour.stores.price_power
        found = np.zeros(len(self._of_merchant))
        if weight and self.given:
            counted = np.array([row.policy.counts_in_lowest_price for row in self.given]) & (self.table["online"] == 1)
            for m, rows in enumerate(self._of_merchant):
                found[m] = weight * max((self.table["appeal"][k] for k in rows if counted[k]), default=0.0)
        return found

    def changes(self) -> list[int]:
        """The rows that have come online or gone offline since this was asked last."""
        online = self.table["online"] == 1
        changed: list[int] = np.flatnonzero(online != self._known_online).tolist()
        self._known_online = online
        return changed

    def _identity(self, k: int) -> tuple[str, int, str, bool]:
        """What a row is known by in all runs that share a past."""
        row = self.given[k]
        return row.name, row.merchant, row.industry, row.of_past

    def _tell(self, merchants: np.ndarray, of_past: bool) -> None:
        """Tell the table of merchants what each has online."""
        price = self._scenario.settings.behaviour.stores.preference.price
        self._prices = np.full((len(self._of_merchant), 2), [NO_BENEFIT, 0.0])
        first = 0
        for m, rows in enumerate(self._of_merchant):
            online = [k for k in rows if self.table["online"][k]]
            count = sum(not self.given[k].is_price for k in rows)
            merchants["offers_first"][m], merchants["offers_count"][m] = first, count
            first += count
            merchants["claimed_at"][m] = np.bitwise_or.reduce(self.table["at"][online]) if online else 0
            follows = [k for k in online if self.table["on_following"][k]]
            merchants["follow_row"][m] = follows[0] if follows else NO_BENEFIT
            gifts = [k for k in rows if self.table["is_new_member_gift"][k]]
            merchants["gift_row"][m] = gifts[0] if gifts else NO_BENEFIT
            programme = self._programme(m, of_past)
            merchants["points_rate"][m] = 0.0 if programme is None else programme.points_per_hundred / 100
            offers = [k for k in online if self._is_plain_offer(k)]
            for who, column in ((MEMBER, "member_appeal"), (FAN, "fan_appeal")):
                of = [self.table["appeal"][k] for k in offers if self.table["who"][k] == who]
                merchants[column][m] = price * max(of, default=0.0)
            own = max((k for k in online if self.given[k].is_price), key=lambda k: self.table["share"][k], default=NO_BENEFIT)
            if own != NO_BENEFIT:
                self._prices[m] = own, self.table["share"][own]

    def _lay_prices(self, merchants: np.ndarray) -> None:
        """Lay the stores' own prices for members over those that rules give: the lower counts."""
        own, share = self._prices.T
        lower = share > merchants["member_off"]
        merchants["price_row"] = np.where(lower, own, NO_BENEFIT)
        merchants["member_off"] = np.where(lower, share, merchants["member_off"])
        merchants["relation_prices"] |= lower

    def _is_plain_offer(self, k: int) -> bool:
        """Whether a benefit comes off the price of an order by itself, to all of a relation: those who choose know of it."""
        to_all = self.table["crowd"][k] == NO_CROWD and self.table["groups"][k] == 0
        return bool(to_all and self.table["at"][k] == 0 and not self.table["on_following"][k]) and not self.given[k].is_price

    # What strategies and grades ask

    def switch(self, name: str, merchant: int, on: bool, day: int) -> None:
        """A store switches one of its benefits on or off, from 00:00 of a day on."""
        self._switched.setdefault((name, merchant), []).append((day, on))
        self._forget()

    def is_gift_full(self, name: str, merchant: int, day: int) -> bool:
        """Whether a benefit would be one more coupon, or gift, than a store's new-member gift can have on a day [INT-4]."""
        rows = [k for k in self._of_merchant[merchant] if not self.given[k].of_past]
        fresh = next(self.given[k].policy for k in rows if self.given[k].name == name)
        if not fresh.is_new_member_gift:
            return False
        on = [self.given[k].policy for k in rows if self._switches(day)[k] and self.given[k].name != name]
        alike = [policy for policy in on if policy.is_new_member_gift and policy.is_gift == fresh.is_gift]
        return len(alike) >= (MOST_GIFTS if fresh.is_gift else MOST_GIFT_COUPONS)

    def switched_on(self, merchant: int, day: int) -> Mapping[str, bool]:
        """The benefits that a store of the run can switch, and whether they are on, on a day."""
        if not self.given:
            return NONE
        on = self._switches(day)
        return {self.given[k].name: bool(on[k]) for k in self._own[merchant]}

    def of_members_online(self, day: int) -> np.ndarray:
        """(merchants,) bool: which have any benefit of members online on a day [GRD-3]."""
        found = np.zeros(len(self._of_merchant), bool)
        rows, merchants = self._of_members.T
        if len(rows):
            found[merchants[self.online_on(day)[rows]]] = True
        return found

    # Snapshots

    def stored(self) -> dict[str, Any]:
        """What strategies have switched, and what is known to be online, as JSON."""
        switched = [[name, merchant, days] for (name, merchant), days in self._switched.items()]
        online = sorted(self._identity(k) for k in np.flatnonzero(self._known_online).tolist())
        return {"switched": switched, "online": online}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Go on with what was stored."""
        self._switched = {(name, merchant): [(day, on) for day, on in days] for name, merchant, days in stored["switched"]}
        self._forget()
        online = {tuple(identity) for identity in stored["online"]}
        self._known_online = np.array([self._identity(k) in online for k in range(len(self.given))], bool)


def _of(policies: Mapping[str, Any]) -> dict[str, Benefit]:
    return {name: policy for name, policy in policies.items() if isinstance(policy, Benefit)}


def _given(scenario: Scenario, of_past: bool) -> list[Given]:
    """The rows of the benefits of the run or of its past, in the order of their names and of the merchants."""
    found: list[Given] = []
    for name, policy in _of(scenario.past_policies if of_past else scenario.policies).items():
        stores = [
            (m, merchant.settings.industry)
            for m, merchant in enumerate(scenario.merchants)
            if policy.is_of(merchant.name, merchant.settings.industry)
        ]
        if policy.scope == "category":
            stores = [(OF_EVERYBODY, industry) for industry in dict.fromkeys(industry for _, industry in stores)]
        found += [Given(name, policy, of_past, m, industry, 0) for m, industry in stores]
    return found


def _with_shifts(rows: list[Given]) -> list[Given]:
    """The rows, each coupon with four bits of its own among those of its store, or among those of several stores."""
    used: dict[int, int] = {}
    shifted = []
    for row in rows:
        if row.policy.occasion is not None:
            at = used.get(row.merchant, 0)
            used[row.merchant] = at + 1
            row = row._replace(shift=BITS_A_COUPON * at)
        shifted.append(row)
    return shifted


def _is_at(row: Given, m: int, industry: str) -> bool:
    """Whether a benefit is given at a store."""
    return row.industry == industry if row.merchant == OF_EVERYBODY else row.merchant == m


def mean_order(scenario: Scenario, merchant: MerchantOf) -> float:
    """The mean list price of an order at a store (minor units)."""
    behaviour, past = scenario.settings.behaviour, scenario.settings.past
    if behaviour.stores.choice == "compete" and behaviour.needs is not None:
        return behaviour.needs.rates.of(merchant.settings.industry).amount * merchant.settings.price_level
    spend = past.gamma_gamma if isinstance(past, Past) else None
    return float(behaviour.orders.amount) if spend is None else spend.p * spend.v / (spend.q - 1)
