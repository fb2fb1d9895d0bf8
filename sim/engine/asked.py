"""What plug-ins are asked, and what they may answer: who wrote one is told by file and line where it went wrong."""

from __future__ import annotations

import inspect
import math
import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from sim.errors import BadInput, Problem
from sim.scenario.plugins import PLATFORM_WORDS, is_built_in
from sim.state.crowd import Crowd, TaskFacts, Verdict
from sim.state.message_gate import GateError
from sim.state.names import CROWDS, DAY, JOIN_SETTINGS, MESSAGE_CHANNELS, PRICED_RELATIONS, TASK_REASONS
from sim.state.policy import QUANTITIES, Act, Desk, JoinSetting, Message, Policy, Resource, Strategy, Switch, View, place_of
from sim.state.world import CAPS

Answer = TypeVar("Answer")
Plugin = Policy | Strategy

MOST_UNITS = 10**15
MOST_REMEMBERED = 200  # messages; as many as the cap of a window may look back on
LATEST = 2**31 - DAY  # s; times of tasks are 32-bit numbers


class Wrong(Exception):  # noqa: N818 - the words are for the person who wrote the plug-in
    """A hook answered what it must not; the words say what, and what is allowed."""


def caps_of(policy: Policy) -> dict[str, int] | None:
    """The policy's row of the table of message caps, if it has one."""

    def checked(row: Any) -> dict[str, int] | None:
        if row is None:
            return None
        names = [column.name for column in CAPS.columns]
        if not isinstance(row, Mapping) or set(row) != set(names):
            raise Wrong(f"must return None or a map with exactly the keys {', '.join(names)}; returned {_shown(row)}")
        return {name: _whole(row[name], 0, MOST_REMEMBERED if name == "store_limit" else 32_000, name) for name in names}

    return _asked(policy, "caps", checked)


def factors_of(policy: Policy) -> dict[str, float]:
    """The policy's factors on quantities."""

    def checked(factors: Any) -> dict[str, float]:
        if not isinstance(factors, Mapping) or not set(factors) <= set(QUANTITIES):
            raise Wrong(f"must return a map of factors on {', '.join(QUANTITIES)}; returned {_shown(factors)}")
        for name, factor in factors.items():
            if not _is_number(factor) or not 0 <= factor < math.inf:
                raise Wrong(f"{name}: a factor must be a number, 0 or more; returned {_shown(factor)}")
        return {name: float(factor) for name, factor in factors.items()}

    return _asked(policy, "factors", checked)


def discounts_of(policy: Policy, merchant: str, industry: str) -> dict[str, float]:
    """The shares off that the policy gives at a merchant, by relation."""

    def checked(shares: Any) -> dict[str, float]:
        if not isinstance(shares, Mapping) or not set(shares) <= set(PRICED_RELATIONS):
            raise Wrong(
                f"must return a map of shares off the price for {', '.join(PRICED_RELATIONS)}; returned {_shown(shares)}"
            )
        for name, share in shares.items():
            if not _is_number(share) or not 0 <= share < 1:
                raise Wrong(f"{name}: a share off must be a number, 0 or more and below 1; returned {_shown(share)}")
        return {name: float(share) for name, share in shares.items()}

    return _asked(policy, "discounts", checked, merchant, industry)


def resources_of(policy: Policy, merchants: tuple[str, ...]) -> list[Resource | Desk]:
    """What the policy has consumers share."""

    def checked(given: Any) -> list[Resource | Desk]:
        if not isinstance(given, Iterable) or isinstance(given, str | Resource | Desk):
            raise Wrong(f"must return Resources or Desks (a list, or by yield); returned {_shown(given)}")
        found = [_resource(of, policy, merchants) for of in given]
        names = [of.name or of.merchant or "" for of in found]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise Wrong(f"two things must not be known by the same name, {twice[0]!r}: give each a `name` of its own")
        return found

    return _asked(policy, "resources", checked, merchants)


