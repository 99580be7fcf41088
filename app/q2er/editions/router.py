"""`/v1/q2er/editions`: Quand Entreprises et Élèves se Rencontrent, school year by school year."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.publication import Publish, Withdraw
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.q2er.editions import policy, service
from app.q2er.editions.filters import EditionFilters
from app.q2er.editions.models import Edition
from app.q2er.editions.policy import EditableEdition, PublishableEdition, VisibleEdition
from app.q2er.editions.schemas import EditionCreate, EditionOut, EditionUpdate

READ = [Depends(Needs("q2er:read"))]
WRITE = [Depends(Needs("q2er:write"))]
ONCE = Depends(idempotency.begin)
VERB = [*WRITE, ONCE]
ANNOUNCE = [Depends(Needs("q2er:publish")), ONCE]
NOW = Publish()

router = APIRouter(prefix="/q2er/editions", route_class=TransactionalRoute, tags=["q2er"])


@router.get("", response_model=Page[EditionOut], dependencies=READ, responses=ON_LIST)
async def list_editions(
    filters: Annotated[EditionFilters, Query()], asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The editions you see, the latest school year first."""
    rows = await filters.apply(session, policy.in_full(policy.visible_to(caller)))
    found = await page(session, rows, asked, by=(Edition.school_year, Edition.id), descending=True)
    policy.tell_actions(caller, found["items"])
    return found


@router.post("", status_code=201, response_model=EditionOut, dependencies=VERB, responses=ON_CREATE)
async def create_edition(
    body: EditionCreate, caller: CurrentCaller, session: OpenSession, response: Response
) -> Edition:
    """Prepare an edition of a programme. A referent's own school takes part in it."""
    return created(response, await service.create_edition(session, caller, body))


@router.get("/{edition_id:uuid}", response_model=EditionOut, dependencies=READ, responses=ON_READ)
async def get_edition(edition: VisibleEdition, caller: CurrentCaller, response: Response) -> Edition:
    """One edition."""
    policy.tell_actions(caller, [edition])
    return tagged(response, edition)


@router.patch("/{edition_id:uuid}", response_model=EditionOut, dependencies=WRITE, responses=ON_EDIT)
async def update_edition(
    body: EditionUpdate, edition: EditableEdition, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Edition:  # fmt: skip
    """Change the fields given. Its state changes by `:open` and `:close`."""
    require_match(edition, if_match)
    return tagged(response, await service.update_edition(session, caller, edition, body))


@router.delete("/{edition_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_edition(edition: EditableEdition, if_match: IfMatch, session: OpenSession) -> None:
    """Delete an edition without sequences. Of one that was public, its identifier stays."""
    require_match(edition, if_match)
    await service.delete_edition(session, edition)


@router.post("/{edition_id:uuid}:open", response_model=EditionOut, dependencies=VERB, responses=ON_VERB)
async def open_edition(
    edition: EditableEdition, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Edition:
    """Begin an edition of which every sequence has a session; else each that has none is named."""
    require_match(edition, if_match)
    return tagged(response, await service.open_edition(session, caller, edition))


@router.post("/{edition_id:uuid}:close", response_model=EditionOut, dependencies=VERB, responses=ON_VERB)
async def close_edition(
    edition: EditableEdition, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Edition:
    """Close an edition whose sessions are over and have their attendance; else each that is missing is named."""
    require_match(edition, if_match)
    return tagged(response, await service.close_edition(session, caller, edition))


@router.post("/{edition_id:uuid}:publish", response_model=EditionOut, dependencies=ANNOUNCE, responses=ON_VERB)
async def publish_edition(
    edition: PublishableEdition, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response,
    body: Publish = NOW,
) -> Edition:  # fmt: skip
    """Publish an edition with its sequences now, or under embargo. A withdrawn one comes back at once."""
    require_match(edition, if_match)
    return tagged(response, await service.publish_edition(session, caller, edition, body))


@router.post("/{edition_id:uuid}:withdraw", response_model=EditionOut, dependencies=ANNOUNCE, responses=ON_VERB)
async def withdraw_edition(
    body: Withdraw, edition: PublishableEdition, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Edition:  # fmt: skip
    """Take an edition back from the public, which is told that it is gone. Under embargo it becomes a draft again."""
    require_match(edition, if_match)
    return tagged(response, await service.withdraw_edition(session, caller, edition, body))
