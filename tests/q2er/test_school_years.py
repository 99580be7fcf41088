"""What the database itself holds of school years: sequences and sessions lie within theirs."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from app.events.models import EventKind
from tests import factories
from tests.q2er.factories import a_class, a_sequence, an_edition


@pytest.fixture
async def territory(session):
    return await factories.a_territory(session)


@pytest.mark.parametrize("school_year", ["2016-2018", "2016", "2016/2017", "2017-2016"])
async def test_a_school_year_is_two_years_that_follow_each_other(session, territory, school_year):
    with pytest.raises(IntegrityError, match="editions_school_year_check"):
        await an_edition(session, territory, school_year=school_year)


@pytest.mark.parametrize(("starts_on", "ends_on"), [((2016, 8, 31), (2016, 9, 2)), ((2017, 8, 31), (2017, 9, 1))])
async def test_a_sequence_lies_in_its_school_year(session, territory, starts_on, ends_on):
    edition = await an_edition(session, territory)
    with pytest.raises(IntegrityError, match="sequences_school_year_check"):
        await a_sequence(session, edition, starts_on=date(*starts_on), ends_on=date(*ends_on))


async def test_a_session_lies_in_the_school_year_as_its_own_zone_counts_days(session, territory):
    sequence = await a_sequence(session, await an_edition(session, territory))
    first = datetime(2016, 8, 31, 22, tzinfo=UTC)  # midnight of 1 September in Paris
    await factories.an_event(session, territory, sequence_id=sequence.id, starts_at=first, kind=EventKind.SCHOOL_TALK)
    late = datetime(2017, 8, 31, 21, tzinfo=UTC)  # until 1 a.m. of 1 September
    with pytest.raises(IntegrityError, match="school year"):
        await factories.an_event(session, territory, sequence_id=sequence.id, starts_at=late)


async def test_a_session_is_of_a_sequence_of_its_own_territory(session, territory):
    abroad = await factories.a_territory(session)
    sequence = await a_sequence(session, await an_edition(session, abroad))
    at = datetime(2016, 10, 1, 9, tzinfo=UTC)
    with pytest.raises(IntegrityError, match="events_sequence_id_territory_id_fkey"):
        await factories.an_event(session, territory, sequence_id=sequence.id, starts_at=at)


async def test_only_a_school_has_editions_and_classes(session, territory):
    company = await factories.an_actor(session, territory)
    with pytest.raises(IntegrityError, match="classes_school_id_school_kind_fkey"):
        await a_class(session, company)
