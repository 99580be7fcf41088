"""`/v1/internships:check`: what the law says of a placement that is only thought of."""

from fastapi import APIRouter, Depends

from app.core.errors import PayloadTooLarge, UnsupportedMediaType
from app.core.responses import ON_FIGURES, problems
from app.core.routing import TransactionalRoute
from app.identity.caller import Needs
from app.internships.compliance import service
from app.internships.compliance.schemas import ComplianceOut, InternshipCheck

router = APIRouter(prefix="/internships", route_class=TransactionalRoute, tags=["internships"])
ON_CHECK = {**ON_FIGURES, **problems(PayloadTooLarge, UnsupportedMediaType)}


@router.post(":check", dependencies=[Depends(Needs("internships:read"))], responses=ON_CHECK)
async def check_internship(body: InternshipCheck) -> ComplianceOut:
    """What the law says of a placement: each rule that is not kept, with its article and the day. Writes nothing."""
    return service.check(body)
