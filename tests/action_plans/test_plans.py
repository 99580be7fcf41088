"""Action plans: what they say, how they are adopted, run and closed, and who sees them."""

from datetime import timedelta
from itertools import product

import pytest

from app.action_plans.actions.models import ActionState
from app.action_plans.plans.models import PlanState
from app.core import clock
from app.core.publication import Publication, Tombstone
from app.events.models import EventStatus
from tests import factories
from tests.action_plans.conftest import codes
from tests.action_plans.factories import a_plan, an_action

PLANS = "/v1/action-plans"
YESTERDAY = timedelta(days=-1)
MAY = {"draft": "adopt", "adopted": "start", "running": "close", "closed": ""}
GOAL = {"adopt": "adopted", "start": "running", "close": "closed"}


@pytest.fixture
def body(programme, theme):
    def make(**fields):
        return {"programme_id": str(programme.id), "title": "Insertion des jeunes", "theme_id": str(theme.id), **fields}

    return make


async def test_a_plan_is_made_on_a_theme_as_a_draft_nobody_else_sees(
    session, territory, theme, town, body, client_for
) -> None:
    made = await town.post(PLANS, json=body(summary="Rapprocher", starts_on="2013-06-20", ends_on="2015-12-31"))
    assert made.status_code == 201, made.text
    plan = made.json()
    assert (plan["territory_id"], plan["theme"]["slug"]) == (str(territory.id), "insertion-des-jeunes")
    assert (plan["state"], plan["publication"], plan["is_cross_cutting"]) == ("draft", "draft", False)
    assert plan["allowed_actions"] == ["edit", "delete", "adopt", "publish"]
    assert (await town.get(made.headers["Location"])).json() == plan
    company = await factories.an_actor(session, territory)
    member = client_for(factories.a_club_member(company))
    assert (await member.get(made.headers["Location"])).status_code == 404
    assert (await member.get(PLANS)).json()["items"] == []


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"is_cross_cutting": True}, ("#/theme_id", "theme_or_cross_cutting")),
        ({"theme_id": None}, ("#/theme_id", "theme_or_cross_cutting")),
        ({"starts_on": "2014-01-01", "ends_on": "2013-12-31"}, ("#/ends_on", "dates_reversed")),
        ({"theme_id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"}, ("#/theme_id", "unknown_reference")),
        ({"state": "running"}, ("#/state", "extra_forbidden")),
    ],
)
async def test_a_plan_that_contradicts_itself_is_refused(town, body, fields, fault) -> None:
    answer = await town.post(PLANS, json=body(**fields))
    assert (answer.status_code, codes(answer)) == (422, [fault])


async def test_what_lies_elsewhere_is_as_if_it_did_not_exist(session, territory, town, body, client_for) -> None:
    elsewhere = await factories.a_territory(session)
    programme, theme = await factories.a_programme(session, elsewhere), await factories.a_theme(session, elsewhere)
    both = client_for(factories.a_collectivite(territory, elsewhere))
    answer = await town.post(PLANS, json=body(programme_id=str(programme.id)))
    assert codes(answer) == [("#/programme_id", "unknown_reference")]
    for client in (town, both):
        assert codes(await client.post(PLANS, json=body(theme_id=str(theme.id)))) == [
            ("#/theme_id", "unknown_reference")
        ]


@pytest.mark.parametrize(("state", "verb"), list(product(PlanState, GOAL)))
async def test_each_verb_leads_from_its_state_and_from_no_other(session, territory, town, state, verb) -> None:
    plan = await a_plan(session, territory, state=state)
    event = await factories.an_event(session, territory, starts_in=YESTERDAY)
    url, fields = f"{PLANS}/{plan.id}", {"event_id": str(event.id)} if verb == "adopt" else None
    before = (await town.get(url)).json()
    is_allowed = verb == MAY[state]
    assert (verb in before["allowed_actions"]) == is_allowed
    answer = await town.post(f"{url}:{verb}", json=fields, headers={"If-Match": '"1"', "Accept-Language": "en"})
    if is_allowed:
        assert (answer.status_code, answer.json()["state"], answer.headers["ETag"]) == (200, GOAL[verb], '"2"')
    else:
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/illegal-transition")
        assert f"from “{state}” to “{GOAL[verb]}”" in answer.json()["detail"]
        assert {"…", "{"}.isdisjoint(answer.json()["detail"])
        assert (await town.get(url)).json() == before


async def test_a_plan_is_adopted_at_an_event_of_its_territory_that_took_place(session, territory, town) -> None:
    plan = await a_plan(session, territory)
    elsewhere = await factories.a_territory(session)
    held = await factories.an_event(session, territory, starts_in=YESTERDAY)
    refused = {
        "unknown_reference": [await factories.an_event(session, elsewhere, starts_in=YESTERDAY)],
        "not_held": [
            await factories.an_event(session, territory),
            await factories.an_event(session, territory, starts_in=YESTERDAY, status=EventStatus.CANCELLED),
            await factories.an_event(session, territory, starts_in=YESTERDAY, status=EventStatus.POSTPONED),
        ],
    }
    url, headers = f"{PLANS}/{plan.id}:adopt", {"If-Match": '"1"'}
    for code, events in refused.items():
        for event in events:
            answer = await town.post(url, json={"event_id": str(event.id)}, headers=headers)
            assert (answer.status_code, codes(answer)) == (422, [("#/event_id", code)])
    answer = await town.post(url, json={"event_id": str(held.id)}, headers=headers)
    assert (answer.json()["state"], answer.json()["adopted_at_event_id"]) == ("adopted", str(held.id))
    assert (await town.delete(f"/v1/events/{held.id}", headers={"If-Match": "*"})).status_code == 409


