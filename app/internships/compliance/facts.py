"""What is known of a placement before the law is asked: who, when, at which hours, with whom."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays

Span = tuple[int, int]
"""From one minute of the day to another, which is not in it; 0 is midnight, 1440 the next."""

LONGEST_PERIOD_DAYS = 400
FEW_STAFF = 20


class Regime(StrEnum):
    """The kinds of placement the law tells apart."""

    OBSERVATION_3E = "observation_3e"
    OBSERVATION_2NDE = "observation_2nde"
    PFMP = "pfmp"
    MINI_STAGE = "mini_stage"


class DangerousWork(StrEnum):
    """Work that is forbidden or regulated under 18, by its article (Code du travail, D.4153-16 à D.4153-37)."""

    VIOLENT_ACTS = "d4153_16"
    CHEMICAL_AGENTS = "d4153_17"
    ASBESTOS = "d4153_18"
    BIOLOGICAL_AGENTS = "d4153_19"
    VIBRATIONS = "d4153_20"
    IONISING_RADIATION = "d4153_21"
    OPTICAL_RADIATION = "d4153_22"
    HYPERBARIC = "d4153_23"
    ELECTRICITY = "d4153_24"
    COLLAPSE = "d4153_25"
    UNPROTECTED_VEHICLES = "d4153_26"
    DRIVING_AND_LIFTING = "d4153_27"
    MACHINES = "d4153_28"
    MAINTENANCE = "d4153_29"
    HEIGHT = "d4153_30"
    SCAFFOLDING = "d4153_31"
    TREES = "d4153_32"
    PRESSURE = "d4153_33"
    CONFINED_SPACE = "d4153_34"
    MOLTEN_MATTER = "d4153_35"
    EXTREME_TEMPERATURES = "d4153_36"
    ANIMALS = "d4153_37"


@dataclass(frozen=True, slots=True)
class Placement:
    """A placement as the law looks at it.

    `timetable`: of each weekday (1 Monday … 7 Sunday), the spans of work, in order and apart. `days_off`: days the
    timetable does not hold. `others_at_host`: other pupils at the same host, by the Monday of the week.
    `birth_date` and `host_headcount` are None where they are not known.
    """

    regime: Regime
    starts_on: date
    ends_on: date
    timetable: dict[int, tuple[Span, ...]]
    birth_date: date | None = None
    days_off: frozenset[date] = frozenset()
    dangerous_work: tuple[DangerousWork, ...] = ()
    host_headcount: int | None = None
    others_at_host: dict[date, int] = field(default_factory=dict)

    def worked(self) -> Iterator[tuple[date, tuple[Span, ...]]]:
        """Each day of work, and when."""
        day = self.starts_on
        while day <= self.ends_on:
            spans = self.timetable.get(day.isoweekday())
            if spans and day not in self.days_off:
                yield day, spans
            day += timedelta(days=1)

    def age_on(self, day: date) -> int | None:
        """In whole years. Who is born on 29 February is a year older on 1 March where there is none."""
        born = self.birth_date
        return None if born is None else day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def monday_of(day: date) -> date:
    """The first day of its civil week."""
    return day - timedelta(days=day.weekday())


@lru_cache(maxsize=200)
def june_weeks(year: int) -> tuple[date, date]:
    """The two weeks 2nde pupils are in companies: the last two, Monday to Friday, whose Friday is in June."""
    last = date(year, 6, 30)
    friday = last - timedelta(days=(last.weekday() - 4) % 7)
    return friday - timedelta(days=11), friday


@lru_cache(maxsize=200)
def public_holidays(year: int) -> frozenset[date]:
    """Public holidays of metropolitan France."""
    return frozenset(holidays.country_holidays("FR", years=year))
