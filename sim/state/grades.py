"""Where merchants stand in grading, as a snapshot holds it, and what each refresh found."""

from __future__ import annotations

from sim.state.columns import Column, Table

NO_TIME = -(2**62)  # s
NOT_YET = -1  # in place of a position among words

STANDING = Table(
    "standing",
    "One row per merchant: where it stands in grading. Words are positions in those of policies.grading.names.",
    (
        Column("at", "i8", "s", "up to when it is known; NO_TIME: grading has not begun for it", NO_TIME),
        Column("deadline", "i8", "s", "end of the grace; NO_TIME: it is in none", NO_TIME),
        Column("custom_until", "i8", "s", "end of the custom version; NO_TIME: it had none", NO_TIME),
        Column("newcomer_until", "i8", "s", "end of the right of newcomers; NO_TIME: it was none", NO_TIME),
        Column("grade", "i2", "", "grade, -1 none yet", NOT_YET),
        Column("setting", "i2", "", "setting of joins, -1 none was chosen", NOT_YET),
        Column("register_join", "i2", "", "state of the register-join right"),
        Column("refused", "i2", "", "why the last setting was refused, -1: it was not", NOT_YET),
        Column("improving", "i2", "", "improving results in a row"),
        Column("buffered", "i2", "", "refreshes since the buffer began"),
        Column("rights", "i2", "", "other rights in force, as bits"),
        Column("link_misses", "i2", "", "refreshes in a row short of quality, of an incumbent of member-link"),
        Column("link_withdrawn", "i2", "0/1", "member-link was withdrawn"),
        Column("online", "i2", "0/1", "a benefit of its members is online"),
    ),
)

REFRESHED = Table(
    "refreshed",
    "One row per refresh and merchant: the indicators of the period that closed, and what became of them.",
    (
        Column("time", "i8", "s", "when"),
        Column("scale", "i8", "members", "quality and potential members"),
        Column("gmv_share", "f8", "", "members' GMV / store GMV; NaN: nothing to divide by"),
        Column("quality_ratio", "f8", "", "quality members / effective members; NaN: the same"),
        Column("penetration", "f8", "", "members who used a benefit / members who bought; NaN: the same"),
        Column("merchant", "i4", "", "merchant"),
        Column("had", "i4", "", "privileges before, as bits"),
        Column("has", "i4", "", "privileges after, as bits"),
        Column("online_days", "i2", "days", "natural days with a benefit online"),
        Column("result", "i2", "", "the result of the period"),
        Column("grade", "i2", "", "the grade that it gives"),
        Column("register_join", "i2", "", "state of the register-join right after it"),
        Column("setting", "i2", "", "setting of joins"),
    ),
)
