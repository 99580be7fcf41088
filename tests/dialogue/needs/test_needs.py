"""Needs: who voices them, how they are qualified, addressed and closed, and who sees them."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.journal import JournalEntry
from app.core.publication import Tombstone
from app.dialogue.needs.models import NeedState
from app.dialogue.needs.states import NeedVerb
from tests import factories
from tests.action_plans.factories import an_action
from tests.dialogue.conftest import codes
from tests.dialogue.factories import a_group, a_need

NEEDS = "/v1/needs"
STATEMENT = "Le monde académique est trop éloigné du monde du travail"
MAY = {
    "voiced": {"qualify": "qualified", "close": "closed"},
    "qualified": {"send-back": "voiced", "address": "addressed", "close": "closed"},
    "addressed": {"close": "closed", "reopen": "qualified"},
    "closed": {"reopen": "qualified"},
}
"""What the collectivité may do with a need that has an action, and where it leads, written out."""
REASONED = ("send-back", "close", "reopen")
VERBS = ("qualify", "address", *REASONED)


@pytest.fixture
def body(territory, theme, school):
    def make(**fields):
        return {
            "territory_id": str(territory.id), "theme_id": str(theme.id), "voiced_by_id": str(school.id),
            "statement": STATEMENT, "severity": 4, **fields,
        }  # fmt: skip

    return make


async def test_the_school_voices_a_need_that_it_and_the_collectivite_alone_see(
    session, territory, referent, member, town, body
) -> None:
    event = await factories.an_event(session, territory, published=True)
    said = {"evidence": "Des réunions", "target_group": "Lycéens", "voiced_at_event_id": str(event.id)}
    made = await referent.post(NEEDS, json=body(voiced_on="2014-02-03", **said))
    assert made.status_code == 201, made.text
    need, url = made.json(), made.headers["Location"]
    assert {name: need[name] for name in said} == said
    assert (need["theme"]["slug"], need["voiced_by"]["name"]) == ("insertion-des-jeunes", "Lycée")
    assert (need["state"], need["publication"], need["has_action"]) == ("voiced", "draft", False)
    assert need["allowed_actions"] == ["edit", "delete"]
    assert (await referent.get(url)).json() == need
    assert (await member.get(url)).status_code == 404
    assert (await town.get(url)).json()["allowed_actions"] == ["edit", "delete", "qualify", "close", "publish"]


async def test_no_one_voices_the_need_of_another(referent, member, body, company, session, territory) -> None:
    assert (await member.post(NEEDS, json=body())).status_code == 403
    assert (await member.post(NEEDS, json=body(voiced_by_id=str(company.id)))).status_code == 201
    mine = await a_need(session, territory, voiced_by=company)
    changed = await member.patch(
        f"{NEEDS}/{mine.id}", json={"voiced_by_id": body()["voiced_by_id"]}, headers={"If-Match": "*"}
    )
    assert changed.status_code == 403


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"severity": 0}, ("#/severity", "greater_than_equal")),
        ({"severity": 6}, ("#/severity", "less_than_equal")),
        ({"severity": True}, ("#/severity", "int_type")),
        ({"statement": " "}, ("#/statement", "string_too_short")),
        ({"voiced_on": "2999-01-01"}, ("#/voiced_on", "day_to_come")),
        ({"theme_id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"}, ("#/theme_id", "unknown_reference")),
        ({"working_group_id": "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"}, ("#/working_group_id", "unknown_reference")),
        ({"state": "closed"}, ("#/state", "extra_forbidden")),
    ],
)
async def test_a_need_that_says_nothing_that_can_be_is_refused(town, body, fields, fault) -> None:
    answer = await town.post(NEEDS, json=body(**fields))
    assert (answer.status_code, codes(answer)) == (422, [fault])


async def test_a_need_voiced_without_a_day_is_voiced_today(town, body) -> None:
    made = (await town.post(NEEDS, json=body())).json()
    assert abs((clock.now().date() - clock.now().date().fromisoformat(made["voiced_on"])).days) <= 1


async def test_what_a_caller_does_not_see_is_not_there_to_be_named(session, territory, referent, body) -> None:
    hidden = await a_group(session, territory)
    answer = await referent.post(NEEDS, json=body(working_group_id=str(hidden.id)))
    assert codes(answer) == [("#/working_group_id", "unknown_reference")]


@pytest.mark.parametrize(("state", "verb"), list(product(NeedState, VERBS)))
async def test_each_verb_leads_from_its_states_and_from_no_other(session, territory, town, ask, state, verb) -> None:
    need = await a_need(session, territory, state=state, with_action=True)
    url = f"{NEEDS}/{need.id}"
    before = (await town.get(url)).json()
    assert set(before["allowed_actions"]) == {"edit", "delete", "publish", *MAY[state]}
    answer = await ask(url, verb, **({"reason": "Entendu"} if verb in REASONED else {}))
    if verb in MAY[state]:
        assert answer.status_code == 200, answer.text
        after = answer.json()
        assert (after["state"], after["state_reason"]) == (MAY[state][verb], "Entendu" if verb in REASONED else None)
        assert after["version"] == before["version"] + 1
        assert set(after["allowed_actions"]) == {"edit", "delete", "publish", *MAY[after["state"]]}
    else:
        assert answer.status_code == 409
        told = answer.json()
        assert told["type"].endswith("/illegal-transition")
        assert f"«\xa0{state}\xa0»" in told["detail"]
        assert (await town.get(url)).json() == before


def test_the_verbs_of_the_paths_are_those_tried() -> None:
    assert set(NeedVerb) == {*VERBS, "edit", "delete", "publish", "withdraw"}


@pytest.mark.parametrize("verb", REASONED)
async def test_what_goes_back_or_ends_has_a_reason_the_journal_keeps(session, territory, ask, verb) -> None:
    state = NeedState.CLOSED if verb == "reopen" else NeedState.QUALIFIED
    url = f"{NEEDS}/{(await a_need(session, territory, state=state)).id}"
    assert (await ask(url, verb)).status_code == 422
    assert (await ask(url, verb, reason="Besoin satisfait")).status_code == 200
    assert "Besoin satisfait" in set(await session.scalars(select(JournalEntry.reason)))


async def test_without_an_action_a_need_is_not_addressed(session, territory, town, ask) -> None:
    need = await a_need(session, territory, state=NeedState.QUALIFIED)
    url = f"{NEEDS}/{need.id}"
    assert "address" not in (await town.get(url)).json()["allowed_actions"]
    refused = await ask(url, "address")
    assert refused.status_code == 409
    assert refused.json()["detail"].endswith("aucune action ne répond au besoin.")
    await an_action(session, territory, needs=[need])
    assert (await ask(url, "address")).json()["has_action"] is True


async def test_qualifying_settles_severity_and_group_in_one_call(session, territory, town, ask) -> None:
    need, group = await a_need(session, territory, severity=2), await a_group(session, territory)
    answer = await ask(f"{NEEDS}/{need.id}", "qualify", severity=5, working_group_id=str(group.id))
    told = answer.json()
    assert (told["state"], told["severity"], told["working_group_id"]) == ("qualified", 5, str(group.id))
    other = await a_need(session, territory, severity=2, working_group_id=group.id)
    told = (await ask(f"{NEEDS}/{other.id}", "qualify")).json()
    assert (told["severity"], told["working_group_id"]) == (2, str(group.id))


async def test_who_voiced_a_need_changes_it_until_the_collectivite_takes_it_in_hand(
    session, territory, school, referent, ask
) -> None:
    url = f"{NEEDS}/{(await a_need(session, territory, voiced_by=school)).id}"
    assert (await ask(url, client=referent, statement="Autrement dit")).json()["statement"] == "Autrement dit"
    for verb in ("qualify", "publish"):
        assert codes(await ask(url, verb, client=referent)) == [("#", "collectivite_only")]
    assert (await ask(url, "qualify")).status_code == 200
    assert codes(await ask(url, client=referent, severity=5)) == [("#", "need_in_hand")]
    assert (await referent.delete(url, headers={"If-Match": "*"})).status_code == 403
    assert (await referent.get(url)).json()["allowed_actions"] == []
    assert (await ask(url, "send-back", reason="À préciser")).status_code == 200
    assert (await referent.get(url)).json()["allowed_actions"] == ["edit", "delete"]
    assert (await referent.delete(url, headers={"If-Match": "*"})).status_code == 204


async def test_a_published_need_is_seen_by_all_who_work_here_until_it_is_withdrawn(
    session, territory, member, town, ask, client_for
) -> None:
    need = await a_need(session, territory)
    url, system = f"{NEEDS}/{need.id}", client_for(factories.a_partner(territory))
    later = (clock.now() + timedelta(hours=1)).isoformat()
    assert (await ask(url, "publish", publish_at=later)).json()["publication"] == "published"
    assert (await member.get(url)).status_code == 404
    assert (await ask(url, "publish")).status_code == 200
    for client in (member, system):
        assert (await client.get(url)).json()["allowed_actions"] == []
        assert [row["id"] for row in (await client.get(NEEDS)).json()["items"]] == [str(need.id)]
        assert (await ask(url, client=client, severity=1)).status_code == 403
    assert (await ask(url, "withdraw", reason="Par erreur")).json()["publication"] == "withdrawn"
    assert (await member.get(url)).status_code == 404
    assert (await town.delete(url, headers={"If-Match": "*"})).status_code == 204
    assert await session.get(Tombstone, need.id)


async def test_a_need_with_an_action_is_not_deleted(session, territory, town) -> None:
    need = await a_need(session, territory, with_action=True)
    answer = await town.delete(f"{NEEDS}/{need.id}", headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/still-referenced")


async def test_a_stale_version_changes_nothing(session, territory, town) -> None:
    url = f"{NEEDS}/{(await a_need(session, territory)).id}"
    assert (await town.patch(url, json={"severity": 1}, headers={"If-Match": '"9"'})).status_code == 412
    assert (await town.post(f"{url}:qualify")).status_code == 428


async def test_the_list_is_narrowed_by_what_one_looks_for(session, territory, town, school, theme) -> None:
    group = await a_group(session, territory)
    event = await factories.an_event(session, territory)
    found = await a_need(
        session, territory, voiced_by=school, theme=theme, severity=5, state=NeedState.ADDRESSED,
        statement="Les élèves manquent de stages", working_group_id=group.id, voiced_at_event_id=event.id,
        published=True,
    )  # fmt: skip
    other = await a_need(session, territory, severity=1)
    for query in (
        "theme=insertion-des-jeunes", "state=addressed&state=closed", "min_severity=4", f"voiced_by={school.id}",
        f"working_group={group.id}", f"event={event.id}", "has_action=true", "q=stage eleve", "publication=published",
    ):  # fmt: skip
        rows = (await town.get(f"{NEEDS}?{query}")).json()["items"]
        assert [row["id"] for row in rows] == [str(found.id)], query
    waiting = (await town.get(f"{NEEDS}?has_action=false")).json()["items"]
    assert [row["id"] for row in waiting] == [str(other.id)]
    assert codes(await town.get(f"{NEEDS}?territory=ailleurs")) == [("?territory", "unknown_reference")]


async def test_the_list_goes_on_page_by_page_the_last_voiced_first(session, territory, town) -> None:
    for day in (3, 1, 2, 3):
        await a_need(session, territory, voiced_on=clock.now().date().replace(year=2014, month=2, day=day))
    url, days = f"{NEEDS}?limit=1", []
    while url:
        answer = await town.get(url)
        days += [row["voiced_on"][-2:] for row in answer.json()["items"]]
        url = answer.links.get("next", {}).get("url")
    assert days == ["03", "03", "02", "01"]


async def test_needs_of_elsewhere_are_not_there(session, town, client_for) -> None:
    elsewhere = await factories.a_territory(session)
    need = await a_need(session, elsewhere, published=True)
    assert (await town.get(f"{NEEDS}/{need.id}")).status_code == 404
