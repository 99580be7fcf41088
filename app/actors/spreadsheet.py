"""Actors as a spreadsheet, and how other sheets speak of them: "Lycée Robert Schuman [0940112L]"."""

import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.ext.asyncio import AsyncSession

from app.actors import policy, service
from app.actors.models import Actor, ActorExternalId, ActorKind, HeadcountBand
from app.actors.schemas import ActorCreate, ActorUpdate
from app.core.bulk import among
from app.core.spreadsheets.cells import Named
from app.core.spreadsheets.kinds import Choice, Day, Digits, Many, Pair, Prose, Reference, YesNo
from app.core.spreadsheets.lookups import goes_by, matched
from app.core.spreadsheets.sheet import ID, VERSION, Change, Column, Key, Lookup, Record, Sheet, Writing
from app.core.spreadsheets.words import same_name
from app.identity.caller import Caller
from app.territories.spreadsheet import TERRITORY, ground

COLUMNS: Sequence[Column[Actor]] = (
    ID,
    VERSION,
    TERRITORY,
    Column("name"),
    Column("kind", Choice("actor_kind", ActorKind)),
    Column("description", Prose()),
    Column("siren", Digits(9)),
    Column("siret", Digits(14)),
    Column("rna"),
    Column("uai"),
    Column("naf"),
    Column("headcount_band", Choice("headcount_band", HeadcountBand)),
    Column("street"),
    Column("postal_code", Digits(5)),
    Column("insee_code", Reference("municipalities")),
    Column("municipality", get=lambda actor: actor.municipality and actor.municipality.name, is_shown_only=True),
    Column("website"),
    Column("valid_from", Day()),
    Column("valid_until", Day()),
    Column("listed", YesNo()),
    Column("themes", Many(Reference("themes")), "theme_ids", lambda actor: [theme.id for theme in actor.themes]),
    Column(
        "external_ids",
        Many(Pair("source", "id")),
        get=lambda actor: [{"source": name.source, "id": name.id} for name in actor.external_ids],
    ),
)
KEYED = re.compile(r"(?P<name>.*)\[(?P<key>[^\[\]]+)\]\s*", re.DOTALL)
"""A name, and between brackets what tells it from others of the same name."""


async def sheet(session: AsyncSession, caller: Caller) -> Sheet[Actor]:
    """The actors a caller sees, and those it may change."""
    where = await ground(session, caller)

    async def write(changes: Sequence[Change[Actor]]) -> Sequence[Actor]:
        return await service.write_actors(session, caller, changes)

    return Sheet(
        name="actors",
        model=Actor,
        columns=COLUMNS,
        rows=policy.visible_to(caller),
        order=(Actor.sort_name, Actor.id),
        lookups=where.lookups,
        zones=where.zones,
        writing=Writing(
            create=ActorCreate,
            update=ActorUpdate,
            editable=policy.editable(caller),
            keys=KEYS,
            candidates=_candidates,
            write=write,
            complete=_complete,
            defaults=where.defaults,
        ),
    )


def _complete(values: dict[str, Any]) -> None:
    """The SIREN follows from the SIRET."""
    if "siren" in values and values.get("siret"):
        values["siren"] = values["siren"] or values["siret"][:9]


def _by(column: str) -> Key:
    def key(record: Record) -> Iterable[Hashable]:
        value = record.get(column)
        return [(record.get("territory"), _compact(value))] if value else []

    return key


def _by_external_id(record: Record) -> Iterable[Hashable]:
    return [(record.get("territory"), name["source"], name["id"]) for name in record.get("external_ids") or ()]


def _by_name(record: Record) -> Iterable[Hashable]:
    return [(record.get("territory"), same_name(record["name"]))] if record.get("name") else []


def _compact(value: str) -> str:
    return "".join(value.split()).upper()


KEYS: Sequence[Key] = (_by_external_id, _by("siret"), _by("uai"), _by("rna"), _by_name)
"""A name alone is the last resort: it recognises an actor no surer name tells apart."""


def _candidates(records: Sequence[Record]) -> ColumnElement[bool]:
    def said(column: str) -> set[str]:
        return {_compact(record[column]) for record in records if record.get(column)}

    external = {name["id"] for record in records for name in record.get("external_ids") or ()}
    return or_(
        *(among(column, said(column.key)) for column in (Actor.siret, Actor.rna, Actor.uai)),
        goes_by(Actor.sort_name, {record["name"] for record in records if record.get("name")}),
        Actor.external_ids.any(among(ActorExternalId.id, external)),
    )


def actors_named(caller: Caller) -> Lookup:
    """The actors a caller sees, by name, SIRET, UAI, RNA, the name another system gives, or identifier."""
    visible = policy.visible_to(caller)

    async def named(session: AsyncSession, asked: Collection[str]) -> list[Named]:
        keys = {name: key_of(name) for name in asked}
        records = [
            {"name": key, "siret": key, "rna": key, "uai": key, "external_ids": [{"id": key.partition(":")[2]}]}
            for key in keys.values()
        ]
        could_be = or_(_candidates(records), among(Actor.id, ids_in(keys.values())))
        rows = (await session.scalars(visible.where(could_be))).unique().all()
        found = matched(set(keys.values()), rows, _names, lambda actor: (actor.id, actor.territory_id))
        by_key: dict[str, list[Named]] = {}
        for row in found:
            by_key.setdefault(row.name, []).append(row)
        return [row._replace(name=name) for name, key in keys.items() for row in by_key.get(key, ())]

    async def names(session: AsyncSession, ids: Collection[UUID]) -> Mapping[UUID, str]:
        rows = (await session.scalars(visible.where(among(Actor.id, ids)))).unique().all()
        return {actor.id: f"{actor.name} [{actor.siret or actor.uai or actor.rna or actor.id}]" for actor in rows}

    return Lookup(named, names)


def key_of(name: str) -> str:
    """What a name is to be found by: the key between brackets, else the whole."""
    keyed = KEYED.fullmatch(name)
    return (keyed["key"] if keyed else name).strip()


def ids_in(names: Iterable[str]) -> set[UUID]:
    """Those of the names that are identifiers."""
    found = set()
    for name in names:
        try:
            found.add(UUID(name))
        except ValueError:
            continue
    return found


def _names(actor: Actor) -> list[Any]:
    external = [f"{name.source}:{name.id}" for name in actor.external_ids]
    return [actor.name, actor.siret, actor.rna, actor.uai, str(actor.id), *external]
