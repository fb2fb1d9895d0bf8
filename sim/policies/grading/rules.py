"""Every number of grading, as a parameter with its unit and the rule that it is from; (A) marks what no source states."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.policies.grading.calendar import MIDNIGHT, Calendar
from sim.policies.grading.names import RATIOS, Grade, Privilege

DEFAULT = "default"  # the lines of whoever has none of its own


def ratio(default: float | None, meaning: str, most: float | None = 1) -> Any:
    """The declaration of a line of a ratio; of benefit penetration nothing says that it ends at 1."""
    return Field(default, ge=0, le=most, description=f"{meaning}, fraction")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QualityLines(_Part):
    """The quality standard of an industry [GRD-4]; where nothing is given, the default lines hold."""

    scale: int | None = Field(None, ge=0, description="effective members at the period's end, members [GRD-3]")
    gmv_share: float | None = ratio(None, "members' part of the store's GMV [GRD-3]")
    quality_ratio: float | None = ratio(None, "quality members of effective members [GRD-3]")
    penetration: float | None = ratio(None, "members who used a benefit over members who bought [GRD-3]", None)


class PotentialLines(_Part):
    """The potential standard of an industry [GRD-4]; where nothing is given, the default's, or else the quality line."""

    gmv_share: float | None = ratio(None, "members' part of the store's GMV, at most the quality line [GRD-4]")
    quality_ratio: float | None = ratio(None, "quality members of effective members, at most the quality line [GRD-4]")
    penetration: float | None = ratio(None, "members who used a benefit over buyers, at most the quality line [GRD-4]", None)


class Lines(_Part):
    """The lines of one industry, by standard and indicator."""

    quality: QualityLines = Field(QualityLines(), description="lines of the quality standard [GRD-4]")
    potential: PotentialLines = Field(PotentialLines(), description="lines of the potential standard [GRD-4]")


# (A): no source prints a line. A small store's size, and a fifth where members begin to matter.
ASSUMED = QualityLines(scale=1_000, gmv_share=0.2, quality_ratio=0.2, penetration=0.2)


class LinesInForce(NamedTuple):
    """What a merchant has to reach: every line by its indicator."""

    quality: dict[str, float]  # scale and the three ratios
    potential: dict[str, float]  # the three ratios


class Phases(_Part):
    """When the parts of the rule set of 2021 begin, at 00:00 of a date; null: they always were [GRD-9]."""

    register_join_from: dt.date | None = Field(
        dt.date(2021, 9, 15), description="date; 0-yuan joins are kept for those with a right from then on [GRD-9]"
    )
    potential_indicators_from: dt.date | None = Field(
        dt.date(2021, 11, 16),
        description="date of the first refresh at which potential needs more than benefit online days [GRD-9]",
    )
    improving_counted_from: dt.date | None = Field(
        dt.date(2021, 11, 16),
        description="date of the first refresh whose improving result counts to non-compliance (A) [GRD-9]",
    )
    quality_extras_from: dt.date | None = Field(
        dt.date(2021, 12, 1), description="date from which quality has its further privileges [GRD-5, GRD-9]"
    )
    silent_protection_from: dt.date | None = Field(
        dt.date(2021, 12, 1), description="date from which members without activation value are not reached [GRD-8, GRD-9]"
    )
    noncompliant_from: dt.date | None = Field(
        dt.date(2021, 12, 16), description="date of the first refresh that awards non-compliance (A) [GRD-9]"
    )


def midnight(date: dt.date) -> dt.datetime:
    """00:00 of a date."""
    return dt.datetime.combine(date, MIDNIGHT)


def begun(date: dt.date | None, time: dt.datetime) -> bool:
    """Whether a phase that begins at 00:00 of a date has begun."""
    return date is None or time >= midnight(date)


class Privileges(_Part):
    """Which switches each grade has [GRD-5]."""

    quality: tuple[Privilege, ...] = Field(
        ("register_join", "member_open", "member_link", "my_members", "traffic_package"),
        description="privileges of quality [GRD-5]; register_join and recruiting also depend on GRD-7",
    )
    quality_extras: tuple[Privilege, ...] = Field(
        ("search_display",), description="privileges of quality from `phases.quality_extras_from` on [GRD-5]"
    )
    potential: tuple[Privilege, ...] = Field(
        ("member_tab", "live_members", "group_members", "recruiting"), description="privileges of potential [GRD-5]"
    )
    improving: tuple[Privilege, ...] = Field(("benefit_tools", "outreach"), description="privileges of improving [GRD-5]")
    cumulative: bool = Field(True, description="whether a grade also has the privileges of the grades below it (A) [GRD-5]")


class Costs(_Part):
    """What it costs a merchant to move an indicator, in any one currency; null: not known [GRD-12]."""

    online_days: float | None = Field(None, ge=0, description="per natural day with a benefit online [GRD-12]")
    scale: float | None = Field(None, ge=0, description="per effective member more [GRD-12]")
    gmv_share: float | None = Field(None, ge=0, description="per percentage point [GRD-12]")
    quality_ratio: float | None = Field(None, ge=0, description="per percentage point [GRD-12]")
    penetration: float | None = Field(None, ge=0, description="per percentage point [GRD-12]")


