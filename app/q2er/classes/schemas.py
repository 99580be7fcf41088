"""What enters and leaves of classes."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import SchoolYear, Word
from app.core.schemas import Body, ResourceView, described_by, partial
from app.q2er.pupils.models import Level

Count = Annotated[int, Field(ge=0, le=100, strict=True)]


class ClassFields(Body):
    """What is told of a class."""

    name: Annotated[Word, Field(description="as the school calls it, once a school year", examples=["2nde 4"])]
    level: Annotated[Level, Field(description="its year of schooling", examples=["2nde"])]
    headcount: Annotated[int, Field(ge=1, le=100, strict=True, description="all its pupils", examples=[32])]
    girls: Annotated[Count | None, Field(description="of them; null: not told", examples=[17])] = None
    boys: Annotated[Count | None, Field(description="of them; null: not told", examples=[15])] = None


class ClassCreate(ClassFields):
    """A class of a school, in a school year."""

    school_id: Annotated[UUID, Field(description="the school; does not change; answered as `school`")]
    school_year: Annotated[SchoolYear, Field(description="does not change")]


@partial
class ClassUpdate(ClassFields):
    """The fields to change."""


@described_by(ClassCreate)
class ClassOut(ResourceView):
    """A class of a school. Counts under 5 are told to the school alone."""

    territory_id: UUID
    school: ActorRef
    school_year: Annotated[str, Field(examples=["2016-2017"])]
    name: str
    level: Level
    headcount: Annotated[int | None, Field(description="all its pupils; null: too few to be told", examples=[32])]
    girls: int | None
    boys: int | None
    suppressed: Annotated[bool, Field(description="whether counts are hidden because they are small")]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
