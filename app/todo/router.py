"""`/v1/todo`: what waits for the people of the collectivité this week."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.core.responses import ON_FIGURES
from app.core.routing import OpenSession, TransactionalRoute
from app.identity.caller import CurrentCaller, Needs
from app.todo import service
from app.todo.schemas import TodoAsked, TodoOut

router = APIRouter(prefix="/todo", route_class=TransactionalRoute, tags=["todo"])


@router.get("", dependencies=[Depends(Needs("todo:read"))], responses=ON_FIGURES)
async def get_todo(asked: Annotated[TodoAsked, Query()], caller: CurrentCaller, session: OpenSession) -> TodoOut:
    """What waits, the most urgent first: events to review, meetings to write down, late actions, partnerships to
    renew, follow-ups of mentorships."""
    return await service.todo(session, caller, asked)