class Grading(_Part):
    """The rule set of merchant grading; the defaults are those of 2021."""

    calendar: Calendar = Field(Calendar(), description="when grades are refreshed [GRD-2]")
    lines: dict[str, Lines] = Field(
        {DEFAULT: Lines(quality=ASSUMED)},
        description="lines by industry (A); 'default' are those of every other industry [GRD-4]",
    )
    online_days_above: int = Field(5, ge=0, le=31, description="natural days; more benefit online days are needed [GRD-4]")
    potential_min: int = Field(
        1, ge=0, le=len(RATIOS), description="ratios of three that potential reaches, number (A) [GRD-4]"
    )
    noncompliant_after: int = Field(2, ge=1, description="improving results in a row that make non-compliant, number [GRD-4]")
    buffer_cycles: int = Field(1, ge=0, description="refreshes that the buffer lasts [GRD-7]")
    grace_hours: int = Field(24, ge=0, le=8_760, description="hours to change the setting, its end excluded [GRD-7]")
    grace_zero_yuan: Literal["open", "closed"] = Field("open", description="0-yuan joins during the grace (A) [GRD-7]")
    reopen: Literal["refresh", "setting"] = Field(
        "refresh",
        description="what ends a lock once the setting is mended: the next refresh, or the mending itself (A) [GRD-7]",
    )
    custom_ordered_before: dt.date = Field(
        dt.date(2021, 9, 10), description="date; a custom version ordered before 00:00 of it gives the right [GRD-6]"
    )
    link_withdraw_after_cycles: int | None = Field(
        6, ge=1, description="refreshes in a row short of quality that end an incumbent's member-link (A); null: never [GRD-6]"
    )
    newcomer_months: int = Field(6, ge=0, le=120, description="months of the right of who is new to membership [GRD-6, INT-6]")
    newcomer_exempt: bool = Field(
        True, description="whether newcomers recruit while improving and are not made non-compliant (A) [GRD-6]"
    )
    phases: Phases = Field(Phases(), description="when the parts of the rule set begin [GRD-9]")
    privileges: Privileges = Field(Privileges(), description="switches of each grade [GRD-5]")
    costs: Costs = Field(Costs(), description="what it costs to move an indicator, for the cheapest lever [GRD-12]")

    @field_validator("lines")
    @classmethod
    def _with_default(cls, lines: dict[str, Lines]) -> dict[str, Lines]:
        """The default lines are always whole."""
        given = lines.get(DEFAULT, Lines())
        quality = ASSUMED.model_copy(update=_given(given.quality))
        return {**lines, DEFAULT: given.model_copy(update={"quality": quality})}

    @model_validator(mode="after")
    def _potential_below_quality(self) -> Grading:
        for industry, lines in self.lines.items():
            quality = self.lines_of(industry).quality
            for name, line in _given(lines.potential).items():
                if line > quality[name]:
                    words = f"must be at most the quality line, {quality[name]:g}; given {line:g}"
                    raise ValueError(f"lines: {industry}.potential.{name} {words}")
        return self

    @property
    def grace(self) -> dt.timedelta:
        return dt.timedelta(hours=self.grace_hours)

    def lines_of(self, industry: str) -> LinesInForce:
        """The lines of an industry; the default ones where it has none [GRD-4]."""
        default, own = self.lines[DEFAULT], self.lines.get(industry, Lines())
        quality = _given(default.quality) | _given(own.quality)
        inherited = {
            name: min(line, quality[name])
            for name, line in ({name: quality[name] for name in RATIOS} | _given(default.potential)).items()
        }
        return LinesInForce(quality, inherited | _given(own.potential))

    def privileges_of(self, grade: Grade, time: dt.datetime) -> frozenset[Privilege]:
        """The switches that a grade has by itself [GRD-5]."""
        of = self.privileges
        extras = of.quality_extras if begun(self.phases.quality_extras_from, time) else ()
        ladder: tuple[tuple[Grade, tuple[Privilege, ...]], ...] = (
            (Grade.QUALITY, of.quality + extras),
            (Grade.POTENTIAL, of.potential),
            (Grade.IMPROVING, of.improving),
            (Grade.NONCOMPLIANT, ()),
        )
        if not self.privileges.cumulative or grade is Grade.NONCOMPLIANT:
            return frozenset(dict(ladder)[grade])
        at = [name for name, _ in ladder].index(grade)
        return frozenset(name for _, names in ladder[at:] for name in names)

    def reaches_silent_members(self, time: dt.datetime) -> bool:
        """Whether members without activation value may be reached; they stay members and may use benefits [GRD-8]."""
        return not (self.phases.silent_protection_from is None or begun(self.phases.silent_protection_from, time))


def _given(lines: QualityLines | PotentialLines) -> dict[str, float]:
    return {name: line for name, line in lines if line is not None}
