"""Who was invited, who signed up and who came, from the launch to the report-back; and the minutes of it.

The source counts 140 people at the opening plenary, 45 of whom sign up to the three groups. How many were invited,
excused or missing it does not say: that is invented, and marked.
"""

import random
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from app.demo.events import event_id
from app.demo.history import PastEntry, history
from app.demo.people import Contact, Contacts
from app.demo.rows import CALLER, Rows, demo_id
from app.events.minutes.models import Minutes
from app.events.models import Event
from app.events.registrations.models import Attendance, Registration, RegistrationStatus

Values = dict[str, Any]

LAUNCH, REPORT_BACK = "pleniere-2012", "restitution-2013"
DECLINED_SHARE = 0.6  # of those who were invited to the launch and did not come: who said so
CAME_BACK = 40  # came to the report-back besides the members of the groups
CAME_SHARE = 0.85  # of the members of a group, at each meeting


async def put_attendance(
    rows: Rows, events: Mapping[UUID, Event], contacts: Contacts, groups: Mapping[str, Contacts]
) -> None:
    """Write the registrations of the first territory's events, then their minutes, which close them.

    `groups`: the members of each group, by the word in the keys of its meetings.
    """
    registrations: dict[UUID, Values] = {}
    minutes: dict[UUID, Values] = {}
    for entry in history():
        event = events.get(event_id(entry))
        if event is None or event.territory_id not in {contact.actor.territory_id for contact in contacts.values()}:
            continue
        on_event = {"territory_id": event.territory_id, "event_id": event.id, "is_demonstration": True}
        for key, contact, attendance in _came(entry, contacts, groups):
            registrations[demo_id("registration", entry.key, key)] = on_event | _row(contact, attendance, event)
        closed = {"agenda": entry.summary, "text": entry.description.strip(), "closed_at": event.ends_at}
        minutes[demo_id("minutes", entry.key)] = on_event | closed | {"closed_by": CALLER}
    await rows.put(Registration, registrations)
    await rows.put(Minutes, minutes)


def _came(
    entry: PastEntry, contacts: Contacts, groups: Mapping[str, Contacts]
) -> Iterator[tuple[str, Contact, Attendance | RegistrationStatus]]:
    """Those on an event, by a key of their own, with whether they came; or how it stayed for who never signed up."""
    chance = random.Random(entry.key)
    members = {key: contact for group in groups.values() for key, contact in group.items()}
    if entry.key == LAUNCH:
        for key, contact in contacts.items():
            stayed = RegistrationStatus.DECLINED if chance.random() < DECLINED_SHARE else RegistrationStatus.INVITED
            yield key, contact, Attendance.ATTENDED if key.endswith("-0") else stayed
    elif entry.key == REPORT_BACK:
        others = sorted(contacts.keys() - members.keys())
        for key in [*members, *chance.sample(others, min(CAME_BACK, len(others)))]:
            yield key, contacts[key], Attendance.ATTENDED
    else:
        for key, contact in groups.get(entry.key.split("-")[1], {}).items():
            missing = chance.choice((Attendance.EXCUSED, Attendance.ABSENT))
            yield key, contact, Attendance.ATTENDED if chance.random() < CAME_SHARE else missing


def _row(contact: Contact, came: Attendance | RegistrationStatus, event: Event) -> Values:
    is_registered = isinstance(came, Attendance)
    return {
        "person_id": contact.person_id,
        "actor_id": contact.actor.id,
        "status": RegistrationStatus.REGISTERED if is_registered else came,
        "noted_attendance": came if is_registered else Attendance.UNKNOWN,
        "attendance_noted_at": event.ends_at if is_registered else None,
    }
