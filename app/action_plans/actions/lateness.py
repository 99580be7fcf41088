"""When an action is late."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, literal_column

from app.action_plans.actions.models import OPEN, Action
from app.core import clock
from app.territories.filters import today_there


def is_late() -> ColumnElement[bool]:
    """Actions neither completed nor abandoned whose planned end has passed, in their territory's own zone.

    The first two conditions say no more, but an index knows them: tomorrow in UTC is no earlier than today anywhere.
    """
    is_open: ColumnElement[bool] = literal_column(f"actions.{OPEN}")
    tomorrow = clock.now().date() + timedelta(days=1)
    is_over = Action.planned_end_on < today_there(Action.territory_id)
    return and_(Action.planned_end_on.is_not(None), is_open, Action.planned_end_on < tomorrow, is_over)
