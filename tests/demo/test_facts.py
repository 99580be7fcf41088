"""The facts of the source come out of the loaded rows by query."""

import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from app.actors.models import Actor, ActorKind
from app.core.db import PooledDatabase
from app.demo.events import event_id
from app.demo.season import season
from app.demo.territories import FIRST, SUCCESSOR, territory_id
from app.events.models import AttendanceMode, Event, EventKind, EventStatus, RegistrationMode
from app.territories.models import (
    Municipality,
    Programme,
    StageStatus,
    Succession,
    Territory,
    TerritoryMunicipality,
    Theme,
)
from tests.demo.conftest import TODAY

NAMED_BY_THE_SOURCE = {
    "Club Gravelle Entreprendre (CGE)", "Direction de l’Économie et de l’Emploi (DEE)", "Le RAMEAU",
    "Ville de Charenton-le-Pont", "Ville de Saint-Maurice",
}  # fmt: skip


@pytest.fixture
async def session(loaded: PooledDatabase) -> AsyncIterator[AsyncSession]:
    async with loaded.session(read_only=True) as session:
        yield session


async def actors_of(session: AsyncSession, territory: str) -> list[Actor]:
    return list(await session.scalars(select(Actor).where(Actor.territory_id == territory_id(territory))))


async def events_in(session: AsyncSession, start: date, end: date, **columns: object) -> list[Event]:
    """Events that start from one day until the next, by their dates."""
    at = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (start, end)]
    rows = select(Event).where(Event.starts_at >= at[0], Event.starts_at < at[1]).filter_by(**columns)
    return list(await session.scalars(rows.order_by(Event.starts_at).options(selectinload(Event.themes))))


async def test_the_first_territory_ended_on_the_last_day_of_2015_and_has_a_successor(session: AsyncSession) -> None:
    first = await session.get_one(Territory, territory_id(FIRST))
    successor = await session.get_one(Territory, territory_id(SUCCESSOR))
    succession = await session.get_one(Succession, (first.id, successor.id))
    assert first.valid_until == successor.valid_from == succession.succeeds_on == date(2016, 1, 1)


async def test_the_communes_are_those_of_each_territory(session: AsyncSession) -> None:
    rows = await session.execute(
        select(TerritoryMunicipality.territory_id, Municipality.name).join(TerritoryMunicipality.municipality)
    )
    names: dict[UUID, set[str]] = {}
    for territory, name in rows:
        names.setdefault(territory, set()).add(name)
    assert names[territory_id(FIRST)] == {"Charenton-le-Pont", "Saint-Maurice"}
    assert len(names[territory_id(SUCCESSOR)]) == 13


async def test_each_territory_has_the_three_themes(session: AsyncSession) -> None:
    for territory in (FIRST, SUCCESSOR):
        slugs = await session.scalars(
            select(Theme.slug).where(Theme.territory_id == territory_id(territory)).order_by(Theme.position)
        )
        assert list(slugs) == ["insertion-des-jeunes", "handicap", "lutte-contre-la-precarite"]


async def test_the_programme_was_launched_in_october_2012_and_has_its_four_stages_and_three_next_steps(
    session: AsyncSession,
) -> None:
    programmes = select(Programme).where(Programme.territory_id == territory_id(FIRST))
    programme = (await session.scalars(programmes.options(selectinload(Programme.stages)))).one()
    assert programme.launched_on is not None
    assert (programme.launched_on.year, programme.launched_on.month) == (2012, 10)
    done, active, planned = StageStatus.DONE, StageStatus.ACTIVE, StageStatus.PLANNED
    assert [stage.status for stage in programme.stages] == [done, done, done, active, planned, planned, planned]
    assert programme.stages[-1].name == "Déploiement sur le territoire Paris Est Marne et Bois"


async def test_140_actors_stood_at_the_launch(session: AsyncSession) -> None:
    actors = await actors_of(session, FIRST)
    assert len(actors) == 140
    kinds = Counter(actor.kind for actor in actors)
    assert kinds[ActorKind.COMPANY] > kinds[ActorKind.ASSOCIATION] > kinds[ActorKind.PUBLIC_BODY] > 0
    assert kinds[ActorKind.SCHOOL] == kinds[ActorKind.BUSINESS_CLUB] == 1
    assert len({actor.name for actor in actors}) == 140


async def test_only_what_the_source_names_is_not_marked_as_demonstration(session: AsyncSession) -> None:
    assert {actor.name for actor in await actors_of(session, FIRST) if not actor.is_demonstration} == (
        NAMED_BY_THE_SOURCE
    )
    real = {actor.name for actor in await actors_of(session, SUCCESSOR) if not actor.is_demonstration}
    assert {name for name in real - NAMED_BY_THE_SOURCE if not re.match("Ville d[eu] ", name)} == {
        "Établissement public territorial Paris Est Marne & Bois"
    }
    assert await session.scalar(select(func.count()).where(Event.is_demonstration.is_(False))) == 0


