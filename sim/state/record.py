"""Writing the event log from inside the kernel."""

from __future__ import annotations

from sim.state.compiled import inlined
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
    if s.ends[LOGGING] == 0:
        return
    if c.log_time != time:
        c.log_time = time
        c.log_seq = 0
    at = s.ends[LOG_END]
    row = s.log[at]
    row.time = time
    row.consumer = s.first + i
    row.ref = ref
    row.amount = amount
    row.seq = c.log_seq
    row.merchant = merchant
    row.kind = kind
    row.channel = channel
    row.reason = reason
    c.log_seq += 1
    s.ends[LOG_END] = at + 1
