"""What is told of sessions that overlap."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import View


class ConflictKind(StrEnum):
    """What is asked for twice at one time."""

    CLASS = "class"
    TEACHER = "teacher"
    ACTOR = "actor"
    PLACE = "place"


class ConflictSession(View):
    """One of two sessions."""

    id: UUID
    title: Annotated[str, Field(examples=["C’est quoi l’entreprise ?"])]
    starts_at: datetime
    ends_at: datetime


class Conflict(View):
    """Two sessions that ask for the same at one time."""

    kind: Annotated[ConflictKind, Field(examples=["place"])]
    resource_id: Annotated[UUID | None, Field(description="the class, person or actor; null for a place")]
    name: Annotated[
        str | None, Field(description="of the class, actor or place; people are not named", examples=["Espace Toffoli"])
    ]
    first: Annotated[ConflictSession, Field(description="the one that begins first")]
    second: ConflictSession
    starts_at: Annotated[datetime, Field(description="from when both are on")]
    ends_at: Annotated[datetime, Field(description="until when")]


class ConflictsOut(View):
    """What overlaps, by when."""

    items: Annotated[list[Conflict], Field(description="at most 500")]
