"""What enters and leaves of the electors of a decision."""

from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from app.actors.models import ActorKind
from app.actors.schemas import ActorRef
from app.core.errors import invalid
from app.core.fields import distinct
from app.core.schemas import Body, View
from app.dialogue.decisions.models import Voices
from app.events.registrations.schemas import PersonRef

LONGEST_LIST = 5000


class Presence(StrEnum):
    """Who of an event's list."""

    REGISTERED = "registered"
    ATTENDED = "attended"


class Voice(Body):
    """A person, who votes through the organisation named, or an organisation."""

    person_id: Annotated[UUID | None, Field(description="null: the organisation itself has the voice")] = None
    actor_id: Annotated[UUID | None, Field(description="whose account votes; null: by hand only, in an open vote")] = (
        None
    )

    @model_validator(mode="after")
    def _is_someone(self) -> Self:
        if self.person_id is None and self.actor_id is None:
            raise invalid("someone")
        return self


class ChosenElectors(Body):
    """These, and no other."""

    kind: Literal["chosen"]
    electors: Annotated[
        list[Voice],
        Field(min_length=1, max_length=LONGEST_LIST),
        distinct(lambda voice: ("person", voice.person_id) if voice.person_id else ("actor", voice.actor_id)),
    ]


class GroupElectors(Body):
    """The members a working group has today."""

    kind: Literal["working_group"]
    working_group_id: UUID


class EventElectors(Body):
    """Who is registered for an event, or attended it."""

    kind: Literal["event"]
    event_id: UUID
    presence: Annotated[Presence, Field(description="registered, or attended", examples=["attended"])]


class ActorElectors(Body):
    """The organisations of the territory, of these kinds and on these themes if any are named."""

    kind: Literal["actors"]
    kinds: Annotated[list[ActorKind], Field(default_factory=list, max_length=10), distinct()]
    theme_ids: Annotated[list[UUID], Field(default_factory=list, max_length=50), distinct()]


class ElectorsChoice(Body):
    """Who votes."""

    voices: Annotated[
        Voices, Field(description="each person has a voice, or each organisation one", examples=["actors"])
    ]
    source: Annotated[
        ChosenElectors | GroupElectors | EventElectors | ActorElectors,
        Field(
            discriminator="kind",
            description="where they are taken from, once, as it stands now",
            examples=[{"kind": "actors", "kinds": ["association", "company"], "theme_ids": []}],
        ),
    ]


class ElectorOut(View):
    """One voice of a decision."""

    id: UUID
    decision_id: UUID
    person: Annotated[PersonRef | None, Field(description="null: an organisation's voice, or none of your people")]
    actor: Annotated[ActorRef | None, Field(description="the organisation, or the one a person votes through")]
    has_voted: Annotated[bool, Field(description="whether a ballot was cast; never what it says")]
