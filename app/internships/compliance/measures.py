"""How each measure is taken: of a placement and a rule, the days on which the limit is passed and the value found.

Pure functions. A rule by age holds day by day: a birthday in the middle of a placement changes it from that day
on. A measure of a week holds when one of the week's days of work is of its age.
"""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import groupby, pairwise

from app.internships.compliance.facts import FEW_STAFF, Placement, Span, june_weeks, monday_of, public_holidays
from app.internships.compliance.rules import Measure, Rule

Worked = list[tuple[date, tuple[Span, ...]]]
Passed = Iterator[tuple[date, int]]
"""The day, and the value found that day, in the measure's own unit."""

DAY = 24 * 60


def length(spans: tuple[Span, ...]) -> int:
    """How many minutes the spans last together."""
    return sum(end - start for start, end in spans)


def _days_of(rule: Rule, placement: Placement, worked: Worked) -> Worked:
    return [(day, spans) for day, spans in worked if rule.holds_at(placement.age_on(day))]


def _weeks_of(rule: Rule, placement: Placement, worked: Worked) -> Iterator[tuple[date, Worked]]:
    for monday, days in groupby(worked, key=lambda each: monday_of(each[0])):
        week = list(days)
        if _days_of(rule, placement, week):
            yield monday, week


def day_minutes(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Minutes of work in a day."""
    for day, spans in _days_of(rule, placement, worked):
        if length(spans) > rule.limit:
            yield day, length(spans)


def week_minutes(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Minutes of work in a civil week, told on its first day of work."""
    for _, week in _weeks_of(rule, placement, worked):
        minutes = sum(length(spans) for _, spans in week)
        if minutes > rule.limit:
            yield week[0][0], minutes


def unbroken_minutes(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """The longest work, in minutes, without a pause of the rule's length; shorter pauses do not interrupt it."""
    for day, spans in _days_of(rule, placement, worked):
        longest = stretch = length(spans[:1])
        for (_, before), (start, end) in pairwise(spans):
            stretch = end - start + (stretch if start - before < rule.pause else 0)
            longest = max(longest, stretch)
        if longest > rule.limit:
            yield day, longest


def night_minutes(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Minutes of work in the night, which ends in the morning and begins in the evening."""
    morning, evening = rule.night_minutes
    for day, spans in _days_of(rule, placement, worked):
        by_day = sum(max(0, min(end, evening) - max(start, morning)) for start, end in spans)
        if length(spans) - by_day > rule.limit:
            yield day, length(spans) - by_day


def rest_minutes(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Minutes of rest between two days of work, told on the second, whose age decides."""
    for (day, spans), (next_day, next_spans) in pairwise(worked):
        rest = (next_day - day).days * DAY - spans[-1][1] + next_spans[0][0]
        if rest < rule.limit and rule.holds_at(placement.age_on(next_day)):
            yield next_day, rest


def free_days(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """The most days in a row without work in a civil week, told on its first day of work."""
    for monday, week in _weeks_of(rule, placement, worked):
        places = [-1, *((day - monday).days for day, _ in week), 7]
        free = max(after - before - 1 for before, after in pairwise(places))
        if free < rule.limit:
            yield week[0][0], free


def sunday(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Minutes of work on a Sunday."""
    for day, spans in _days_of(rule, placement, worked):
        if day.isoweekday() == 7 and length(spans) > rule.limit:
            yield day, length(spans)


def public_holiday(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Minutes of work on a public holiday."""
    for day, spans in _days_of(rule, placement, worked):
        if day in public_holidays(day.year) and length(spans) > rule.limit:
            yield day, length(spans)


def dangerous_work(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """How many kinds of dangerous work are declared, told on the first day somebody of this age would do them."""
    days = _days_of(rule, placement, worked)
    if days and len(placement.dangerous_work) > rule.limit:
        yield days[0][0], len(placement.dangerous_work)


def days(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Days of work, told on the first that is too many."""
    if len(worked) > rule.limit:
        yield worked[rule.limit][0], len(worked)


def span_days(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Calendar days from the first to the last day of work, both counted, told on the last."""
    if worked and (span := (worked[-1][0] - worked[0][0]).days + 1) > rule.limit:
        yield worked[-1][0], span


def june_weeks_missed(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Days of work outside the two weeks of June, told on the first of them."""
    outside = [day for day, _ in worked if not june_weeks(day.year)[0] <= day <= june_weeks(day.year)[1]]
    if len(outside) > rule.limit:
        yield outside[0], len(outside)


def most_at_host(rule: Rule, headcount: int) -> int:
    """How many pupils a host may have in one week: a share of its staff rounded up, or `few` of a small one."""
    return -(-headcount * rule.limit // 100) if headcount >= FEW_STAFF else rule.few


def host_share(rule: Rule, placement: Placement, worked: Worked) -> Passed:
    """Pupils at the host in a civil week, this one too, told on its first day of work."""
    if placement.host_headcount is None:
        return
    for monday, week in _weeks_of(rule, placement, worked):
        pupils = placement.others_at_host.get(monday, 0) + 1
        if pupils > most_at_host(rule, placement.host_headcount):
            yield week[0][0], pupils


MEASURES: dict[Measure, Callable[[Rule, Placement, Worked], Passed]] = {
    Measure.DAY_MINUTES: day_minutes,
    Measure.WEEK_MINUTES: week_minutes,
    Measure.UNBROKEN_MINUTES: unbroken_minutes,
    Measure.NIGHT_MINUTES: night_minutes,
    Measure.REST_MINUTES: rest_minutes,
    Measure.FREE_DAYS: free_days,
    Measure.SUNDAY: sunday,
    Measure.PUBLIC_HOLIDAY: public_holiday,
    Measure.DANGEROUS_WORK: dangerous_work,
    Measure.DAYS: days,
    Measure.SPAN_DAYS: span_days,
    Measure.JUNE_WEEKS: june_weeks_missed,
    Measure.HOST_SHARE: host_share,
}
