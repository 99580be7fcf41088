"""Who reads the notes on an action, and who may change them: those who work on it, and each author their own."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import Depends
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import shared_with
from app.action_plans.notes.models import ActionNote
from app.action_plans.notes.schemas import NoteVerb
from app.core.db import one_or_404, require_visible
from app.core.routing import OpenSession
from app.identity.caller import Caller, CurrentCaller, Role


def visible_to(caller: Caller) -> Select[ActionNote]:
    """The collectivité reads all notes of its territories, an organisation those on actions it leads or helps."""
    actions = shared_with(caller).with_only_columns(Action.id)
    return select(ActionNote).where(ActionNote.action_id.in_(actions)).options(joinedload(ActionNote.actor))


def editable(caller: Caller) -> Select[ActionNote]:
    """What was written is its author's to change."""
    return visible_to(caller).where(ActionNote.author == caller.id)


def removable(caller: Caller) -> Select[ActionNote]:
    """The author takes a note away, or the collectivité."""
    return visible_to(caller) if caller.role is Role.COLLECTIVITE else editable(caller)


def tell_actions(caller: Caller, notes: Iterable[ActionNote]) -> None:
    """Put in `allowed_actions` of each note what the caller may do with it."""
    for note in notes:
        is_own, is_ours = note.author == caller.id, caller.role is Role.COLLECTIVITE
        verbs = [NoteVerb.EDIT] * is_own + [NoteVerb.DELETE] * (is_own or is_ours)
        note.allowed_actions = verbs if "plans:contribute" in caller.scopes else []


async def load(note_id: UUID, caller: CurrentCaller, session: OpenSession) -> ActionNote:
    """Raises `NotFound`."""
    return await one_or_404(session, visible_to(caller).where(ActionNote.id == note_id))


async def load_editable(note_id: UUID, caller: CurrentCaller, session: OpenSession) -> ActionNote:
    """Raises `NotFound`, or `NotAllowed` for a note of another author."""
    note = await load(note_id, caller, session)
    await require_visible(session, note, within=editable(caller))
    return note


async def load_removable(note_id: UUID, caller: CurrentCaller, session: OpenSession) -> ActionNote:
    """Raises `NotFound`, or `NotAllowed` for a note the caller may not take away."""
    note = await load(note_id, caller, session)
    await require_visible(session, note, within=removable(caller))
    return note


VisibleNote = Annotated[ActionNote, Depends(load)]
EditableNote = Annotated[ActionNote, Depends(load_editable)]
RemovableNote = Annotated[ActionNote, Depends(load_removable)]
