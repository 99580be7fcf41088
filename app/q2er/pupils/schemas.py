"""What enters and leaves of pupils. There is no free text about a pupil, and no national number (INE)."""

import re
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from app.actors.people.schemas import Phone
from app.core.errors import invalid
from app.core.fields import Day, ExternalId, Line, distinct
from app.core.schemas import Body, ResourceView, View, described_by, partial
from app.identity.accounts.schemas import Email
from app.q2er.pupils.models import Level

_INE = re.compile(r"\d{10}[A-Z]|\d{9}[A-Z]{2}", re.IGNORECASE | re.ASCII)
BORN_WITHIN = range(1980, 2100)


def _no_ine(external: ExternalId) -> ExternalId:
    """A national pupil number identifies a person everywhere and for life: it is not taken, under any name."""
    if _INE.fullmatch("".join(external.id.split())) or external.source == "ine":
        raise invalid("ine_refused")
    return external


def _may_be_a_pupil(day: date) -> date:
    if day.year not in BORN_WITHIN:
        raise invalid("birth_date_unlikely", first=BORN_WITHIN[0], last=BORN_WITHIN[-1])
    return day


PupilExternalIds = Annotated[
    list[Annotated[ExternalId, AfterValidator(_no_ine)]],
    Field(max_length=10, description="names the school’s own systems give; never the INE"),
    distinct(lambda external: (external.source, external.id)),
]
BirthDate = Annotated[Day, AfterValidator(_may_be_a_pupil), Field(examples=["2010-05-17"])]
PurgeOn = Annotated[
    Day | None,
    Field(
        description="day from which only a code is left; sooner than the retention if you say so, never later;"
        " null: by the retention",
        examples=["2028-09-01"],
    ),
]


class GuardianFields(Body):
    """Who answers for a pupil (représentant légal), and how to reach them."""

    first_name: Annotated[Line, Field(examples=["Ana"])]
    last_name: Annotated[Line, Field(examples=["Durand"])]
    email: Annotated[Email | None, Field(examples=["ana.durand@example.org"])] = None
    phone: Phone | None = None


Guardians = Annotated[
    list[GuardianFields], Field(max_length=2, description="the first, and the second if there is one")
]


class PupilFields(Body):
    """Who a pupil is, as their school knows them."""

    first_name: Annotated[Line, Field(examples=["Lina"])]
    last_name: Annotated[Line, Field(examples=["Durand"])]
    birth_date: BirthDate
    class_name: Annotated[Line, Field(description="as the school writes it", examples=["2nde 4"])]
    level: Annotated[Level | None, Field(description="year of schooling", examples=["2nde"])] = None
    guardians: Annotated[Guardians, Field(default_factory=list)]
    external_ids: Annotated[PupilExternalIds, Field(default_factory=list)]
    purge_on: PurgeOn = None


class PupilCreate(PupilFields):
    """A new pupil of a school."""

    school_id: UUID


@partial
class PupilUpdate(PupilFields):
    """The fields to change. A pupil who goes to another school is another entry, of that school."""


class PupilMerge(Body):
    """Which entry is the same pupil as this one."""

    duplicate_id: Annotated[UUID, Field(description="it is shown no longer, and comes back with `:unmerge`")]


class GuardianOut(View):
    """Who answers for a pupil."""

    id: UUID
    first_name: str
    last_name: str
    email: str | None
    phone: str | None


class PupilExternalIdOut(View):
    """The name another system gives a pupil."""

    source: Annotated[str, Field(examples=["pronote"])]
    id: Annotated[str, Field(examples=["4711"])]


@described_by(PupilCreate)
class PupilOut(ResourceView):
    """A pupil, for their own school only."""

    territory_id: UUID
    school_id: UUID
    first_name: str
    last_name: str
    birth_date: date
    class_name: str | None
    level: Level | None
    school_year: Annotated[str, Field(description="of which the class is", examples=["2026-2027"])]
    guardians: list[GuardianOut]
    external_ids: list[PupilExternalIdOut]
    purge_on: Annotated[date, Field(description="day from which only a code is left")]
    merged_into_id: Annotated[UUID | None, Field(description="the entry it was merged into, as the same pupil")]
    is_demonstration: Annotated[bool, Field(description="made up to show how things look")]


class AccessLogEntry(View):
    """Who read or changed what of a pupil, and when."""

    at: datetime
    caller: Annotated[str, Field(description="account:<id>, client:<id>, or a part of the service")]
    name: Annotated[str | None, Field(description="who that is, of an account that still exists")]
    action: Annotated[str, Field(description="the operation asked for, or insert, update", examples=["get_pupil"])]
    fields: Annotated[list[str] | None, Field(description="names of the fields changed, of a change")]
    detail: Annotated[str | None, Field(description="why, as a code")]


class PupilFile(View):
    """All that is held on one pupil, for them or their guardians (RGPD 15)."""

    pupil: PupilOut
    duplicates: Annotated[list[PupilOut], Field(description="entries merged into this one")]
    held: Annotated[
        dict[str, list[dict[str, Any]]],
        Field(description="what else is kept, by kind", examples=[{"participations": []}]),
    ]
    accesses: Annotated[list[AccessLogEntry], Field(description="latest first, 1,000 at most")]
