"""Minutes put into words for a caller."""

from collections.abc import Sequence

from app.core import clock
from app.events.minutes import policy, states
from app.events.minutes.models import Minutes
from app.events.minutes.schemas import MinutesOut
from app.events.registrations.answers import event_ref
from app.identity.caller import Caller


def described(minutes: Minutes, caller: Caller) -> MinutesOut:
    """The minutes, as far as this caller reads them, with what it may do to them now."""
    policy.tell_actions(minutes, caller, clock.now())
    made = {
        "event": event_ref(minutes.event),
        "state": states.state_of(minutes),
        "text": minutes.text if policy.reads_text(caller, minutes) else None,
    }
    shown = {name: getattr(minutes, name) for name in MinutesOut.model_fields if name not in made}
    return MinutesOut.model_validate({**shown, **made})


def described_all(minutes: Sequence[Minutes], caller: Caller) -> list[MinutesOut]:
    """The minutes of a page."""
    return [described(one, caller) for one in minutes]
