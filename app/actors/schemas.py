"""What enters and leaves of actors."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.actors.identifiers import Naf, PostalCode, Rna, Siret, Uai
from app.actors.models import ActorKind, HeadcountBand
from app.core.fields import ExternalId, ExternalIds, HttpUrlText, Line, Prose, ValidFrom, ValidUntil, YesNo, distinct
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.territories.identifiers import InseeCode, Siren
from app.territories.schemas import MunicipalityOut, ThemeRef


class ActorFields(Body):
    """What an actor says of itself."""

    name: Annotated[Line, Field(examples=["Ville de Charenton-le-Pont"])]
    kind: Annotated[ActorKind, Field(examples=["public_body"])]
    description: Annotated[Prose | None, Field(examples=["La mairie et ses services."])] = None
    siren: Siren | None = None
    siret: Siret | None = None
    rna: Rna | None = None
    uai: Uai | None = None
    naf: Annotated[Naf | None, Field(examples=["84.11Z"])] = None
    headcount_band: Annotated[HeadcountBand | None, Field(description="people employed", examples=["250-999"])] = None
    street: Annotated[Line | None, Field(description="number and street", examples=["48 rue de Paris"])] = None
    postal_code: PostalCode | None = None
    insee_code: Annotated[InseeCode | None, Field(description="its commune; answered as `municipality`")] = None
    website: HttpUrlText | None = None
    valid_from: ValidFrom = None
    valid_until: ValidUntil = None
    listed: Annotated[YesNo, Field(description="it agreed to stand in the public directory")] = False
    theme_ids: Annotated[
        list[UUID],
        Field(default_factory=list, max_length=50, description="themes of its territory; answered as `themes`"),
        distinct(),
    ]
    external_ids: Annotated[ExternalIds, Field(default_factory=list)]


class ActorCreate(ActorFields):
    """A new actor of a territory."""

    territory_id: UUID


@partial
class ActorUpdate(ActorFields):
    """The fields to change."""


@described_by(ExternalId)
class ExternalIdOut(View):
    """The name another system gives it."""

    source: str
    id: str


class ActorRef(View):
    """An actor, where another resource names it."""

    id: UUID
    name: Annotated[str, Field(examples=["Lycée Robert Schuman"])]
    kind: ActorKind


@described_by(ActorCreate)
class ActorOut(ResourceView):
    """An organisation of the territory."""

    territory_id: UUID
    name: str
    kind: ActorKind
    description: str | None
    siren: str | None
    siret: str | None
    rna: str | None
    uai: str | None
    naf: str | None
    headcount_band: HeadcountBand | None
    street: str | None
    postal_code: str | None
    municipality: MunicipalityOut | None
    website: str | None
    valid_from: date | None
    valid_until: date | None
    listed: bool
    themes: list[ThemeRef]
    external_ids: list[ExternalIdOut]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
