"""What the law says, found the slow way: minute by minute and day by day, from the rules' texts and nothing of ours.

A placement is told by plain values; the answer is a set of (rule, day, value).
"""

from datetime import date, datetime, timedelta

ONE_DAY, ONE_MINUTE = timedelta(days=1), timedelta(minutes=1)
OBSERVATION = ("observation_3e", "observation_2nde")
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}


def easter(year: int) -> date:
    """Easter Sunday (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def is_holiday(day: date) -> bool:
    after_easter = (day - easter(day.year)).days
    return (day.month, day.day) in FIXED_HOLIDAYS or after_easter in (1, 39, 50)


def age(born: date, day: date) -> int:
    """Birthdays there were since, counted one by one."""
    birthdays = 0
    while True:
        year = born.year + birthdays + 1
        try:
            birthday = born.replace(year=year)
        except ValueError:
            birthday = date(year, 3, 1)
        if birthday > day:
            return birthdays
        birthdays += 1


def minutes_of(first: date, last: date, spans: dict[int, list[tuple[int, int]]], off: set[date]) -> list[datetime]:
    """Every minute of work."""
    found, day = [], first
    while day <= last:
        midnight = datetime.combine(day, datetime.min.time())
        times = [] if day in off else spans.get(day.isoweekday(), [])
        found += [midnight + m * ONE_MINUTE for m in range(24 * 60) if any(start <= m < end for start, end in times)]
        day += ONE_DAY
    return found


def longest_stretch(minutes: list[datetime], pause: int) -> int:
    longest = stretch = idle = 0
    at = set(minutes)
    moment = minutes[0]
    while moment <= minutes[-1]:
        if moment in at:
            stretch, idle = stretch + 1, 0
            longest = max(longest, stretch)
        else:
            idle += 1
            if idle >= pause:
                stretch = 0
        moment += ONE_MINUTE
    return longest


def free_in_a_row(monday: date, days: set[date]) -> int:
    longest = run = 0
    for place in range(7):
        run = 0 if monday + place * ONE_DAY in days else run + 1
        longest = max(longest, run)
    return longest


def find(
    regime: str, born: date, first: date, last: date, spans: dict[int, list[tuple[int, int]]], off: set[date],
    dangerous: int, headcount: int, others: dict[date, int],
) -> set[tuple[str, date, int]]:  # fmt: skip
    """Each rule that is not kept, the day, and the value found."""
    minutes = minutes_of(first, last, spans, off)
    by_day: dict[date, list[datetime]] = {}
    for minute in minutes:
        by_day.setdefault(minute.date(), []).append(minute)
    found = set()
    for day, worked in by_day.items():
        found |= {(code, day, value) for code, value in of_day(regime, age(born, day), day, worked)}
        found |= {(code, day, value) for code, value in of_rest(age(born, day), worked[0], minutes)}
    mondays: dict[date, list[date]] = {}
    for day in by_day:
        mondays.setdefault(day - day.weekday() * ONE_DAY, []).append(day)
    for monday, days in mondays.items():
        ages = [age(born, day) for day in days]
        worked_minutes = sum(len(by_day[day]) for day in days)
        pupils = others.get(monday, 0) + 1
        values = of_week(regime, ages, worked_minutes, free_in_a_row(monday, set(days)), pupils, headcount)
        found |= {(code, min(days), value) for code, value in values}
    return found | of_all(regime, born, sorted(by_day), dangerous)


def of_day(regime, years, day, worked):
    total = len(worked)
    if years < 18 and total > 8 * 60:
        yield "day_hours_minors", total
    if regime in OBSERVATION and total > 7 * 60:
        yield "day_hours_observation", total
    if regime not in OBSERVATION and years < 16 and total > 7 * 60:
        yield "day_hours_under_16", total
    stretch = longest_stretch(worked, 30)
    if years < 18 and stretch > 4 * 60 + 30:
        yield "break_minors", stretch
    late = sum(1 for minute in worked if not 6 <= minute.hour < 20)
    if years < 16 and late:
        yield "night_under_16", late
    later = sum(1 for minute in worked if not 6 <= minute.hour < 22)
    if years in (16, 17) and later:
        yield "night_16_17", later
    if years < 18 and day.strftime("%w") == "0":
        yield "sunday_minors", total
    if years < 18 and is_holiday(day):
        yield "public_holiday_minors", total


def of_rest(years, begins, minutes):
    before = [minute for minute in minutes if minute.date() < begins.date()]
    if not before:
        return
    rest, moment = 0, before[-1] + ONE_MINUTE
    while moment < begins and rest < 24 * 60:
        rest, moment = rest + 1, moment + ONE_MINUTE
    if years < 16 and rest < 14 * 60:
        yield "daily_rest_under_16", rest
    if years in (16, 17) and rest < 12 * 60:
        yield "daily_rest_16_17", rest


def of_week(regime, ages, worked_minutes, free, pupils, headcount):
    youngest, oldest = min(ages), max(ages)
    if youngest < 18 and worked_minutes > 35 * 60:
        yield "week_hours_minors", worked_minutes
    if regime in OBSERVATION and oldest >= 18 and worked_minutes > 35 * 60:
        yield "week_hours_observation", worked_minutes
    if youngest < 15 and worked_minutes > 30 * 60:
        yield "week_hours_under_15", worked_minutes
    if youngest < 18 and free < 2:
        yield "weekly_rest_minors", free
    for code, percent in (("quota", 15), ("quota_pfmp", 20)):
        most = 3 if headcount < 20 else next(n for n in range(10**6) if n * 100 >= headcount * percent)
        if pupils > most and (code == "quota" or regime == "pfmp"):
            yield code, pupils


def of_all(regime, born, days, dangerous):
    found = set()
    minor = [day for day in days if age(born, day) < 18]
    if minor and dangerous:
        found.add(("dangerous_work_minors", minor[0], dangerous))
    if regime in ("observation_3e", "mini_stage") and len(days) > 5:
        found.add(("days_3e" if regime == "observation_3e" else "days_mini_stage", days[5], len(days)))
    if regime == "mini_stage" and days:
        calendar = 1 + sum(1 for _ in range((days[-1] - days[0]).days))
        if calendar > 8:
            found.add(("span_mini_stage", days[-1], calendar))
    outside = [day for day in days if not in_june_weeks(day)] if regime == "observation_2nde" else []
    if outside:
        found.add(("calendar_2nde", outside[0], len(outside)))
    return found


def in_june_weeks(day: date) -> bool:
    fridays = [date(day.year, 6, number) for number in range(1, 31) if date(day.year, 6, number).isoweekday() == 5]
    return fridays[-2] - 4 * ONE_DAY <= day <= fridays[-1]
