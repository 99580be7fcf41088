"""What is said of the dates of a session of Q2ER when it is scheduled: days off of its school, and what else is on."""

from collections.abc import Iterator

from app.core.sentences import sentence
from app.events.dates import timing_of, whole_days
from app.events.days_off import DayOff, days_off
from app.events.models import Event
from app.events.schemas import SchedulingNotice, SchedulingNoticeCode

WORKING_DAYS = range(5)


def scheduling_notices(event: Event) -> list[SchedulingNotice]:
    """The warnings, for whoever may edit the session; none for other events."""
    return list(_notices(event)) if event.sequence_id and event.is_editable else []


def _notices(event: Event) -> Iterator[SchedulingNotice]:
    seen = set()
    first, last = whole_days(timing_of(event), event.timezone)
    for off in days_off(first, last, event.school_insee):
        counts = first == last or off.day.weekday() in WORKING_DAYS
        if counts and (off.kind, off.name) not in seen:
            seen.add((off.kind, off.name))
            yield _notice(SchedulingNoticeCode(off.kind), off)
    if event.is_place_taken:
        yield _notice(SchedulingNoticeCode.PLACE_TAKEN)
    if event.is_actor_busy:
        yield _notice(SchedulingNoticeCode.ACTOR_BUSY)


def _notice(code: SchedulingNoticeCode, off: DayOff | None = None) -> SchedulingNotice:
    return SchedulingNotice(
        code=code, day=off and off.day, name=off and off.name, message=sentence(f"scheduling.{code}")
    )
