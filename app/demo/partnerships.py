"""The partnerships of the source: the lycée, the DEE and the club, and the pair of each working group."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.actors.models import Actor
from app.core.publication import Publication
from app.demo.actors import Cast
from app.demo.dialogue import dialogue, pair_of
from app.demo.events import instant
from app.demo.rows import Rows, demo_id
from app.demo.territories import FIRST, Entry, read, territory_id, theme_id
from app.partnerships.models import (
    SCORES,
    Contribution,
    ContributionKind,
    Partnership,
    PartnershipStage,
    PartnershipType,
    Party,
    Review,
)

Values = dict[str, Any]


class PartyEntry(Entry):
    """A party. `gives`: of what kind, how much planned and how much in truth."""

    actor: str
    role: str
    seeks: str | None = None
    gives: tuple[ContributionKind, Decimal, Decimal]


class PartnershipEntry(Entry):
    """A partnership. `scores`: of each party, in the order of `SCORES`."""

    key: str
    group: str | None = None
    title: str
    type: PartnershipType
    theme: str
    objectives: list[str] = Field(default_factory=list)
    starts_on: date
    ends_on: date
    stage: Literal[PartnershipStage.ACTIVE, PartnershipStage.ENDED]
    parties: tuple[PartyEntry, ...]
    scores: dict[str, tuple[int, int, int, int]] = Field(default_factory=dict)
    is_demonstration: bool = True


@cache
def partnerships() -> tuple[PartnershipEntry, ...]:
    """The partnerships' data file, checked."""
    return tuple(PartnershipEntry.model_validate(table) for table in read("partnerships")["partnership"])


async def put_partnerships(rows: Rows, cast: Cast) -> None:
    """Write those whose parties are all there, their parties and reviews."""
    wanted: dict[UUID, Values] = {}
    parties: dict[UUID, Values] = {}
    reviews: dict[UUID, Values] = {}
    for entry in partnerships():
        actors = _actors(entry, cast)
        if len(actors) == len(entry.parties):
            wanted[demo_id("partnership", entry.key)] = _partnership(entry)
            parties |= dict(_parties(entry, actors))
            reviews |= dict(_reviews(entry, actors))
    found = await rows.put(Partnership, wanted)
    there = {key: values for key, values in parties.items() if values["partnership_id"] in found}
    members = (await rows.put(Party, there, Party.contributions)).values()
    known = {(party.partnership_id, party.actor_id) for party in members}
    told = {key: row for key, row in reviews.items() if (row["partnership_id"], row["actor_id"]) in known}
    await rows.put(Review, told)


def _actors(entry: PartnershipEntry, cast: Cast) -> dict[str, Actor]:
    """The parties there are, by their words."""
    group = next((group for group in dialogue().group if group.key == entry.group), None)
    pair = {role.value: actor for role, actor in pair_of(group, cast).items()} if group else {}
    words = [party.actor for party in entry.parties]
    return {word: actor for word in words if (actor := pair.get(word, cast.actors.get(word)))}


def _partnership(entry: PartnershipEntry) -> Values:
    is_over = entry.stage is PartnershipStage.ENDED
    return {
        **entry.model_dump(exclude={"key", "group", "theme", "parties", "scores"}),
        "territory_id": territory_id(FIRST), "theme_id": theme_id(FIRST, entry.theme),
        "stage_reason": "Les groupes ont rendu leurs propositions." if is_over else None,
        "ended_on": entry.ends_on if is_over else None,
        "publication": Publication.PUBLISHED, "published_at": instant(entry.starts_on, time(9)),
    }  # fmt: skip


def _parties(entry: PartnershipEntry, actors: Mapping[str, Actor]) -> Iterator[tuple[UUID, Values]]:
    for party in entry.parties:
        kind, planned, real = party.gives
        yield demo_id("party", entry.key, party.actor), {
            "territory_id": territory_id(FIRST), "partnership_id": demo_id("partnership", entry.key),
            "actor_id": actors[party.actor].id, "role": party.role, "benefit_sought": party.seeks,
            "contributions": [Contribution(position=1, kind=kind, planned_amount=planned, real_amount=real)],
        }  # fmt: skip


def _reviews(entry: PartnershipEntry, actors: Mapping[str, Actor]) -> Iterator[tuple[UUID, Values]]:
    for word, scores in entry.scores.items():
        yield demo_id("review", entry.key, word), {
            "territory_id": territory_id(FIRST), "partnership_id": demo_id("partnership", entry.key),
            "actor_id": actors[word].id, "starts_on": entry.starts_on, "ends_on": date(2015, 8, 31),
            **dict(zip(SCORES, scores, strict=True)),
        }  # fmt: skip
