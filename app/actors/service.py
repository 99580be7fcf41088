"""What writing an actor takes: its themes, its identifiers, and the names other systems give it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor, ActorExternalId
from app.actors.policy import editable
from app.actors.schemas import ActorCreate, ActorUpdate
from app.core.bulk import save_all
from app.core.db import apply, save
from app.core.errors import ErrorAt, InvalidInput, pointer
from app.core.fields import ExternalId
from app.core.spreadsheets.sheet import Change
from app.identity.caller import Caller, Role
from app.territories.models import Theme


async def create_actor(session: AsyncSession, caller: Caller, body: ActorCreate) -> Actor:
    """A new actor. Raises `InvalidInput` for themes of elsewhere or a name of another system's."""
    actor = Actor(territory_id=body.territory_id, themes=[], external_ids=[])
    return await _write(session, caller, actor, dict(body))


async def update_actor(session: AsyncSession, caller: Caller, actor: Actor, body: ActorUpdate) -> Actor:
    """Change the fields given. Raises as `create_actor`."""
    return await _write(session, caller, actor, body.given())


async def write_actors(session: AsyncSession, caller: Caller, changes: Sequence[Change[Actor]]) -> list[Actor]:
    """Add and change many actors at once. Raises as `create_actor`."""
    themes = await _themes(session, [change.values for change in changes])
    actors = []
    for change in changes:
        actor = change.row or Actor(territory_id=change.values["territory_id"], themes=[], external_ids=[])
        _fill(caller, actor, change.values, themes)
        actors.append(actor)
    await save_all(session, actors, within=editable(caller))
    return actors


async def _write(session: AsyncSession, caller: Caller, actor: Actor, values: Mapping[str, Any]) -> Actor:
    _fill(caller, actor, values, await _themes(session, [values]))
    await save(session, actor, within=editable(caller))
    if "insee_code" in values:
        await session.refresh(actor, ["municipality"])
    return actor


def _fill(caller: Caller, actor: Actor, values: Mapping[str, Any], themes: Mapping[UUID, Theme]) -> None:
    written = {name: value for name, value in values.items() if name != "theme_ids"}
    if "theme_ids" in values:
        written["themes"] = _of_territory(actor.territory_id, values["theme_ids"], themes)
    if "external_ids" in values:
        written["external_ids"] = _external_ids(caller, actor, values["external_ids"])
    if values.get("siret") and not values.get("siren"):
        written["siren"] = values["siret"][:9]
    apply(actor, written)


async def _themes(session: AsyncSession, changes: Sequence[Mapping[str, Any]]) -> dict[UUID, Theme]:
    """All themes that the changes speak of."""
    ids = {id_ for values in changes for id_ in values.get("theme_ids", ())}
    found = await session.scalars(select(Theme).where(Theme.id.in_(ids))) if ids else ()
    return {theme.id: theme for theme in found}


def _of_territory(territory_id: UUID, ids: Sequence[UUID], themes: Mapping[UUID, Theme]) -> list[Theme]:
    """Themes of the territory, in their order. Raises `InvalidInput` for one of elsewhere."""
    here = {id_: theme for id_, theme in themes.items() if theme.territory_id == territory_id}
    faults = [
        ErrorAt(pointer("theme_ids", place), "unknown_reference") for place, id_ in enumerate(ids) if id_ not in here
    ]
    if faults:
        raise InvalidInput(*faults)
    return sorted((here[id_] for id_ in ids), key=lambda theme: theme.position)


def _external_ids(caller: Caller, actor: Actor, given: Sequence[ExternalId]) -> list[ActorExternalId]:
    """The names given, a name that stays keeping its row. A partner system leaves those of others as they are."""
    rows = {(row.source, row.id): row for row in actor.external_ids}
    named = {(external.source, external.id) for external in given}
    if caller.role is Role.PARTNER:
        others = {name for name in rows if name[0] != caller.source}
        faults = [
            ErrorAt(pointer("external_ids", place, "source"), "foreign_source")
            for place, external in enumerate(given)
            if external.source != caller.source and (external.source, external.id) not in others
        ]
        if faults:
            raise InvalidInput(*faults)
        named |= others
    return [
        rows.get((source, id_)) or ActorExternalId(territory_id=actor.territory_id, source=source, id=id_)
        for source, id_ in sorted(named)
    ]
