"""Is the process alive, and can it work? Asked by a load balancer or a container's health check."""

import asyncio
from typing import Literal

import structlog
from asyncpg import InterfaceError, PostgresError
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from app.core import failures, metrics, migrations
from app.core.db import Database
from app.core.errors import Unavailable
from app.core.responses import problems

LONGEST_CHECK = 3
RETRY = {"Retry-After": "5"}
log = structlog.get_logger(__name__)

router = APIRouter(tags=["service"])
router.include_router(metrics.router)


class Health(BaseModel):
    """One word."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ready"}]})

    status: Literal["alive", "ready"]


@router.get("/livez", summary="Is the process alive?")
async def get_liveness(response: Response) -> Health:
    """The process answers. Touches nothing else."""
    response.headers["Cache-Control"] = "no-store"
    return Health(status="alive")


@router.get("/readyz", summary="Can it work?", responses=problems(Unavailable))
async def get_readiness(request: Request, response: Response) -> Health:
    """The database answers and its schema is the one this version was written for; 503 otherwise."""
    response.headers["Cache-Control"] = "no-store"
    if not await _is_current(request.app.state.database):
        raise Unavailable(reason="migrations", headers=RETRY)
    return Health(status="ready")


async def _is_current(database: Database) -> bool:
    """Raises `Unavailable` when the database does not answer in time."""
    try:
        async with asyncio.timeout(LONGEST_CHECK), database.session(read_only=True) as session:
            return await migrations.is_current(await session.connection())
    except ProgrammingError:
        return False  # no migration was ever applied
    except (OSError, SQLAlchemyError, PostgresError, InterfaceError) as error:
        log.warning("not ready", **failures.describe(error))
        raise Unavailable(reason="database", headers=RETRY) from error
