"""What enters and leaves of a question to the law."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from app.core.errors import invalid
from app.core.fields import Day, distinct
from app.core.schemas import Body, View
from app.core.sentences import Sentence
from app.internships.compliance.facts import LONGEST_PERIOD_DAYS, DangerousWork, Regime
from app.internships.compliance.rules import Severity


def _as_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise invalid("time_of_day")
    return value


def _of_a_day(value: str) -> str:
    try:
        datetime.strptime(value, "%H:%M")  # noqa: DTZ007 (a time of the day, of any day)
    except ValueError as error:
        raise invalid("time_of_day") from error
    return value


TimeOfDay = Annotated[
    str,
    Field(json_schema_extra={"pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}, min_length=5, max_length=5,
          examples=["09:00"]),
    BeforeValidator(_as_text),
    AfterValidator(_of_a_day),
]  # fmt: skip
"""A time of the day, HH:MM, at the place of work."""


class PauseFields(Body):
    """A pause within a day of work."""

    starts: Annotated[TimeOfDay, Field(description="when it begins", examples=["12:00"])]
    ends: Annotated[TimeOfDay, Field(description="when it ends, after it begins", examples=["13:00"])]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends <= self.starts:
            raise invalid("times_reversed")
        return self


class WorkdayFields(PauseFields):
    """When one works on a weekday. Work that goes past midnight cannot be told, and no minor may do it."""

    weekday: Annotated[int, Field(strict=True, ge=1, le=7, description="1 Monday … 7 Sunday", examples=[1])]
    starts: Annotated[TimeOfDay, Field(description="when work begins", examples=["09:00"])]
    ends: Annotated[TimeOfDay, Field(description="when work ends, after it begins", examples=["17:00"])]
    pauses: Annotated[list[PauseFields], Field(max_length=10, description="in order, apart, within the day")] = Field(
        default_factory=list
    )

    @model_validator(mode="after")
    def _pauses_within(self) -> Self:
        at = self.starts
        for pause in self.pauses:
            if pause.starts < at or pause.ends > self.ends:
                raise invalid("pauses_misplaced")
            at = pause.ends
        return self


Timetable = Annotated[
    list[WorkdayFields],
    Field(min_length=1, max_length=7, description="a week of work; a weekday that is missing is free"),
    distinct(lambda workday: workday.weekday),
]


class PeriodFields(Body):
    """From a day to another, both included."""

    starts_on: Annotated[Day, Field(description="first day", examples=["2026-06-15"])]
    ends_on: Annotated[Day, Field(description="last day, included; 400 days at most", examples=["2026-06-26"])]

    @model_validator(mode="after")
    def _days_in_order(self) -> Self:
        if self.ends_on < self.starts_on:
            raise invalid("dates_reversed")
        if (self.ends_on - self.starts_on).days >= LONGEST_PERIOD_DAYS:
            raise invalid("period_too_long", most=LONGEST_PERIOD_DAYS)
        return self


class InternshipCheck(PeriodFields):
    """A placement to be looked at by the law. Nothing of it is kept."""

    regime: Annotated[Regime, Field(description="the kind of placement", examples=["observation_2nde"])]
    birth_date: Annotated[
        Day | None,
        Field(description="null: not told, and rules that ask for an age are left out", examples=["2010-06-20"]),
    ] = None
    timetable: Timetable
    days_off: Annotated[
        list[Day],
        Field(default_factory=list, max_length=200, description="days within the period without work"),
        distinct(),
    ]
    dangerous_work: Annotated[
        list[DangerousWork],
        Field(
            default_factory=list,
            max_length=30,
            description="kinds of work of the list D.4153-16 to D.4153-37",
            examples=[["d4153_28"]],
        ),
        distinct(),
    ]
    host_headcount: Annotated[
        int | None,
        Field(strict=True, ge=0, le=1_000_000, description="staff of the host; null: not known", examples=[24]),
    ] = None
    other_periods: Annotated[
        list[PeriodFields],
        Field(default_factory=list, max_length=200, description="when other pupils are at the same host, one each"),
    ]
    on: Annotated[
        Day | None, Field(description="the rules in force that day; null: today in UTC", examples=["2026-03-01"])
    ] = None


class FindingOut(View):
    """A rule that is not kept, where and by how much."""

    code: Annotated[str, Field(description="which rule", examples=["day_hours_minors"])]
    rule_version: Annotated[
        str, Field(description="the rule as it was applied", examples=["day_hours_minors@2008-05-01"])
    ]
    severity: Annotated[Severity, Field(description="blocking stands in the way", examples=["blocking"])]
    article: Annotated[str, Field(examples=["L.3162-1"])]
    source: Annotated[str, Field(description="the text the article is of", examples=["Code du travail"])]
    is_read: Annotated[bool, Field(description="false: the article is quoted, and was not read in the original")]
    day: Annotated[date, Field(description="the day of it; of a week, its first day of work", examples=["2026-06-15"])]
    value: Annotated[int, Field(description="what was found", examples=[510])]
    limit: Annotated[int, Field(description="what the rule allows, or asks for", examples=[480])]
    unit: Annotated[str, Field(description="minute, day, pupil or kind", examples=["minute"])]
    message: Annotated[Sentence, Field(description="the same in words")]


class RuleOut(View):
    """A rule that could not be asked."""

    code: Annotated[str, Field(examples=["quota"])]
    rule_version: Annotated[str, Field(examples=["quota@2015-10-29"])]
    article: Annotated[str, Field(examples=["R.124-10"])]


class ComplianceOut(View):
    """What the law says of a placement."""

    on: Annotated[date, Field(description="the day whose rules were applied", examples=["2026-03-01"])]
    is_blocked: Annotated[bool, Field(description="whether a finding stands in the way")]
    findings: Annotated[list[FindingOut], Field(description="by day; the first 500")]
    unevaluated: Annotated[list[RuleOut], Field(description="rules left out because a fact is not known")]
