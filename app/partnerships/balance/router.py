"""The balance sheet of a partnership: seen by the collectivité and by its parties."""

from fastapi import APIRouter, Depends

from app.core.responses import ON_FIGURES
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.partnerships.balance import service
from app.partnerships.balance.schemas import BalanceSheet
from app.partnerships.policy import InvolvingPartnership

router = APIRouter(route_class=TransactionalRoute, tags=["partnerships"])


@router.get(
    "/partnerships/{partnership_id:uuid}/balance",
    dependencies=[Depends(Needs("partnerships:read"))],
    responses=ON_FIGURES,
)
async def get_partnership_balance(
    partnership: InvolvingPartnership, caller: CurrentCaller, session: OpenSession
) -> BalanceSheet:
    """What each party gives and receives, planned and real; the reviews averaged; whether renewal is due."""
    return await service.balance_of(session, caller, partnership)
