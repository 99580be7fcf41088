"""What enters and leaves of the parties of a partnership."""

from typing import Annotated
from uuid import UUID

from pydantic import Field
from pydantic.config import JsonDict

from app.actors.schemas import ActorRef
from app.core.fields import Amount, Line, Prose
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.partnerships.models import ContributionKind, ContributionUnit


class ContributionIn(Body):
    """What a party gives. One amount at least: one that is null is not foreseen, or not known yet."""

    kind: Annotated[
        ContributionKind,
        Field(
            description="money, hours of people, hours of use of premises, or hours of expertise", examples=["premises"]
        ),
    ]
    recipient_id: Annotated[
        UUID | None, Field(description="actor of another party, for whom alone it is; null: for the common work")
    ] = None
    description: Annotated[Line | None, Field(examples=["Salle polyvalente, quatre soirées"])] = None
    planned_amount: Annotated[Amount | None, Field(description="EUR for money, hours for the rest")] = None
    real_amount: Annotated[
        Amount | None, Field(description="EUR for money, hours for the rest; null: not known yet")
    ] = None


class PartyFields(Body):
    """What an actor is, gives and looks for in a partnership."""

    role: Annotated[Line, Field(description="in the words of the agreement", examples=["Établissement pilote"])]
    benefit_sought: Annotated[
        Prose | None, Field(description="what it looks for", examples=["Des stages pour tous ses élèves de seconde"])
    ] = None
    contributions: Annotated[
        list[ContributionIn], Field(default_factory=list, max_length=50, description="in the order shown")
    ]


class PartyCreate(PartyFields):
    """A new party, an actor of the partnership's territory."""

    actor_id: UUID


@partial
class PartyUpdate(PartyFields):
    """The fields to change. `contributions` are replaced as a whole."""


@described_by(ContributionIn)
class ContributionOut(View):
    """What a party gives."""

    kind: ContributionKind
    unit: Annotated[ContributionUnit, Field(description="what its amounts are in")]
    recipient_id: UUID | None
    description: str | None
    planned_amount: float | None
    real_amount: float | None


EXAMPLE: JsonDict = {
    "kind": "premises",
    "unit": "hour",
    "recipient_id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17",
    "description": "Salle polyvalente, quatre soirées",
    "planned_amount": 16,
    "real_amount": 12,
}


@described_by(PartyCreate)
class PartyOut(ResourceView):
    """An actor that is party to a partnership."""

    territory_id: UUID
    partnership_id: UUID
    actor: ActorRef
    role: str
    benefit_sought: str | None
    contributions: Annotated[list[ContributionOut], Field(examples=[[EXAMPLE]])]
