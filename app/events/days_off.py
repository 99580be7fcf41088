"""Days on which a school is not there: public holidays, and the holidays of its zone. Both come from kept packages.

The zone follows from the school's department, through its académie. Corsica and overseas have holidays of their own,
which no package tells: there, only public holidays are known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

import holidays
from vacances_scolaires_france import SchoolHolidayDates, UnsupportedYearException

DAY = timedelta(days=1)
ZONES = {
    "A": "01 03 07 15 16 17 19 21 23 24 25 26 33 38 39 40 42 43 47 58 63 64 69 70 71 73 74 79 86 87 89 90",
    "B": "02 04 05 06 08 10 13 14 18 22 27 28 29 35 36 37 41 44 45 49 50 51 52 53 54 55 56 57 59 60 61 62 67 68 72 76"
    " 80 83 84 85 88",
    "C": "09 11 12 30 31 32 34 46 48 65 66 75 77 78 81 82 91 92 93 94 95",
}
"""The departments of each zone since January 2016 (arrêté du 16 avril 2015)."""
ZONE_OF = {department: zone for zone, departments in ZONES.items() for department in departments.split()}
SETTLED_ON = date(2016, 1, 1)
ALWAYS_C = frozenset(["75", "77", "78", "91", "92", "93", "94", "95"])
"""Departments of Paris, Créteil and Versailles, whose zone was C before that day too."""
ALSACE_MOSELLE = {"57": "57", "67": "6AE", "68": "6AE"}


class DayOffKind(StrEnum):
    """Why nobody is at school."""

    PUBLIC_HOLIDAY = "public_holiday"
    SCHOOL_HOLIDAY = "school_holiday"


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day on which a school is not there, and what it is called in French."""

    day: date
    kind: DayOffKind
    name: str


def days_off(first: date, last: date, insee_code: str | None) -> Iterator[DayOff]:
    """The days off from `first` to `last`, included, for a school in this commune; None: public holidays alone."""
    day = first
    while day <= last:
        if found := day_off(day, insee_code):
            yield found
        day += DAY


def day_off(day: date, insee_code: str | None) -> DayOff | None:
    """Why a school in this commune is not there on a day; None: it is, or nobody knows."""
    department = department_of(insee_code) if insee_code else None
    if name := _public_holidays(day.year, ALSACE_MOSELLE.get(department or "")).get(day):
        return DayOff(day, DayOffKind.PUBLIC_HOLIDAY, name)
    zone = ZONE_OF.get(department or "")
    if zone and (day >= SETTLED_ON or department in ALWAYS_C) and (name := _school_holidays(day.year, zone).get(day)):
        return DayOff(day, DayOffKind.SCHOOL_HOLIDAY, name)
    return None


def department_of(insee_code: str) -> str:
    """The department a commune is of, by its INSEE code: three characters overseas, else two."""
    return insee_code[:3] if insee_code[:2] in {"97", "98"} else insee_code[:2]


@lru_cache(maxsize=256)
def _public_holidays(year: int, subdivision: str | None) -> dict[date, str]:
    return dict(holidays.country_holidays("FR", subdiv=subdivision, years=year, language="fr"))


@lru_cache(maxsize=256)
def _school_holidays(year: int, zone: str) -> dict[date, str]:
    try:
        found = _published().holidays_for_year_and_zone(year, zone)
    except UnsupportedYearException:
        return {}
    return {day: told["nom_vacances"] for day, told in found.items()}


@lru_cache(maxsize=1)
def _published() -> SchoolHolidayDates:
    """The dates the package ships: reading them takes a while."""
    return SchoolHolidayDates()
