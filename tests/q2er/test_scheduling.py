"""When a session is scheduled: days off of its school, and what else takes its class, teacher, company or place."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.actors.models import ActorKind
from app.events.days_off import ZONE_OF, day_off
from app.events.models import EventStatus
from app.q2er.participations.models import Participation
from app.q2er.replication.calendar import first_day, free_span, last_day, same_school_week
from tests import factories
from tests.q2er.factories import a_class, a_sequence, an_edition

CHARENTON = "94018"
MONDAY = datetime(2016, 10, 10, 8, tzinfo=UTC)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("day", "insee_code", "name"),
    [
        (date(2016, 12, 20), CHARENTON, "Vacances de Noël"),
        (date(2014, 10, 21), CHARENTON, "Vacances de la Toussaint"),
        (date(2017, 2, 6), CHARENTON, "Vacances d'hiver"),
        (date(2017, 2, 6), "69123", None),
        (date(2017, 2, 20), "69123", "Vacances d'hiver"),
        (date(2016, 11, 11), CHARENTON, "Armistice"),
        (date(2016, 11, 11), None, "Armistice"),
        (date(2016, 12, 20), "97411", None),
        (date(2017, 4, 14), "67482", "Vendredi saint"),
        (date(2016, 10, 10), CHARENTON, None),
    ],
)
def test_days_off_are_those_of_the_zone_of_the_department(day, insee_code, name):
    found = day_off(day, insee_code)
    assert (found and found.name) == name


@pytest.mark.unit
def test_every_department_of_the_mainland_has_a_zone():
    assert len(ZONE_OF) == 94
    assert {"20", "2A", "2B", "974"}.isdisjoint(ZONE_OF)


YEARS = st.integers(2005, 2026).map(lambda year: f"{year}-{year + 1}")


@pytest.mark.unit
@settings(deadline=None)  # the first reading of the holidays takes a while
@given(st.data(), YEARS, YEARS, st.integers(1, 12))
def test_a_day_keeps_its_weekday_and_stays_in_the_year_it_goes_to(data, source, target, length):
    day = data.draw(st.dates(first_day(source), last_day(source)))
    moved = same_school_week(day, source, target)
    assert first_day(target) <= moved <= last_day(target)
    assert moved.weekday() == day.weekday()
    begin = free_span(moved, length, target, CHARENTON)
    assert first_day(target) <= begin <= last_day(target) - timedelta(days=length - 1)


@pytest.mark.unit
def test_a_session_goes_to_the_same_school_week_and_to_the_next_one_when_that_is_off():
    assert same_school_week(date(2016, 10, 11), "2016-2017", "2017-2018") == date(2017, 10, 10)
    asked = same_school_week(date(2016, 10, 18), "2016-2017", "2018-2019")
    assert asked == date(2018, 10, 16)
    assert free_span(date(2017, 10, 24), 1, "2017-2018", CHARENTON) == date(2017, 11, 7)  # after the Toussaint


@pytest.fixture
async def edition(session, territory, school):
    await factories.a_municipality(session)
    school.insee_code = CHARENTON
    return await an_edition(session, territory, schools=(school,))


@pytest.fixture
async def plan(session, territory, edition):
    """Makes a session on that Monday."""
    sequence = await a_sequence(session, edition)

    async def make(**traits):
        return await factories.an_event(
            session, territory, **{"starts_at": MONDAY, "sequence_id": sequence.id, **traits}
        )

    return make


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (datetime(2016, 12, 20, 9, tzinfo=UTC), [("school_holiday", "2016-12-20", "Vacances de Noël")]),
        (datetime(2016, 11, 11, 9, tzinfo=UTC), [("public_holiday", "2016-11-11", "Armistice")]),
        (MONDAY, []),
    ],
)
async def test_days_off_are_flagged_to_who_schedules(plan, collectivite, referent, day, told):
    event = await plan(starts_at=day, published=True)
    row = (await collectivite.get(f"/v1/events/{event.id}")).json()
    assert [(one["code"], one["day"], one["name"]) for one in row["notices"]] == told
    assert (await referent.get(f"/v1/events/{event.id}")).json()["notices"] == []  # organised by others


async def test_a_place_taken_and_a_busy_company_are_flagged_and_listed(session, territory, edition, plan, collectivite):
    company = await factories.an_actor(session, territory, kind=ActorKind.COMPANY)
    club = await factories.an_actor(session, territory, kind=ActorKind.BUSINESS_CLUB)
    place = {"place_name": "Espace Toffoli", "insee_code": CHARENTON}
    first = await plan(organisers=(company, club), **place)
    second = await plan(partners=(company, club), starts_at=MONDAY + timedelta(hours=1))
    third = await plan(starts_at=MONDAY + timedelta(hours=1), **place | {"place_name": "ESPACE TOFFOLI"})
    await plan(organisers=(company,), status=EventStatus.CANCELLED, **place)
    await plan(organisers=(company,), starts_at=MONDAY + timedelta(hours=3), **place)
    row = (await collectivite.get(f"/v1/events/{first.id}")).json()
    assert [one["code"] for one in row["notices"]] == ["place_taken", "actor_busy"]
    listed = (await collectivite.get(f"/v1/q2er/editions/{edition.id}/conflicts")).json()["items"]
    found = {(one["kind"], one["first"]["id"], one["second"]["id"]) for one in listed}
    assert ("actor", str(first.id), str(second.id)) in found
    assert ("place", str(first.id), str(third.id)) in found
    # the session at eleven begins when those at nine and ten are over
    assert {one["kind"] for one in listed} == {"actor", "place"}
    assert next(one["name"] for one in listed if one["kind"] == "actor") == company.name


async def test_a_class_and_a_teacher_in_two_sessions_at_once_are_listed(
    session, territory, school, edition, plan, collectivite, client_for
):
    group = await a_class(session, school)
    teacher = await factories.a_person(session, territory, actors=(school,))
    events = [await plan(), await plan(starts_at=MONDAY + timedelta(minutes=30))]
    for event in events:
        of_it = {"territory_id": territory.id, "event_id": event.id, "sequence_id": event.sequence_id}
        session.add(Participation(**of_it, person_id=teacher.id))
        session.add(Participation(**of_it, class_id=group.id, school_id=school.id))
    await session.commit()
    url = f"/v1/q2er/editions/{edition.id}/conflicts"
    listed = (await collectivite.get(url)).json()["items"]
    assert {(one["kind"], one["resource_id"]) for one in listed} == {
        ("teacher", str(teacher.id)),
        ("class", str(group.id)),
    }
    assert {one["name"] for one in listed} == {None, group.name}
    stranger = client_for(factories.a_referent(await factories.a_school(session, territory)))
    assert (await stranger.get(url)).status_code == 404
