"""What leaves of the checklist of a stage."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.core.schemas import View
from app.core.sentences import Sentence
from app.territories.models import Gate


class LackingOut(View):
    """One row that stands in the way."""

    resource: Annotated[str, Field(description="open it at `/v1/{resource}/{resource_id}`", examples=["themes"])]
    resource_id: UUID
    title: Annotated[str, Field(examples=["Handicap"])]


class ConditionOut(View):
    """One line of the checklist."""

    code: Annotated[str, Field(description="which condition", examples=["theme_without_plan"])]
    label: Annotated[Sentence, Field(description="what is asked for, in words")]
    holds: bool
    missing: Annotated[list[LackingOut], Field(description="what stands in the way, the first hundred rows")]


class ChecklistOut(View):
    """What must hold before a stage can be completed, as it is now."""

    stage_id: UUID
    gate: Annotated[Gate | None, Field(description="null: nothing is asked for", examples=["co_construction"])]
    is_complete: Annotated[bool, Field(description="whether all of it holds")]
    conditions: list[ConditionOut]
