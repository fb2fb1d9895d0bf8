"""W1 as a bare compiled kernel: the rate to hold the production kernel's against.

Nothing here can be configured. A day is one window; within it each consumer is taken through the whole day alone.
Every draw is a hash of what it decides (that session of that day, that message), so the order in which consumers are
taken, and by how many threads, changes nothing.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, repeat
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks import machine, w1
from benchmarks.rows import Row

# Numba compiles what it finds under these names into the kernel.
DAY, STORES, STORES_KNOWN = w1.DAY, w1.STORES, w1.STORES_KNOWN
STRANGER, FAN, MEMBER = w1.STRANGER, w1.FAN, w1.MEMBER
FOLLOW, JOIN, READ = w1.FOLLOW, w1.JOIN, w1.READ
BUY = np.array(w1.BUY)
READ_MEAN, RECEIPT_MEAN = w1.READ_MEAN, w1.RECEIPT_MEAN
WINDOW_DAYS, STORES_A_DAY = w1.WINDOW_DAYS, w1.STORES_A_DAY

SESSIONS, READS, RECEIPTS, ORDERS, SENDS, REFUSED_WINDOW, REFUSED_STORES, FOLLOWS, JOINS = range(len(w1.COUNTS))
OVERFLOWS = len(w1.COUNTS)  # events that found no room among the pending ones: the run is void

MOST_SESSIONS = 15  # of a consumer on a day; more have a probability below 1e-17
# P(at most n sessions) for n = 0, 1, ..., MOST_SESSIONS, the last of them 1.
SESSIONS_AT_MOST = np.ones(MOST_SESSIONS + 1)
SESSIONS_AT_MOST[:-1] = np.exp(-w1.SESSIONS_PER_DAY) * np.cumsum(
    np.cumprod(np.r_[1, w1.SESSIONS_PER_DAY / np.arange(1, MOST_SESSIONS)])
)
NO_SEND = -1
NEVER = np.iinfo(np.int32).max

# The tree of keys: its branches, a day's own draws, and what the draws of a visit or a message are for.
PEOPLE, OWN_DAYS, MESSAGES = range(3)
HOW_MANY, FIRST_SESSION = range(2)
WHEN, WHERE, STEP, ORDER, PARCEL, OPENED, OPENED_WHEN = range(7)

PENDING = 12  # room for this many events a consumer, in no order
RECEIPT = -1  # as a cause; any other is a message to be read: day sent x STORES_KNOWN + place of the store


class Consumers(NamedTuple):
    """All state, a row per consumer."""

    store: NDArray[np.uint8]  # the stores known, ascending, which is the order of their send times
    stage: NDArray[np.uint8]  # with each
    sent_day: NDArray[np.int16]  # day of its last message
    waiting: NDArray[np.int32]  # how many events are pending
    next_due: NDArray[np.int32]  # second of the earliest
    due: NDArray[np.int32]  # second of each
    cause: NDArray[np.int32]  # and what it is


def strangers(consumers: int) -> Consumers:
    """Consumers that nothing has happened to yet; their stores are still to be drawn."""
    return Consumers(
        store=np.zeros((consumers, STORES_KNOWN), np.uint8),
        stage=np.full((consumers, STORES_KNOWN), STRANGER, np.uint8),
        sent_day=np.full((consumers, STORES_KNOWN), -WINDOW_DAYS, np.int16),
        waiting=np.zeros(consumers, np.int32),
        next_due=np.full(consumers, NEVER, np.int32),
        due=np.zeros((consumers, PENDING), np.int32),
        cause=np.zeros((consumers, PENDING), np.int32),
    )


def agenda(days: int) -> NDArray[np.int64]:
    """The second at which each store sends on each day, or NO_SEND."""
    sends = np.full((days, STORES), NO_SEND, np.int64)
    for day, store in np.ndindex(sends.shape):
        if w1.sends_on(store, day):
            sends[day, store] = w1.send_time(store, day)
    return sends


@njit
def scramble(x: Any) -> Any:
    """Stir 64 bits (Pelle Evensen's `moremur`)."""
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x3C79AC492BA7B653)
    x = (x ^ (x >> np.uint64(33))) * np.uint64(0x1C69B3F74AC4AE35)
    return x ^ (x >> np.uint64(27))