async def test_invented_identifiers_are_well_formed_and_plainly_invented(session: AsyncSession) -> None:
    invented = list(await session.scalars(select(Actor).where(Actor.is_demonstration)))
    assert all(actor.siren.startswith("000") for actor in invented if actor.siren)
    assert all(actor.rna.startswith("W0000") for actor in invented if actor.rna)
    assert all(".example" in actor.website for actor in invented if actor.website)
    companies = [actor for actor in invented if actor.kind is ActorKind.COMPANY]
    assert all(actor.siret and actor.siren and actor.siret.startswith(actor.siren) for actor in companies)
    assert not any(actor.uai for actor in invented)


async def test_the_opening_plenary_was_in_october_2012_and_the_report_back_in_june_2013(session: AsyncSession) -> None:
    opening = await events_in(session, date(2012, 10, 1), date(2012, 11, 1))
    report = await events_in(session, date(2013, 6, 1), date(2013, 7, 1))
    assert [event.kind for event in opening] == [EventKind.PLENARY]
    assert [event.kind for event in report] == [EventKind.REPORT_BACK]


async def test_three_groups_met_three_times_each_between_the_two_plenaries(session: AsyncSession) -> None:
    meetings = await events_in(session, date(2012, 10, 18), date(2013, 6, 20), kind=EventKind.WORKING_GROUP_SESSION)
    assert Counter(event.themes[0].slug for event in meetings) == {
        "insertion-des-jeunes": 3,
        "handicap": 3,
        "lutte-contre-la-precarite": 3,
    }


async def test_q2er_was_asked_for_in_february_and_born_in_september_2014(session: AsyncSession) -> None:
    of_2014 = await events_in(session, date(2014, 1, 1), date(2015, 1, 1))
    assert [event.starts_at.month for event in of_2014] == [2, 9]


async def test_the_third_edition_has_six_sequences_and_its_closing_on_the_successor(session: AsyncSession) -> None:
    edition = await events_in(session, date(2016, 9, 1), date(2017, 9, 1), territory_id=territory_id(SUCCESSOR))
    kinds = [event.kind for event in edition if event.kind is not EventKind.STEERING]
    assert kinds == [
        EventKind.COMPANY_VISIT, EventKind.SCHOOL_TALK, EventKind.TEACHER_TRAINING, EventKind.LEADER_INTERVIEW,
        EventKind.MOCK_INTERVIEW, EventKind.INTERNSHIP_PERIOD, EventKind.CLOSING_CEREMONY,
    ]  # fmt: skip
    assert edition[-1].title.endswith("Entreprise et Citoyenneté")


async def test_every_event_of_a_territory_falls_within_its_existence_and_its_communes(session: AsyncSession) -> None:
    end = datetime(2016, 1, 1, tzinfo=UTC)
    first = list(await session.scalars(select(Event).where(Event.territory_id == territory_id(FIRST))))
    successor = list(await session.scalars(select(Event).where(Event.territory_id == territory_id(SUCCESSOR))))
    assert all(event.ends_at < end and event.insee_code in {"94018", "94069"} for event in first)
    assert all(event.starts_at >= end for event in successor)


async def test_the_season_has_everything_a_town_page_can_meet(session: AsyncSession) -> None:
    ids = [event_id(entry) for entry in season()]
    options = [selectinload(child) for child in (Event.themes, Event.actors, Event.former_dates)]
    events = list(await session.scalars(select(Event).where(Event.id.in_(ids)).options(*options)))
    assert len(events) == 60
    assert len({event.insee_code for event in events if event.insee_code}) == 13
    assert {event.kind for event in events} == set(EventKind)
    assert {event.status for event in events} == set(EventStatus)
    assert {event.attendance_mode for event in events} == set(AttendanceMode)
    assert {event.registration_mode for event in events} == set(RegistrationMode)
    assert {theme.slug for event in events for theme in event.themes} == {
        "insertion-des-jeunes", "handicap", "lutte-contre-la-precarite",
    }  # fmt: skip
    assert all(event.former_dates for event in events if event.status is EventStatus.RESCHEDULED)
    assert any(event.is_all_day and event.ends_at - event.starts_at > timedelta(days=20) for event in events)
    assert any(event.image_url and event.image_alt for event in events)
    assert all(any(link.role == "organiser" for link in event.actors) for event in events)
    days = [(event.starts_at.date() - TODAY).days for event in events]
    assert -30 <= min(days) < 0
    assert 150 < max(days) <= 180


async def test_nothing_was_announced_or_changed_in_the_future(session: AsyncSession) -> None:
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    for event in await session.scalars(select(Event)):
        assert all(at is None or at < midnight for at in (event.published_at, event.withdrawn_at, event.submitted_at))
        assert (event.published_at or event.significant_at) <= event.significant_at < midnight
