"""What writing the parties of a partnership takes: actors of its territory, and two of them while it is active."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.policy import visible_to as actors_visible_to
from app.core.db import apply, remove, save, touch
from app.core.errors import Conflict, ErrorAt, InvalidInput, pointer
from app.core.references import referred
from app.identity.caller import Caller
from app.partnerships.models import Contribution, Partnership, PartnershipStage, Party
from app.partnerships.parties import policy
from app.partnerships.parties.schemas import ContributionIn, PartyCreate, PartyUpdate
from app.partnerships.states import FEWEST_PARTIES


async def add_party(session: AsyncSession, caller: Caller, partnership: Partnership, body: PartyCreate) -> Party:
    """A new party. Raises `InvalidInput` for an actor of elsewhere or a recipient that is no party, `AlreadyExists`
    for an actor that is party to it already."""
    actors = actors_visible_to(caller).where(Actor.territory_id == partnership.territory_id)
    actor = await referred(session, actors, Actor, "actor_id", body.actor_id)
    party = Party(
        territory_id=partnership.territory_id, partnership_id=partnership.id, actor_id=actor.id, actor=actor,
        contributions=[],
    )  # fmt: skip
    return await _write(session, caller, party, dict(body))


async def update_party(session: AsyncSession, caller: Caller, party: Party, body: PartyUpdate) -> Party:
    """Change the fields given. Raises as `add_party`."""
    return await _write(session, caller, party, body.given())


async def remove_party(session: AsyncSession, party: Party) -> None:
    """Let an actor out. Raises `Conflict` for one of the two an active partnership has, `StillReferenced` for one
    that has reviewed it or to whom another party gives."""
    partnership = await _hold(session, party)
    if partnership.stage is PartnershipStage.ACTIVE and len(await _others(session, party)) < FEWEST_PARTIES:
        raise Conflict(ErrorAt("#", "two_parties_needed"))
    touch(partnership)
    await remove(session, party)


async def _hold(session: AsyncSession, party: Party) -> Partnership:
    """Its partnership, held until the end of the request: its stage depends on how many parties there are."""
    held = select(Partnership).where(Partnership.id == party.partnership_id).with_for_update(key_share=True)
    return (await session.scalars(held.execution_options(populate_existing=True))).one()


async def _others(session: AsyncSession, party: Party) -> set[UUID]:
    """The actors that are party to the same partnership beside it."""
    others = select(Party.actor_id).where(Party.partnership_id == party.partnership_id)
    return set(await session.scalars(others.where(Party.actor_id != party.actor_id)))


async def _write(session: AsyncSession, caller: Caller, party: Party, values: Mapping[str, Any]) -> Party:
    touch(await _hold(session, party))
    written = dict(values)
    if "contributions" in values:
        written["contributions"] = _contributions(values["contributions"], await _others(session, party))
    apply(party, written)
    return await save(session, party, within=policy.editable(caller))


def _contributions(given: Sequence[ContributionIn], others: set[UUID]) -> list[Contribution]:
    """What it gives, in the order given. Raises `InvalidInput` for one to no other party, or without an amount."""
    faults = [*_faults(given, others)]
    if faults:
        raise InvalidInput(*faults)
    return [Contribution(position=position, **one.model_dump()) for position, one in enumerate(given, 1)]


def _faults(given: Sequence[ContributionIn], others: set[UUID]) -> list[ErrorAt]:
    strangers = [
        ErrorAt(pointer("contributions", place, "recipient_id"), "unknown_reference")
        for place, one in enumerate(given)
        if one.recipient_id and one.recipient_id not in others
    ]
    return strangers + [
        ErrorAt(pointer("contributions", place), "amount_needed")
        for place, one in enumerate(given)
        if one.planned_amount is None and one.real_amount is None
    ]
