"""Makes docs/state.md from the declarations of the columns: `python docs/make_state.py`."""

from __future__ import annotations

from pathlib import Path

from sim.state.benefits import BENEFIT, LOYALTY, NAMED_CROWD
from sim.state.coupling import COUPLED, REQUEST, STEP
from sim.state.grades import REFRESHED, STANDING
from sim.state.groups import GROUP
from sim.state.message_gate import GATE
from sim.state.tables import AGENDA, CONSUMER, CONTACT, LOG, MERCHANT, PENDING, RELATION
from sim.state.undo import UNDO
from sim.state.world import CAPS, FILTER, ROOM, WORLD

PAGE = Path(__file__).with_name("state.md")
HEAD = """\
# State

What the compiled kernel works on, column by column. Each column is declared once, in `sim/state/`; the declaration makes the
array, the snapshot and this page (`python docs/make_state.py`). Days count from the scenario's start, seconds from its 00:00;
both are negative in a past that is simulated. Money is in the minor unit of the currency.

What is a consumer's own (`consumer`, `contact`, `relation`, `pending`) changes in the kernel only; what is the same for all
(`world`, `caps`, `filter`, `gate`, `agenda`, `merchant`) is constant inside a window and made anew at instants of the clock.
"""


def page() -> str:
    """The whole page."""
    shared, grades = (COUPLED, STEP, REQUEST, UNDO), (STANDING, REFRESHED)
    rules = (WORLD, CAPS, FILTER, ROOM, GATE, BENEFIT, NAMED_CROWD, GROUP)
    tables = (CONSUMER, CONTACT, RELATION, LOYALTY, PENDING, MERCHANT, AGENDA, LOG, *rules, *shared, *grades)
    return "\n".join([HEAD, *(table.markdown() for table in tables)])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
