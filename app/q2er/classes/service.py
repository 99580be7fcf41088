"""What is decided when classes are entered."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.core.db import apply, save
from app.core.references import referred
from app.identity.caller import Caller
from app.q2er.classes import policy
from app.q2er.classes.models import SchoolClass
from app.q2er.classes.schemas import ClassCreate, ClassUpdate


async def create_class(session: AsyncSession, caller: Caller, body: ClassCreate) -> SchoolClass:
    """A class of a school. Raises `InvalidInput` for a school the caller does not answer for, `AlreadyExists`."""
    school = await referred(session, policy.schools_of(caller), Actor, "school_id", body.school_id)
    row = SchoolClass(territory_id=school.territory_id, school=school, **body.model_dump())
    return await save(session, row, within=policy.editable(caller))


async def update_class(session: AsyncSession, caller: Caller, row: SchoolClass, body: ClassUpdate) -> SchoolClass:
    """Change the fields given. Raises `InvalidInput` for more girls and boys than pupils, `AlreadyExists`."""
    apply(row, body.given())
    return await save(session, row, within=policy.editable(caller))
