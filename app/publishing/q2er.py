"""The answers about published editions of Q2ER and their sequences: what may be asked, and what comes back."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.fields import SchoolYear
from app.publishing.answers import Answer
from app.publishing.directory import list_rows, read_row
from app.publishing.filters import Paged, TerritoryFilter
from app.publishing.reading import Reading
from app.publishing.schemas import NEXT, Public, PublicActorName, PublicName
from app.publishing.selection.q2er import EDITIONS, SEQUENCES
from app.q2er.editions.models import EditionState
from app.q2er.sequences.models import SequenceAudience, SequenceKind

SchoolYearFilter = Annotated[SchoolYear | None, Field(description="of this school year")]


class EditionQuestion(Paged):
    """A page of editions."""

    territory: TerritoryFilter = None
    school_year: SchoolYearFilter = None
    state: Annotated[EditionState | None, Field(description="how far it is")] = None


class SequenceQuestion(Paged):
    """A page of sequences."""

    territory: TerritoryFilter = None
    edition: Annotated[UUID | None, Field(description="id of the published edition it is of")] = None
    school_year: SchoolYearFilter = None
    kind: Annotated[SequenceKind | None, Field(description="what takes place")] = None


class PublicEdition(Public):
    """A published edition. Its sequences: `/v1/public/q2er/sequences?edition=`."""

    id: UUID
    programme: Annotated[str, Field(examples=["Quand Entreprises et Élèves se Rencontrent (Q2ER)"])]
    school_year: Annotated[str, Field(description="1 September to 31 August", examples=["2016-2017"])]
    number: Annotated[int, Field(description="its rank among those of the programme", examples=[3])]
    theme: Annotated[str | None, Field(examples=["Entreprise et Citoyenneté"])]
    summary: Annotated[str | None, Field(examples=["Six séquences, de la visite au stage."])]
    state: Annotated[EditionState, Field(examples=["closed"])]
    schools: Annotated[list[PublicActorName], Field(description="by name")]
    territory: PublicName
    published_at: datetime
    updated_at: datetime


class PublicEditions(Public):
    """A page of editions, by school year."""

    items: list[PublicEdition]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]


class PublicEditionName(Public):
    """The edition a sequence is of."""

    id: UUID
    school_year: Annotated[str, Field(examples=["2016-2017"])]


class PublicSequence(Public):
    """A sequence of a published edition. Its days are included."""

    id: UUID
    edition: PublicEditionName
    position: Annotated[int, Field(description="from 1", examples=[2])]
    kind: Annotated[SequenceKind, Field(examples=["company_in_school"])]
    title: Annotated[str, Field(examples=["C’est quoi l’entreprise ?"])]
    objectives: Annotated[list[str], Field(examples=[["Raconter l’entreprise aux élèves"]])]
    audience: Annotated[list[SequenceAudience], Field(description="for whom it is", examples=[["pupils"]])]
    starts_on: Annotated[date | None, Field(examples=["2016-12-01"])]
    ends_on: Annotated[date | None, Field(examples=["2016-12-16"])]
    territory: PublicName
    updated_at: datetime


class PublicSequences(Public):
    """A page of sequences, by school year and in their order."""

    items: list[PublicSequence]
    next: Annotated[str | None, Field(description="cursor of the next page; null on the last", examples=[NEXT])]


async def list_editions(reading: Reading) -> Answer:
    """A page of published editions, by school year."""
    question = reading.question
    assert isinstance(question, EditionQuestion)
    async with reading.database.driver() as connection:
        known = await reading.reference.look_up(connection, question.territory, [], [])
        filters = {"territory": known.territory_id, "school_year": question.school_year}
        return await list_rows(
            reading, connection, EDITIONS, {**filters, "state": question.state and str(question.state)}
        )


async def read_edition(reading: Reading) -> Answer:
    """One published edition, by its id."""
    return await read_row(reading, EDITIONS)


async def list_sequences(reading: Reading) -> Answer:
    """A page of the sequences of published editions."""
    question = reading.question
    assert isinstance(question, SequenceQuestion)
    async with reading.database.driver() as connection:
        known = await reading.reference.look_up(connection, question.territory, [], [])
        filters = {"territory": known.territory_id, "school_year": question.school_year, "edition": question.edition}
        return await list_rows(
            reading, connection, SEQUENCES, {**filters, "kind": question.kind and str(question.kind)}
        )


async def read_sequence(reading: Reading) -> Answer:
    """One sequence of a published edition, by its id."""
    return await read_row(reading, SEQUENCES)
