"""Which messages the rules of old-customer messages are about: the scenes of dedicated service for old customers."""

from __future__ import annotations

from sim.state.compiled import inlined
from sim.state.names import FIRST_OLD_CUSTOMER_SCENE, LAST_OLD_CUSTOMER_SCENE, MESSAGE_CHANNELS

OLD_CUSTOMER_SCENES = MESSAGE_CHANNELS[FIRST_OLD_CUSTOMER_SCENE : LAST_OLD_CUSTOMER_SCENE + 1]


@inlined
def is_old_customer_scene(channel: int) -> bool:
    """Whether a message channel, by its position, is one of those scenes; they share the caps of MSG-3 and MSG-4."""
    return FIRST_OLD_CUSTOMER_SCENE <= channel <= LAST_OLD_CUSTOMER_SCENE
