"""A small gate of a user's own, compiled: asked at the send, inside the consumer's window, through its address.

The one kernel knows no such function: it is given addresses and numbers, as it is given any table. So a gate of a user's own
costs the time to compile itself, and who has none loses nothing.
"""

from __future__ import annotations

import dis
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numba import cfunc, njit, types
from numba.core import cgutils
from numba.core.errors import NumbaError
from numba.extending import intrinsic
from numba.np.arrayobj import populate_array

from sim.state.columns import Column, Table
from sim.state.compiled import OPTIONS
from sim.state.shard import INTERPRETED

GATE = Table(
    "gate",
    "One row per compiled gate of a user's own that is in force, in the order of policy names.",
    (
        Column("address", "i8", "", "where its machine code is; in an interpreted kernel, its number"),
        Column("code", "i4", "", "which of the scenario's own reasons it refuses for, from 1"),
        Column("days", "i4", "days", "natural days, that of the send included, that `messages_in_days` counts"),
        Column("remembers", "i4", "messages", "that many are counted at most"),
        Column("first", "i4", "", "first of its own numbers"),
        Column("count", "i4", "", "how many these are"),
    ),
)


class MessageFacts(NamedTuple):
    """What a compiled gate is told of one message to one consumer, at the send: integers, of what the platform logs.

    Channels are positions in `sim.state.names.MESSAGE_CHANNELS`, merchants are in the order of their names. Days since what
    has never been are 20,000 or more.
    """

    time: int  # s since the start; negative in a past
    day: int
    weekday: int  # 0 is Monday
    second: int  # of the day
    merchant: int
    channel: int
    fan: int  # 0 or 1, like the next three
    member: int
    favourite: int
    served: int  # has confirmed the receipt of an order
    orders: int
    days_since_order: int
    days_since_visit: int
    days_since_session: int  # on the platform
    delivered: int  # messages of the store so far
    read: int  # of them
    messages_in_days: int  # old-customer messages of the store in the last `gate_days()`, to at most `remembers()`
    messages_of_store_today: int  # of dedicated service, like the next
    messages_today: int  # of all stores
    stores_today: int  # distinct, whose old-customer messages were delivered


COUNT = len(MessageFacts._fields)
Numbers = np.ndarray  # (n,) float64


class GateError(Exception):
    """A function cannot be a compiled gate; the words are for the person who wrote it."""


class MessageGate:
    """What `message_gate` makes of a function. Compiled when it is first needed, once in a process."""

    def __init__(self, function: Callable[[MessageFacts, Numbers], bool]) -> None:
        self.function = function
        self.__doc__ = function.__doc__

    def __call__(self, facts: MessageFacts, numbers: Numbers) -> bool:
        """What the function answers, in plain Python."""
        return bool(self.function(facts, numbers))

    @property
    def address(self) -> int:
        """Where the kernel calls it. Raises GateError: it cannot be compiled."""
        return self._interpreted if INTERPRETED else int(self._compiled.address)

    @cached_property
    def _interpreted(self) -> int:
        _INTERPRETED.append(self.function)
        return len(_INTERPRETED) - 1

    @cached_property
    def _compiled(self) -> Any:
        if any(step.opname in ("RAISE_VARARGS", "LOAD_ASSERTION_ERROR") for step in dis.get_instructions(self.function)):
            raise GateError("a compiled gate cannot raise or assert: nobody is there to catch it")
        inner = njit(**OPTIONS)(self.function)

        def gate(facts: Any, numbers: Any, count: int) -> int:
            return 1 if inner(_told(facts), _own(numbers, count)) else 0

        signature = types.int64(types.CPointer(types.int64), types.CPointer(types.float64), types.int64)
        try:
            made = cfunc(signature, _nrt=False, error_model="numpy")(gate)
        except NumbaError as error:
            raise GateError(f"cannot be compiled: {reason_of(error)}") from error
        (answers,) = {found.return_type for found in inner.nopython_signatures}
        if answers != types.boolean:
            raise GateError(f"must answer True or False; it answers {answers}")
        return made


def message_gate(function: Callable[[MessageFacts, Numbers], bool]) -> MessageGate:
    """Declare a compiled gate: `function(facts, numbers)` answers True to refuse the message.

    `facts` are MessageFacts, `numbers` what the policy's `numbers()` gives, (n,) float64. A policy uses it as its class
    variable `compiled_gate`. The function must be such that Numba compiles it without allocating anything: numbers,
    comparisons, constants of its module.
    """
    return MessageGate(function)


def reason_of(error: NumbaError) -> str:
    """The first line that says something, of Numba's many."""
    if "NRT required" in str(error):
        return "it would allocate memory (a list, an array, a text), which a gate inside the window cannot"
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith(("Failed in", "During:", "No implementation", "- Resol"))]
    return said[0] if said else type(error).__name__


FACTS = types.NamedUniTuple(types.int64, COUNT, MessageFacts)
NUMBERS = types.Array(types.float64, 1, "C")


@intrinsic
def _told(typing: Any, facts: Any) -> Any:
    """The facts that lie at an address."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.load(builder.bitcast(given[0], context.get_value_type(FACTS).as_pointer()))

    return FACTS(facts), generate


@intrinsic
def _own(typing: Any, numbers: Any, count: Any) -> Any:
    """The numbers that lie at an address, as an array that nobody counts references to."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        array = context.make_array(NUMBERS)(context, builder)
        size = context.get_constant(types.intp, NUMBERS.dtype.bitwidth // 8)
        populate_array(array, data=given[0], shape=[given[1]], strides=[size], itemsize=size, meminfo=None)
        return array._getvalue()

    return NUMBERS(numbers, count), generate


_INTERPRETED: list[Callable[[MessageFacts, Numbers], bool]] = []


def _ask_interpreted(address: int, facts: MessageFacts, numbers: Numbers, first: int, count: int) -> int:
    return int(bool(_INTERPRETED[address](facts, numbers[first : first + count])))


@intrinsic
def _ask_compiled(typing: Any, address: Any, facts: Any, numbers: Any, first: Any, count: Any) -> Any:
    """Call the gate at an address. The facts are laid on the stack; nothing is allocated or counted."""
    if facts != FACTS:
        raise TypeError("the facts of a gate are 64-bit integers")
    signature = types.int64(types.int64, facts, numbers, types.int64, types.int64)

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        where, told, array, begins, length = given
        integer = cgutils.intp_t
        told_at = builder.bitcast(cgutils.alloca_once_value(builder, told), integer.as_pointer())
        data = context.make_array(signature.args[2])(context, builder, array).data
        own = builder.gep(data, [begins])
        kind = cgutils.ir.FunctionType(integer, [told_at.type, own.type, integer])
        return builder.call(builder.inttoptr(where, kind.as_pointer()), [told_at, own, length])

    return signature, generate


ask = _ask_interpreted if INTERPRETED else _ask_compiled
