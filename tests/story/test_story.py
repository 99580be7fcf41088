"""The source's story, 2012 to 2014, played through the API as its real roles; its figures are then counted.

Clocks are set to the years told: an organisation signs up before an event, and is noted as present after it.
"""

from datetime import UTC, date, datetime

import pytest
import time_machine

from app.actors.models import ActorKind
from tests import factories
from tests.story.teller import Actor, Json, Teller, days_after, said

LAUNCH, REPORT_BACK, ASKED_FOR_HELP = date(2012, 10, 18), date(2013, 6, 20), date(2014, 2, 11)
THEMES = {"jeunes": "Insertion des jeunes", "handicap": "Handicap", "precarite": "Lutte contre la précarité"}
GRADES = ["Très bien", "Bien", "Passable", "À rejeter"]


@pytest.fixture
async def teller(session, client_for) -> Teller:
    """A territory with its programme and three themes, and the collectivité's team."""
    territory = await factories.a_territory(session, municipalities=("94018", "94069"))
    programme = await factories.a_programme(session, territory, name="Agir Ensemble sur le Territoire")
    themes = {key: await factories.a_theme(session, territory, slug=key, name=name) for key, name in THEMES.items()}
    staff = client_for(factories.a_collectivite(territory))
    ids = {key: str(theme.id) for key, theme in themes.items()}
    teller = Teller(client_for, str(territory.id), str(programme.id), ids, staff)
    for name, kind in (
        ("DEE", "public_body"),
        ("Club", "business_club"),
        ("Lycée", "school"),
        ("Le RAMEAU", "association"),
    ):
        await teller.actor(name, kind)
    return teller


async def mobilise(teller: Teller) -> Json:
    """October 2012: 140 come to the plenary, most of them signed up by their own organisation."""
    for number in range(136):
        kind = (ActorKind.COMPANY, ActorKind.ASSOCIATION)[number % 2]
        await teller.actor(f"{kind} {number}", kind)
    with time_machine.travel(datetime(2012, 10, 1, tzinfo=UTC)):
        plenary = await teller.event("plenary", "Plénière de lancement", LAUNCH)
        for actor in teller.actors.values():
            await teller.sign_up(plenary, actor)
    with time_machine.travel(datetime(2012, 10, 19, tzinfo=UTC)):
        await teller.all_came(plenary)
        await teller.minuted(plenary, "140 personnes se sont déplacées.")
    return plenary


async def form_group(teller: Teller, theme: str, members: list[Actor]) -> Json:
    """A group led by an association and a company, with a facilitator from outside; the members sign up themselves."""
    company, association = members[:2]
    outside = teller.actors["Le RAMEAU"]
    leads = [
        {"role": "association", "actor_id": association.id},
        {"role": "company", "actor_id": company.id},
        {"role": "facilitator", "actor_id": outside.id, "person_id": outside.person_id},
    ]
    body = {"programme_id": teller.programme_id, "theme_id": teller.themes[theme], "name": THEMES[theme]}
    group = await said(teller.staff, "POST", "working-groups", {**body, "leads": leads[:2]})
    refused = await teller.staff.post(f"/v1/working-groups/{group['id']}:activate", json={}, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/illegal-transition")
    await said(teller.staff, "PATCH", f"working-groups/{group['id']}", {"leads": leads})
    await said(teller.staff, "POST", f"working-groups/{group['id']}:publish", {})
    for member in members:
        joined = {"person_id": member.person_id, "actor_id": member.id, "valid_from": LAUNCH.isoformat()}
        await said(member.client, "POST", f"working-groups/{group['id']}/members", joined)
    return await said(teller.staff, "POST", f"working-groups/{group['id']}:activate", {"on": LAUNCH.isoformat()})


async def meet(teller: Teller, group: Json, members: list[Actor], number: int) -> Json:
    """One of the three meetings of a group."""
    day = days_after(LAUNCH, 60 * number)
    with time_machine.travel(datetime(day.year, day.month, day.day, tzinfo=UTC)):
        title = f"{group['name']} – réunion {number}"
        meeting = await teller.event("working_group_session", title, day, working_group_id=group["id"])
        for member in members:
            await teller.sign_up(meeting, member)
    with time_machine.travel(datetime(day.year, day.month, day.day + 1, tzinfo=UTC)):
        await teller.all_came(meeting)
        await teller.minuted(meeting, "Le groupe s’exerce au dialogue.")
    return meeting


async def voice(teller: Teller, theme: str, by: Actor, statement: str, day: date, **more: str) -> Json:
    """A need, in the name of who has it; the collectivité qualifies it."""
    body = {
        "territory_id": teller.territory_id, "theme_id": teller.themes[theme], "statement": statement,
        "voiced_by_id": by.id, "voiced_on": day.isoformat(), "severity": 4, **more,
    }  # fmt: skip
    need = await said(by.client, "POST", "needs", body)
    return await said(teller.staff, "POST", f"needs/{need['id']}:qualify", {})


async def adopt_plan(teller: Teller, theme: str | None, event: Json) -> Json:
    """A plan adopted by the plenary."""
    body = {"programme_id": teller.programme_id, "title": f"Plan {theme or 'transverse'}"}
    about = {"theme_id": teller.themes[theme]} if theme else {"is_cross_cutting": True}
    plan = await said(teller.staff, "POST", "action-plans", {**body, **about})
    return await said(teller.staff, "POST", f"action-plans/{plan['id']}:adopt", {"event_id": event["id"]})


async def propose(teller: Teller, plan: Json, title: str, event: Json, **more: object) -> Json:
    body = {"plan_id": plan["id"], "title": title, "proposed_at_event_id": event["id"], **more}
    return await said(teller.staff, "POST", "actions", body)


async def carry_out(teller: Teller, action: Json, begun: date, ended: date) -> Json:
    """Selected, begun and completed."""
    await said(teller.staff, "POST", f"actions/{action['id']}:select")
    await said(teller.staff, "POST", f"actions/{action['id']}:start", {"started_on": begun.isoformat()})
    return await said(teller.staff, "POST", f"actions/{action['id']}:complete", {"ended_on": ended.isoformat()})
