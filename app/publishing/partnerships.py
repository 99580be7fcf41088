"""The answers about published partnerships: what may be asked, what comes back, and how it is made."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import Slug
from app.partnerships.models import PartnershipStage, PartnershipType
from app.publishing.answers import Answer
from app.publishing.directory import list_rows, read_row
from app.publishing.filters import Paged, TerritoryFilter
from app.publishing.reading import Reading
from app.publishing.schemas import NEXT, Public, PublicActorName, PublicName
from app.publishing.selection.partnerships import PARTNERSHIPS


class PartnershipQuestion(Paged):
    """A page of partnerships."""

    territory: TerritoryFilter = None
    theme: Annotated[Slug | None, Field(description="slug of the theme it serves")] = None
    type: Annotated[PartnershipType | None, Field(description="what kind of alliance")] = None
    party: Annotated[UUID | None, Field(description="id of an actor that is party to it")] = None


class PublicParty(Public):
    """An organisation that is party to a partnership."""

    actor: PublicActorName
    role: Annotated[str, Field(examples=["Établissement pilote"])]


class PublicPartnership(Public):
    """A published partnership."""

    id: UUID
    title: Annotated[str, Field(examples=["Lycée, collectivité et club d’entreprises"])]
    type: Annotated[PartnershipType, Field(examples=["societal_innovation"])]
    stage: Annotated[PartnershipStage, Field(examples=["active"])]
    theme: PublicName | None
    objectives: Annotated[list[str], Field(examples=[["Rapprocher lycéens et entreprises"]])]
    starts_on: Annotated[date | None, Field(description="first day agreed", examples=["2014-09-01"])]
    ends_on: Annotated[
        date | None, Field(description="last day, included: the real one, or the one agreed", examples=["2017-08-31"])
    ]
    parties: Annotated[list[PublicParty], Field(description="in the order they joined")]
    territory: PublicName
    published_at: datetime
    updated_at: datetime


class PublicPartnerships(Public):
    """A page of partnerships, by title."""

    items: list[PublicPartnership]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]


async def list_partnerships(reading: Reading) -> Answer:
    """A page of published partnerships, by title."""
    question = reading.question
    assert isinstance(question, PartnershipQuestion)
    async with reading.database.driver() as connection:
        themes = [question.theme] if question.theme else []
        known = await reading.reference.look_up(connection, question.territory, themes, [])
        filters = {
            "territory": known.territory_id,
            "theme": list(known.theme_ids) or None,
            "type": question.type and str(question.type),
            "party": question.party,
        }
        return await list_rows(reading, connection, PARTNERSHIPS, filters)


async def read_partnership(reading: Reading) -> Answer:
    """One published partnership, by its id."""
    return await read_row(reading, PARTNERSHIPS)
