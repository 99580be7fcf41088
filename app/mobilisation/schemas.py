"""What leaves of the mobilisation funnel."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.schemas import View
from app.events.registrations.schemas import PersonRef

ROWS = "/v1/actors/mobilisation/rows?step=attended&of=actors"


class Step(StrEnum):
    """How far one has been mobilised within a period.

    invited: stood on the list of an event of the period, whatever they answered.
    registered: signed up to one, with a seat or a place on the waiting list.
    attended: came to one, also without having signed up.
    contributed: came to a session of a working group, belonged to one or led it, led or helped an action that was
    under way, mentored, or gave means.
    active: contributed in the last twelve months of the period.
    """

    INVITED = "invited"
    REGISTERED = "registered"
    ATTENDED = "attended"
    CONTRIBUTED = "contributed"
    ACTIVE = "active"


class Counted(StrEnum):
    """What is counted, each once: organisations, or people."""

    ACTORS = "actors"
    PEOPLE = "people"


class Breakdown(StrEnum):
    """By what the funnel is told apart: kind or commune of the actor, theme of what was done, calendar year."""

    KIND = "kind"
    THEME = "theme"
    MUNICIPALITY = "municipality"
    YEAR = "year"


class Figure(View):
    """A count, and where the rows it counts are."""

    count: Annotated[int, Field(description="each counted once", examples=[45])]
    from_previous: Annotated[
        int | None, Field(description="how many of them also reached the step before; null on the first", examples=[41])
    ]
    rows: Annotated[str, Field(description="path of the rows counted", examples=[ROWS])]


class StepOut(View):
    """One step of the funnel. Each is counted for itself: who contributes need not have been invited."""

    step: Annotated[Step, Field(description="how far", examples=["attended"])]
    actors: Figure
    people: Figure


class Group(View):
    """The funnel of one kind, theme, commune or year."""

    value: Annotated[
        str | None,
        Field(description="the kind, slug, INSEE code or year; null: those that have none", examples=["handicap"]),
    ]
    label: Annotated[str | None, Field(description="its name, where it has one", examples=["Handicap"])]
    steps: list[StepOut]


class Period(View):
    """The bounds the answer was made for."""

    from_: Annotated[datetime | None, Field(alias="from", description="first instant; null: since ever")]
    to: Annotated[datetime | None, Field(description="excluded; null: no end, and contributions until today")]
    active_from: Annotated[date, Field(description="day from which a contribution makes one still active")]


class Funnel(View):
    """The mobilisation of a territory: invited → registered → attended → contributed → still active."""

    period: Period
    steps: list[StepOut]
    groups: Annotated[list[Group], Field(description="empty unless asked for with `by`; one may stand in several")]


class Mobilised(View):
    """Someone a figure counts."""

    id: UUID
    actor: Annotated[ActorRef | None, Field(description="the organisation, where organisations are counted")]
    person: Annotated[PersonRef | None, Field(description="the person, where people are counted")]
    times: Annotated[int, Field(description="facts that put them there, within the period", examples=[3])]
    first_on: Annotated[date | None, Field(description="day of the first; null: not known")]
    last_on: Annotated[date | None, Field(description="day the last began; null: not known")]
