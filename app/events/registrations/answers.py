"""A registration put into words for a caller."""

from collections.abc import Sequence

from fastapi import Request

from app.core import clock
from app.events import dates
from app.events.models import Event
from app.events.registrations import policy
from app.events.registrations.models import Registration
from app.events.registrations.schemas import EventRef, RegistrationOut
from app.identity import audit
from app.identity.caller import Caller


def described(registration: Registration, caller: Caller) -> RegistrationOut:
    """The registration, with what this caller may do to it now."""
    policy.tell_actions(registration, caller, clock.now())
    shown = {name: getattr(registration, name) for name in RegistrationOut.model_fields if name != "event"}
    return RegistrationOut.model_validate({**shown, "event": event_ref(registration.event)})


def described_all(registrations: Sequence[Registration], caller: Caller) -> list[RegistrationOut]:
    """The registrations of a page."""
    return [described(registration, caller) for registration in registrations]


def event_ref(event: Event) -> EventRef:
    """The event of something. Instants carry the offset of its own zone."""
    return EventRef(
        id=event.id,
        title=event.title,
        kind=event.kind,
        starts_at=dates.local(event.starts_at, event.timezone),
        ends_at=dates.local(event.ends_at, event.timezone),
    )


def on_record(request: Request, caller: Caller, told: Sequence[RegistrationOut]) -> None:
    """Put on the audit trail that people were named to the caller, if any were."""
    audit.naming(request, caller.id, "registrations", [one for one in told if one.person])
