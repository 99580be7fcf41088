"""What enters and leaves of the weekly to-do."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from app.core.schemas import View
from app.territories.filters import TerritorySlug
from app.todo.registry import TaskKind


class TodoAsked(BaseModel):
    """Which tasks, and how many of them."""

    territory: TerritorySlug = None
    kind: Annotated[list[TaskKind], Field(max_length=20, description="of this kind; may be repeated")] = []
    limit: Annotated[int, Field(ge=1, le=500, description="tasks told one by one; all are counted")] = 100


class Sentence(View):
    """The same sentence in each language."""

    fr: Annotated[str, Field(examples=["Ce partenariat arrive à son terme."])]
    en: Annotated[str, Field(examples=["This partnership comes to its end."])]


class TaskOut(View):
    """Something that waits for somebody, and the resource to open."""

    kind: Annotated[TaskKind, Field(examples=["partnership_to_renew"])]
    reason: Annotated[str, Field(description="why it waits, as a code", examples=["renewal_due"])]
    message: Annotated[Sentence, Field(description="why it waits, in words")]
    resource: Annotated[str, Field(description="open it at `/v1/{resource}/{resource_id}`", examples=["partnerships"])]
    resource_id: UUID
    territory_id: UUID
    title: Annotated[str, Field(examples=["Lycée, collectivité et club d’entreprises"])]
    due_on: Annotated[date | None, Field(description="by when, or since when", examples=["2017-08-31"])]


class TaskCount(View):
    """How many tasks of a kind there are."""

    kind: TaskKind
    count: Annotated[int, Field(examples=[1])]


class TodoOut(View):
    """What waits, the most urgent first; and how much of each kind there is, told one by one or not."""

    items: list[TaskOut]
    counts: Annotated[list[TaskCount], Field(description="one line a kind asked for, also where there is none")]