@njit
def branch(key: Any, name: Any) -> Any:
    """The key of `name` under `key`."""
    return scramble(key + (np.uint64(name) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))


@njit
def uniform(key: Any, name: Any) -> Any:
    """The draw of `name` under `key`, in [0, 1)."""
    return np.float64(branch(key, name) >> np.uint64(11)) * 2.0**-53


@njit
def delay(key: Any, name: Any, mean: Any) -> Any:
    """Exponential, in whole seconds; what has been started ends a second later at the earliest."""
    return 1 + np.int64(-mean * np.log(1.0 - uniform(key, name)))


@njit
def message_key(root: Any, day: Any, store: Any, consumer: Any) -> Any:
    return branch(branch(branch(root, MESSAGES), day * STORES + store), consumer)


@njit(nogil=True)
def settle(c: Any, root: Any) -> None:
    """Draw the stores that each consumer knows, all different."""
    for i in range(len(c.store)):
        store = c.store[i]
        key = branch(branch(root, PEOPLE), i)
        for known in range(STORES_KNOWN):
            # The draw is a rank among the stores not yet known: count past those that are.
            drawn = int(uniform(key, known) * (STORES - known))
            place = 0
            while place < known and store[place] <= drawn:
                drawn += 1
                place += 1
            for k in range(known, place, -1):
                store[k] = store[k - 1]
            store[place] = drawn


@njit
def expect(c: Any, i: Any, due: Any, cause: Any, tally: Any) -> None:
    """Add an event to the pending ones of consumer i."""
    n = c.waiting[i]
    if n == PENDING:
        tally[OVERFLOWS] += 1
        return
    c.due[i, n] = due
    c.cause[i, n] = cause
    c.waiting[i] = n + 1
    c.next_due[i] = min(c.next_due[i], due)


@njit
def take_next(c: Any, i: Any) -> Any:
    """Remove the earliest pending event of consumer i and return its cause."""
    place = 0
    while c.due[i, place] != c.next_due[i]:
        place += 1
    cause = c.cause[i, place]
    last = c.waiting[i] - 1
    c.due[i, place] = c.due[i, last]
    c.cause[i, place] = c.cause[i, last]
    c.waiting[i] = last
    c.next_due[i] = NEVER
    for k in range(last):
        c.next_due[i] = min(c.next_due[i], c.due[i, k])
    return cause


@njit
def visit(c: Any, i: Any, place: Any, now: Any, key: Any, tally: Any) -> None:
    """A step towards membership, perhaps, and an order, perhaps; `key` is that of the visit's cause."""
    stage = c.stage[i, place]
    if stage == STRANGER:
        if uniform(key, STEP) < FOLLOW:
            stage = c.stage[i, place] = FAN
            tally[FOLLOWS] += 1
    elif stage == FAN and uniform(key, STEP) < JOIN:
        stage = c.stage[i, place] = MEMBER
        tally[JOINS] += 1
    if uniform(key, ORDER) < BUY[stage]:
        tally[ORDERS] += 1
        expect(c, i, now + delay(key, PARCEL, RECEIPT_MEAN), RECEIPT, tally)


@njit
def deliver(c: Any, i: Any, day: Any, sends: Any, root: Any, tally: Any) -> None:
    """The day's messages, at 00:00: who is a fan is settled by then, and nothing but messages moves the caps."""
    stores = 0
    for place in range(STORES_KNOWN):
        store = c.store[i, place]
        if c.stage[i, place] == STRANGER or sends[store] == NO_SEND:
            continue
        if day - c.sent_day[i, place] < WINDOW_DAYS:
            tally[REFUSED_WINDOW] += 1
        elif stores == STORES_A_DAY:
            tally[REFUSED_STORES] += 1
        else:
            stores += 1
            c.sent_day[i, place] = day
            tally[SENDS] += 1
            key = message_key(root, day, store, i)
            if uniform(key, OPENED) < READ:
                due = sends[store] + delay(key, OPENED_WHEN, READ_MEAN)
                expect(c, i, due, day * STORES_KNOWN + place, tally)


