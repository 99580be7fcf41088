"""What enters and leaves of internship offers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.schemas import ActorRef
from app.core.fields import Day, Line, Prose, distinct
from app.core.schemas import Body, ResourceView, described_by, partial
from app.internships.compliance.facts import DangerousWork, Regime
from app.internships.offers.models import OfferState
from app.internships.offers.states import OfferVerb
from app.q2er.pupils.models import Level
from app.territories.identifiers import InseeCode
from app.territories.schemas import MunicipalityOut, ThemeRef


class OfferFields(Body):
    """What an offer says."""

    title: Annotated[Line, Field(description="the trade or the service", examples=["Découvrir l’atelier"])]
    tasks: Annotated[
        Prose,
        Field(description="what pupils see and do; name no one", examples=["Suivre une commande du devis au colis"]),
    ]
    regime: Annotated[Regime, Field(description="the kind of placement", examples=["observation_2nde"])]
    levels: Annotated[
        list[Level],
        Field(default_factory=list, max_length=9, description="years it is for; none: all", examples=[["2nde"]]),
        distinct(),
    ]
    dangerous_work: Annotated[
        list[DangerousWork],
        Field(default_factory=list, max_length=30, description="kinds of the list D.4153-16 to D.4153-37"),
        distinct(),
    ]
    seats: Annotated[int, Field(ge=1, le=200, strict=True, description="how many pupils", examples=[2])]
    starts_on: Annotated[Day, Field(description="first day", examples=["2027-06-14"])]
    ends_on: Annotated[Day, Field(description="last day, included", examples=["2027-06-25"])]
    theme_id: Annotated[UUID | None, Field(description="theme of its territory; answered as `theme`")] = None
    tutor_id: Annotated[UUID | None, Field(description="who looks after the pupils: a person of the host")] = None
    address: Annotated[Line | None, Field(description="where to go", examples=["12 rue du Cadran"])] = None
    insee_code: Annotated[InseeCode | None, Field(description="its commune; answered as `municipality`")] = None
    latitude: Annotated[
        float | None,
        Field(ge=-90, le=90, strict=True, description="WGS 84, degrees; with longitude", examples=[48.8223]),
    ] = None
    longitude: Annotated[
        float | None,
        Field(ge=-180, le=180, strict=True, description="WGS 84, degrees; with latitude", examples=[2.4142]),
    ] = None


class OfferCreate(OfferFields):
    """A new offer, open. Its territory is that of its host."""

    host_id: Annotated[UUID, Field(description="the organisation; answered as `host`")]


@partial
class OfferUpdate(OfferFields):
    """The fields to change. Its state changes by verbs."""


@described_by(OfferCreate)
class OfferOut(ResourceView):
    """Seats an organisation keeps for pupils."""

    territory_id: UUID
    host: ActorRef
    tutor_id: UUID | None
    theme: ThemeRef | None
    title: str
    tasks: str
    regime: Regime
    levels: list[Level]
    dangerous_work: list[DangerousWork]
    seats: int
    starts_on: date
    ends_on: date
    address: str | None
    municipality: MunicipalityOut | None
    latitude: float | None
    longitude: float | None
    state: Annotated[OfferState, Field(description="closed: no pupil is placed on it any more", examples=["open"])]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
    allowed_actions: Annotated[list[OfferVerb], Field(description="what you may do with it now")]
