"""What waits in partnerships: those to renew."""

from datetime import timedelta

from app.core import clock
from app.core.tasks import TaskRows, task_rows
from app.identity.caller import Caller
from app.partnerships.models import RENEWAL_NOTICE, RUNNING, Partnership
from app.partnerships.policy import visible_to
from app.territories.filters import today_there


def partnerships_to_renew(caller: Caller) -> TaskRows:
    """Those whose renewal is due, by the end of their period.

    The last condition says no more, but an index knows it: tomorrow in UTC is no earlier than today anywhere.
    """
    tomorrow = clock.now().date() + timedelta(days=1)
    is_due = Partnership.ends_on <= today_there(Partnership.territory_id) + RENEWAL_NOTICE.days
    rows = visible_to(caller).where(Partnership.stage.in_(RUNNING), is_due)
    return task_rows(
        rows.where(Partnership.ends_on <= tomorrow + RENEWAL_NOTICE),
        resource="partnerships",
        id_=Partnership.id,
        territory_id=Partnership.territory_id,
        title=Partnership.title,
        due_on=Partnership.ends_on,
        reason="renewal_due",
    )
