"""What a process that will do runs imports while it waits for the first: all that a run needs, and what Numba puts off."""

from __future__ import annotations

from numba.core.registry import cpu_target

import sim.results.run  # noqa: F401

cpu_target.typing_context.refresh()
cpu_target.target_context.refresh()