@njit
def plan_sessions(key: Any, start: Any, when: Any, which: Any) -> Any:
    """Draw the sessions of a consumer's day into `when` and `which`, by time; how many. `key` is that of the day."""
    u = uniform(key, HOW_MANY)
    n = 0
    while u >= SESSIONS_AT_MOST[n]:
        session = branch(key, FIRST_SESSION + n)
        at = start + np.int64(uniform(session, WHEN) * DAY)
        place = n
        while place > 0 and when[place - 1] > at:
            when[place] = when[place - 1]
            which[place] = which[place - 1]
            place -= 1
        when[place] = at
        which[place] = session
        n += 1
    return n


@njit(nogil=True)
def live_day(c: Any, sends: Any, root: Any, day: Any, first: Any, last: Any) -> Any:
    """Take each consumer of [first, last) from 00:00 to 24:00; what happened, counted. `sends` is the day's agenda."""
    tally = np.zeros(OVERFLOWS + 1, np.int64)
    start = day * DAY
    today = branch(branch(root, OWN_DAYS), day)
    when = np.empty(MOST_SESSIONS + 1, np.int64)
    which = np.empty(MOST_SESSIONS + 1, np.uint64)
    for i in range(first, last):
        deliver(c, i, day, sends, root, tally)
        sessions = plan_sessions(branch(today, i), start, when, which)
        when[sessions] = start + DAY
        done = 0
        while True:
            if c.next_due[i] < when[done]:
                now = c.next_due[i]
                cause = take_next(c, i)
                if cause == RECEIPT:
                    tally[RECEIPTS] += 1
                    continue
                tally[READS] += 1
                place = cause % STORES_KNOWN
                key = message_key(root, cause // STORES_KNOWN, c.store[i, place], i)
                visit(c, i, place, now, key, tally)
            elif done < sessions:
                tally[SESSIONS] += 1
                key = which[done]
                visit(c, i, int(uniform(key, WHERE) * STORES_KNOWN), when[done], key, tally)
                done += 1
            else:
                break
    return tally


def run(consumers: int, threads: int = 1, days: int = 365, seed: int = 7) -> Row:
    """One run of W1, as a benchmark row."""
    root = np.uint64(branch(np.uint64(0), seed))
    c, sends = strangers(consumers), agenda(days)
    cuts = [consumers * k // threads for k in range(threads + 1)]
    tally = np.zeros(OVERFLOWS + 1, np.int64)
    cores = cycle(machine.cores())

    def keep_to_own_core() -> None:
        # A scheduler that packs what sleeps often onto few cores would else put all the threads on one.
        machine.keep_to(next(cores))

    def live_part(day: int, first: int, last: int) -> NDArray[np.int64]:
        counted: NDArray[np.int64] = live_day(c, sends[day], root, day, first, last)
        return counted

    settle(c, root)
    live_part(0, 0, 0)  # nobody's day: compiles
    with ThreadPoolExecutor(threads, initializer=keep_to_own_core) as pool:
        each = pool.map if threads > 1 else map
        start = time.perf_counter()
        for day in range(days):
            for counted in each(live_part, repeat(day), cuts, cuts[1:]):
                tally += counted
        seconds = time.perf_counter() - start
    if tally[OVERFLOWS]:
        raise RuntimeError(f"{tally[OVERFLOWS]} events found no room: raise PENDING, now {PENDING}")
    counts = dict(zip(w1.COUNTS, map(int, tally)))
    return w1.row("bare-kernel", consumers, threads, days, counts, seconds)


def spread(days: int, consumers: int = 200, seeds: int = 200) -> dict[str, float]:
    """The variance of each count over seeds, per consumer."""
    counts = [list(run(consumers, days=days, seed=seed)["counts"].values()) for seed in range(seeds)]
    return dict(zip(w1.COUNTS, (np.var(counts, axis=0, ddof=1) / consumers).tolist()))
