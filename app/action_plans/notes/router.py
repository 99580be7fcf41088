"""`/v1/action-notes`, and those on one action."""

from fastapi import APIRouter, Depends, Response

from app.action_plans.actions.policy import VisibleAction
from app.action_plans.notes import policy, service
from app.action_plans.notes.models import ActionNote
from app.action_plans.notes.policy import EditableNote, RemovableNote, VisibleNote
from app.action_plans.notes.schemas import NoteCreate, NoteOut, NoteUpdate
from app.core import idempotency
from app.core.db import apply, remove
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST_WITHIN, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs

READ = [Depends(Needs("plans:read"))]
WRITE = [Depends(Needs("plans:contribute"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(route_class=TransactionalRoute, tags=["actions"])


@router.get(
    "/actions/{action_id:uuid}/notes", response_model=Page[NoteOut], dependencies=READ, responses=ON_LIST_WITHIN
)
async def list_action_notes(
    action: VisibleAction, asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The notes on an action, latest first; none for who does not work on it."""
    rows = policy.visible_to(caller).where(ActionNote.action_id == action.id)
    found = await page(session, rows, asked, by=(ActionNote.created_at, ActionNote.id), descending=True)
    policy.tell_actions(caller, found["items"])
    return found


@router.post(
    "/actions/{action_id:uuid}/notes", status_code=201, response_model=NoteOut, dependencies=[*WRITE, ONCE],
    responses=ON_CREATE,
)  # fmt: skip
async def create_action_note(
    body: NoteCreate, action: VisibleAction, caller: CurrentCaller, session: OpenSession, response: Response
) -> ActionNote:
    """Write a note on an action your organisation leads or helps."""
    return created(response, await service.add_note(session, caller, action, body))


@router.get("/action-notes/{note_id:uuid}", response_model=NoteOut, dependencies=READ, responses=ON_READ)
async def get_action_note(note: VisibleNote, caller: CurrentCaller, response: Response) -> ActionNote:
    """One note."""
    policy.tell_actions(caller, [note])
    return tagged(response, note)


@router.patch("/action-notes/{note_id:uuid}", response_model=NoteOut, dependencies=WRITE, responses=ON_EDIT)
async def update_action_note(
    body: NoteUpdate, note: EditableNote, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> ActionNote:  # fmt: skip
    """Change what you wrote."""
    require_match(note, if_match)
    apply(note, body.given())
    return tagged(response, await service.save_note(session, caller, note))


@router.delete("/action-notes/{note_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_action_note(note: RemovableNote, if_match: IfMatch, session: OpenSession) -> None:
    """Take a note away: your own, or any for the collectivité."""
    require_match(note, if_match)
    await remove(session, note)
