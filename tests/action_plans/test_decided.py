"""Plans adopted and proposals settled by decisions."""

import pytest

from app.action_plans.actions.models import ActionState
from app.dialogue.decisions.models import DecisionState
from tests import factories
from tests.action_plans.conftest import codes
from tests.action_plans.factories import a_plan, an_action
from tests.dialogue.decisions.factories import a_decision

HEADERS = {"If-Match": "*"}


@pytest.fixture
async def decision(session, territory):
    actor = await factories.an_actor(session, territory)
    return await a_decision(session, territory, electors=(actor,), state=DecisionState.CLOSED)


async def test_a_plan_is_adopted_by_a_closed_decision_or_at_an_event(session, territory, town, decision) -> None:
    plan = await a_plan(session, territory)
    event = await factories.an_event(session, territory)
    url = f"/v1/action-plans/{plan.id}:adopt"
    both = {"event_id": str(event.id), "decision_id": str(decision.id)}
    for body in ({}, both):
        answer = await town.post(url, json=body, headers=HEADERS)
        assert (answer.status_code, codes(answer)) == (422, [("#", "one_adoption")])
    row = (await town.post(url, json={"decision_id": str(decision.id)}, headers=HEADERS)).json()
    assert (row["state"], row["adopted_by_decision_id"], row["adopted_at_event_id"]) == (
        "adopted", str(decision.id), None
    )  # fmt: skip


async def test_what_is_not_decided_or_lies_elsewhere_settles_nothing(session, territory, client_for) -> None:
    abroad = await factories.a_territory(session)
    stranger = await factories.an_actor(session, abroad)
    voter = await factories.an_actor(session, territory)
    both = client_for(factories.a_collectivite(territory, abroad))
    plan, action = await a_plan(session, territory), await an_action(session, territory)
    retained = await an_action(session, territory, state=ActionState.SELECTED)
    for decision, code in (
        (await a_decision(session, territory), "not_decided"),
        (await a_decision(session, territory, electors=(voter,), state=DecisionState.OPEN), "not_decided"),
        (await a_decision(session, abroad, electors=(stranger,), state=DecisionState.CLOSED), "unknown_reference"),
    ):
        body = {"decision_id": str(decision.id)}
        for answer in (
            await both.post(f"/v1/action-plans/{plan.id}:adopt", json=body, headers=HEADERS),
            await both.post(f"/v1/actions/{action.id}:select", json=body, headers=HEADERS),
            await both.patch(f"/v1/actions/{retained.id}", json=body, headers=HEADERS),
        ):
            assert (answer.status_code, codes(answer)) == (422, [("#/decision_id", code)])


async def test_a_proposal_is_settled_by_a_decision(session, territory, town, decision) -> None:
    action = await an_action(session, territory)
    url, body = f"/v1/actions/{action.id}", {"decision_id": str(decision.id)}
    early = await town.patch(url, json=body, headers=HEADERS)
    assert (early.status_code, codes(early)) == (422, [("#/decision_id", "still_proposed")])
    row = (await town.post(f"{url}:select", json=body, headers=HEADERS)).json()
    assert (row["state"], row["decision_id"]) == ("selected", str(decision.id))
    links = (await town.get(f"{url}/lineage")).json()["items"]
    assert [(link["kind"], link["state"]) for link in links] == [
        ("proposal", "proposed"), ("decision", "closed"), ("action", "selected"),
    ]  # fmt: skip
    assert links[1]["id"] == str(decision.id)
    assert (await town.patch(url, json={"decision_id": None}, headers=HEADERS)).json()["decision_id"] is None


async def test_the_chain_names_the_decision_that_adopted_the_plan_to_those_who_may_open_it(
    session, territory, town, decision, client_for
) -> None:
    company = await factories.an_actor(session, territory)
    plan = await a_plan(session, territory)
    await town.post(f"/v1/action-plans/{plan.id}:adopt", json={"decision_id": str(decision.id)}, headers=HEADERS)
    action = await an_action(session, territory, plan=plan, leads=(company,))
    member = client_for(factories.a_club_member(company))
    for client, kinds in ((town, ["proposal", "decision", "action"]), (member, ["proposal", "action"])):
        links = (await client.get(f"/v1/actions/{action.id}/lineage")).json()["items"]
        assert [link["kind"] for link in links] == kinds
    assert (await member.get(f"/v1/decisions/{decision.id}")).status_code == 404
