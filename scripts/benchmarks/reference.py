"""The other ways of answering that the application is held against, each a small server of its own.

`hello`: what the server program itself costs. `orm`: the usual way to write the list, rows of the ORM through
pydantic models. `open`: ours, without the question who asks. `plain` and `wrapped`: one FastAPI endpoint, alone and
behind everything ours stands behind.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import FastAPI, Query, Request
from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload
from starlette.types import ASGIApp, Receive, Scope, Send

from app import models  # noqa: F401  (the mapper needs every table)
from app.core.db import PooledDatabase
from app.core.observability import configure
from app.core.pagination import Cursors
from app.core.publication import Publication
from app.events.models import Audience, Event, EventActor, EventActorRole, event_themes
from app.identity.caller import Caller
from app.main import create_api, wrap
from app.publishing.schemas import PublicEvent
from app.settings import Settings, signing_key
from app.territories.models import Territory, Theme
from scripts.benchmarks.tokens import an_admin

PAGE = 20
OWN = [name for name in PublicEvent.model_fields if hasattr(Event, name)]
TEXT = b"Agir Ensemble sur le Territoire: hello!!"  # 142 bytes with the status line and the headers


async def hello(_scope: Scope, _receive: Receive, send: Send) -> None:
    """The least an ASGI application can do."""
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(TEXT)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": TEXT})


def one_endpoint(settings: Settings) -> FastAPI:
    """One endpoint that touches nothing."""
    api = FastAPI(openapi_url=None)
    api.state.settings = settings
    api.state.cursors = Cursors(signing_key(settings))

    @api.get("/hello")
    async def say_hello() -> dict[str, str]:
        return {"hello": "world"}

    return api


def through_the_orm(settings: Settings) -> FastAPI:
    """The same list as `/v1/public/events`, the usual way."""
    database = PooledDatabase(settings.require_database_url(), settings)

    @asynccontextmanager
    async def lifespan(_api: FastAPI) -> AsyncIterator[None]:
        yield
        await database.close()

    api = FastAPI(openapi_url=None, lifespan=lifespan)

    @api.get("/hello")
    async def say_hello() -> dict[str, str]:
        return {"hello": "world"}

    @api.get("/v1/public/events")
    async def list_events(
        territory: str, municipality: str, theme: str, from_: Annotated[date, Query(alias="from")], limit: int = PAGE
    ) -> list[PublicEvent]:
        async with database.session(read_only=True) as session:
            rows = await session.execute(_chosen(territory, municipality, theme, from_).limit(limit))
            return [_public(event, place, settings.base_url) for event, place in rows.unique()]

    return api


def _chosen(territory: str, municipality: str, theme: str, day: date) -> Select[Event, Territory]:
    begins = datetime.combine(day, time(), ZoneInfo("Europe/Paris"))
    about = select(event_themes.c.event_id).join(Theme, Theme.id == event_themes.c.theme_id).where(Theme.slug == theme)
    return (
        select(Event, Territory)
        .join(Territory, Territory.id == Event.territory_id)
        .where(
            Territory.slug == territory,
            Event.publication == Publication.PUBLISHED,
            Event.audience == Audience.PUBLIC,
            Event.insee_code == municipality,
            Event.starts_at >= begins,
            about.where(event_themes.c.event_id == Event.id).exists(),
        )
        .order_by(Event.starts_at, Event.id)
        .options(
            joinedload(Event.municipality),
            selectinload(Event.themes),
            selectinload(Event.former_dates),
            selectinload(Event.actors).joinedload(EventActor.actor),
        )
    )


def _public(event: Event, territory: Territory, base_url: str) -> PublicEvent:
    here = f"{base_url}/v1/public/events/{event.id}"
    zone = ZoneInfo(event.timezone)
    link_of = {
        role: [{"id": link.actor.id, "name": link.actor.name} for link in event.actors if link.role is role]
        for role in EventActorRole
    }
    image = {name: getattr(event, f"image_{name}") for name in ("url", "alt", "credit", "licence")}
    town = event.municipality
    own = {name: getattr(event, name) for name in OWN}
    made: dict[str, Any] = own | {
        "change_notice": event.status_note,
        "former_dates": [
            {"starts_at": former.starts_at.astimezone(zone), "ends_at": former.ends_at.astimezone(zone)}
            for former in event.former_dates
        ],
        "starts_at": event.starts_at.astimezone(zone),
        "ends_at": event.ends_at.astimezone(zone),
        "municipality": town and {"insee_code": town.insee_code, "name": town.name},
        "place": {
            "name": event.place_name, "address": event.place_address, "latitude": event.latitude,
            "longitude": event.longitude, "acceslibre_id": event.acceslibre_id,
        },
        "organisers": link_of[EventActorRole.ORGANISER],
        "partners": link_of[EventActorRole.PARTNER],
        "themes": [{"slug": theme.slug, "name": theme.name} for theme in event.themes],
        "image": image if event.image_url else None,
        "registration": {
            "mode": event.registration_mode, "url": event.registration_url, "capacity": event.capacity,
            "has_waitlist": event.has_waitlist,
        },
        "availability": "not_required" if event.registration_mode == "none" else "open",
        "territory": {"slug": territory.slug, "name": territory.name},
        "links": {"self": here, "html": here + ".html", "ics": here + ".ics"},
    }  # fmt: skip
    return PublicEvent.model_validate(made)


def to_anyone(settings: Settings) -> ASGIApp:
    """The application itself, but that it takes whoever asks for an admin of the collectivité."""
    caller = asyncio.run(an_admin(settings.require_database_url()))

    async def nobody_is_asked(_request: Request) -> Caller:
        return caller

    return wrap(create_api(settings, identify=nobody_is_asked))


def main(which: str, port: int) -> None:
    """Serve one of them as `aet serve` would: the same server program with the same switches."""
    settings = Settings()
    configure(settings)
    apps: dict[str, ASGIApp] = {
        "hello": hello,
        "plain": one_endpoint(settings),
        "wrapped": wrap(one_endpoint(settings)),
    }
    match which:
        case "orm":
            app: ASGIApp = through_the_orm(settings)
        case "open":
            app = to_anyone(settings)
        case _:
            app = apps[which]
    config = uvicorn.Config(
        app, port=port, log_config=None, access_log=False, server_header=False, forwarded_allow_ips="127.0.0.1"
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
