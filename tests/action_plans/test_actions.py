"""Actions: what they say, how far they are, when they are late, and who sees and changes them."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, text

from app.action_plans.actions.lateness import is_late
from app.action_plans.actions.models import Action, ActionState
from app.action_plans.actions.states import MOVES
from app.action_plans.plans.models import PlanState
from app.core import clock
from app.core.publication import Publication, Tombstone
from tests import factories
from tests.action_plans.conftest import codes
from tests.action_plans.factories import a_milestone, a_note, a_plan, an_action

ACTIONS = "/v1/actions"
NOTHING = "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"
MAY = {
    "proposed": "select abandon",
    "selected": "start abandon",
    "in_progress": "pause complete abandon",
    "paused": "resume complete abandon",
    "completed": "",
    "abandoned": "",
}
GOAL = {
    "select": "selected", "start": "in_progress", "pause": "paused", "resume": "in_progress", "complete": "completed",
    "abandon": "abandoned",
}  # fmt: skip
BODIES = {
    "pause": {"reason": "Financement attendu"},
    "complete": {"ended_on": "2014-06-20"},
    "abandon": {"reason": "Faute de lieu", "ended_on": "2014-06-20"},
}


@pytest.fixture
async def plan(session, territory, theme):
    return await a_plan(session, territory, theme=theme)


@pytest.fixture
def body(plan):
    def make(**fields):
        return {"plan_id": str(plan.id), "title": "Tutorat de jeunes par des dirigeants", **fields}

    return make


async def test_an_action_is_proposed_on_the_theme_of_its_plan(session, territory, town, body) -> None:
    company, school = await factories.an_actor(session, territory), await factories.a_school(session, territory)
    event = await factories.an_event(session, territory, starts_in=timedelta(days=-1))
    made = await town.post(
        ACTIONS,
        json=body(
            objective="Une entreprise pour chacun", lead_ids=[str(company.id)], partner_ids=[str(school.id)],
            proposed_at_event_id=str(event.id), planned_start_on="2013-09-01", planned_end_on="2014-06-30",
            beneficiaries_planned=20,
        ),
    )  # fmt: skip
    assert made.status_code == 201, made.text
    action = made.json()
    assert (action["state"], action["territory_id"], action["is_late"]) == ("proposed", str(territory.id), True)
    assert [theme["slug"] for theme in action["themes"]] == ["insertion-des-jeunes"]
    assert ([a["id"] for a in action["leads"]], [a["id"] for a in action["partners"]]) == (
        [str(company.id)], [str(school.id)]
    )  # fmt: skip
    assert action["beneficiaries"] == {"planned": 20, "real": None, "suppressed": False}
    assert action["allowed_actions"] == ["edit", "delete", "select", "abandon", "publish", "annotate"]
    assert (await town.get(made.headers["Location"])).json() == action


async def test_a_cross_cutting_action_needs_no_theme_and_another_one_does(session, territory, town, body) -> None:
    cross = (await town.post(ACTIONS, json=body(is_cross_cutting=True))).json()
    assert (cross["is_cross_cutting"], cross["themes"]) == (True, [])
    url = f"{ACTIONS}/{cross['id']}"
    refused = await town.patch(url, json={"is_cross_cutting": False}, headers={"If-Match": "*"})
    assert codes(refused) == [("#/theme_ids", "theme_needed")]
    without = await a_plan(session, territory)
    assert codes(await town.post(ACTIONS, json=body(plan_id=str(without.id)))) == [("#/theme_ids", "theme_needed")]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"planned_start_on": "2014-01-01", "planned_end_on": "2013-12-31"}, ("#/planned_end_on", "dates_reversed")),
        ({"beneficiaries_planned": -1}, ("#/beneficiaries_planned", "greater_than_equal")),
        ({"beneficiaries_real": 1.5}, ("#/beneficiaries_real", "int_type")),
        ({"state": "completed"}, ("#/state", "extra_forbidden")),
        ({"started_on": "2013-09-01"}, ("#/started_on", "extra_forbidden")),
        ({"plan_id": NOTHING}, ("#/plan_id", "unknown_reference")),
        ({"theme_ids": [NOTHING]}, ("#/theme_ids/0", "unknown_reference")),
        ({"lead_ids": [NOTHING]}, ("#/lead_ids/0", "unknown_reference")),
        ({"lead_ids": [NOTHING, NOTHING]}, ("#/lead_ids", "repeated_item")),
        ({"proposed_at_event_id": NOTHING}, ("#/proposed_at_event_id", "unknown_reference")),
    ],
)
async def test_an_action_that_contradicts_itself_is_refused(town, body, fields, fault) -> None:
    answer = await town.post(ACTIONS, json=body(**fields))
    assert (answer.status_code, codes(answer)) == (422, [fault])


async def test_what_lies_elsewhere_is_as_if_it_did_not_exist(session, territory, client_for, body) -> None:
    elsewhere = await factories.a_territory(session)
    both = client_for(factories.a_collectivite(territory, elsewhere))
    foreign = {
        "theme_ids": [str((await factories.a_theme(session, elsewhere)).id)],
        "partner_ids": [str((await factories.an_actor(session, elsewhere)).id)],
        "proposed_at_event_id": str((await factories.an_event(session, elsewhere)).id),
    }
    action = await an_action(session, territory)
    for field, value in foreign.items():
        pointer = f"#/{field}" + ("/0" if isinstance(value, list) else "")
        assert codes(await both.post(ACTIONS, json=body(**{field: value}))) == [(pointer, "unknown_reference")]
        changed = await both.patch(f"{ACTIONS}/{action.id}", json={field: value}, headers={"If-Match": "*"})
        assert codes(changed) == [(pointer, "unknown_reference")]


async def test_an_actor_leads_or_helps_and_changes_place_in_one_edit(session, territory, town, change) -> None:
    one, two, three = [await factories.an_actor(session, territory) for _ in range(3)]
    action = await an_action(session, territory, leads=(one, two), partners=(three,))
    row = (await town.get(f"{ACTIONS}/{action.id}")).json()
    for fields, fault in (
        ({"partner_ids": [str(three.id), str(one.id)]}, "#/partner_ids/1"),
        ({"lead_ids": [str(three.id)]}, "#/lead_ids/0"),
        ({"lead_ids": [str(two.id)], "partner_ids": [str(two.id)]}, "#/partner_ids/0"),
    ):
        assert codes(await change("actions", row, **fields)) == [(fault, "lead_or_partner")]
    swapped = await change("actions", row, lead_ids=[str(three.id), str(two.id)], partner_ids=[str(one.id)])
    row = swapped.json()
    assert ([a["id"] for a in row["leads"]], [a["id"] for a in row["partners"]]) == (
        [str(three.id), str(two.id)], [str(one.id)]
    )  # fmt: skip
    assert row["version"] == 2
    turned = (await change("actions", row, lead_ids=[str(two.id), str(three.id)])).json()
    assert ([a["id"] for a in turned["leads"]], turned["version"]) == ([str(two.id), str(three.id)], 3)


@pytest.mark.parametrize(("state", "verb"), list(product(ActionState, GOAL)))
async def test_each_verb_leads_from_its_states_and_from_no_other(session, territory, town, state, verb) -> None:
    action = await an_action(session, territory, state=state)
    url = f"{ACTIONS}/{action.id}"
    before = (await town.get(url)).json()
    assert set(before["allowed_actions"]) == {"edit", "delete", "publish", "annotate", *MAY[state].split()}
    headers = {"If-Match": '"1"', "Accept-Language": "en"}
    answer = await town.post(f"{url}:{verb}", json=BODIES.get(verb), headers=headers)
    if verb in MAY[state].split():
        assert (answer.status_code, answer.json()["state"], answer.headers["ETag"]) == (200, GOAL[verb], '"2"')
        assert answer.json()["state_reason"] == BODIES.get(verb, {}).get("reason")
    else:
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/illegal-transition")
        assert f"from “{state}” to “{GOAL[verb]}”" in answer.json()["detail"]
        assert {"…", "{"}.isdisjoint(answer.json()["detail"])
        assert (await town.get(url)).json() == before


@pytest.mark.unit
def test_the_table_of_moves_says_what_is_written_here() -> None:
    assert {state: {verb for verb, ways in MOVES.items() if state in ways} for state in ActionState} == {
        state: set(verbs.split()) for state, verbs in MAY.items()
    }
    assert {verb: set(ways.values()) for verb, ways in MOVES.items()} == {verb: {goal} for verb, goal in GOAL.items()}


async def test_an_action_runs_from_its_proposal_to_its_end(town, change, body, session) -> None:
    action = (await town.post(ACTIONS, json=body())).json()
    action = (await change("actions", action, "select")).json()
    action = (await change("actions", action, "start", started_on="2013-09-16")).json()
    action = (await change("actions", action, "pause", reason="Congés")).json()
    assert (action["state_reason"], action["started_on"]) == ("Congés", "2013-09-16")
    action = (await change("actions", action, "resume")).json()
    assert action["state_reason"] is None
    before = await change("actions", action, "complete", ended_on="2013-09-15")
    assert (before.status_code, codes(before)) == (422, [("#/ended_on", "dates_reversed")])
    ahead = await change("actions", action, "complete", ended_on="2999-01-01")
    assert codes(ahead) == [("#/ended_on", "day_to_come")]
    assert codes(await change("actions", action, "complete", reason="?"))[0] == ("#/ended_on", "missing")
    action = (await change("actions", action, "complete", ended_on="2014-06-20")).json()
    assert (action["state"], action["ended_on"]) == ("completed", "2014-06-20")
    righted = (await change("actions", action, ended_on="2014-06-27", beneficiaries_real=14)).json()
    assert (righted["ended_on"], righted["beneficiaries"]["real"]) == ("2014-06-27", 14)
    reasons = await session.execute(
        text("select reason from journal where resource = 'actions' and reason is not null")
    )
    assert list(reasons.scalars()) == ["Congés"]


@pytest.mark.parametrize(
    ("state", "fields", "fault"),
    [
        ("proposed", {"started_on": "2013-09-01"}, ("#/started_on", "not_begun")),
        ("in_progress", {"ended_on": "2013-10-01"}, ("#/ended_on", "not_ended")),
        ("completed", {"started_on": "2014-07-01"}, ("#/ended_on", "dates_reversed")),
        ("completed", {"ended_on": "2999-01-01"}, ("#/ended_on", "day_to_come")),
        ("completed", {"ended_on": None}, ("#/ended_on", "date_type")),
    ],
)
async def test_real_days_are_put_right_only_where_there_are_any(session, territory, town, state, fields, fault) -> None:
    action = await an_action(session, territory, state=ActionState(state))
    answer = await town.patch(f"{ACTIONS}/{action.id}", json=fields, headers={"If-Match": "*"})
    assert (answer.status_code, codes(answer)) == (422, [fault])


@pytest.mark.parametrize("verb", ["pause", "abandon"])
async def test_what_stands_still_says_why(session, territory, town, verb) -> None:
    action = await an_action(session, territory, state=ActionState.IN_PROGRESS)
    for reason in ({}, {"reason": "  "}):
        answer = await town.post(f"{ACTIONS}/{action.id}:{verb}", json=reason, headers={"If-Match": "*"})
        assert (answer.status_code, codes(answer)[0][0]) == (422, "#/reason")


async def test_in_a_closed_plan_nothing_is_proposed_nor_started(session, territory, theme, town, body) -> None:
    plan = await a_plan(session, territory, theme=theme, state=PlanState.CLOSED)
    assert codes(await town.post(ACTIONS, json=body(plan_id=str(plan.id)))) == [("#/plan_id", "plan_closed")]
    action = await an_action(session, territory, plan=plan, state=ActionState.SELECTED)
    assert "start" not in (await town.get(f"{ACTIONS}/{action.id}")).json()["allowed_actions"]
    refused = await town.post(f"{ACTIONS}/{action.id}:start", headers={"If-Match": "*", "Accept-Language": "en"})
    assert (refused.status_code, "the plan is closed" in refused.json()["detail"]) == (409, True)


@pytest.mark.parametrize("state", ActionState)
async def test_what_is_open_after_its_planned_end_is_late(session, territory, town, state) -> None:
    today = clock.now().date()
    for days in (-3, 3, None):
        end = today + timedelta(days=days) if days else None
        await an_action(session, territory, state=state, planned_end_on=end, title=str(days))
    listed = (await town.get(ACTIONS)).json()["items"]
    late = {row["title"] for row in listed if row["is_late"]}
    assert late == (set() if state in (ActionState.COMPLETED, ActionState.ABANDONED) else {"-3"})
    for asked, expected in (("true", late), ("false", {"-3", "3", "None"} - late)):
        found = (await town.get(f"{ACTIONS}?is_late={asked}")).json()["items"]
        assert {row["title"] for row in found} == expected


@pytest.mark.parametrize(("zone", "is_over"), [("Europe/Paris", True), ("America/Guadeloupe", False)])
async def test_a_day_is_over_when_it_is_over_in_the_territory(session, client_for, zone, is_over) -> None:
    territory = await factories.a_territory(session, timezone=zone)
    action = await an_action(session, territory, planned_end_on=date(2026, 3, 1))
    town = client_for(factories.a_collectivite(territory))
    with time_machine.travel(datetime(2026, 3, 2, 1, tzinfo=UTC), tick=False):
        assert (await town.get(f"{ACTIONS}/{action.id}")).json()["is_late"] is is_over
        assert len((await town.get(f"{ACTIONS}?is_late=true")).json()["items"]) == is_over


async def test_the_late_ones_are_found_by_their_index(own_database) -> None:
    asked = select(Action.id).where(Action.territory_id == uuid4(), is_late())
    sql = asked.compile(dialect=own_database.engine.dialect, compile_kwargs={"literal_binds": True})
    async with own_database.engine.connect() as connection:
        await connection.exec_driver_sql("set local enable_seqscan = off")
        plan = "\n".join((await connection.exec_driver_sql(f"explain {sql}")).scalars())
    assert "actions_open_idx" in plan


async def test_others_see_what_is_announced_and_what_they_take_part_in(session, territory, client_for) -> None:
    school = await factories.a_school(session, territory)
    tomorrow = clock.now() + timedelta(days=1)
    actions = {
        "draft": await an_action(session, territory),
        "published": await an_action(session, territory, published=True),
        "embargo": await an_action(session, territory, published=True, publish_at=tomorrow),
        "withdrawn": await an_action(
            session, territory, publication=Publication.WITHDRAWN, published_at=clock.now(), withdrawn_at=clock.now()
        ),
        "led": await an_action(session, territory, leads=(school,)),
        "helped": await an_action(session, territory, partners=(school,)),
        "elsewhere": await an_action(session, await factories.a_territory(session), published=True),
    }
    own = {"published", "led", "helped"}
    seen = {
        factories.a_collectivite(territory): {*actions} - {"elsewhere"},
        factories.a_referent(school): own,
        factories.a_club_member(school): own,
        factories.a_partner(territory): {"published"},
        factories.an_operator(territory_ids=frozenset({territory.id})): set(),
    }
    for caller, expected in seen.items():
        client = client_for(caller)
        listed = {row["id"] for row in (await client.get(ACTIONS)).json()["items"]}
        assert {name for name, action in actions.items() if str(action.id) in listed} == expected, caller.role
        for name, action in actions.items():
            read = await client.get(f"{ACTIONS}/{action.id}")
            assert read.status_code == (200 if name in expected else 404)
            if name in expected and caller.role != "collectivite":
                assert read.json()["allowed_actions"] == (["annotate"] if name in ("led", "helped") else [])
                patched = await client.patch(f"{ACTIONS}/{action.id}", json={}, headers={"If-Match": "*"})
                assert patched.status_code == 403


async def test_a_count_that_could_point_at_someone_is_told_to_those_who_work_on_it(
    session, territory, client_for
) -> None:
    company, other = [await factories.an_actor(session, territory) for _ in range(2)]
    for real in (4, 5):
        action = await an_action(session, territory, leads=(company,), published=True, beneficiaries_real=real)
        told = {}
        for name, caller in {
            "town": factories.a_collectivite(territory),
            "own": factories.a_club_member(company),
            "other": factories.a_club_member(other),
        }.items():
            row = (await client_for(caller).get(f"{ACTIONS}/{action.id}")).json()["beneficiaries"]
            told[name] = (row["real"], row["suppressed"])
        assert told == {"town": (real, False), "own": (real, False), "other": (None, True) if real < 5 else (5, False)}


async def test_the_list_is_narrowed_by_what_an_action_is(session, territory, theme, town) -> None:
    company, school = await factories.an_actor(session, territory), await factories.a_school(session, territory)
    plan = await a_plan(session, territory, theme=theme)
    themed = await an_action(
        session, territory, plan=plan, themes=[theme], leads=(company,), partners=(school,), title="Élan",
        objective="Apprentissage", published=True,
    )  # fmt: skip
    cross = await an_action(session, territory, state=ActionState.SELECTED, title="Autre", leads=(school,))
    for query, expected in (
        ("", [cross, themed]),
        (f"plan={plan.id}", [themed]),
        (f"programme={plan.programme_id}", [themed]),
        ("theme=insertion-des-jeunes", [themed]),
        ("is_cross_cutting=true", [cross]),
        ("is_cross_cutting=false", [themed]),
        ("state=selected", [cross]),
        (f"actor={school.id}", [cross, themed]),
        (f"lead={school.id}", [cross]),
        ("publication=published", [themed]),
        ("q=elan", [themed]),
        ("q=apprentissages", [themed]),
        (f"territory={territory.slug}&updated_since=2000-01-01T00:00:00Z", [cross, themed]),
    ):
        found = (await town.get(f"{ACTIONS}?{query}")).json()["items"]
        assert [row["id"] for row in found] == [str(action.id) for action in expected], query
    assert (await town.get(f"{ACTIONS}?territory=nowhere")).status_code == 422
    assert (await town.get(ACTIONS, headers={"Prefer": "count=exact"})).json()["count"] == 2


async def test_an_action_goes_with_its_milestones_and_notes_and_the_journal_tells(session, territory, town) -> None:
    action = await an_action(session, territory, published=True)
    await a_milestone(session, action)
    await a_note(session, action, "account:1")
    assert (await town.delete(f"{ACTIONS}/{action.id}", headers={"If-Match": '"1"'})).status_code == 204
    assert await session.get(Tombstone, action.id)
    gone = await session.execute(text("select resource from journal where action = 'delete' order by resource"))
    assert list(gone.scalars()) == ["action-notes", "actions", "milestones"]


async def test_the_page_of_a_list_is_read_in_as_many_statements_whatever_its_length(
    session, territory, town, statements
) -> None:
    counted = []
    for _ in range(2):
        for _ in range(3):
            actor = await factories.an_actor(session, territory)
            theme = await factories.a_theme(session, territory)
            await an_action(session, territory, leads=(actor,), themes=[theme])
        with statements() as seen:
            assert (await town.get(ACTIONS)).status_code == 200
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 6