def _resource(of: Any, policy: Policy, merchants: tuple[str, ...]) -> Resource | Desk:
    if not isinstance(of, Resource | Desk):
        raise Wrong(f"must return Resources or Desks; among them is {_shown(of)}")
    what = type(of).__name__

    def one_of(name: str, allowed: tuple[str, ...]) -> None:
        if getattr(of, name) not in allowed:
            raise Wrong(f"{name} of a {what} must be one of {', '.join(allowed)}; given {_shown(getattr(of, name))}")

    def number(name: str, least: float, most: float) -> None:
        if not _is_number(getattr(of, name)) or not least <= getattr(of, name) <= most:
            raise Wrong(f"{name} of a {what} must be a number from {least} to {most:g}; given {_shown(getattr(of, name))}")

    if of.merchant is not None:
        one_of("merchant", merchants)
    if not isinstance(of.name, str) or not of.name.isprintable():
        raise Wrong(f"name of a {what} must be text that can be printed; given {_shown(of.name)}")
    if isinstance(of, Desk):
        if of.merchant is None:
            raise Wrong("merchant of a Desk must be the name of one")
        number("probability", 0, 1)
        number("seconds", 0, LATEST)
        one_of("spread", ("exponential", "fixed"))
        return of
    one_of("claimed_by", ("delivery", "order", "claim"))
    one_of("short", ("close", "skip"))
    if isinstance(of.takes, str):
        one_of("takes", ("units", "amount") if of.claimed_by == "order" else ("a whole number",))
    else:
        of = of._replace(takes=_whole(of.takes, 1, MOST_UNITS, "takes of a Resource"))
    number("share", 0, MOST_UNITS)
    of = of._replace(amount=_whole(of.amount, 0, MOST_UNITS, "amount of a Resource (units)"))
    of = of._replace(per_person=_whole(of.per_person, 1, MOST_UNITS, "per_person of a Resource"))
    if of.refill_days is not None:
        of = of._replace(refill_days=_whole(of.refill_days, 1, 32_000, "refill_days of a Resource"))
    if of.given_back and (of.claimed_by != "order" or of.refill_days is None):
        raise Wrong("given_back of a Resource: only orders are refunded, and what they took is added at refills: it needs both")
    if not isinstance(of.reason, str) or not of.reason.isprintable():
        raise Wrong(f"reason of a Resource must be text that can be printed; given {_shown(of.reason)}")
    reason = of.reason or place_of(policy).rsplit(".", 1)[-1]
    if reason in PLATFORM_WORDS and not is_built_in(type(policy)):
        raise Wrong(f"reason of a Resource: {reason!r} is a reason of the platform's own rules; give another")
    return of


def times_of(policy: Policy, days: int) -> list[int]:
    """The seconds at which the policy's `act` is called."""

    def checked(times: Any) -> list[int]:
        if not isinstance(times, Iterable) or isinstance(times, str):
            raise Wrong(f"must return whole numbers (seconds of the run); returned {_shown(times)}")
        return [_whole(time, -LATEST, LATEST, "a time (s)") for time in times]

    return _asked(policy, "times", checked, days)


def act(policy: Policy, time: int) -> None:
    """Let the policy do what it has to at one of its times."""
    _asked(policy, "act", lambda answer: None, time)


def task_reason_of(policy: Policy, message: Message) -> str:
    """Why the policy refuses a task as a whole; empty: it does not. Built-in policies, asked of every task, are trusted."""
    if is_built_in(type(policy)):
        return policy.gate_task(message)

    def checked(reason: Any) -> str:
        if reason not in ("", *TASK_REASONS):
            raise Wrong(f"must return '' or one of {', '.join(TASK_REASONS)}; returned {_shown(reason)}")
        return reason

    return _asked(policy, "gate_task", checked, message)


