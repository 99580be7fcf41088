"""What waits in action plans: needs nobody acts on, actions that are late, mentees to be asked what became of them."""

from sqlalchemy import exists, literal

from app.action_plans.actions.lateness import is_late
from app.action_plans.actions.models import Action, action_needs
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.action_plans.mentorships.due import due_on
from app.action_plans.mentorships.models import FollowUp, Mentorship
from app.action_plans.mentorships.policy import visible_to as mentorships_visible_to
from app.core.tasks import TaskRows, task_rows
from app.dialogue.needs.models import Need, NeedState
from app.dialogue.needs.policy import visible_to as needs_visible_to
from app.identity.caller import Caller
from app.territories.filters import today_there


def needs_without_action(caller: Caller) -> TaskRows:
    """Qualified needs that no action addresses. No day is set for them."""
    is_acted_on = exists(literal(1)).where(action_needs.c.need_id == Need.id)
    return task_rows(
        needs_visible_to(caller).where(Need.state == NeedState.QUALIFIED, ~is_acted_on),
        resource="needs",
        id_=Need.id,
        territory_id=Need.territory_id,
        title=Need.statement,
        due_on=None,
        reason="need_without_action",
    )


def late_actions(caller: Caller) -> TaskRows:
    """Actions neither completed nor abandoned whose planned end has passed."""
    return task_rows(
        actions_visible_to(caller).where(is_late()),
        resource="actions",
        id_=Action.id,
        territory_id=Action.territory_id,
        title=Action.title,
        due_on=Action.planned_end_on,
        reason="action_late",
    )


def follow_ups_due(caller: Caller) -> TaskRows:
    """Follow-ups of mentorships whose day has come; the mentee is named by their code."""
    day = due_on(Mentorship.started_on)
    rows = mentorships_visible_to(caller).join(FollowUp, FollowUp.mentorship_id == Mentorship.id)
    return task_rows(
        rows.where(FollowUp.done_on.is_(None), day <= today_there(Mentorship.territory_id)),
        resource="mentorships",
        id_=Mentorship.id,
        territory_id=Mentorship.territory_id,
        title=Mentorship.mentee_code,
        due_on=day,
        reason="follow_up_due",
    )
