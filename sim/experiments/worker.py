"""A process that does tasks for the one that started it, and ends with it, however that ends."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from typing import NamedTuple

import cloudpickle


class Fault(NamedTuple):
    """What was raised in place of an answer."""

    raised: BaseException


def serve(descriptor: int, ahead: str | None) -> None:
    """Answer every message at the socket `descriptor`: the pickle of (work, task) by that of what came of it, or a `Fault`.

    The module `ahead` is imported before the first task is there. Interrupts are heard from then on.
    """
    threading.Thread(target=_end_with, args=(descriptor,), daemon=True).start()
    if ahead is not None:
        _import(ahead)
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):  # who sent an interrupt tells the other end, too
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        pipe = Connection(descriptor)
        while True:
            pipe.send_bytes(_answer(pipe.recv_bytes()))
    os._exit(0)  # nothing is left to be put away that the system does not put away faster


def _import(module: str) -> None:
    gc.disable()
    with contextlib.suppress(Exception):  # the task that needs it will say what is wrong
        importlib.import_module(module)
    gc.freeze()  # nothing of that is ever garbage
    gc.enable()


def _answer(message: bytes) -> bytes:
    came: object
    try:
        work, task = cloudpickle.loads(message)
        came = work(task)
    except BaseException as fault:
        fault.add_note(traceback.format_exc())  # the traceback itself cannot be sent
        came = Fault(fault)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()  # the process may end at any time from now on
    try:
        return bytes(cloudpickle.dumps(came))
    except Exception as fault:
        return bytes(cloudpickle.dumps(Fault(TypeError(f"what came of a task cannot be sent: {fault}"))))


def _end_with(descriptor: int) -> None:
    """End this process when the other end of its socket is closed: else it would go on with what nobody waits for."""
    closed = select.poll()
    closed.register(descriptor, 0)  # nothing but the end of the connection, which is always told
    closed.poll()
    os._exit(1)
