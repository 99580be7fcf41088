"""The second wall: what PostgreSQL itself shows the app role of pupils, whatever the code asks."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core.db import Base, let_see
from app.identity.caller import Role
from app.q2er.pupils.models import Guardian, Pupil, PupilExternalId
from tests import factories
from tests.q2er.factories import a_pupil

TABLES = ("pupils", "pupil_guardians", "pupil_external_ids")


@pytest.fixture
async def two(session):
    """A pupil with a guardian and a foreign name in each of two schools of one territory."""
    territory = await factories.a_territory(session)
    found = []
    for _ in range(2):
        school = await factories.a_school(session, territory)
        pupil = await a_pupil(session, school, guardians=({"email": "a@example.org"},), external_ids=(("ent", "1"),))
        found.append((school, pupil))
    await let_see(session, school_ids=())
    session.expunge_all()
    return found


async def counts(session) -> list[int]:
    return [await session.scalar(text(f"SELECT count(*) FROM {table}")) for table in TABLES]


async def test_a_school_sees_its_own_pupils_and_who_says_nothing_sees_none(session, two):
    (school, _), (other, _) = two
    assert await counts(session) == [0, 0, 0]
    await let_see(session, school_ids=[school.id])
    assert await counts(session) == [1, 1, 1]
    await let_see(session, school_ids=[school.id, other.id])
    assert await counts(session) == [2, 2, 2]
    await let_see(session, school_ids=[uuid4()])
    assert await counts(session) == [0, 0, 0]


async def test_no_pupil_is_changed_added_or_moved_out_of_sight(session, two):
    (school, pupil), (other, _) = two
    for table in TABLES:
        assert (await session.execute(text(f"DELETE FROM {table}"))).rowcount == 0
    await let_see(session, school_ids=[other.id])
    for statement in (
        "UPDATE pupils SET school_id = :to",
        "UPDATE pupil_external_ids SET school_id = :to",
        "UPDATE pupil_guardians SET pupil_id = :pupil",
        "INSERT INTO pupil_guardians VALUES (gen_random_uuid(), :pupil, 2, 'A', 'B')",
    ):
        with pytest.raises(DBAPIError, match=r"row-level security|violates"):
            async with session.begin_nested():
                await session.execute(text(statement), {"to": school.id, "pupil": pupil.id})


async def test_whoever_counts_sees_codes_and_can_change_nothing_through_them(session, two):
    rows = (await session.execute(text("SELECT * FROM pupil_codes"))).all()
    assert {row.id for row in rows} >= {pupil.id for _, pupil in two}
    assert set(rows[0]._mapping) == {"id", "one_id", "territory_id", "school_id", "level"}
    for statement in ("UPDATE pupil_codes SET level = 'bts'", "DELETE FROM pupil_codes"):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with session.begin_nested():
                await session.execute(text(statement))


@pytest.mark.unit
def test_no_role_but_the_referent_has_any_school_in_sight():
    for role in Role:
        school = uuid4()
        caller = factories.a_caller(role, school_ids=frozenset({school}), actor_ids=frozenset({uuid4()}))
        assert caller.sight["school_ids"] is not None
        assert set(caller.sight["school_ids"]) == ({school} if role is Role.REFERENT else set())


NEUTRAL = {
    "id", "territory_id", "school_id", "school_kind", "purge_on", "merged_into_id", "is_one", "goes_into_one",
    "erased_at", "is_demonstration", "created_at", "updated_at", "version", "pupil_id", "position", "source",
    "came_from_id", "school_year",
}  # fmt: skip


@pytest.mark.unit
@pytest.mark.parametrize("model", [Pupil, Guardian, PupilExternalId])
def test_every_column_that_tells_of_a_person_says_why_for_how_long_and_to_whom(model: type[Base]):
    for column in model.__table__.columns:
        told = {"personal", "basis", "purpose", "retention", "audience"} if column.name not in NEUTRAL else set()
        assert set(column.info) == told, column.name
