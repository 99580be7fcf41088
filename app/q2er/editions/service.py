"""The life of an edition: preparing → running → closed, and its way to the public."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.people.models import Person
from app.actors.people.policy import visible_to as people_visible_to
from app.core import clock, publication
from app.core.db import apply, one_or_404, remove, save
from app.core.errors import ErrorAt, IllegalTransition
from app.core.journal import give_reason
from app.core.publication import Publish, Withdraw
from app.core.references import all_referred, referred
from app.core.states import led_by
from app.identity.caller import Caller
from app.q2er.editions import policy
from app.q2er.editions.conditions import missing_to_close, missing_to_open
from app.q2er.editions.models import Edition, EditionState
from app.q2er.editions.schemas import EditionCreate, EditionUpdate
from app.q2er.editions.states import MOVES, EditionVerb
from app.territories.models import Programme
from app.territories.policy import visible_to as owned_visible_to


async def create_edition(session: AsyncSession, caller: Caller, body: EditionCreate) -> Edition:
    """An edition in preparation. Raises `InvalidInput` for a programme, a school or a person of elsewhere, and
    `AlreadyExists` for a second one of a programme in a school year."""
    programmes = owned_visible_to(caller, Programme)
    programme = await referred(session, programmes, Programme, "programme_id", body.programme_id)
    edition = Edition(territory_id=programme.territory_id, state=EditionState.PREPARING, schools=[])
    return await _write(session, caller, edition, dict(body))


async def update_edition(session: AsyncSession, caller: Caller, edition: Edition, body: EditionUpdate) -> Edition:
    """Change the fields given. Raises as `create_edition`."""
    return await _write(session, caller, edition, body.given())


async def open_edition(session: AsyncSession, caller: Caller, edition: Edition) -> Edition:
    """Preparing → running. Raises `IllegalTransition`, naming each sequence without a session."""
    state = led_by(MOVES, EditionVerb.OPEN, edition.state, what="edition")
    await hold(session, edition.id)
    return await _move(session, caller, edition, state, await missing_to_open(session, edition))


async def close_edition(session: AsyncSession, caller: Caller, edition: Edition) -> Edition:
    """Running → closed. Raises `IllegalTransition`, naming each session to come or without attendance."""
    state = led_by(MOVES, EditionVerb.CLOSE, edition.state, what="edition")
    await hold(session, edition.id)
    return await _move(session, caller, edition, state, await missing_to_close(session, edition))


async def publish_edition(session: AsyncSession, caller: Caller, edition: Edition, body: Publish) -> Edition:
    """Announce it, now or at `publish_at`. Raises `IllegalTransition`."""
    publication.publish(edition, body.publish_at, clock.now())
    return await saved(session, caller, edition)


async def withdraw_edition(session: AsyncSession, caller: Caller, edition: Edition, body: Withdraw) -> Edition:
    """Take it back from its readers. Raises `IllegalTransition`."""
    give_reason(session, body.reason)
    publication.withdraw(edition, clock.now())
    return await saved(session, caller, edition)


async def delete_edition(session: AsyncSession, edition: Edition) -> None:
    """Leave nothing, or a tombstone of what anyone could see. Raises `StillReferenced` while it has sequences."""
    if publication.was_public(edition, clock.now()):
        await publication.bury(session, edition, edition.territory_id, clock.now())
    await remove(session, edition)


async def hold(session: AsyncSession, edition_id: UUID) -> None:
    """Nobody else changes it, or the order of its sequences, until the end of the request."""
    await session.execute(select(Edition.id).where(Edition.id == edition_id).with_for_update(key_share=True))


def require_not_closed(edition: Edition) -> None:
    """Raises `IllegalTransition`: the sequences of a closed edition stay."""
    if edition.state is EditionState.CLOSED:
        raise IllegalTransition(edition.state, EditionState.RUNNING, "edition_closed")


async def saved(session: AsyncSession, caller: Caller, edition: Edition) -> Edition:
    """Write the edition, and read it again with its number and what the caller may do with it next."""
    await save(session, edition, within=policy.editable(caller))
    rows = policy.in_full(policy.visible_to(caller)).where(Edition.id == edition.id)
    edition = await one_or_404(session, rows.execution_options(populate_existing=True))
    policy.tell_actions(caller, [edition])
    return edition


async def _move(
    session: AsyncSession, caller: Caller, edition: Edition, state: EditionState, missing: list[ErrorAt]
) -> Edition:
    if missing:
        raise IllegalTransition(edition.state, state, f"edition_not_ready_{state}", *missing)
    edition.state = state
    return await saved(session, caller, edition)


async def _write(session: AsyncSession, caller: Caller, edition: Edition, values: Mapping[str, Any]) -> Edition:
    if "school_ids" in values:
        schools = policy.schools_in(caller, edition.territory_id)
        edition.schools = await all_referred(session, schools, Actor, "school_ids", values["school_ids"])
    person_id = values.get("referent_id")
    if person_id and person_id != edition.referent_id:
        people = people_visible_to(caller).where(Person.territory_id == edition.territory_id)
        await referred(session, people, Person, "referent_id", person_id)
    apply(edition, {name: value for name, value in values.items() if name != "school_ids"})
    return await saved(session, caller, edition)
