"""Taking the electors of a draft: chosen one by one, or from a working group, an event, or the actors."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, Uuid, cast, delete, func, insert, literal, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor
from app.actors.people.models import Person
from app.actors.people.policy import visible_to as people_visible_to
from app.actors.policy import visible_to as actors_visible_to
from app.core import clock
from app.core.db import R, touch
from app.core.errors import ErrorAt, IllegalTransition, InvalidInput, pointer
from app.core.filters import holds_on
from app.core.references import all_referred, referred
from app.dialogue.decisions import states
from app.dialogue.decisions.electors.schemas import (
    ActorElectors,
    ChosenElectors,
    ElectorsChoice,
    EventElectors,
    GroupElectors,
    Presence,
    Voice,
)
from app.dialogue.decisions.models import Decision, DecisionState, Elector, Voices
from app.dialogue.decisions.service import saved
from app.dialogue.decisions.states import DecisionVerb
from app.dialogue.working_groups.models import GroupMember, WorkingGroup
from app.dialogue.working_groups.policy import visible_to as groups_visible_to
from app.events.models import Event
from app.events.policy import visible_to as events_visible_to
from app.events.registrations.models import Attendance, Registration, RegistrationStatus
from app.identity.caller import Caller
from app.territories.models import Theme
from app.territories.policy import visible_to as territorys_visible_to
from app.territories.service import today_in

Voters = Select[Any, Any]
"""A person's and an actor's identifier a row."""


async def choose(session: AsyncSession, caller: Caller, decision: Decision, body: ElectorsChoice) -> Decision:
    """Put these in place of the electors there were.

    Raises `InvalidInput` for who is of elsewhere or where there is nobody, `IllegalTransition` once it is no draft.
    """
    reason = states.blocker(DecisionVerb.CHOOSE_ELECTORS, decision, clock.now())
    if reason:
        raise IllegalTransition(decision.state, DecisionState.DRAFT, reason)
    await session.execute(delete(Elector).where(Elector.decision_id == decision.id))
    decision.voices = body.voices
    touch(decision)
    await session.flush()  # the database holds electors against what the decision says of voices
    match body.source:
        case ChosenElectors(electors=electors):
            await _add_chosen(session, caller, decision, electors)
        case GroupElectors() as source:
            await _add(session, decision, await _members(session, caller, decision, source))
        case EventElectors() as source:
            await _add(session, decision, await _listed(session, caller, decision, source))
        case ActorElectors() as source:
            await _add(session, decision, await _actors(session, caller, decision, source))
    return await saved(session, caller, decision)


async def _add(session: AsyncSession, decision: Decision, found: Voters) -> None:
    """One voice for each person found, or one for each organisation. Raises `InvalidInput` where there is none."""
    person_id, actor_id = found.subquery().c
    voices: Voters = select(person_id, actor_id).where(person_id.is_not(None))
    if decision.voices is Voices.ACTORS:
        voices = select(null().label("person_id"), actor_id).where(actor_id.is_not(None)).distinct()
    rows = voices.subquery().c
    new = select(func.gen_random_uuid(), literal(decision.id), cast(rows.person_id, Uuid), rows.actor_id)
    added = insert(Elector).from_select(["id", "decision_id", "person_id", "actor_id"], new).returning(Elector.id)
    if not (await session.scalars(added)).all():
        raise InvalidInput(ErrorAt("#/source", "nobody_there"))


async def _add_chosen(session: AsyncSession, caller: Caller, decision: Decision, given: Sequence[Voice]) -> None:
    """Raises `InvalidInput` for who is not of the territory, and for a voice of the other sort."""
    is_people = decision.voices is Voices.PEOPLE
    mixed = [place for place, voice in enumerate(given) if (voice.person_id is not None) != is_people]
    if mixed:
        raise InvalidInput(*(ErrorAt(pointer("source", "electors", at, "person_id"), "voices_mixed") for at in mixed))
    people = people_visible_to(caller).where(Person.territory_id == decision.territory_id)
    actors = actors_visible_to(caller).where(Actor.territory_id == decision.territory_id)
    known = await _among(session, people, Person, [voice.person_id for voice in given])
    known |= await _among(session, actors, Actor, [voice.actor_id for voice in given])
    faults = [
        ErrorAt(pointer("source", "electors", place, name), "unknown_reference")
        for place, voice in enumerate(given)
        for name, id_ in voice
        if id_ and id_ not in known
    ]
    if faults:
        raise InvalidInput(*faults)
    rows = [{"id": uuid4(), "decision_id": decision.id, **voice.model_dump()} for voice in given]
    await session.execute(insert(Elector), rows)


async def _among(session: AsyncSession, rows: Select[R], kind: type[R], ids: Iterable[UUID | None]) -> set[UUID]:
    named = {id_ for id_ in ids if id_}
    return set(await session.scalars(rows.where(kind.id.in_(named)).with_only_columns(kind.id))) if named else set()


async def _members(session: AsyncSession, caller: Caller, decision: Decision, source: GroupElectors) -> Voters:
    groups = groups_visible_to(caller).where(WorkingGroup.territory_id == decision.territory_id)
    await referred(session, groups, WorkingGroup, "source/working_group_id", source.working_group_id)
    today = await today_in(session, decision.territory_id)
    return select(GroupMember.person_id, GroupMember.actor_id).where(
        GroupMember.working_group_id == source.working_group_id,
        holds_on(today, GroupMember.valid_from, GroupMember.valid_until),
    )


async def _listed(session: AsyncSession, caller: Caller, decision: Decision, source: EventElectors) -> Voters:
    events = events_visible_to(caller).where(Event.territory_id == decision.territory_id)
    await referred(session, events, Event, "source/event_id", source.event_id)
    is_there = (
        Registration.attendance == Attendance.ATTENDED
        if source.presence is Presence.ATTENDED
        else Registration.status == RegistrationStatus.REGISTERED
    )
    return select(Registration.person_id, Registration.actor_id).where(
        Registration.event_id == source.event_id, is_there
    )


async def _actors(session: AsyncSession, caller: Caller, decision: Decision, source: ActorElectors) -> Voters:
    if decision.voices is not Voices.ACTORS:
        raise InvalidInput(ErrorAt("#/voices", "actors_have_voices"))
    today = await today_in(session, decision.territory_id)
    themes = territorys_visible_to(caller, Theme).where(Theme.territory_id == decision.territory_id)
    await all_referred(session, themes, Theme, "source/theme_ids", source.theme_ids)
    actors = actors_visible_to(caller).where(
        Actor.territory_id == decision.territory_id, holds_on(today, Actor.valid_from, Actor.valid_until)
    )
    if source.kinds:
        actors = actors.where(Actor.kind.in_(source.kinds))
    if source.theme_ids:
        actors = actors.where(Actor.themes.any(Theme.id.in_(source.theme_ids)))
    return actors.with_only_columns(null().label("person_id"), Actor.id.label("actor_id"))
