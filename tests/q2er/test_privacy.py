"""What goes on by itself: pupils whose time is over are codes, and an erasure outlives a restored backup."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app.core import clock
from app.core.db import let_see
from app.q2er.privacy.service import exchange, purge, reapply_erasures
from app.q2er.pupils.models import Erasure, Pupil
from app.q2er.pupils.retention import erasure_key, today
from tests.conftest import SETTINGS
from tests.q2er.factories import a_pupil


@pytest.fixture
def settings(tmp_path):
    return SETTINGS.model_copy(update={"erasure_ledger": tmp_path / "erasures"})


async def known(session) -> set:
    await let_see(session, school_ids=None)
    session.expunge_all()
    return set(await session.scalars(select(Pupil.id).where(Pupil.erased_at.is_(None))))


async def test_pupils_whose_day_has_come_are_purged_and_no_other(session, school, settings):
    due = await a_pupil(session, school, purge_on=today(), guardians=({},), external_ids=(("ent", "1"),))
    later = await a_pupil(session, school, purge_on=today() + timedelta(days=1))
    kept = settings.model_copy(update={"pupil_disposition": "transfer"})
    assert await purge(session, kept) == 0
    assert await purge(session, settings) == 1
    assert await known(session) & {due.id, later.id} == {later.id}
    assert await purge(session, settings) == 0


async def test_who_was_erased_is_erased_again_after_a_restore(session, referent, school, settings):
    pupil, other = await a_pupil(session, school), await a_pupil(session, school)
    assert (await referent.delete(f"/v1/q2er/pupils/{pupil.id}", headers={"If-Match": "*"})).status_code == 204
    await let_see(session, school_ids=[school.id])
    await session.execute(
        text(
            "UPDATE pupils SET first_name = 'Lina', last_name = 'Durand', birth_date = '2010-05-17', erased_at = null"
            " WHERE id = :id"
        ),
        {"id": pupil.id},
    )
    assert await known(session) >= {pupil.id, other.id}
    assert await reapply_erasures(session, settings) == 1
    assert pupil.id not in await known(session)
    assert other.id in await known(session)


async def test_the_file_beside_the_database_brings_erasures_into_one_that_lost_them(session, school, settings):
    pupil = await a_pupil(session, school)
    cut_short = "ab12"
    line = f"{erasure_key(settings, pupil.id).hex()} {clock.now().isoformat()}\n"
    settings.erasure_ledger.write_text(line + cut_short)
    assert await reapply_erasures(session, settings) == 1
    assert pupil.id not in await known(session)
    held = await session.scalar(select(func.count()).where(Erasure.key_hash == erasure_key(settings, pupil.id)))
    assert held == 1
    assert str(pupil.id) not in settings.erasure_ledger.read_text()


async def test_the_file_gets_what_the_database_has_and_says_nobody(session, referent, school, settings):
    pupil = await a_pupil(session, school)
    await referent.delete(f"/v1/q2er/pupils/{pupil.id}", headers={"If-Match": "*"})
    for _ in range(2):
        await exchange(session, settings.erasure_ledger)
    lines = settings.erasure_ledger.read_text().splitlines()
    assert [line.split()[0] for line in lines] == [erasure_key(settings, pupil.id).hex()]
