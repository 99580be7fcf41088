"""Builds the application: what answers, and what every request passes through, outermost first."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app import openapi, v1
from app.core import docs, health, problems, wellknown
from app.core.db import Database, PooledDatabase
from app.core.hardening import FORM, Hardening
from app.core.headers import SecurityHeaders
from app.core.observability import Observed
from app.core.observability import configure as configure_logs
from app.core.pagination import Cursors
from app.core.spreadsheets import asking
from app.identity import audit, keys, pages
from app.identity.bearer import Bearer, NotesUse
from app.identity.caller import Identify
from app.identity.oauth import served, upkeep
from app.identity.oauth.router import Quota
from app.publishing.front import KeptFirst, PublicFront
from app.q2er.privacy import service as privacy
from app.settings import Settings, signing_key
from app.stage_gates.conditions import CONDITIONS
from app.territories.programmes import gates

DESCRIPTION = """\
The back end that lets a French territory act together.

`/v1/public/…` is for anyone, without a key: what was published, in many formats. `/v1/…` is the work of
authenticated callers, each operation behind its scopes.
"""


def create_api(settings: Settings, database: Database | None = None, identify: Identify | None = None) -> FastAPI:
    """The API of `/v1`. `identify` tells the caller of a request; by default the one its bearer token stands for.

    Without a `database`, the one of the settings is opened when the server starts.
    """
    api = FastAPI(
        title="Agir Ensemble sur le Territoire", version="1.0.0", description=DESCRIPTION,
        lifespan=_lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )  # fmt: skip
    api.state.settings = settings
    api.state.key_ring = keys.KeyRing(signing_key(settings))
    api.state.bearer = Bearer(api.state.key_ring, settings.base_url)
    api.state.identify = identify or api.state.bearer.identify
    api.state.oauth_quota = Quota()
    api.state.operations = v1.operations()
    api.state.after_route = audit.after_route
    api.state.cursors = Cursors(signing_key(settings))
    api.state.given_database = database
    gates.install(CONDITIONS)
    problems.install(api)
    openapi.install(api)
    docs.install(api)
    core = (health.router, problems.router, wellknown.router)
    api.router.routes.extend(v1.routes())
    for router in (*core, *served.ROUTERS, *pages.ROUTERS):
        api.include_router(router)
    return api


def wrap(api: FastAPI) -> ASGIApp:
    """What stands in front of the API: kept answers, logs and metrics, headers, the public tree, hardened input."""
    settings: Settings = api.state.settings
    accepts = {path: {FORM} for path in pages.PATHS} | served.ACCEPTS | {asking.IMPORTS: asking.ACCEPTED}
    larger = {asking.IMPORTS: asking.LARGEST_FILE}
    hardened = Hardening(NotesUse(api, lambda: api.state.database), larger=larger, accepts=accepts)
    front = PublicFront(hardened, settings=settings, cursors=api.state.cursors)
    api.state.front = front
    api.state.on_commit = front.revision.bump
    return KeptFirst(front, Observed(SecurityHeaders(front, settings=settings), settings=settings))


def create_app(settings: Settings) -> ASGIApp:
    """The whole application, as a server runs it."""
    configure_logs(settings)
    return wrap(create_api(settings))


def application() -> ASGIApp:
    """The application of one worker among several, from the environment the first process set."""
    return create_app(Settings())


@asynccontextmanager
async def _lifespan(api: FastAPI) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        database: Database | None = api.state.given_database
        if database is None:
            settings: Settings = api.state.settings
            pooled = PooledDatabase(settings.require_database_url(), settings)
            stack.push_async_callback(pooled.close)
            database = pooled
            work = upkeep.keep_up(database, settings, privacy.keep_up)
            stack.push_async_callback(_end, asyncio.create_task(work))
        api.state.database = database
        await keys.start(database, api.state.key_ring)
        await api.state.front.start(database)
        stack.push_async_callback(api.state.front.stop)
        if database is not api.state.given_database:
            gc.collect()
            gc.freeze()  # what lives as long as the server is not looked through again: that stops it for 0.1 s
        yield


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
