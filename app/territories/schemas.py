"""What enters and leaves of territories, municipalities and themes."""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field

from app.core.errors import invalid
from app.core.fields import Day, IanaZone, Line, Prose, Slug, ValidFrom, ValidUntil, distinct
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.territories.identifiers import InseeCode, Siren
from app.territories.models import TerritoryKind


class TerritoryCreate(Body):
    """A new territory."""

    slug: Annotated[Slug, Field(description="unique name in addresses", examples=["paris-est-marne-et-bois"])]
    name: Annotated[Line, Field(examples=["Paris Est Marne & Bois"])]
    kind: Annotated[TerritoryKind, Field(examples=["intermunicipality"])]
    siren: Siren | None = None
    valid_from: ValidFrom = None
    valid_until: ValidUntil = None
    timezone: Annotated[IanaZone, Field(description="IANA zone in which its days are counted")] = "Europe/Paris"
    default_locale: Annotated[Literal["fr", "en"], Field(description="language of its pages", examples=["fr"])] = "fr"


@partial
class TerritoryUpdate(TerritoryCreate):
    """The fields to change."""


class Predecessor(Body):
    """A territory this one takes over from."""

    predecessor_id: UUID
    succeeds_on: Annotated[Day, Field(description="first day of the successor in its place")]


class Predecessors(Body):
    """All the territories this one takes over from."""

    items: Annotated[list[Predecessor], Field(max_length=200), distinct(lambda item: item.predecessor_id)]


@described_by(Predecessor)
class PredecessorOut(View):
    """A territory this one took over from."""

    predecessor_id: UUID
    succeeds_on: date


class SuccessorOut(View):
    """A territory that takes over from this one."""

    successor_id: UUID
    succeeds_on: date


@described_by(TerritoryCreate)
class TerritoryOut(ResourceView):
    """A perimeter of action, with those it follows and those that follow it."""

    slug: str
    name: str
    kind: TerritoryKind
    siren: str | None
    valid_from: date | None
    valid_until: date | None
    timezone: str
    default_locale: str
    predecessors: list[PredecessorOut]
    successors: list[SuccessorOut]


class Membership(Body):
    """A commune within the territory during a period."""

    insee_code: InseeCode
    valid_from: ValidFrom = None
    valid_until: ValidUntil = None


def _apart(memberships: list[Membership]) -> list[Membership]:
    for earlier, later in pairwise(_in_order(memberships)):
        ends, begins = earlier.valid_until or date.max, later.valid_from or date.min
        if earlier.insee_code == later.insee_code and begins < ends:
            raise invalid("overlapping_periods")
    return memberships


def _in_order(memberships: Iterable[Membership]) -> list[Membership]:
    return sorted(memberships, key=lambda m: (m.insee_code, m.valid_from or date.min, m.valid_until or date.max))


class Memberships(Body):
    """All the communes the territory has, had and will have; the periods of one commune lie apart."""

    items: Annotated[list[Membership], Field(max_length=5000), AfterValidator(_apart)]


@described_by(Membership)
class MembershipOut(View):
    """A commune within the territory during a period."""

    insee_code: str
    name: Annotated[str, Field(examples=["Charenton-le-Pont"])]
    valid_from: date | None
    valid_until: date | None


class MunicipalityOut(View):
    """A commune."""

    insee_code: Annotated[str, Field(description="INSEE code", examples=["94018"])]
    name: Annotated[str, Field(examples=["Charenton-le-Pont"])]


class ThemeFields(Body):
    """What a theme says."""

    slug: Annotated[Slug, Field(description="name in addresses, unique in its territory")]
    name: Annotated[Line, Field(examples=["Insertion des jeunes"])]
    description: Annotated[Prose | None, Field(examples=["Les jeunes et leur premier emploi."])] = None
    position: Annotated[int, Field(strict=True, ge=1, le=1000, description="rank among the themes shown")] = 1


class ThemeCreate(ThemeFields):
    """A new theme of a territory."""

    territory_id: UUID


@partial
class ThemeUpdate(ThemeFields):
    """The fields to change."""


@described_by(ThemeCreate)
class ThemeOut(ResourceView):
    """A subject the territory works on."""

    territory_id: UUID
    slug: str
    name: str
    description: str | None
    position: int


class ThemeRef(View):
    """A theme, where another resource names it."""

    id: UUID
    slug: Annotated[str, Field(examples=["insertion-des-jeunes"])]
    name: Annotated[str, Field(examples=["Insertion des jeunes"])]
