"""Milestones and notes: who sets, marks and writes them."""

import pytest

from tests import factories
from tests.action_plans.conftest import codes
from tests.action_plans.factories import a_milestone, a_note, an_action


@pytest.fixture
async def lead(session, territory):
    return await factories.an_actor(session, territory)


@pytest.fixture
async def helper(session, territory):
    return await factories.a_school(session, territory)


@pytest.fixture
async def action(session, territory, lead, helper):
    return await an_action(session, territory, leads=(lead,), partners=(helper,), published=True)


@pytest.fixture
def callers(session, territory, lead, helper, client_for):
    async def make():
        other = await factories.an_actor(session, territory)
        return {
            "town": client_for(factories.a_collectivite(territory)),
            "lead": client_for(factories.a_club_member(lead)),
            "helper": client_for(factories.a_referent(helper)),
            "other": client_for(factories.a_club_member(other)),
            "partner": client_for(factories.a_partner(territory)),
        }

    return make


async def test_milestones_stand_in_an_order_that_closes_its_gaps(town, action) -> None:
    url = f"/v1/actions/{action.id}/milestones"
    made = [(await town.post(url, json={"title": title, "due_on": "2013-10-31"})).json() for title in "abc"]
    assert [row["position"] for row in made] == [1, 2, 3]
    wanted = [made[2]["id"], made[0]["id"], made[1]["id"]]
    order = f"/v1/actions/{action.id}/milestone-order"
    incomplete = await town.put(order, json={"milestone_ids": wanted[:2]}, headers={"If-Match": '"1"'})
    assert codes(incomplete) == [("#/milestone_ids", "not_all_milestones")]
    ordered = await town.put(order, json={"milestone_ids": wanted}, headers={"If-Match": '"1"'})
    assert (ordered.status_code, ordered.json()["version"]) == (200, 2)
    assert (await town.delete(f"/v1/milestones/{wanted[0]}", headers={"If-Match": "*"})).status_code == 204
    listed = (await town.get(url)).json()["items"]
    assert [(row["title"], row["position"]) for row in listed] == [("a", 1), ("b", 2)]


async def test_those_who_lead_mark_the_milestones_others_read_them(session, action, callers) -> None:
    for name, client in (await callers()).items():
        milestone = await a_milestone(session, action, position=len(name) + ord(name[0]))
        url = f"/v1/milestones/{milestone.id}"
        row = (await client.get(url)).json()
        marks, edits = name in ("town", "lead"), name == "town"
        assert row["allowed_actions"] == ["complete"] * marks + ["edit", "delete"] * edits
        done = await client.post(f"{url}:complete", json={"done_on": "2013-10-24"}, headers={"If-Match": '"1"'})
        assert done.status_code == (200 if marks else 403), name
        changed = await client.patch(url, json={"title": "Autre"}, headers={"If-Match": "*"})
        assert changed.status_code == (200 if edits else 403), name
        if marks:
            assert (done.json()["done_on"], done.json()["allowed_actions"][0]) == ("2013-10-24", "reopen")


async def test_a_milestone_is_reached_once_and_not_tomorrow(session, action, town) -> None:
    url = f"/v1/milestones/{(await a_milestone(session, action)).id}"
    headers = {"If-Match": "*", "Accept-Language": "en"}
    assert (await town.post(f"{url}:reopen", headers=headers)).status_code == 409
    ahead = await town.post(f"{url}:complete", json={"done_on": "2999-01-01"}, headers=headers)
    assert codes(ahead) == [("#/done_on", "day_to_come")]
    assert (await town.post(f"{url}:complete", headers=headers)).json()["done_on"]
    again = await town.post(f"{url}:complete", headers=headers)
    assert (again.status_code, "reached already" in again.json()["detail"]) == (409, True)
    assert (await town.post(f"{url}:reopen", headers=headers)).json()["done_on"] is None


async def test_notes_are_written_and_read_by_those_who_work_on_the_action(action, lead, helper, callers) -> None:
    url, clients = f"/v1/actions/{action.id}/notes", await callers()
    for name, client in clients.items():
        written = await client.post(url, json={"text": f"de {name}"})
        assert written.status_code == (201 if name in ("town", "lead", "helper") else 403), name
        if written.status_code == 201:
            actor = {"town": None, "lead": str(lead.id), "helper": str(helper.id)}[name]
            assert (written.json()["actor"] or {"id": None})["id"] == actor
            assert written.json()["allowed_actions"] == ["edit", "delete"]
            assert (await client.get(written.headers["Location"])).json() == written.json()
    for name, client in clients.items():
        listed = [row["text"] for row in (await client.get(url)).json()["items"]]
        works = name in ("town", "lead", "helper")
        assert listed == (["de helper", "de lead", "de town"] if works else []), name


async def test_a_note_is_its_authors_to_change_and_the_collectivites_to_take_away(session, action, callers) -> None:
    clients = await callers()
    note = await a_note(session, action, "account:someone")
    url = f"/v1/action-notes/{note.id}"
    may = {"town": ["delete"], "lead": [], "helper": []}
    for name, client in clients.items():
        read = await client.get(url)
        assert read.status_code == (200 if name in may else 404), name
        if name in may:
            assert read.json()["allowed_actions"] == may[name]
            assert (await client.patch(url, json={"text": "!"}, headers={"If-Match": "*"})).status_code == 403
    assert (await clients["lead"].delete(url, headers={"If-Match": "*"})).status_code == 403
    assert (await clients["town"].delete(url, headers={"If-Match": "*"})).status_code == 204


async def test_one_reads_ones_own_note_as_long_as_one_works_on_the_action(
    session, territory, lead, client_for, town, change
) -> None:
    action = await an_action(session, territory, leads=(lead,), published=True)
    member = client_for(factories.a_club_member(lead))
    note = (await member.post(f"/v1/actions/{action.id}/notes", json={"text": "Avant"})).json()
    changed = await change("action-notes", note, client=member, text="Après")
    assert (changed.json()["text"], changed.json()["version"]) == ("Après", 2)
    await town.patch(f"/v1/actions/{action.id}", json={"lead_ids": []}, headers={"If-Match": "*"})
    assert (await member.get(f"/v1/action-notes/{note['id']}")).status_code == 404


async def test_contributing_takes_the_scope(territory, lead, action, client_for) -> None:
    reader = client_for(factories.a_club_member(lead, scopes=frozenset({"plans:read"})))
    assert (await reader.get(f"/v1/actions/{action.id}")).json()["allowed_actions"] == []
    refused = await reader.post(f"/v1/actions/{action.id}/notes", json={"text": "Oui"})
    assert 'scope="plans:contribute"' in refused.headers["WWW-Authenticate"]
