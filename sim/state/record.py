"""Writing the event log from inside the kernel."""

from __future__ import annotations

import numpy as np

from sim.state.compiled import apart, inlined, keep_apart
from sim.state.names import OWN_REASONS_IN_LOG, PLATFORM_REASONS
from sim.state.shard import LOG_END, LOGGING, Row, Shard


@inlined
def reason_in_log(reason: int) -> int:
    """The log's code of a reason of names.REASONS, or of the scenario's own beyond them."""
    return reason if reason <= PLATFORM_REASONS else OWN_REASONS_IN_LOG + reason


@inlined
def record(
    s: Shard, c: Row, i: int, time: int, kind: int, merchant: int, channel: int, ref: int, amount: int, reason: int
) -> None:
    """Log one thing that happened to consumer `i` of the shard, if this consumer is logged. The log must have room."""
    if s.ends[LOGGING] == 1:
        write(s.log, s.ends, c, s.first + i, time, kind, merchant, channel, ref, amount, reason)


@apart
def write(
    log: np.ndarray, ends: np.ndarray, c: Row, consumer: int,
    time: int, kind: int, merchant: int, channel: int, ref: int, amount: int, reason: int,
) -> None:  # fmt: skip
    """One row more of the log."""
    keep_apart()
    if c.log_time != time:
        c.log_time = time
        c.log_seq = 0
    at = ends[LOG_END]
    row = log[at]
    row.time = time
    row.consumer = consumer
    row.ref = ref
    row.amount = amount
    row.seq = c.log_seq
    row.merchant = merchant
    row.kind = kind
    row.channel = channel
    row.reason = reason
    c.log_seq += 1
    ends[LOG_END] = at + 1
