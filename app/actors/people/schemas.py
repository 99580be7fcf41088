"""What enters and leaves of people and their affiliations."""

import re
from datetime import date, datetime
from itertools import combinations
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from app.core.errors import invalid
from app.core.fields import Instant, Line, ValidFrom, ValidUntil
from app.core.schemas import Body, ResourceView, described_by, partial
from app.identity.accounts.schemas import Email

_BETWEEN_DIGITS = re.compile(r"[ .()\u00a0\u202f-]")


def _digits_alone(value: Any) -> Any:
    return _BETWEEN_DIGITS.sub("", value) if isinstance(value, str) else value


Phone = Annotated[
    str,
    BeforeValidator(_digits_alone),
    StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$"),
    Field(
        description="with its country code (E.164); spaces, dots and hyphens are left out", examples=["+33199001234"]
    ),
]


class AffiliationFields(Body):
    """What a person is to an organisation, and when."""

    role: Annotated[Line, Field(description="in the organisation’s own words", examples=["Référente entreprises"])]
    valid_from: ValidFrom = None
    valid_until: ValidUntil = None


class AffiliationCreate(AffiliationFields):
    """A new affiliation to an actor of the person's territory."""

    actor_id: UUID


@partial
class AffiliationUpdate(AffiliationFields):
    """The fields to change. A person who goes elsewhere gets another affiliation."""


@described_by(AffiliationCreate)
class AffiliationOut(ResourceView):
    """What a person is, or was, to an organisation."""

    territory_id: UUID
    person_id: UUID
    actor_id: UUID
    role: str
    valid_from: date | None
    valid_until: date | None


def _apart(affiliations: list[AffiliationCreate]) -> list[AffiliationCreate]:
    for one, other in combinations(affiliations, 2):
        is_same = (one.actor_id, one.role) == (other.actor_id, other.role)
        if is_same and _begins(one) < _ends(other) and _begins(other) < _ends(one):
            raise invalid("overlapping_periods")
    return affiliations


def _begins(affiliation: AffiliationFields) -> date:
    return affiliation.valid_from or date.min


def _ends(affiliation: AffiliationFields) -> date:
    return affiliation.valid_until or date.max


Affiliations = Annotated[
    list[AffiliationCreate],
    Field(max_length=20, description="to actors of the territory"),
    AfterValidator(_apart),
]


class PersonFields(Body):
    """Who a person is and how to reach them."""

    first_name: Annotated[Line, Field(examples=["Camille"])]
    last_name: Annotated[Line, Field(examples=["Martin"])]
    job_title: Annotated[Line | None, Field(examples=["Directrice des ressources humaines"])] = None
    email: Annotated[Email | None, Field(examples=["camille.martin@example.org"])] = None
    phone: Phone | None = None
    agreed_to_contact_at: Annotated[
        Instant | None, Field(description="when they agreed to be contacted; goes with `agreed_how`")
    ] = None
    agreed_how: Annotated[
        Line | None, Field(description="how they agreed", examples=["Formulaire d’inscription au club"])
    ] = None


class PersonCreate(PersonFields):
    """A new person of a territory, with their affiliations. An organisation adds people of its own only."""

    territory_id: UUID
    affiliations: Annotated[Affiliations, Field(default_factory=list)]


@partial
class PersonUpdate(PersonFields):
    """The fields to change. Affiliations change at `/affiliations`."""


@described_by(PersonCreate)
class PersonOut(ResourceView):
    """A contact. What they are to organisations is at `/affiliations`."""

    territory_id: UUID
    first_name: str
    last_name: str
    job_title: str | None
    email: str | None
    phone: str | None
    agreed_to_contact_at: datetime | None
    agreed_how: str | None
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]
