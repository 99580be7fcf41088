"""Builds the application: what answers, and what every request passes through, outermost first."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from app import openapi, v1
from app.core import docs, health, problems, wellknown
from app.core.db import Database, PooledDatabase
from app.core.hardening import Hardening
from app.core.headers import SecurityHeaders
from app.core.observability import Observed
from app.core.observability import configure as configure_logs
from app.core.pagination import Cursors
from app.identity.caller import Identify, nobody
from app.publishing.front import KeptFirst, PublicFront
from app.settings import Settings, signing_key

DESCRIPTION = """\
The back end that lets a French territory act together.

`/v1/public/…` is for anyone, without a key: what was published, in many formats. `/v1/…` is the work of
authenticated callers, each operation behind its scopes.
"""


def create_api(settings: Settings, database: Database | None = None, identify: Identify = nobody) -> FastAPI:
    """The API of `/v1`. `identify` tells the caller of a request; by default nobody is let in.

    Without a `database`, the one of the settings is opened when the server starts.
    """
    api = FastAPI(
        title="Agir Ensemble sur le Territoire", version="1.0.0", description=DESCRIPTION,
        lifespan=_lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )  # fmt: skip
    api.state.settings = settings
    api.state.identify = identify
    api.state.cursors = Cursors(signing_key(settings))
    api.state.given_database = database
    problems.install(api)
    openapi.install(api)
    docs.install(api)
    for router in (health.router, problems.router, wellknown.router, v1.build()):
        api.include_router(router)
    return api


def wrap(api: FastAPI) -> ASGIApp:
    """What stands in front of the API: kept answers, logs and metrics, headers, the public tree, hardened input."""
    settings: Settings = api.state.settings
    front = PublicFront(Hardening(api), settings=settings, cursors=api.state.cursors)
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
        api.state.database = database
        await api.state.front.start(database)
        stack.push_async_callback(api.state.front.stop)
        yield
