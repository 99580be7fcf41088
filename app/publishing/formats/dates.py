"""Dates and hours as a person says them, in French or English."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_location

from app.core import i18n
from app.core.i18n import Language
from app.events.notices import HOURS, LOCALES

LONG_DAY = {"fr": "EEEE d MMMM y", "en": "EEEE d MMMM y"}
DAY = timedelta(days=1)
SMALL_HOURS = 6
INSTANT = timedelta(microseconds=1)


def spoken(item: dict[str, Any], language: Language, page_zone: str) -> str:
    """When an event takes place: "jeudi 12 mars 2026, de 18 h 30 à 20 h"; its zone where it is not the page's."""
    starts_at, ends_at = bounds(item)
    said = _days(starts_at, ends_at, language) if item["is_all_day"] else _hours(starts_at, ends_at, language)
    if item["is_all_day"] or starts_at.utcoffset() == starts_at.astimezone(ZoneInfo(page_zone)).utcoffset():
        return said
    where = get_timezone_location(item["timezone"], locale=LOCALES[language], return_city=True)
    return i18n.text(language, "public.date.elsewhere", said=said, where=where)


def bounds(item: dict[str, Any]) -> tuple[datetime, datetime]:
    """Start and end as wall clock of the event's own zone, with their offset."""
    zone = ZoneInfo(item["timezone"])
    return (
        datetime.fromisoformat(item["starts_at"]).astimezone(zone),
        datetime.fromisoformat(item["ends_at"]).astimezone(zone),
    )


def _days(starts_at: datetime, ends_at: datetime, language: Language) -> str:
    first, last = _day(starts_at, language), _day(ends_at - INSTANT, language)
    return first if first == last else i18n.text(language, "public.date.days", first=first, last=last)


def _hours(starts_at: datetime, ends_at: datetime, language: Language) -> str:
    start, end = _hour(starts_at, language), _hour(ends_at, language)
    first, last = _day(starts_at, language), _day(ends_at, language)
    if first == last or _is_one_evening(starts_at, ends_at):
        return i18n.text(language, "public.date.hours", day=first, start=start, end=end)
    return i18n.text(language, "public.date.days_hours", first=first, start=start, last=last, end=end)


def _is_one_evening(starts_at: datetime, ends_at: datetime) -> bool:
    return ends_at.date() - starts_at.date() == DAY and ends_at.hour < SMALL_HOURS < starts_at.hour


def _day(moment: datetime, language: Language) -> str:
    said = format_date(moment.date(), LONG_DAY[language], locale=LOCALES[language])
    return said.replace(" 1 ", " 1er ", 1) if language == "fr" and moment.day == 1 else said


def _hour(moment: datetime, language: Language) -> str:
    return format_time(moment.time(), HOURS[language][moment.minute > 0], locale=LOCALES[language])
