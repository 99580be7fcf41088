"""The ready sentence that says what changed in an announced event, the same in every format."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from app.core import i18n
from app.core.i18n import Language
from app.events.models import EventStatus

LOCALES = {"fr": "fr", "en": "en_GB"}
HOURS = {"fr": ("H\u00a0'h'", "H\u00a0'h'\u00a0mm"), "en": ("HH:mm", "HH:mm")}
INSTANT = timedelta(microseconds=1)

Dates = tuple[datetime, datetime]
Days = tuple[date, date]


def notice(
    status: str,
    starts_at: datetime,
    ends_at: datetime,
    former: Sequence[Dates],
    timezone: str,
    *,
    is_all_day: bool,
    note: str | None,
    language: Language,
) -> str | None:
    """What a reader who knew the event must learn: "Reporté du 12 au 19 mars". None when it stands as announced.

    `ends_at` is excluded. `former` are the dates it had before, oldest first; the latest are compared with
    those it has now. Days and hours are those of `timezone`. `note` ends the sentence. Instants have an offset.
    """
    zone = ZoneInfo(timezone)
    now = _local(starts_at, ends_at, zone)
    before = _local(*former[-1], zone) if former else None
    match status:
        case EventStatus.CANCELLED:
            said = i18n.text(language, "notice.cancelled")
        case EventStatus.POSTPONED:
            said = i18n.text(language, "notice.postponed", old=_range(_days(now), language, end="month"))
        case EventStatus.RESCHEDULED:
            said = _moved(before, now, language, is_all_day=is_all_day) or i18n.text(language, "notice.dates_changed")
        case EventStatus.MOVED_ONLINE:
            moved = _moved(before, now, language, is_all_day=is_all_day)
            online = i18n.text(language, "notice.moved_online")
            said = f"{online}, {moved[0].lower()}{moved[1:]}" if moved else online
        case _:
            return None
    return i18n.text(language, "notice.with_note", said=said, note=note) if note else said


def _moved(before: Dates | None, now: Dates, language: Language, *, is_all_day: bool) -> str | None:
    """How the dates changed; None when they did not."""
    if before is None or before == now:
        return None
    old, new = _days(before), _days(now)
    if old != new:
        return _other_days(old, new, language)
    if is_all_day or new[0] != new[1]:
        return i18n.text(language, "notice.hours_changed")
    hours = {
        "old_start": _hour(before[0].time(), language),
        "old_end": _hour(before[1].time(), language),
        "new_start": _hour(now[0].time(), language),
        "new_end": _hour(now[1].time(), language),
    }
    return i18n.text(language, "notice.hours", day=_range(new, language, end="month"), **hours)


def _other_days(old: Days, new: Days, language: Language) -> str:
    kind = "later" if new[0] > old[0] else "earlier" if new[0] < old[0] else "days"
    ends = {(day.year, day.month) for day in (*old, *new)}
    end = "year" if len({year for year, _ in ends}) > 1 else "month"
    said = _range(old, language, end="day" if len(ends) == 1 and kind != "days" else end)
    return i18n.text(language, f"notice.{kind}", old=said, new=_range(new, language, end=end))


def _range(days: Days, language: Language, *, end: str) -> str:
    """`12–14 mars`, `30 mars–2 avril`, told up to the month, to the year, or as a day whose month follows."""
    first, last = days
    if first == last:
        return _day(last, language, end)
    if (first.year, first.month) == (last.year, last.month):
        return f"{_day(first, language, 'day')}–{_day(last, language, end)}"
    if first.year != last.year:
        return f"{_day(first, language, 'year')}–{_day(last, language, 'year')}"
    return f"{_day(first, language, 'month')}–{_day(last, language, end)}"


def _day(day: date, language: Language, end: str) -> str:
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    if end == "day":
        return number
    return f"{number} {format_date(day, 'MMMM y' if end == 'year' else 'MMMM', locale=LOCALES[language])}"


def _hour(hour: time, language: Language) -> str:
    return format_time(hour, HOURS[language][hour.minute > 0], locale=LOCALES[language])


def _local(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Dates:
    return starts_at.astimezone(zone), ends_at.astimezone(zone)


def _days(dates: Dates) -> Days:
    """The first and last calendar days; an end at midnight belongs to the day before."""
    return dates[0].date(), (dates[1] - INSTANT).date()
