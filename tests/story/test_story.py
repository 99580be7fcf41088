"""The source's story, 2012 to 2014, played through the API as its real roles; its figures are then counted.

Clocks are set to the years told: an organisation signs up before an event, and is noted as present after it.
"""

from collections import Counter
from datetime import UTC, date, datetime

import pytest
import time_machine

from tests import factories
from tests.story import chapters
from tests.story.teller import Actor, Json, Teller, days_after, every, said

LAUNCH, REPORT_BACK, ASKED_FOR_HELP = date(2012, 10, 18), date(2013, 6, 20), date(2014, 2, 11)
THEMES = {"jeunes": "Insertion des jeunes", "handicap": "Handicap", "precarite": "Lutte contre la précarité"}


@pytest.fixture
async def teller(session, client_for) -> Teller:
    """A territory with its programme and three themes, and the collectivité's team."""
    territory = await factories.a_territory(session, municipalities=("94018", "94069"))
    programme = await factories.a_programme(session, territory, name="Agir Ensemble sur le Territoire")
    themes = {key: await factories.a_theme(session, territory, slug=key, name=name) for key, name in THEMES.items()}
    staff = client_for(factories.a_collectivite(territory))
    ids = {key: str(theme.id) for key, theme in themes.items()}
    teller = Teller(client_for, str(territory.id), territory.slug, str(programme.id), ids, staff)
    kinds = {"DEE": "public_body", "Club": "business_club", "Lycée": "school", "Le RAMEAU": "association"}
    await teller.bring_in(kinds)
    return teller


async def mobilise(teller: Teller) -> Json:
    """October 2012: 140 come to the plenary, most of them signed up by their own organisation."""
    kinds = ("company", "association")
    await teller.bring_in({f"{kinds[number % 2]} {number}": kinds[number % 2] for number in range(136)})
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


async def carry_out(teller: Teller, action: Json, decision: Json, begun: date, ended: date) -> Json:
    """Selected by what the group decided, begun and completed."""
    await said(teller.staff, "POST", f"actions/{action['id']}:select", {"decision_id": decision["id"]})
    await said(teller.staff, "POST", f"actions/{action['id']}:start", {"started_on": begun.isoformat()})
    return await said(teller.staff, "POST", f"actions/{action['id']}:complete", {"ended_on": ended.isoformat()})


async def test_the_story_of_the_source_is_played_and_its_figures_are_counted(teller: Teller) -> None:
    plenary = await mobilise(teller)
    companies = [actor for actor in teller.actors.values() if actor.kind == "company"]
    associations = [actor for actor in teller.actors.values() if actor.kind == "association"][1:]
    pairs = list(zip(companies, associations, strict=False))
    groups: dict[str, tuple[Json, list[Actor]]] = {}
    for number, theme in enumerate(THEMES):
        members = [actor for pair in pairs[number * 8 : number * 8 + 8] for actor in pair][:15]
        groups[theme] = (await form_group(teller, theme, members), members)

    needs, proposals = {}, {}
    for theme, (group, members) in groups.items():
        first, *_, last = [await meet(teller, group, members, number) for number in (1, 2, 3)]
        needs[theme] = await voice(
            teller, theme, members[1], f"Un besoin : {THEMES[theme]}", days_after(LAUNCH, 60),
            voiced_at_event_id=first["id"], working_group_id=group["id"],
        )  # fmt: skip
        proposals[theme] = last
    group, members = groups["jeunes"]
    decision = await chapters.decide(teller, group, members, ["Parrainage", "Forum des métiers"])

    with time_machine.travel(datetime(2013, 6, 1, tzinfo=UTC)):
        report = await teller.event("report_back", "Plénière de restitution", REPORT_BACK)
    actions = []
    with time_machine.travel(datetime(2013, 6, 21, tzinfo=UTC)):
        for theme, (group, members) in groups.items():
            plan = await adopt_plan(teller, theme, report)
            origin = {"origin_group_id": group["id"], "need_ids": [needs[theme]["id"]]}
            for number, lead in enumerate(members[:2]):
                title = f"Action {number + 1} : {THEMES[theme]}"
                actions.append(await propose(teller, plan, title, report, lead_ids=[lead.id], **origin))
        plan = await adopt_plan(teller, None, report)
        actions.append(
            await propose(teller, plan, "Annuaire", report, is_cross_cutting=True, lead_ids=[teller.actors["DEE"].id])
        )
        for group, _ in groups.values():
            await said(teller.staff, "POST", f"working-groups/{group['id']}:conclude", {"on": REPORT_BACK.isoformat()})
    for need in needs.values():
        await said(teller.staff, "POST", f"needs/{need['id']}:address", {})
    tutoring = await carry_out(teller, actions[0], decision, date(2013, 9, 16), date(2014, 6, 30))
    await chapters.tutor(teller, tutoring, companies[:2])
    await chapters.give_means(teller, tutoring)
    await chapters.tell_the_public(teller, tutoring)
    await ask_for_help(teller)
    await chapters.traced(teller, tutoring)
    await chapters.mobilised(teller)
    await counted(teller, plenary, report, groups, tutoring)


async def ask_for_help(teller: Teller) -> None:
    """February 2014: the lycée voices its need; the three agree to work together."""
    school = teller.actors["Lycée"]
    need = await voice(
        teller, "jeunes", school, "Le monde académique est trop éloigné du monde du travail", ASKED_FOR_HELP
    )
    assert need["state"] == "qualified"
    body = {"territory_id": teller.territory_id, "title": "Lycée, DEE et club", "type": "societal_innovation"}
    made = await said(teller.staff, "POST", "partnerships", body)
    await said(teller.staff, "POST", f"partnerships/{made['id']}:discuss")
    for name in ("Lycée", "DEE", "Club"):
        party = {"actor_id": teller.actors[name].id, "role": name}
        await said(teller.staff, "POST", f"partnerships/{made['id']}/parties", party)
    active = await said(teller.staff, "POST", f"partnerships/{made['id']}:activate", {})
    assert active["stage"] == "active"


async def counted(
    teller: Teller, plenary: Json, report: Json, groups: dict[str, tuple[Json, list[Actor]]], tutoring: Json
) -> None:
    """140, 45, 3 × 3, 6 + 1: each from the rows it is made of."""
    counts = await said(teller.staff, "GET", f"events/{plenary['id']}/registration-counts")
    assert (counts["registered"], counts["attended"]) == (140, 140)
    members = [
        row
        for group, _ in groups.values()
        for row in await every(teller.staff, f"working-groups/{group['id']}/members")
    ]
    assert len({row["person"]["id"] for row in members}) == 45
    meetings = await every(teller.staff, "events", kind="working_group_session")
    assert Counter(row["working_group_id"] for row in meetings) == {group["id"]: 3 for group, _ in groups.values()}
    proposed = [row for row in await every(teller.staff, "actions") if row["proposed_at_event_id"] == report["id"]]
    assert Counter(row["is_cross_cutting"] for row in proposed) == {False: 6, True: 1}
    assert tutoring["state"] == "completed"
    assert Counter(row["state"] for row in await every(teller.staff, "needs")) == {"addressed": 3, "qualified": 1}
    for group, _ in groups.values():
        health = await said(teller.staff, "GET", f"working-groups/{group['id']}/health")
        assert health["meetings_held"] == 3
