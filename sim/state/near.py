"""A tuple of arrays handed on by its address.

A shard is a tuple of some sixty arrays, seven numbers each. Handed on by value they all are arguments of every piece of the
kernel, and the greater part of what there is to compile. By its address the tuple is one argument; once the pieces are
joined to one function the compiler finds the numbers again, and the code is as fast.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sim import cache

cache.prepare()  # before the first function is compiled

from numba import config, types  # noqa: E402
from numba.core import cgutils  # noqa: E402
from numba.core.typing.templates import AttributeTemplate  # noqa: E402
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model  # noqa: E402

Arrays = TypeVar("Arrays", bound=tuple)


class Near(types.Type):
    """The address of a named tuple; it holds as long as the function that took it runs."""

    def __init__(self, arrays: types.BaseNamedTuple) -> None:
        self.arrays = arrays
        super().__init__(f"Near({arrays.name})")


@register_model(Near)
class _NearModel(models.PrimitiveModel):
    def __init__(self, manager: Any, near_type: Near) -> None:
        super().__init__(manager, near_type, manager.lookup(near_type.arrays).get_value_type().as_pointer())


@infer_getattr
class _NearFields(AttributeTemplate):
    key = Near

    def generic_resolve(self, near_type: Near, name: str) -> Any:
        """The type of a field: a tuple within a tuple is handed on by its address too."""
        fields = near_type.arrays.fields
        if name not in fields:
            return None
        field = near_type.arrays.types[fields.index(name)]
        return Near(field) if isinstance(field, types.BaseNamedTuple) else field


@lower_getattr_generic(Near)
def _field(context: Any, builder: Any, near_type: Near, address: Any, name: str) -> Any:
    position = near_type.arrays.fields.index(name)
    at = cgutils.gep_inbounds(builder, address, 0, position)
    return at if isinstance(near_type.arrays.types[position], types.BaseNamedTuple) else builder.load(at)


@intrinsic
def _near(typing: Any, arrays: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return cgutils.alloca_once_value(builder, given[0])

    return Near(arrays)(arrays), generate


def _as_it_is(arrays: Arrays) -> Arrays:
    return arrays


near: Callable[[Arrays], Arrays] = _as_it_is if config.DISABLE_JIT else _near
"""Hand a named tuple of arrays on by its address; to whom it is handed, it looks as before."""
