"""When the follow-ups of a mentorship are due."""

from datetime import date

from sqlalchemy import ColumnElement, Date, cast, func
from sqlalchemy.sql.elements import SQLCoreOperations

from app.action_plans.mentorships.models import FollowUp


def due_on(started_on: SQLCoreOperations[date | None]) -> ColumnElement[date]:
    """SQL for so many months after the start; where that month has no such day, its last."""
    return cast(started_on + func.make_interval(0, FollowUp.months), Date)
