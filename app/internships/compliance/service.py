"""A question to the law, and its answer in words."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from babel.dates import format_date

from app.core import clock
from app.core.i18n import LANGUAGES, Language, text
from app.core.sentences import Sentence
from app.internships.compliance.evaluation import Finding, Verdict, evaluate
from app.internships.compliance.facts import Placement, Span, monday_of
from app.internships.compliance.rules import Measure
from app.internships.compliance.schemas import (
    ComplianceOut,
    FindingOut,
    InternshipCheck,
    PeriodFields,
    RuleOut,
    WorkdayFields,
)

MOST_FINDINGS = 500
UNITS = {
    Measure.FREE_DAYS: "day",
    Measure.DAYS: "day",
    Measure.SPAN_DAYS: "day",
    Measure.JUNE_WEEKS: "day",
    Measure.HOST_SHARE: "pupil",
    Measure.DANGEROUS_WORK: "kind",
}
"""What a measure counts in; minutes where it is not said."""


def check(body: InternshipCheck) -> ComplianceOut:
    """What the law says of a placement that is told and not kept."""
    placement = Placement(
        regime=body.regime,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
        timetable=spans_of(body.timetable),
        birth_date=body.birth_date,
        days_off=frozenset(body.days_off),
        dangerous_work=tuple(body.dangerous_work),
        host_headcount=body.host_headcount,
        others_at_host=_by_week(body.other_periods),
    )
    on = body.on or clock.now().date()
    return told(evaluate(placement, on), placement, on)


def told(verdict: Verdict, placement: Placement, on: date) -> ComplianceOut:
    """The verdict in words, in each language."""
    return ComplianceOut(
        on=on,
        is_blocked=verdict.is_blocked,
        findings=[_told(finding, placement) for finding in verdict.findings[:MOST_FINDINGS]],
        unevaluated=[
            RuleOut(code=rule.code, rule_version=rule.version, article=rule.article) for rule in verdict.unevaluated
        ],
    )


def spans_of(timetable: Iterable[WorkdayFields]) -> dict[int, tuple[Span, ...]]:
    """Of each weekday the spans of work between its pauses."""
    return {workday.weekday: _spans(workday) for workday in timetable}


def _spans(workday: WorkdayFields) -> tuple[Span, ...]:
    edges = [workday.starts, *(edge for pause in workday.pauses for edge in (pause.starts, pause.ends)), workday.ends]
    minutes = [int(edge[:2]) * 60 + int(edge[3:]) for edge in edges]
    spans = zip(minutes[::2], minutes[1::2], strict=True)
    return tuple((start, end) for start, end in spans if start < end)


def _by_week(periods: Iterable[PeriodFields]) -> dict[date, int]:
    weeks: Counter[date] = Counter()
    for period in periods:
        monday = monday_of(period.starts_on)
        while monday <= period.ends_on:
            weeks[monday] += 1
            monday += timedelta(days=7)
    return dict(weeks)


def _told(finding: Finding, placement: Placement) -> FindingOut:
    rule = finding.rule
    return FindingOut(
        code=rule.code,
        rule_version=rule.version,
        severity=rule.severity,
        article=rule.article,
        source=rule.source,
        is_read=rule.is_read,
        day=finding.day,
        value=finding.value,
        limit=finding.limit,
        unit=UNITS.get(rule.measure, "minute"),
        message=Sentence(**{language: _in_words(finding, placement, language) for language in LANGUAGES}),
    )


def _in_words(finding: Finding, placement: Placement, language: Language) -> str:
    rule, is_time = finding.rule, finding.rule.measure not in UNITS
    kinds = [text(language, f"dangerous_work.{kind}") for kind in placement.dangerous_work]
    return text(
        language,
        f"compliance.{rule.measure}",
        day=format_date(finding.day, "long", locale=language),
        value=_hours(finding.value) if is_time else finding.value,
        limit=_hours(finding.limit) if is_time else finding.limit,
        evening=rule.night[0],
        morning=rule.night[1],
        pause=rule.pause,
        kinds=", ".join(kinds),
        article=f"{rule.source}, {rule.article}",
    )


def _hours(minutes: int) -> str:
    return f"{minutes // 60} h {minutes % 60:02}" if minutes % 60 else f"{minutes // 60} h"