def numbers_of(policy: Policy) -> list[float]:
    """What the policy's compiled gate is told of its parameters."""

    def checked(numbers: Any) -> list[float]:
        if not isinstance(numbers, Iterable) or isinstance(numbers, str):
            raise Wrong(f"must return numbers; returned {_shown(numbers)}")
        found = list(numbers)
        if not all(map(_is_number, found)):
            raise Wrong(f"must return numbers; returned {_shown(found)}")
        return [float(number) for number in found]

    return _asked(policy, "numbers", checked)


def gate_days_of(policy: Policy) -> int:
    """How many days' messages the policy's compiled gate is told of."""
    return _asked(policy, "gate_days", lambda days: _whole(days, 1, 32_000, "natural days"))


def remembers_of(policy: Policy) -> int:
    """How many messages of a store the policy's gate counts at most."""
    return _asked(policy, "remembers", lambda count: _whole(count, 1, MOST_REMEMBERED, "messages"))


def address_of(policy: Policy) -> int:
    """The address of the policy's compiled gate."""
    gate = type(policy).compiled_gate
    assert gate is not None
    try:
        return gate.address
    except GateError as error:
        code = gate.function.__code__
        words = f"{place_of(policy)}: compiled gate {gate.function.__name__}(): {error}"
        raise BadInput(Problem(words, code.co_filename, code.co_firstlineno, 1)) from error


def codes_of(policy: Policy, crowd: Crowd, task: TaskFacts, reasons: tuple[str, ...]) -> np.ndarray:
    """Which of the policy's reasons it refuses each of a crowd for, from 1; 0: it does not. (len(crowd),) int64."""

    def checked(verdict: Any) -> np.ndarray:
        if not isinstance(verdict, Verdict):
            raise Wrong(f"must return refuse(mask, reason) or allow(); returned {_shown(verdict)}")
        codes = np.zeros(len(crowd), np.int64)
        for mask, reason in verdict.parts:
            if reason is None and len(reasons) > 1:
                raise Wrong(f"refuse() needs a reason, one of {', '.join(reasons)}")
            if reason is not None and reason not in reasons:
                raise Wrong(f"refuse(): the reason must be one of {', '.join(reasons)}; given {_shown(reason)}")
            given = np.asarray(mask)
            if given.dtype != np.bool_ or given.shape not in ((), (len(crowd),)):
                what = f"{type(mask).__name__} of shape {given.shape} and dtype {given.dtype}"
                allowed = f"one for each of the crowd, ({len(crowd)},), or one for all"
                raise Wrong(f"refuse(): the mask must be bool, {allowed}; given {what}")
            codes[(codes == 0) & given] = 1 if reason is None else 1 + reasons.index(reason)
        return codes

    return _asked(policy, "gate_message", checked, crowd, task)


def planner_of(strategy: Strategy) -> Callable[[View], Iterable[Act]]:
    """What answers the merchant's acts of now. Built-in strategies, asked a hundred times a day, are trusted."""
    if is_built_in(type(strategy)):
        return strategy.plan
    return lambda view: _asked(strategy, "plan", lambda planned: _acts(planned, view), view)


def next_asked_of(strategy: Strategy) -> Callable[[int, int], int]:
    """What answers the first day, not before `day`, on which the merchant in a `position` is to be asked for tasks."""
    if not _names_its_days(type(strategy)):
        return lambda day, position: day
    if is_built_in(type(strategy)):
        return strategy.next_asked
    return lambda day, position: _asked(
        strategy, "next_asked", lambda answer: _whole(answer, day, LATEST, "a day to be asked on"), day, position
    )


def _names_its_days(kind: type[Strategy]) -> bool:
    """Whether a strategy's days are those of its own planning: who plans anew, and names none, is asked every day."""
    return next(name for of in kind.__mro__ for name in ("next_asked", "plan") if name in vars(of)) == "next_asked"


def _acts(planned: Any, view: View) -> list[Act]:
    if not isinstance(planned, Iterable) or isinstance(planned, Message | JoinSetting | Switch | str):
        raise Wrong(f"must return Messages, JoinSettings or Switches (a list, or by yield); returned {_shown(planned)}")
    return [_act(act, view) for act in planned]


