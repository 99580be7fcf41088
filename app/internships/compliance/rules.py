"""The rules as data: `rules.toml`, read once. Which row holds is asked of the row, never of code."""

import tomllib
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

from app.internships.compliance.facts import Regime


class Severity(StrEnum):
    """What a finding does: it stands in the way, or asks for a look."""

    BLOCKING = "blocking"
    WARNING = "warning"


class Measure(StrEnum):
    """What a rule measures."""

    DAY_MINUTES = "day_minutes"
    WEEK_MINUTES = "week_minutes"
    UNBROKEN_MINUTES = "unbroken_minutes"
    NIGHT_MINUTES = "night_minutes"
    REST_MINUTES = "rest_minutes"
    FREE_DAYS = "free_days"
    SUNDAY = "sunday"
    PUBLIC_HOLIDAY = "public_holiday"
    DANGEROUS_WORK = "dangerous_work"
    DAYS = "days"
    SPAN_DAYS = "span_days"
    JUNE_WEEKS = "june_weeks"
    HOST_SHARE = "host_share"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Rule:
    """One version of one rule, for the group it holds for (the head of `rules.toml` tells each field)."""

    code: str
    measure: Measure
    valid_from: date
    article: str
    source: str
    limit: Annotated[int, Field(ge=0)]
    severity: Severity
    valid_until: date | None = None
    regimes: tuple[Regime, ...] = tuple(Regime)
    age_from: int | None = None
    age_below: int | None = None
    pause: int = 0
    night: tuple[str, str] = ("00:00", "00:00")
    few: int = 0
    is_read: bool = True

    @property
    def version(self) -> str:
        """Names this row for ever: its code and the day it began to hold."""
        return f"{self.code}@{self.valid_from.isoformat()}"

    @property
    def asks_age(self) -> bool:
        """Whether it cannot be evaluated without a birth date."""
        return self.age_from is not None or self.age_below is not None

    def holds_at(self, age: int | None) -> bool:
        """Whether it is a rule for somebody of this age. None: not known, so not."""
        if not self.asks_age:
            return True
        return age is not None and (self.age_from or 0) <= age < (self.age_below or 200)

    @property
    def night_minutes(self) -> tuple[int, int]:
        """When its night ends in the morning, and when it begins in the evening, in minutes of the day."""
        evening, morning = (int(time[:2]) * 60 + int(time[3:]) for time in self.night)
        return morning, evening


@lru_cache(maxsize=1)
def all_rules() -> tuple[Rule, ...]:
    """Every row there is. Raises `ValueError` for one that says something else than a rule says."""
    rows = tomllib.loads(Path(__file__).with_name("rules.toml").read_text(encoding="utf-8"))["rules"]
    return tuple(TypeAdapter(list[Rule]).validate_python(rows))


@lru_cache(maxsize=1000)
def in_force(on: date, regime: Regime) -> tuple[Rule, ...]:
    """The versions that hold on a day for a kind of placement."""
    return tuple(
        rule
        for rule in all_rules()
        if regime in rule.regimes and rule.valid_from <= on and (rule.valid_until is None or on < rule.valid_until)
    )