@pytest.mark.parametrize("state", ActionState)
async def test_a_plan_is_closed_once_no_action_is_under_way(session, territory, town, state) -> None:
    plan = await a_plan(session, territory, state=PlanState.RUNNING)
    await an_action(session, territory, plan=plan, state=state)
    answer = await town.post(f"{PLANS}/{plan.id}:close", headers={"If-Match": '"1"', "Accept-Language": "en"})
    if state in (ActionState.IN_PROGRESS, ActionState.PAUSED):
        assert (answer.status_code, "actions of the plan" in answer.json()["detail"]) == (409, True)
    else:
        assert (answer.status_code, answer.json()["state"]) == (200, "closed")


async def test_a_plan_goes_out_under_embargo_comes_back_and_leaves_a_trace(session, territory, town, change) -> None:
    plan = await a_plan(session, territory)
    row = (await town.get(f"{PLANS}/{plan.id}")).json()
    later = (clock.now() + timedelta(days=1)).isoformat()
    row = (await change("action-plans", row, "publish", publish_at=later)).json()
    assert (row["publication"], row["allowed_actions"][-2:]) == ("published", ["publish", "withdraw"])
    row = (await change("action-plans", row, "withdraw", reason="Trop tôt")).json()
    assert (row["publication"], row["published_at"]) == ("draft", None)
    row = (await change("action-plans", row, "publish")).json()
    assert (await change("action-plans", row, "publish")).status_code == 409
    row = (await change("action-plans", row, "withdraw", reason="Par erreur")).json()
    assert (row["publication"], row["allowed_actions"][-1]) == ("withdrawn", "publish")
    again = await change("action-plans", row, "publish", publish_at=later)
    assert (again.status_code, again.json()["type"]) == (409, "/problems/illegal-transition")
    headers = {"If-Match": f'"{row["version"]}"'}
    assert (await town.delete(f"{PLANS}/{plan.id}", headers=headers)).status_code == 204
    assert await session.get(Tombstone, plan.id)


async def test_a_draft_is_deleted_without_a_trace_and_a_plan_with_actions_stays(session, territory, town) -> None:
    draft, full = await a_plan(session, territory), await a_plan(session, territory)
    await an_action(session, territory, plan=full)
    assert (await town.delete(f"{PLANS}/{draft.id}", headers={"If-Match": "*"})).status_code == 204
    assert await session.get(Tombstone, draft.id) is None
    answer = await town.delete(f"{PLANS}/{full.id}", headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/still-referenced")


async def test_others_see_what_is_announced_and_what_they_take_part_in(session, territory, client_for) -> None:
    school = await factories.a_school(session, territory)
    tomorrow = clock.now() + timedelta(days=1)
    plans = {
        "draft": await a_plan(session, territory),
        "published": await a_plan(session, territory, published=True),
        "embargo": await a_plan(session, territory, published=True, publish_at=tomorrow),
        "withdrawn": await a_plan(
            session, territory, publication=Publication.WITHDRAWN, published_at=clock.now(), withdrawn_at=clock.now()
        ),
        "own": await a_plan(session, territory),
        "elsewhere": await a_plan(session, await factories.a_territory(session), published=True),
    }
    await an_action(session, territory, plan=plans["own"], partners=(school,))
    seen = {
        factories.a_collectivite(territory): {*plans} - {"elsewhere"},
        factories.a_referent(school): {"published", "own"},
        factories.a_club_member(school): {"published", "own"},
        factories.a_partner(territory): {"published"},
        factories.an_operator(territory_ids=frozenset({territory.id})): set(),
    }
    for caller, expected in seen.items():
        client = client_for(caller)
        listed = {row["id"] for row in (await client.get(PLANS)).json()["items"]}
        assert {name for name, plan in plans.items() if str(plan.id) in listed} == expected, caller.role
        for name, plan in plans.items():
            read = await client.get(f"{PLANS}/{plan.id}")
            assert read.status_code == (200 if name in expected else 404)
            if name in expected and caller.role != "collectivite":
                assert read.json()["allowed_actions"] == []
                patched = await client.patch(f"{PLANS}/{plan.id}", json={}, headers={"If-Match": "*"})
                assert patched.status_code == 403


async def test_the_list_is_narrowed_by_what_a_plan_is(session, territory, theme, programme, town) -> None:
    themed = await a_plan(
        session, territory, programme=programme, theme=theme, title="Élan", state=PlanState.RUNNING, summary="Tutorat"
    )
    other = await a_plan(session, territory, title="Autre", published=True)
    for query, expected in (
        ("", [other, themed]),
        ("theme=insertion-des-jeunes", [themed]),
        ("is_cross_cutting=true", [other]),
        (f"programme={programme.id}", [themed]),
        ("state=running&state=closed", [themed]),
        ("publication=published", [other]),
        ("q=elan", [themed]),
        ("q=tutorats", [themed]),
        (f"territory={territory.slug}", [other, themed]),
    ):
        found = (await town.get(f"{PLANS}?{query}")).json()["items"]
        assert [row["id"] for row in found] == [str(plan.id) for plan in expected], query
    assert (await town.get(f"{PLANS}?nonsense=1")).status_code == 422


async def test_only_who_may_publish_publishes(session, territory, client_for) -> None:
    plan = await a_plan(session, territory)
    writer = client_for(factories.a_collectivite(territory, scopes=frozenset({"plans:read", "plans:write"})))
    assert (await writer.get(f"{PLANS}/{plan.id}")).json()["allowed_actions"] == ["edit", "delete", "adopt"]
    refused = await writer.post(f"{PLANS}/{plan.id}:publish", headers={"If-Match": "*"})
    assert 'scope="plans:publish"' in refused.headers["WWW-Authenticate"]
