"""An event put into words for a caller."""

from collections.abc import Sequence

from app.actors.schemas import ActorRef, ExternalIdOut
from app.core import clock
from app.core.i18n import LANGUAGES
from app.events import dates, policy, states
from app.events.details import EventImageOut, EventPlaceOut, EventRegistrationOut
from app.events.models import Event, EventActorRole, FormerDates
from app.events.notices import notice
from app.events.scheduling import scheduling_notices
from app.events.schemas import ChangeNotice, EventFormerDates, EventOut
from app.identity.caller import Caller
from app.territories.schemas import MunicipalityOut, ThemeRef

AS_IS = (
    "id", "created_at", "updated_at", "version", "territory_id", "kind", "title", "summary", "description",
    "is_all_day", "timezone", "attendance_mode", "online_url", "keywords", "accessibility", "audience", "status",
    "status_note", "working_group_id", "sequence_id", "publication", "submitted_at", "publish_at", "published_at",
    "withdrawn_at", "sequence", "significant_at", "is_demonstration",
)  # fmt: skip


def described(event: Event, caller: Caller) -> EventOut:
    """The event, with what this caller may do to it now."""
    now, timing = clock.now(), dates.timing_of(event)
    first, last = dates.whole_days(timing, event.timezone) if event.is_all_day else (None, None)
    return EventOut(
        **{name: getattr(event, name) for name in AS_IS},
        starts_at=dates.local(event.starts_at, event.timezone),
        ends_at=dates.local(event.ends_at, event.timezone),
        starts_on=first,
        ends_on=last,
        former_dates=[_former(former, event.timezone) for former in event.former_dates],
        municipality=event.municipality and MunicipalityOut.model_validate(event.municipality),
        place=_place(event),
        image=_image(event),
        registration=_registration(event),
        availability=states.availability(event, now),
        seats_left=states.seats_left(event),
        organisers=_actors(event, EventActorRole.ORGANISER),
        partners=_actors(event, EventActorRole.PARTNER),
        themes=[ThemeRef.model_validate(theme) for theme in event.themes],
        external_ids=[ExternalIdOut(source=known.source, id=known.external_id) for known in event.external_ids],
        change_notice=_notice(event),
        notices=scheduling_notices(event),
        allowed_actions=policy.actions_of(event, caller, now),
    )


def described_all(events: Sequence[Event], caller: Caller) -> list[EventOut]:
    """The events of a page."""
    return [described(event, caller) for event in events]


def _former(former: FormerDates, timezone: str) -> EventFormerDates:
    return EventFormerDates(
        starts_at=dates.local(former.starts_at, timezone),
        ends_at=dates.local(former.ends_at, timezone),
        replaced_at=former.replaced_at,
    )


def _place(event: Event) -> EventPlaceOut | None:
    place = EventPlaceOut(
        name=event.place_name,
        address=event.place_address,
        latitude=event.latitude,
        longitude=event.longitude,
        acceslibre_id=event.acceslibre_id,
    )
    return place if any(value is not None for _, value in place) else None


def _image(event: Event) -> EventImageOut | None:
    if event.image_url is None:
        return None
    return EventImageOut(
        url=event.image_url,
        alt=event.image_alt or "",
        credit=event.image_credit or "",
        licence=event.image_licence or "",
        rights_until=event.image_rights_until,
    )


def _registration(event: Event) -> EventRegistrationOut:
    return EventRegistrationOut(
        mode=event.registration_mode,
        url=event.registration_url,
        capacity=event.capacity,
        has_waitlist=event.has_waitlist,
    )


def _actors(event: Event, role: EventActorRole) -> list[ActorRef]:
    return [ActorRef.model_validate(link.actor) for link in event.actors if link.role is role]


def _notice(event: Event) -> ChangeNotice | None:
    former = [(one.starts_at, one.ends_at) for one in event.former_dates]
    said: dict[str, str | None] = {
        language: notice(
            event.status,
            event.starts_at,
            event.ends_at,
            former,
            event.timezone,
            is_all_day=event.is_all_day,
            note=event.status_note,
            language=language,
        )
        for language in LANGUAGES
    }
    return ChangeNotice.model_validate(said) if said["fr"] else None
