"""Query parameters of the list of pupils."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, and_

from app.core.fields import Day, Line, Slug
from app.core.filters import has_words
from app.q2er.pupils.models import Level, Pupil, PupilExternalId
from app.territories.filters import UpdatedSince


class PupilFilters(BaseModel):
    """Which pupils. Entries merged into others are left out unless asked for."""

    school: Annotated[UUID | None, Field(description="of this school")] = None
    class_name: Annotated[Line | None, Field(description="of this class, as the school writes it")] = None
    level: Annotated[Level | None, Field(description="of this year of schooling")] = None
    source: Annotated[Slug | None, Field(description="named by this other system")] = None
    external_id: Annotated[Line | None, Field(description="with this identifier in another system")] = None
    merged: Annotated[bool, Field(description="those merged into others, instead")] = False
    purge_before: Annotated[Day | None, Field(description="of whom only a code is left before this day")] = None
    q: Annotated[Line | None, Field(description="words of their name; case and accents do not matter")] = None
    updated_since: UpdatedSince = None

    def apply(self, rows: Select[Pupil]) -> Select[Pupil]:
        """The pupils asked for."""
        rows = rows.where(Pupil.merged_into_id.is_not(None) if self.merged else Pupil.merged_into_id.is_(None))
        if self.school:
            rows = rows.where(Pupil.school_id == self.school)
        if self.class_name:
            rows = rows.where(Pupil.class_name == self.class_name)
        if self.level:
            rows = rows.where(Pupil.level == self.level)
        if self.purge_before:
            rows = rows.where(Pupil.purge_on < self.purge_before)
        if self.q:
            rows = rows.where(has_words(Pupil.sort_name, self.q))
        if self.updated_since:
            rows = rows.where(Pupil.updated_at >= self.updated_since)
        names = [PupilExternalId.source == self.source] if self.source else []
        names += [PupilExternalId.id == self.external_id] if self.external_id else []
        return rows.where(Pupil.external_ids.any(and_(*names))) if names else rows
