"""Which needs have an action. Actions are of a domain above this one, which makes their links (`action_needs`)."""

from sqlalchemy import ColumnElement, column, exists, literal, table

from app.dialogue.needs.models import Need

ACTION_NEEDS = table("action_needs", column("action_id"), column("need_id"))


def has_action() -> ColumnElement[bool]:
    """Needs with an action that addresses them."""
    return exists(literal(1)).where(ACTION_NEEDS.c.need_id == Need.id)
