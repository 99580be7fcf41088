"""The territories with their municipalities, themes and programme."""

import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from app.demo.rows import Rows, demo_id
from app.territories.models import (
    Municipality,
    Programme,
    Stage,
    StageStatus,
    Succession,
    Territory,
    TerritoryKind,
    TerritoryMunicipality,
    Theme,
)

FIRST, SUCCESSOR = "charenton-saint-maurice", "paris-est-marne-et-bois"
TIMEZONE = "Europe/Paris"


class Entry(BaseModel):
    """One table of a data file. A field that is misspelt or missing stops the load with its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class MunicipalityEntry(Entry):
    """A municipality, with its centre (WGS 84)."""

    insee_code: str
    name: str
    postal_code: str
    latitude: float
    longitude: float


class VenueEntry(Entry):
    """A place every municipality has, `north` and `east` degrees away from its centre."""

    name: str
    street: str
    north: float
    east: float


class TerritoryEntry(Entry):
    """A territory; `succeeds` is the key of the one it took over from on its first day."""

    key: str
    name: str
    kind: TerritoryKind
    siren: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    succeeds: str | None = None
    municipalities: tuple[str, ...]


class ThemeEntry(Entry):
    """A theme of every territory."""

    key: str
    name: str
    description: str


class StageEntry(Entry):
    """A stage, in its order."""

    name: str
    status: StageStatus


class ProgrammeEntry(Entry):
    """A programme of one territory."""

    territory: str
    name: str
    purpose: str
    objectives: list[str]
    launched_on: date
    stages: tuple[StageEntry, ...]


class Ground(Entry):
    """The whole of `territories.toml`."""

    territory: tuple[TerritoryEntry, ...]
    municipality: tuple[MunicipalityEntry, ...]
    venue: dict[str, VenueEntry]
    theme: tuple[ThemeEntry, ...]
    programme: tuple[ProgrammeEntry, ...]

    def municipality_named(self, name: str) -> MunicipalityEntry:
        """Raises `KeyError`."""
        return {entry.name: entry for entry in self.municipality}[name]

    def municipalities_of(self, territory: str) -> list[MunicipalityEntry]:
        """In the order of their codes."""
        codes = next(entry.municipalities for entry in self.territory if entry.key == territory)
        return [entry for entry in self.municipality if entry.insee_code in codes]


def read(name: str) -> dict[str, Any]:
    """A data file, as it is written."""
    return tomllib.loads((Path(__file__).parent / "data" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def ground() -> Ground:
    """The territories' data file, checked."""
    return Ground.model_validate(read("territories"))


def territory_id(key: str) -> UUID:
    """The identifier of a territory."""
    return demo_id("territory", key)


def theme_id(territory: str, key: str) -> UUID:
    """The identifier of a theme."""
    return demo_id("theme", territory, key)


async def put_territories(rows: Rows) -> dict[UUID, Theme]:
    """Write the territories, their themes and the programme; answers the themes."""
    await _put_municipalities(rows)
    wanted = {territory_id(entry.key): _territory(entry) for entry in ground().territory}
    await rows.put(Territory, wanted, Territory.memberships, Territory.predecessors)
    themes = await rows.put(Theme, dict(_themes()))
    wanted = {demo_id("programme", entry.name): _programme(entry) for entry in ground().programme}
    programmes = await rows.put(Programme, wanted)
    await rows.put(Stage, {key: stage for key, stage in _stages() if stage["programme_id"] in programmes})
    return themes


async def _put_municipalities(rows: Rows) -> None:
    known = set(await rows.session.scalars(select(Municipality.insee_code)))
    for entry in ground().municipality:
        if entry.insee_code not in known:
            rows.session.add(Municipality(insee_code=entry.insee_code, name=entry.name))
    rows.counts["municipalities"] = len(ground().municipality)
    await rows.session.flush()


def _territory(entry: TerritoryEntry) -> dict[str, object]:
    values = entry.model_dump(exclude={"key", "succeeds", "municipalities"})
    memberships = [
        TerritoryMunicipality(insee_code=code, valid_from=entry.valid_from, valid_until=entry.valid_until)
        for code in entry.municipalities
    ]
    predecessors = (
        [Succession(predecessor_id=territory_id(entry.succeeds), succeeds_on=entry.valid_from)]
        if entry.succeeds
        else []
    )
    values |= {"slug": entry.key, "timezone": TIMEZONE, "default_locale": "fr"}
    return values | {"memberships": memberships, "predecessors": predecessors}


def _themes() -> Iterator[tuple[UUID, dict[str, object]]]:
    for territory in ground().territory:
        for position, theme in enumerate(ground().theme, 1):
            values = {"slug": theme.key, "name": theme.name, "description": theme.description, "position": position}
            yield theme_id(territory.key, theme.key), values | {"territory_id": territory_id(territory.key)}


def _programme(entry: ProgrammeEntry) -> dict[str, object]:
    return entry.model_dump(exclude={"territory", "stages"}) | {"territory_id": territory_id(entry.territory)}


def _stages() -> Iterator[tuple[UUID, dict[str, object]]]:
    for programme in ground().programme:
        owner = {
            "territory_id": territory_id(programme.territory),
            "programme_id": demo_id("programme", programme.name),
        }
        for position, stage in enumerate(programme.stages, 1):
            yield demo_id("stage", programme.name, str(position)), owner | {"position": position, **stage.model_dump()}
