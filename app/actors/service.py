"""What writing an actor takes: its themes, its identifiers, and the names other systems give it."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors.models import Actor, ActorExternalId
from app.actors.policy import editable
from app.actors.schemas import ActorCreate, ActorUpdate
from app.core.db import apply, save
from app.core.errors import ErrorAt, InvalidInput, pointer
from app.core.fields import ExternalId
from app.core.references import all_referred
from app.identity.caller import Caller, Role
from app.territories.models import Theme


async def create_actor(session: AsyncSession, caller: Caller, body: ActorCreate) -> Actor:
    """A new actor. Raises `InvalidInput` for themes of elsewhere or a name of another system's."""
    actor = Actor(territory_id=body.territory_id, themes=[], external_ids=[])
    return await _write(session, caller, actor, dict(body))


async def update_actor(session: AsyncSession, caller: Caller, actor: Actor, body: ActorUpdate) -> Actor:
    """Change the fields given. Raises as `create_actor`."""
    return await _write(session, caller, actor, body.given())


async def _write(session: AsyncSession, caller: Caller, actor: Actor, values: Mapping[str, Any]) -> Actor:
    written = {name: value for name, value in values.items() if name != "theme_ids"}
    if "theme_ids" in values:
        written["themes"] = await _themes(session, actor.territory_id, values["theme_ids"])
    if "external_ids" in values:
        written["external_ids"] = _external_ids(caller, actor, values["external_ids"])
    if values.get("siret") and not values.get("siren"):
        written["siren"] = values["siret"][:9]
    apply(actor, written)
    await save(session, actor, within=editable(caller))
    if "insee_code" in values:
        await session.refresh(actor, ["municipality"])
    return actor


async def _themes(session: AsyncSession, territory_id: UUID, ids: Sequence[UUID]) -> list[Theme]:
    """Themes of the territory, in their order. Raises `InvalidInput` for one of elsewhere."""
    of_territory = select(Theme).where(Theme.territory_id == territory_id)
    themes = await all_referred(session, of_territory, Theme, "theme_ids", ids)
    return sorted(themes, key=lambda theme: theme.position)


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
