"""What enters and leaves of editions."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import Ids, Line, Prose, SchoolYear
from app.core.publication import PublicationView
from app.core.schemas import Body, ResourceView, described_by, partial
from app.q2er.editions.models import EditionState
from app.q2er.editions.states import EditionVerb


class EditionFields(Body):
    """What an edition says."""

    theme: Annotated[
        Line | None, Field(description="what it is about this year", examples=["Entreprise et Citoyenneté"])
    ] = None
    summary: Annotated[
        Prose | None, Field(description="in a few words", examples=["Six séquences, de la visite au stage."])
    ] = None
    school_ids: Annotated[
        Ids, Field(default_factory=list, description="schools of the territory it is for; answered as `schools`")
    ]
    referent_id: Annotated[
        UUID | None, Field(description="the person who looks after it in the school (référent lycée)")
    ] = None


class EditionCreate(EditionFields):
    """A new edition, in preparation. Its territory is that of its programme."""

    programme_id: Annotated[UUID, Field(description="its programme; does not change")]
    school_year: Annotated[
        SchoolYear, Field(description="1 September to 31 August, one edition a programme; does not change")
    ]


@partial
class EditionUpdate(EditionFields):
    """The fields to change. Its state changes by verbs."""


@described_by(EditionCreate)
class EditionOut(PublicationView, ResourceView):
    """An edition of Q2ER. Its sequences: `/v1/q2er/sequences?edition=`."""

    territory_id: UUID
    programme_id: UUID
    school_year: Annotated[str, Field(description="1 September to 31 August")]
    number: Annotated[int, Field(description="its rank among those of the programme, by school year", examples=[3])]
    theme: str | None
    summary: str | None
    schools: Annotated[list[ActorRef], Field(description="by name")]
    referent_id: UUID | None
    state: Annotated[EditionState, Field(examples=["running"])]
    replicated_from_id: Annotated[UUID | None, Field(description="the edition whose structure it took over")]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[list[EditionVerb], Field(description="what you may do with it now")]
