"""How the consumers' path is compiled: one decorator, one set of options.

`_nrt=False` leaves out Numba's run time of counted references. It makes the code ten times as fast, since the arrays of a
shard travel in a tuple and each call would count them all, and it proves that nothing is allocated: code that would
allocate does not compile. `forceinline` joins the small functions to the one kernel that is called from outside.
No `fastmath`: results are bit-identical on every machine.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, update_wrapper
from typing import Any, TypeVar

from sim import cache

cache.prepare()  # before the first function is compiled

from llvmlite import ir  # noqa: E402
from numba import config, njit, types  # noqa: E402
from numba.core import cgutils  # noqa: E402
from numba.extending import intrinsic  # noqa: E402

Function = TypeVar("Function", bound=Callable)

WORD = 64  # bits
LIGHTLY = 1  # of the levels 0 to 3 of optimisation
OPTIONS = {"_nrt": False, "error_model": "numpy", "nogil": True}


class Piece:
    """A piece of the kernel, as Numba and as the host see it: the host may call it, and has a door compiled for that then.

    Doors that every piece has of itself, with arrays to unpack, were half of all that there was to compile.
    """

    def __init__(self, compiled: Any) -> None:
        self._compiled = compiled  # Numba's type refers to it weakly
        self._numba_type_ = types.Dispatcher(compiled)
        update_wrapper(self, compiled.py_func)

    def __call__(self, *given: Any) -> Any:
        """What the host calls."""
        return self._door(*given)

    @cached_property
    def _door(self) -> Any:
        piece = self
        return njit(**OPTIONS)(lambda *given: piece(*given))


def inlined(function: Function) -> Function:
    """A piece of the kernel."""
    return _piece(function, forceinline=True)


def apart(function: Function) -> Function:
    """A piece of the kernel that few runs need; it calls `keep_apart()` first, and is called in its turn.

    So the others do not pay for the registers that it takes. It is given the few arrays that it needs, one by one.
    """
    return _piece(function, forceinline=False)  # else it takes that from its caller


def _piece(function: Function, forceinline: bool) -> Any:
    """Have a piece compiled once for all whole numbers that it may be given, constants and small ones too: as 64 bits.

    Else Numba compiles it anew for each constant and each width of a column: half of all that there was to compile. The
    constants are the same to the optimiser, which sees them where the piece is joined to its caller; there the whole is
    optimised, and a piece by itself only lightly.
    """
    if config.DISABLE_JIT:
        return function
    compiled = njit(forceinline=forceinline, no_cpython_wrapper=True, no_cfunc_wrapper=True, **OPTIONS)(function)
    _compile_under(compiled, OPT=type(config.OPT)(LIGHTLY))
    template_of = compiled.get_call_template

    def call_template(args: tuple, kws: dict) -> Any:
        return template_of(tuple(map(_widest, args)), {name: _widest(kind) for name, kind in kws.items()})

    compiled.get_call_template = call_template
    return Piece(compiled)


def _widest(kind: Any) -> Any:
    """The type of an argument, of whole numbers the widest; 64 bits without a sign stay: they are keys."""
    kind = types.unliteral(kind)
    return types.int64 if isinstance(kind, types.Integer) and kind.bitwidth < WORD else kind


@intrinsic
def _keep_apart(typing: Any) -> Any:
    """Tell the compiler not to join this function to its callers."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        builder.function.attributes.add("noinline")
        return context.get_dummy_value()

    return types.void(), generate


keep_apart: Callable[[], None] = (lambda: None) if config.DISABLE_JIT else _keep_apart


@intrinsic
def _prefetch(typing: Any, array: Any, row: Any) -> Any:
    """Ask the memory for a row of an array that is soon read. A row that does not exist is no error."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        rows = context.make_array(array)(context, builder, given[0])
        at = builder.ptrtoint(rows.data, ir.IntType(64))
        stride = builder.extract_value(rows.strides, 0)
        at = builder.inttoptr(builder.add(at, builder.mul(stride, given[1])), ir.PointerType(ir.IntType(8)))
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [at.type, number, number, number])
        fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(fetch, [at, number(0), number(3), number(1)])  # to read, into all caches, data
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


prefetch: Callable[[Any, int], None] = (lambda array, row: None) if config.DISABLE_JIT else _prefetch


def entry(function: Function) -> Function:
    """A function that the host calls; its machine code is kept in the cache.

    Its loops are short and over rows of many columns: vectorising them costs more than it saves (8 % of W1).
    """
    compiled = njit(cache=True, **OPTIONS)(function)
    if not config.DISABLE_JIT:
        _compile_under(compiled, LOOP_VECTORIZE=0)
    return compiled


def _compile_under(compiled: Any, **settings: Any) -> None:
    """Have a function compiled under settings of Numba's that hold for nothing else."""
    compile_it = compiled.compile

    def compile_so(signature: object) -> object:
        before = {name: getattr(config, name) for name in settings}
        vars(config).update(settings)
        try:
            return compile_it(signature)
        finally:
            vars(config).update(before)

    compiled.compile = compile_so
