"""What enters and leaves of notes on actions."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import Prose
from app.core.schemas import Body, ResourceView, described_by, partial


class NoteVerb(StrEnum):
    """What can be done with a note."""

    EDIT = "edit"
    DELETE = "delete"


class NoteCreate(Body):
    """A new note on an action."""

    text: Annotated[
        Prose, Field(description="read by those who work on the action", examples=["Trois tuteurs nous ont rejoints."])
    ]


@partial
class NoteUpdate(NoteCreate):
    """What the note is to say."""


@described_by(NoteCreate)
class NoteOut(ResourceView):
    """A note on an action, dated by `created_at`."""

    territory_id: UUID
    action_id: UUID
    author: Annotated[str, Field(description="account:<id> or client:<id>", examples=["account:01936f6e"])]
    actor: Annotated[ActorRef | None, Field(description="for which organisation; null: for the collectivité")]
    text: str
    allowed_actions: Annotated[list[NoteVerb], Field(description="what you may do with it now")]