def _act(act: Any, view: View) -> Act:
    if isinstance(act, Message):
        return _message(act, view.day)
    if isinstance(act, Switch):
        if act.benefit not in view.benefits or not isinstance(act.on, bool):
            own = ", ".join(view.benefits) or "it has none"
            raise Wrong(f"a Switch turns one of the store's own benefits ({own}) on (True) or off (False); given {_shown(act)}")
        return act
    if isinstance(act, JoinSetting):
        if act.setting not in JOIN_SETTINGS:
            raise Wrong(f"setting of a JoinSetting must be one of {', '.join(JOIN_SETTINGS)}; given {_shown(act.setting)}")
        return act
    raise Wrong(f"must return Messages, JoinSettings or Switches; among them is {_shown(act)}")


def _message(message: Message, day: int) -> Message:
    def one_of(name: str, allowed: tuple[str, ...]) -> None:
        if getattr(message, name) not in allowed:
            raise Wrong(f"{name} of a Message must be one of {', '.join(allowed)}; given {_shown(getattr(message, name))}")

    one_of("channel", MESSAGE_CHANNELS)
    one_of("crowd", CROWDS)
    for name in ("plan", "name"):
        text = getattr(message, name)
        if not isinstance(text, str) or not text.isprintable() or (name == "plan" and not text.strip()):
            raise Wrong(f"{name} of a Message must be text that can be printed; given {_shown(text)}")
    time = _whole(message.time, -LATEST, LATEST, "time of a Message (s)")
    if time < (day + 1) * DAY:
        earliest = f"at or after 00:00 of day {day + 1}, {(day + 1) * DAY} s"
        raise Wrong(f"time of a Message: what is planned on day {day} is sent {earliest}; given {time}")
    return message._replace(time=time)


def _asked(plugin: Plugin, hook: str, checked: Callable[[Any], Answer], *given: Any) -> Answer:
    """What a hook answers, checked; a fault of a user's plug-in is bad input, one of a built-in is a fault of the program.

    A generator runs while its answer is checked.
    """
    method = getattr(plugin, hook)
    try:
        return checked(method(*given))
    except Wrong as error:
        if is_built_in(type(plugin)):  # what its parameters say is wrong, not its code
            raise BadInput(f"{place_of(plugin)}: {error}") from error
        code = inspect.unwrap(method).__code__
        words = f"{place_of(plugin)}: {type(plugin).__name__}.{hook}() {error}"
        raise BadInput(Problem(words, code.co_filename, code.co_firstlineno, 1)) from error
    except (Exception, SystemExit) as error:
        if is_built_in(type(plugin)):
            raise
        raise BadInput(_raised(plugin, hook, error)) from error


def _raised(plugin: Plugin, hook: str, error: BaseException) -> Problem:
    """What a hook raised, at the last line of the plug-in's own files that it went through."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    words = f"{place_of(plugin)}: {type(plugin).__name__}.{hook}() raised {said}"
    bases = [base for base in type(plugin).__mro__ if issubclass(base, Policy | Strategy) and not is_built_in(base)]
    files = {inspect.getfile(base) for base in bases}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    if not frames:
        return Problem(words)
    last = frames[-1]
    return Problem(words, last.filename, last.lineno or 1, (last.colno or 0) + 1)


def _whole(number: Any, least: int, most: int, what: str) -> int:
    if isinstance(number, bool) or not isinstance(number, int | np.integer) or not least <= number <= most:
        raise Wrong(f"{what}: must be a whole number from {least} to {most}; returned {_shown(number)}")
    return int(number)


def _is_number(number: Any) -> bool:
    return isinstance(number, int | float | np.integer | np.floating) and not isinstance(number, bool)


def _shown(value: Any) -> str:
    """A value in an error, on one line and not too long."""
    text = " ".join(repr(value).split())
    return f"{text[:100]}... ({type(value).__name__})" if len(text) > 100 else f"{text} ({type(value).__name__})"
