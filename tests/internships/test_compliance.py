"""The law of placements: each rule against an oracle that counts minute by minute, and the answers of the API."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.i18n import has
from app.internships.compliance import facts, rules
from app.internships.compliance.evaluation import evaluate
from app.internships.compliance.facts import DangerousWork, Placement, Regime, june_weeks
from app.internships.compliance.measures import MEASURES
from app.internships.compliance.rules import Measure
from app.internships.compliance.schemas import InternshipCheck
from app.internships.compliance.service import spans_of
from tests import factories
from tests.internships import oracle

ON = date(2026, 3, 1)
QUARTERS = st.integers(0, 95).map(lambda quarter: quarter * 15)


@st.composite
def spans(draw):
    """The spans of a day: a few edges in order, work between every other two."""
    edges = sorted(draw(st.sets(QUARTERS, min_size=2, max_size=6)))
    return tuple((start, end) for start, end in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def office(draw):
    """A usual day, a quarter of an hour more or less."""
    starts, noon = draw(st.integers(30, 40)) * 15, draw(st.integers(44, 54)) * 15
    again = noon + draw(st.sampled_from([0, 15, 30, 60]))
    return (starts, noon), (again, again + draw(st.integers(8, 20)) * 15)


@st.composite
def placements(draw):
    starts = draw(st.dates(date(2025, 1, 1), date(2027, 12, 31)) | st.dates(date(2026, 4, 27), date(2026, 7, 1)))
    ends = starts + timedelta(days=draw(st.integers(0, 15)))
    weekdays = draw(st.sets(st.integers(1, 7), min_size=1))
    day = starts + timedelta(days=draw(st.integers(-2, 17)))
    births = [day.replace(year=day.year - years, day=min(day.day, 28)) for years in (14, 15, 16, 17, 18, 19)]
    monday = facts.monday_of(starts)
    return Placement(
        regime=draw(st.sampled_from(Regime)),
        starts_on=starts,
        ends_on=ends,
        timetable={weekday: draw(office() | spans()) for weekday in weekdays},
        birth_date=draw(st.sampled_from([*births, date(2008, 2, 29)])),
        days_off=frozenset(draw(st.sets(st.dates(starts, ends), max_size=2))),
        dangerous_work=tuple(draw(st.sets(st.sampled_from(DangerousWork), max_size=2))),
        host_headcount=draw(st.sampled_from([0, 5, 19, 20, 21, 40, 100])),
        others_at_host={monday: draw(st.integers(0, 25)), monday + timedelta(days=7): draw(st.integers(0, 5))},
    )


@pytest.mark.unit
@settings(max_examples=150, deadline=None)
@given(placements())
def test_what_is_found_is_what_counting_every_minute_finds(placement):
    found = [(finding.rule.code, finding.day, finding.value) for finding in evaluate(placement, ON).findings]
    assert len(found) == len(set(found))
    assert set(found) == oracle.find(
        placement.regime, placement.birth_date, placement.starts_on, placement.ends_on,
        {weekday: list(times) for weekday, times in placement.timetable.items()}, set(placement.days_off),
        len(placement.dangerous_work), placement.host_headcount, placement.others_at_host,
    )  # fmt: skip


@pytest.mark.unit
@settings(max_examples=60, deadline=None)
@given(placements(), st.integers(1, 7))
def test_less_work_never_passes_more_limits_of_hours(placement, weekday):
    hours = {Measure.DAY_MINUTES, Measure.WEEK_MINUTES, Measure.NIGHT_MINUTES, Measure.SUNDAY, Measure.PUBLIC_HOLIDAY}
    less = Placement(**{
        name: getattr(placement, name) for name in Placement.__slots__ if name != "timetable"
    }, timetable={day: times for day, times in placement.timetable.items() if day != weekday})  # fmt: skip

    def count(one):
        return Counter(f.rule.code for f in evaluate(one, ON).findings if f.rule.measure in hours)

    assert count(less) <= count(placement)


@pytest.mark.unit
@pytest.mark.parametrize(("year", "monday", "friday"), [(2024, 17, 28), (2025, 16, 27), (2026, 15, 26), (2027, 14, 25)])
def test_the_two_weeks_of_june_are_those_of_the_ministry(year, monday, friday):
    assert june_weeks(year) == (date(year, 6, monday), date(year, 6, friday))


@pytest.mark.unit
@pytest.mark.parametrize("year", range(2012, 2040))
def test_public_holidays_are_those_the_calendar_makes(year):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {day for day in days if oracle.is_holiday(day)} == facts.public_holidays(year) - {date(year, 12, 31)}


@pytest.mark.unit
def test_every_rule_has_its_measure_its_words_and_versions_that_do_not_overlap():
    assert set(MEASURES) == set(Measure) == {rule.measure for rule in rules.all_rules()}
    assert all(has(f"compliance.{measure}") for measure in Measure)
    assert all(has(f"dangerous_work.{kind}") for kind in DangerousWork)
    versions = [rule.version for rule in rules.all_rules()]
    assert len(versions) == len(set(versions))


@pytest.mark.unit
def test_a_rule_is_asked_only_from_the_day_it_holds():
    before, after = date(2023, 12, 31), date(2024, 1, 1)
    codes = [{rule.code for rule in rules.in_force(on, Regime.OBSERVATION_2NDE)} for on in (before, after)]
    assert codes[1] - codes[0] == {"calendar_2nde"}
    assert rules.in_force(date(2000, 1, 1), Regime.PFMP) == ()


@pytest.mark.unit
def test_pauses_that_touch_are_one_and_a_day_of_pauses_is_free():
    body = InternshipCheck(
        regime="pfmp", starts_on="2026-06-15", ends_on="2026-06-15",
        timetable=[
            {"weekday": 1, "starts": "08:00", "ends": "14:00",
             "pauses": [{"starts": "11:00", "ends": "11:15"}, {"starts": "11:15", "ends": "11:30"}]},
            {"weekday": 2, "starts": "08:00", "ends": "09:00", "pauses": [{"starts": "08:00", "ends": "09:00"}]},
        ],
    )  # fmt: skip
    assert spans_of(body.timetable) == {1: ((480, 660), (690, 840)), 2: ()}


WEEK = [
    {"weekday": n, "starts": "09:00", "ends": "17:00", "pauses": [{"starts": "12:00", "ends": "13:00"}]}
    for n in range(1, 6)
]
BODY = {
    "regime": "observation_2nde", "starts_on": "2026-06-15", "ends_on": "2026-06-26", "timetable": WEEK,
    "birth_date": "2010-06-17", "host_headcount": 24, "on": "2026-03-01",
}  # fmt: skip


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.fixture
async def referent(client_for, session, territory):
    return client_for(factories.a_referent(await factories.a_school(session, territory)))


async def ask(client, **changes):
    answer = await client.post("/v1/internships:check", json={**BODY, **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_usual_fortnight_of_june_is_lawful(referent):
    assert await ask(referent) == {"on": "2026-03-01", "is_blocked": False, "findings": [], "unevaluated": []}


async def test_a_finding_says_article_limit_value_day_and_version_in_both_languages(referent):
    late = {"weekday": 1, "starts": "12:00", "ends": "21:00", "pauses": [{"starts": "16:00", "ends": "18:00"}]}
    told = await ask(referent, timetable=[late])
    assert told["is_blocked"]
    assert told["findings"] == [
        {
            "code": "night_under_16", "rule_version": "night_under_16@2008-05-01", "severity": "blocking",
            "article": "L.3163-1", "source": "Code du travail", "is_read": True, "day": "2026-06-15",
            "value": 60, "limit": 0, "unit": "minute",
            "message": {
                "fr": "Le 15 juin 2026 : 1 h de travail entre 20:00 et 06:00, où il est interdit"
                " (Code du travail, L.3163-1).",
                "en": "June 15, 2026: 1 h of work between 20:00 and 06:00, when it is forbidden"
                " (Code du travail, L.3163-1).",
            },
        }
    ]  # fmt: skip


async def test_the_birthday_in_the_middle_changes_the_rules_from_that_day_on(referent):
    late = [
        {**day, "starts": "13:00", "ends": "20:30", "pauses": [{"starts": "16:30", "ends": "17:30"}]} for day in WEEK
    ]
    told = await ask(referent, timetable=late)
    assert [(found["code"], found["day"]) for found in told["findings"]] == [
        ("night_under_16", "2026-06-15"), ("night_under_16", "2026-06-16"),
    ]  # fmt: skip


async def test_what_is_not_known_leaves_rules_out_and_says_which(referent):
    told = await ask(referent, birth_date=None, host_headcount=None, timetable=[{**WEEK[0], "ends": "20:00"}])
    left_out = {rule["code"] for rule in told["unevaluated"]}
    assert {"night_under_16", "quota", "week_hours_minors"} <= left_out
    assert {found["code"] for found in told["findings"]} == {"day_hours_observation"}


async def test_a_small_host_has_three_pupils_at_once_at_most(referent):
    others = [{"starts_on": "2026-06-19", "ends_on": "2026-06-22"}] * 2
    assert (await ask(referent, host_headcount=10, other_periods=others))["findings"] == []
    [first, second] = (await ask(referent, host_headcount=10, other_periods=[*others, others[0]]))["findings"]
    assert (first["day"], second["day"]) == ("2026-06-15", "2026-06-22")
    assert (first["value"], first["limit"], first["unit"], first["severity"]) == (4, 3, "pupil", "warning")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"ends_on": "2026-06-01"}, "#", "dates_reversed"),
        ({"ends_on": "2028-06-01"}, "#", "period_too_long"),
        ({"timetable": []}, "#/timetable", "too_short"),
        ({"timetable": [WEEK[0], WEEK[0]]}, "#/timetable", "repeated_item"),
        ({"timetable": [{**WEEK[0], "starts": "9:00"}]}, "#/timetable/0/starts", "string_too_short"),
        ({"timetable": [{**WEEK[0], "starts": "24:00"}]}, "#/timetable/0/starts", "time_of_day"),
        ({"timetable": [{**WEEK[0], "starts": 900}]}, "#/timetable/0/starts", "time_of_day"),
        ({"timetable": [{**WEEK[0], "starts": "18:00", "pauses": []}]}, "#/timetable/0", "times_reversed"),
        ({"timetable": [{**WEEK[0], "starts": "12:30"}]}, "#/timetable/0", "pauses_misplaced"),
        ({"dangerous_work": ["fun"]}, "#/dangerous_work/0", "enum"),
        ({"regime": None}, "#/regime", "enum"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_at_its_place(referent, changes, pointer, code):
    answer = await referent.post("/v1/internships:check", json={**BODY, **changes})
    assert (answer.status_code, [(e["pointer"], e["code"]) for e in answer.json()["errors"]]) == (
        422,
        [(pointer, code)],
    )
