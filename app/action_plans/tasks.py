"""What waits in action plans: actions that are late, and mentees to be asked what became of them."""

from app.action_plans.actions.lateness import is_late
from app.action_plans.actions.models import Action
from app.action_plans.actions.policy import visible_to as actions_visible_to
from app.action_plans.mentorships.due import due_on
from app.action_plans.mentorships.models import FollowUp, Mentorship
from app.action_plans.mentorships.policy import visible_to as mentorships_visible_to
from app.core.tasks import TaskRows, task_rows
from app.identity.caller import Caller
from app.territories.filters import today_there


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
