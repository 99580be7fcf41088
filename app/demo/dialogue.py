"""The three working groups, the 45 people who signed up to them, and the needs of the diagnosis."""

import random
from collections.abc import Collection, Mapping
from datetime import date, time
from functools import cache
from typing import Any
from uuid import UUID

from app.actors.models import Actor, ActorKind
from app.core.publication import Publication
from app.demo.actors import Cast
from app.demo.events import instant
from app.demo.people import Contacts
from app.demo.rows import Rows, demo_id
from app.demo.territories import FIRST, Entry, ground, read, territory_id, theme_id
from app.dialogue.needs.models import Need, NeedState
from app.dialogue.working_groups.models import GroupLead, GroupMember, GroupState, LeadRole, WorkingGroup

Values = dict[str, Any]

SIGNED_UP = 45  # the source: of the 140 at the plenary, "45 d’entre elles s’inscrivent dans les 3 groupes de travail"
STARTED_ON, CONCLUDED_ON = date(2012, 10, 18), date(2013, 6, 20)


class GroupEntry(Entry):
    """A working group."""

    key: str
    theme: str
    name: str
    purpose: str
    town: str
    facilitator: str


class NeedEntry(Entry):
    """A need. `voiced_by`: a word of actors.py, or `association` or `company` for one of the group's pair."""

    key: str
    theme: str
    group: str | None = None
    statement: str
    evidence: str
    target_group: str
    voiced_by: str
    voiced_on: date
    voiced_at: str
    severity: int
    is_demonstration: bool = True


class Dialogue(Entry):
    """The whole of `dialogue.toml`."""

    group: tuple[GroupEntry, ...]
    need: tuple[NeedEntry, ...]


@cache
def dialogue() -> Dialogue:
    """The dialogue's data file, checked."""
    return Dialogue.model_validate(read("dialogue"))


def programme_id() -> UUID:
    """The programme of the first territory."""
    return demo_id("programme", ground().programme[0].name)


def group_id(key: str) -> UUID:
    """The identifier of a working group."""
    return demo_id("working-group", key)


def pair_of(group: GroupEntry, cast: Cast) -> dict[LeadRole, Actor | None]:
    """The association and the company that lead a group, as its meetings name them; none that was deleted."""
    town = ground().municipality_named(group.town).insee_code
    words = {LeadRole.ASSOCIATION: f"association:{group.key}", LeadRole.COMPANY: f"company:{group.key}"}
    return {role: cast.find(word, town=town, event=group.key) for role, word in words.items()}


async def put_groups(rows: Rows, cast: Cast, contacts: Contacts) -> dict[str, Contacts]:
    """Write the groups, their leads and members; answers the members by group."""
    keys = {contact.actor.id: key for key, contact in contacts.items() if key.endswith("-0")}
    wanted, firsts = {}, {}
    for group in dialogue().group:
        leads = {**pair_of(group, cast), LeadRole.FACILITATOR: cast.actors.get(group.facilitator)}
        there = {role: actor for role, actor in leads.items() if actor and actor.id in keys}
        if len(there) == len(leads):
            wanted[group_id(group.key)] = _group(group) | {
                "leads": [_lead(role, actor, contacts[keys[actor.id]].person_id) for role, actor in there.items()]
            }
            firsts[group.key] = [keys[there[role].id] for role in (LeadRole.ASSOCIATION, LeadRole.COMPANY)]
    found = await rows.put(WorkingGroup, wanted, WorkingGroup.leads)
    members = _members({key: pair for key, pair in firsts.items() if group_id(key) in found}, contacts)
    await rows.put(
        GroupMember,
        {
            demo_id("member", group, key): _member(group, contacts, key)
            for group, of_it in members.items()
            for key in of_it
        },
    )
    return members


def _group(entry: GroupEntry) -> Values:
    return {
        "territory_id": territory_id(FIRST), "programme_id": programme_id(), "theme_id": theme_id(FIRST, entry.theme),
        "name": entry.name, "purpose": entry.purpose, "state": GroupState.CONCLUDED, "started_on": STARTED_ON,
        "concluded_on": CONCLUDED_ON, "publication": Publication.PUBLISHED, "is_demonstration": True,
        "published_at": instant(STARTED_ON, time(9)),
    }  # fmt: skip


def _lead(role: LeadRole, actor: Actor, person_id: UUID) -> GroupLead:
    return GroupLead(role=role, actor_id=actor.id, actor_kind=actor.kind, person_id=person_id)


def _members(firsts: Mapping[str, list[str]], contacts: Contacts) -> dict[str, Contacts]:
    """Fifteen people a group, its pair first, each in one group; the collectivité and the club only help."""
    leading = {key for pair in firsts.values() for key in pair}
    kinds = (ActorKind.COMPANY, ActorKind.ASSOCIATION, ActorKind.PUBLIC_BODY, ActorKind.OTHER)
    others = sorted(
        key
        for key, contact in contacts.items()
        if key.endswith("-0") and contact.actor.kind in kinds and key not in leading
    )
    random.Random("groups").shuffle(others)
    each = SIGNED_UP // len(dialogue().group)
    members: dict[str, Contacts] = {}
    for group, pair in firsts.items():
        taken = each - len(pair)
        members[group] = {key: contacts[key] for key in [*pair, *others[:taken]]}
        del others[:taken]
    return members


def _member(group: str, contacts: Contacts, key: str) -> Values:
    contact = contacts[key]
    return {
        "territory_id": territory_id(FIRST), "working_group_id": group_id(group), "person_id": contact.person_id,
        "actor_id": contact.actor.id, "valid_from": STARTED_ON, "valid_until": CONCLUDED_ON,
    }  # fmt: skip


async def put_needs(rows: Rows, cast: Cast, events: Mapping[str, UUID]) -> dict[str, Need]:
    """Write the needs; answers those there are. `events`: those of the history, by their keys.

    A new one is voiced; how far it got, `settle_needs` writes once there are actions.
    """
    groups = {group.key: group for group in dialogue().group}
    wanted = {}
    for entry in dialogue().need:
        pair = pair_of(groups[entry.group], cast) if entry.group else {}
        by = {role.value: actor for role, actor in pair.items()}.get(entry.voiced_by, cast.actors.get(entry.voiced_by))
        if by is None:
            continue
        wanted[demo_id("need", entry.key)] = {
            **entry.model_dump(exclude={"key", "theme", "group", "voiced_by", "voiced_at"}),
            "territory_id": territory_id(FIRST), "theme_id": theme_id(FIRST, entry.theme), "voiced_by_id": by.id,
            "working_group_id": group_id(entry.group) if entry.group else None,
            "voiced_at_event_id": events.get(entry.voiced_at), "state_since": instant(entry.voiced_on, time(20)),
            "publication": Publication.PUBLISHED, "published_at": instant(entry.voiced_on, time(20)),
        }  # fmt: skip
    found = await rows.put(Need, wanted)
    return {entry.key: found[id_] for entry in dialogue().need if (id_ := demo_id("need", entry.key)) in found}


async def settle_needs(rows: Rows, needs: Mapping[str, Need], addressed: Collection[str]) -> None:
    """Say of each need whether an action addresses it."""
    states = {True: NeedState.ADDRESSED, False: NeedState.QUALIFIED}
    await rows.put_again(Need, {need.id: {"state": states[key in addressed]} for key, need in needs.items()})
