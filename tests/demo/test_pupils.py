"""The demonstration's pupils: as many as the source tells, ten of them canaries, all marked as invented."""

from sqlalchemy import func, select

from app.core.db import let_see
from app.demo.pupils import CANARY
from app.q2er.classes.models import SchoolClass
from app.q2er.pupils.models import Guardian, Pupil, PupilExternalId


async def test_two_hundred_pupils_are_in_the_school_this_year_ten_of_them_canaries(loaded):
    async with loaded.session() as session:
        assert await session.scalar(select(func.count()).select_from(Pupil)) == 0
        await let_see(session, school_ids=None)
        pupils = (await session.scalars(select(Pupil))).all()
        assert (len(pupils), {pupil.school_year for pupil in pupils}) == (200, {"2026-2027"})
        assert all(pupil.is_demonstration for pupil in pupils)
        assert {pupil.class_name for pupil in pupils} == set(await session.scalars(select(SchoolClass.name)))
        canaries = {pupil.id for pupil in pupils if CANARY in pupil.last_name}
        assert len(canaries) == 10
        told = [row for row in await session.scalars(select(Guardian)) if row.pupil_id in canaries]
        assert all(CANARY in f"{row.first_name}" and CANARY in row.last_name for row in told)
        named = {row.pupil_id for row in await session.scalars(select(PupilExternalId)) if CANARY in row.id}
        assert named == canaries
