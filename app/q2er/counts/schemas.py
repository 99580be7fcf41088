"""What is told of how many pupils an edition reached, and of what was followed."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import View
from app.q2er.pupils.models import Level
from app.q2er.sequences.models import SequenceKind

PupilCount = Annotated[
    int | None,
    Field(description="pupils; null where it is hidden (`suppressed`), or would give a hidden one away", examples=[28]),
]
Suppressed = Annotated[bool, Field(description="whether the count is hidden, because of few pupils")]


class SequenceCount(View):
    """How many a sequence reached; a pupil counts once in it, however many of its sessions they were in."""

    sequence_id: UUID
    position: Annotated[int, Field(examples=[5])]
    kind: SequenceKind
    title: Annotated[str, Field(examples=["Simulations d’entretien"])]
    pupils: PupilCount
    suppressed: Suppressed
    sessions: Annotated[int, Field(description="sessions that are not called off")]
    actors: Annotated[int, Field(description="organisations that took part")]
    feedback: Annotated[
        float | None, Field(description="average of the pupils’ scores, of 5 answers at least", examples=[4.2])
    ]


class ClassCount(View):
    """How often pupils of a class took part: each once a sequence."""

    class_id: UUID
    school_id: UUID
    name: Annotated[str, Field(examples=["2nde 4"])]
    level: Level
    pupils: PupilCount
    suppressed: Suppressed


class CellCount(View):
    """How many pupils of a class a sequence reached. A class that was in none of its sessions has no such line."""

    class_id: UUID
    sequence_id: UUID
    pupils: PupilCount
    suppressed: Suppressed


class EditionCounts(View):
    """How many pupils an edition reached, by class and sequence; totals are sums over both.

    Where pupils of a class were noted one by one they are counted, else those its school said were present.
    """

    edition_id: UUID
    least_told: Annotated[int, Field(description="counts under this are hidden from you; 0: none", examples=[5])]
    pupils: PupilCount
    suppressed: Suppressed
    sequences: list[SequenceCount]
    classes: list[ClassCount]
    cells: list[CellCount]


class Followed(View):
    """What was followed of a sequence."""

    sequence_id: UUID
    sessions: Annotated[int | None, Field(description="sessions one was at; null of a class")]
    last_on: Annotated[
        date | None, Field(description="day of the last of them; null of a class", examples=["2017-02-08"])
    ]
    pupils: Annotated[int | None, Field(description="of a class, how many; null of a pupil, or hidden")]
    suppressed: Suppressed


class LedgerLine(View):
    """What a pupil followed, for their school; for others, what a class did."""

    pupil_id: Annotated[UUID | None, Field(description="null of a class")]
    first_name: Annotated[str | None, Field(description="null of a class", examples=["Lina"])]
    last_name: Annotated[str | None, Field(description="null of a class", examples=["Durand"])]
    class_id: Annotated[UUID | None, Field(description="of a class; null of a pupil")]
    class_name: Annotated[str | None, Field(examples=["2nde 4"])]
    school_id: UUID
    followed: list[Followed]
