"""`/v1/q2er/pupils`: the pupils of a school, for its referent alone. Who reads of them is noted pupil by pupil."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from app.core import idempotency
from app.core.etag import IfMatch, created, require_match, tagged
from app.core.pagination import Page, PageAsked, page
from app.core.responses import ON_CREATE, ON_DELETE, ON_EDIT, ON_FIGURES, ON_LIST_WITHIN, ON_READ, ON_VERB
from app.core.routing import OpenSession, TransactionalRoute
from app.core.spreadsheets import importing
from app.core.spreadsheets.asking import IMPORT_BODY, ON_FILE_LIST, ON_IMPORT, FileAsked, ImportAsked
from app.core.spreadsheets.exporting import page_or_file
from app.core.spreadsheets.report import ImportReport
from app.identity.caller import CurrentCaller, Needs
from app.identity.trail.policy import TrailEntry
from app.q2er.pupils import accesses, policy, service
from app.q2er.pupils.accesses import note_reading
from app.q2er.pupils.filters import PupilFilters
from app.q2er.pupils.models import Pupil
from app.q2er.pupils.policy import VisiblePupil
from app.q2er.pupils.schemas import AccessLogEntry, PupilCreate, PupilFile, PupilMerge, PupilOut, PupilUpdate
from app.q2er.pupils.spreadsheet import sheet
from app.settings import Settings

READ = [Depends(Needs("pupils:read"))]
WRITE = [Depends(Needs("pupils:write"))]
READ_AND_WRITE = [Depends(Needs("pupils:read", "pupils:write"))]
ONCE = Depends(idempotency.begin)


async def current_settings(request: Request) -> Settings:
    """The settings of this application."""
    settings: Settings = request.app.state.settings
    return settings


OurSettings = Annotated[Settings, Depends(current_settings)]

router = APIRouter(prefix="/q2er/pupils", route_class=TransactionalRoute, tags=["q2er"])


@router.get("", response_model=Page[PupilOut], dependencies=READ, responses=ON_FILE_LIST)
async def list_pupils(
    filters: Annotated[PupilFilters, Query()],
    asked: PageAsked,
    wanted: FileAsked,
    caller: CurrentCaller,
    session: OpenSession,
    settings: OurSettings,
) -> object:
    """The pupils of your school, by last name; all of them as a file for a spreadsheet."""
    rows = filters.apply(policy.visible_to(caller))
    if wanted.is_file:
        note_reading(wanted.request, caller, await service.those_in(session, rows))
    found = await page_or_file(session, rows, asked, wanted, await sheet(session, caller, settings))
    if isinstance(found, dict):
        note_reading(wanted.request, caller, found["items"])
    return found


@router.post(
    ":import",
    response_model=ImportReport,
    dependencies=[*READ_AND_WRITE, ONCE],
    responses=ON_IMPORT,
    openapi_extra=IMPORT_BODY,
)
async def import_pupils(
    asked: ImportAsked, caller: CurrentCaller, session: OpenSession, settings: OurSettings
) -> object:
    """Add and change pupils by a file of the school's software or of the export; preview first, then apply. Refused
    with a column of national numbers (INE)."""
    told = await importing.run(session, await sheet(session, caller, settings), asked)
    if isinstance(told, ImportReport):
        known = service.among_ids(caller, [row.id for row in told.rows if row.id])
        note_reading(asked.answer.request, caller, await service.those_in(session, known))
    return told


@router.post("", status_code=201, response_model=PupilOut, dependencies=[*WRITE, ONCE], responses=ON_CREATE)
async def create_pupil(
    body: PupilCreate, caller: CurrentCaller, session: OpenSession, settings: OurSettings, response: Response
) -> Pupil:
    """Add a pupil of your school."""
    return created(response, await service.create_pupil(session, caller, settings, body))


@router.get("/{pupil_id:uuid}", response_model=PupilOut, dependencies=READ, responses=ON_READ)
async def get_pupil(pupil: VisiblePupil, caller: CurrentCaller, request: Request, response: Response) -> Pupil:
    """One pupil of your school."""
    note_reading(request, caller, [pupil])
    return tagged(response, pupil)


@router.patch("/{pupil_id:uuid}", response_model=PupilOut, dependencies=WRITE, responses=ON_EDIT)
async def update_pupil(
    body: PupilUpdate,
    pupil: VisiblePupil,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    settings: OurSettings,
    response: Response,
) -> Pupil:
    """Change the fields given."""
    require_match(pupil, if_match)
    return tagged(response, await service.update_pupil(session, caller, settings, pupil, body))


@router.delete("/{pupil_id:uuid}", status_code=204, dependencies=WRITE, responses=ON_DELETE)
async def erase_pupil(
    pupil: VisiblePupil, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, settings: OurSettings
) -> None:
    """Erase all that says who a pupil is, entries merged into them included, for good: a restored backup has them
    erased again. Counts they were part of stay."""
    require_match(pupil, if_match)
    await service.erase(session, caller, settings, pupil)


@router.post("/{pupil_id:uuid}:merge", response_model=PupilOut, dependencies=[*READ_AND_WRITE, ONCE], responses=ON_VERB)
async def merge_pupil(
    body: PupilMerge,
    pupil: VisiblePupil,
    if_match: IfMatch,
    caller: CurrentCaller,
    session: OpenSession,
    response: Response,
) -> Pupil:
    """Merge a duplicate into this entry: its identifiers and participations count for it from now on."""
    require_match(pupil, if_match)
    return tagged(response, await service.merge(session, caller, pupil, body.duplicate_id))


@router.post(
    "/{pupil_id:uuid}:unmerge", response_model=PupilOut, dependencies=[*READ_AND_WRITE, ONCE], responses=ON_VERB
)
async def unmerge_pupil(
    pupil: VisiblePupil, if_match: IfMatch, caller: CurrentCaller, session: OpenSession, response: Response
) -> Pupil:
    """Make an entry that was merged into another a pupil of its own again, with all it had."""
    require_match(pupil, if_match)
    return tagged(response, await service.unmerge(session, caller, pupil))


@router.get(
    "/{pupil_id:uuid}/access-log",
    response_model=Page[AccessLogEntry],
    dependencies=READ,
    responses=ON_LIST_WITHIN,
)
async def list_pupil_accesses(pupil: VisiblePupil, asked: PageAsked, session: OpenSession) -> dict[str, Any]:
    """Who read or changed what of a pupil, latest first: what a guardian may ask for."""
    lines = await page(session, policy.accesses_to(pupil), asked, by=[TrailEntry.seq], descending=True)
    return {**lines, "items": await accesses.told(session, lines["items"])}


@router.get("/{pupil_id:uuid}:export", response_model=PupilFile, dependencies=READ, responses=ON_FIGURES)
async def export_pupil(pupil: VisiblePupil, caller: CurrentCaller, session: OpenSession, request: Request) -> PupilFile:
    """All that is held on a pupil, and who read it: what they or their guardians may ask for."""
    note_reading(request, caller, [pupil])
    return await accesses.whole_file(session, caller, pupil)
