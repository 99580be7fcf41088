"""Writing a note on an action, in the name of an organisation or of the collectivité."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import require_part
from app.action_plans.notes import policy
from app.action_plans.notes.models import ActionNote
from app.action_plans.notes.schemas import NoteCreate
from app.core.db import save
from app.identity.caller import Caller


async def add_note(session: AsyncSession, caller: Caller, action: Action, body: NoteCreate) -> ActionNote:
    """A note, for the caller's organisation that leads or helps the action. Raises `NotAllowed` for others."""
    require_part(caller, action)
    own = [link.actor for link in action.actors if link.actor_id in caller.own_actor_ids]
    note = ActionNote(
        territory_id=action.territory_id,
        action_id=action.id,
        actor=own[0] if own else None,
        author=caller.id,
        text=body.text,
    )
    return await save_note(session, caller, note)


async def save_note(session: AsyncSession, caller: Caller, note: ActionNote) -> ActionNote:
    """Write the note, and tell what the caller may do with it."""
    await save(session, note, within=policy.editable(caller))
    policy.tell_actions(caller, [note])
    return note
