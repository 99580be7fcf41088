"""The parties of a partnership, in detail: seen by the collectivité and by the parties themselves."""

from fastapi import APIRouter, Depends, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_LIST_WITHIN, ON_READ
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.partnerships.models import Party
from app.partnerships.parties import policy, service
from app.partnerships.parties.policy import EditableParty, VisibleParty
from app.partnerships.parties.schemas import PartyCreate, PartyOut, PartyUpdate
from app.partnerships.policy import EditablePartnership, InvolvingPartnership

READ = [Depends(Needs("partnerships:read"))]
WRITE = [Depends(Needs("partnerships:write"))]
ONCE = Depends(idempotency.begin)

router = APIRouter(route_class=TransactionalRoute, tags=["partnerships"])


@router.get(
    "/partnerships/{partnership_id:uuid}/parties",
    response_model=Page[PartyOut],
    dependencies=READ,
    responses=ON_LIST_WITHIN,
)
async def list_partnership_parties(
    partnership: InvolvingPartnership, asked: PageAsked, caller: CurrentCaller, session: OpenSession
) -> object:
    """The parties, in the order they joined, with what each gives and looks for."""
    return await page(session, policy.of_partnership(caller, partnership), asked, by=(Party.id,))


@router.post(
    "/partnerships/{partnership_id:uuid}/parties",
    status_code=201,
    response_model=PartyOut,
    dependencies=[*WRITE, ONCE],
    responses=ON_CREATE,
)
async def create_partnership_party(
    body: PartyCreate, partnership: EditablePartnership, caller: CurrentCaller, session: OpenSession, response: Response
) -> Party:
    """Let an actor of the territory join, once."""
    return created(response, await service.add_party(session, caller, partnership, body))


@router.get("/partnership-parties/{party_id:uuid}", response_model=PartyOut, dependencies=READ, responses=ON_READ)
async def get_partnership_party(party: VisibleParty, response: Response) -> Party:
    """One party."""
    return tagged(response, party)


@router.patch("/partnership-parties/{party_id:uuid}", response_model=PartyOut, dependencies=WRITE, responses=ON_EDIT)
async def update_partnership_party(
    body: PartyUpdate, party: EditableParty, if_match: IfMatch, caller: CurrentCaller, session: OpenSession,
    response: Response,
) -> Party:  # fmt: skip
    """Change the fields given: what was really given is entered here."""
    require_match(party, if_match)
    return tagged(response, await service.update_party(session, caller, party, body))


@router.delete("/partnership-parties/{party_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def delete_partnership_party(party: EditableParty, if_match: IfMatch, session: OpenSession) -> None:
    """Let an actor out of a partnership it did not review. An active one keeps two parties."""
    require_match(party, if_match)
    await service.remove_party(session, party)
