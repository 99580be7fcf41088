"""Working groups: who leads them, when they are at work, and who sees them."""

from datetime import date
from itertools import product

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.actors.models import ActorKind
from app.actors.people.models import Affiliation
from app.core import clock
from app.core.journal import JournalEntry
from app.core.publication import Tombstone
from app.dialogue.working_groups.models import GroupState, LeadRole
from app.dialogue.working_groups.states import GroupVerb
from app.identity.models import AuditEntry
from tests import factories
from tests.dialogue.conftest import codes
from tests.dialogue.factories import BEGAN, a_group, a_lead, a_member, a_need, a_pair

GROUPS = "/v1/working-groups"
MAY = {
    "forming": {"activate": "active", "conclude": "concluded"},
    "active": {"conclude": "concluded"},
    "concluded": {"reopen": "active"},
}
"""What the collectivité may do with a group that is led, and where it leads, written out."""
VERBS = ("activate", "conclude", "reopen")
BODIES = {"reopen": {"reason": "Reste à faire"}}
ROLES = ("association", "company", "facilitator")


@pytest.fixture
async def pair(session, territory):
    """An association, a company, and a facilitator: the actor and their person."""
    return await a_pair(session, territory)


@pytest.fixture
def led(pair):
    """The leads of a body: those of the roles named, for a period."""

    def make(*roles, **period):
        association, company, outside, person = pair
        actors = {"association": association, "company": company, "facilitator": outside}
        people = {"facilitator": str(person.id)}
        return [
            {"role": role, "actor_id": str(actors[role].id), "person_id": people.get(role), **period} for role in roles
        ]

    return make


@pytest.fixture
async def body(session, territory, theme):
    programme = await factories.a_programme(session, territory)

    def make(**fields):
        return {"programme_id": str(programme.id), "theme_id": str(theme.id), "name": "Insertion", **fields}

    return make


async def test_a_group_forms_without_those_who_will_lead_it(town, body, member, territory) -> None:
    made = await town.post(GROUPS, json=body(purpose="Ouvrir les entreprises"))
    assert made.status_code == 201, made.text
    group = made.json()
    assert (group["state"], group["missing"], group["member_count"]) == ("forming", list(ROLES), 0)
    assert (group["territory_id"], group["theme"]["slug"]) == (str(territory.id), "insertion-des-jeunes")
    assert group["allowed_actions"] == ["edit", "delete", "conclude", "publish", "join"]
    assert (await town.get(made.headers["Location"])).json() == group
    assert (await member.get(made.headers["Location"])).status_code == 404
    assert (await member.post(GROUPS, json=body())).status_code == 403


async def test_a_name_serves_once_in_a_programme(town, body) -> None:
    assert (await town.post(GROUPS, json=body())).status_code == 201
    answer = await town.post(GROUPS, json=body())
    assert (answer.status_code, codes(answer)) == (409, [("#/name", "already_exists")])


@pytest.mark.parametrize("held", [roles for n in range(4) for roles in [ROLES[:n], ROLES[n:]]])
async def test_a_group_becomes_active_only_when_pair_and_facilitator_stand(town, ask, body, led, held) -> None:
    url = (await town.post(GROUPS, json=body(leads=led(*held)))).headers["Location"]
    lacking = [role for role in ROLES if role not in held]
    before = (await town.get(url)).json()
    assert (before["missing"], "activate" in before["allowed_actions"]) == (lacking, not lacking)
    answer = await ask(url, "activate")
    if lacking:
        assert answer.json()["type"] == "/problems/illegal-transition"
        assert (answer.status_code, codes(answer)) == (409, [("#/leads", f"lacks_{role}") for role in lacking])
    else:
        assert answer.json()["state"] == "active"


async def test_what_a_group_lacks_counts_on_the_day_it_begins(town, ask, body, led) -> None:
    gone = led(*ROLES, valid_from="2012-11-01", valid_until="2013-07-01")
    url = (await town.post(GROUPS, json=body(leads=gone))).headers["Location"]
    assert codes(await ask(url, "activate")) == [("#/leads", f"lacks_{role}") for role in ROLES]
    assert codes(await ask(url, "activate", on="2013-07-01")) == [("#/leads", f"lacks_{role}") for role in ROLES]
    assert codes(await ask(url, "activate", on="2999-01-01")) == [("#/on", "day_to_come")]
    assert "activate" in (await town.get(url)).json()["allowed_actions"]
    assert (await ask(url, "activate", on="2012-11-15")).json()["started_on"] == "2012-11-15"
    assert codes(await ask(url, "conclude", on="2012-11-14")) == [("#/on", "dates_reversed")]
    over = (await ask(url, "conclude", on="2013-06-20", reason="Propositions restituées")).json()
    assert (over["concluded_on"], over["state_reason"]) == ("2013-06-20", "Propositions restituées")
    assert "reopen" not in over["allowed_actions"]
    assert codes(await ask(url, "reopen", reason="Suite")) == [("#/leads", f"lacks_{role}") for role in ROLES]


@pytest.mark.parametrize(("state", "verb"), list(product(GroupState, VERBS)))
async def test_each_verb_leads_from_its_states_and_from_no_other(session, territory, town, ask, state, verb) -> None:
    url = f"{GROUPS}/{(await a_group(session, territory, state=state, led=True)).id}"
    before = (await town.get(url)).json()
    assert set(before["allowed_actions"]) == {"edit", "delete", "publish", "join", *MAY[state]}
    answer = await ask(url, verb, **BODIES.get(verb, {}))
    if verb in MAY[state]:
        assert answer.status_code == 200, answer.text
        after = answer.json()
        assert (after["state"], after["version"]) == (MAY[state][verb], before["version"] + 1)
        assert set(after["allowed_actions"]) == {"edit", "delete", "publish", "join", *MAY[after["state"]]}
    else:
        assert answer.status_code == 409
        assert f"«\xa0{state}\xa0»" in answer.json()["detail"]
        assert (await town.get(url)).json() == before


def test_the_verbs_of_the_paths_are_those_tried() -> None:
    assert set(GroupVerb) == {*VERBS, "edit", "delete", "publish", "withdraw", "join"}


async def test_a_group_taken_up_again_keeps_the_day_it_began_and_the_journal_the_reason(
    session, territory, ask
) -> None:
    url = f"{GROUPS}/{(await a_group(session, territory, state=GroupState.CONCLUDED, led=True)).id}"
    again = (await ask(url, "reopen", reason="Reste à faire")).json()
    assert (again["started_on"], again["concluded_on"]) == (str(BEGAN), None)
    assert "Reste à faire" in set(await session.scalars(select(JournalEntry.reason)))


async def test_an_association_and_a_company_are_what_they_are(town, body, pair, led) -> None:
    association, company, _outside, _person = pair
    swapped = [
        {"role": "association", "actor_id": str(company.id)}, {"role": "company", "actor_id": str(association.id)},
    ]  # fmt: skip
    answer = await town.post(GROUPS, json=body(leads=swapped))
    assert (answer.status_code, codes(answer)) == (
        422,
        [("#/leads/0/actor_id", "lead_not_association"), ("#/leads/1/actor_id", "lead_not_company")],
    )


async def test_a_facilitator_is_somebody(town, body, pair) -> None:
    answer = await town.post(GROUPS, json=body(leads=[{"role": "facilitator", "actor_id": str(pair[2].id)}]))
    assert (answer.status_code, codes(answer)) == (422, [("#/leads/0/person_id", "facilitator_unnamed")])


async def test_each_role_is_held_once_at_a_time_and_by_another_after(
    session, territory, town, ask, body, led, pair
) -> None:
    other = str((await factories.an_actor(session, territory, kind=ActorKind.COMPANY)).id)
    url = (await town.post(GROUPS, json=body(leads=led(*ROLES)))).headers["Location"]
    twice = [*led(*ROLES), {"role": "company", "actor_id": other, "valid_from": "2014-01-01"}]
    answer = await ask(url, leads=twice)
    assert (answer.status_code, codes(answer)) == (409, [("#/leads", "one_lead_a_role")])
    begun = led("company", valid_until="2014-01-01")
    after = await ask(url, leads=[*led("association", "facilitator"), *begun, twice[-1]])
    assert after.status_code == 200, after.text
    assert [(lead["role"], lead["valid_until"]) for lead in after.json()["leads"]] == [
        ("association", None), ("company", "2014-01-01"), ("company", None), ("facilitator", None),
    ]  # fmt: skip


async def test_no_one_leads_a_group_in_two_roles_at_once(town, body, led, pair, session) -> None:
    association, company, _outside, person = pair
    both = {"role": "facilitator", "actor_id": str(company.id), "person_id": str(person.id)}
    answer = await town.post(GROUPS, json=body(leads=[*led("association", "company"), both]))
    assert (answer.status_code, codes(answer)) == (409, [("#/leads", "one_role_a_lead")])
    same = {"role": "company", "actor_id": str(association.id)}
    answer = await town.post(GROUPS, json=body(leads=[*led("association"), same]))
    assert codes(answer) == [("#/leads/1/actor_id", "lead_not_company")]
    begun, later = {"valid_until": "2014-01-01"}, {"valid_from": "2014-01-01"}
    answer = await town.post(GROUPS, json=body(leads=[*led("company", **begun), {**both, **later}]))
    assert answer.status_code == 201, answer.text


async def test_the_facilitator_is_of_neither_side_of_the_pair(session, territory, town, body, led, pair) -> None:
    company, person = pair[1], pair[3]
    session.add(Affiliation(territory_id=territory.id, person_id=person.id, actor_id=company.id, role="Gérante"))
    await session.commit()
    answer = await town.post(GROUPS, json=body(leads=led(*ROLES)))
    assert (answer.status_code, codes(answer)) == (409, [("#/leads", "facilitator_of_pair")])
    assert (await town.post(GROUPS, json=body(leads=led("association", "facilitator")))).status_code == 201


async def test_a_member_of_the_group_does_not_facilitate_it(session, territory, ask, led, pair) -> None:
    group = await a_group(session, territory)
    await a_member(session, group, pair[3], pair[2])
    answer = await ask(f"{GROUPS}/{group.id}", leads=led("facilitator"))
    assert (answer.status_code, codes(answer)) == (409, [("#/leads", "facilitator_is_member")])


async def test_an_active_group_keeps_its_pair_and_its_facilitator(session, territory, town, ask, led) -> None:
    group = await a_group(session, territory, state=GroupState.ACTIVE)
    url = f"{GROUPS}/{group.id}"
    before = (await town.get(url)).json()
    answer = await ask(url, leads=led("association"))
    assert (answer.status_code, codes(answer)) == (422, [("#/leads", "pair_and_facilitator_needed")])
    assert (await town.get(url)).json() == before
    assert (await ask(url, leads=led(*ROLES))).status_code == 200


async def test_the_database_itself_refuses_what_no_group_can_be(session, territory, pair) -> None:
    association, company, outside, person = pair
    group = await a_group(
        session, territory, leads=(a_lead(LeadRole.ASSOCIATION, association), a_lead(LeadRole.COMPANY, company))
    )
    first = "insert into working_group_leads (working_group_id, role, actor_id, actor_kind, person_id) values (:g, "
    refused = {
        f"{first}'company', '{association.id}', 'association', null)": "working_group_leads_kind_check",
        f"{first}'company', '{association.id}', 'company', null)": "working_group_leads_actor_id_actor_kind_fkey",
        f"{first}'company', '{company.id}', 'company', null)": "working_group_leads_role_excl",
        f"{first}'facilitator', '{company.id}', 'company', '{person.id}')": "working_group_leads_actor_excl",
        f"{first}'facilitator', '{outside.id}', 'other', null)": "working_group_leads_facilitator_check",
        "update working_groups set state = 'active', started_on = '2012-11-15' where id = :g": "pair and a facilitator",
    }
    for statement, told in refused.items():
        with pytest.raises(DBAPIError, match=told):
            await _tried(session, statement, g=group.id)


async def _tried(session, statement: str, **values) -> None:
    async with session.begin_nested():
        await session.execute(text(statement), values)
        await session.execute(text("set constraints all immediate"))


async def test_an_actor_that_leads_as_what_it_is_stays_what_it_is(session, territory, town, pair) -> None:
    await a_group(session, territory, leads=(a_lead(LeadRole.COMPANY, pair[1]),))
    answer = await town.patch(f"/v1/actors/{pair[1].id}", json={"kind": "other"}, headers={"If-Match": "*"})
    assert (answer.status_code, codes(answer)) == (422, [("#/kind", "leads_a_group")])
    outside = await a_group(session, territory, leads=(a_lead(LeadRole.FACILITATOR, pair[2], pair[3]),))
    answer = await town.patch(f"/v1/actors/{pair[2].id}", json={"kind": "public_body"}, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    assert (await town.get(f"{GROUPS}/{outside.id}")).json()["leads"][0]["actor"]["kind"] == "public_body"


async def test_a_lead_that_stays_keeps_its_row_and_other_fields_leave_them_all(
    session, territory, town, ask, body, led
) -> None:
    made = (await town.post(GROUPS, json=body(leads=led(*ROLES)))).json()
    url = f"{GROUPS}/{made['id']}"
    rows = text("select array_agg(id order by id) from working_group_leads")
    before = await session.scalar(rows)
    renamed = (await ask(url, name="Jeunes")).json()
    assert (renamed["leads"], await session.scalar(rows)) == (made["leads"], before)
    again = (await ask(url, leads=led("company", *ROLES[::2]))).json()
    assert (again["leads"], await session.scalar(rows)) == (made["leads"], before)
    assert again["version"] == renamed["version"]
    assert (await ask(url, leads=led("company"))).json()["version"] == again["version"] + 1
    assert codes(await ask(url, leads=led("company", "company"))) == [("#/leads", "repeated_item")]


async def test_who_facilitates_is_named_to_the_collectivite_on_record_and_to_no_one_else(
    session, territory, town, ask, body, led, member
) -> None:
    url = (await town.post(GROUPS, json=body(leads=led(*ROLES)))).headers["Location"]
    assert (await ask(url, "publish")).status_code == 200
    seen = (await town.get(url)).json()["leads"][2]
    assert seen["person"]["first_name"] == "Camille"
    for answer in (await member.get(url), await member.get(GROUPS)):
        assert "Camille" not in answer.text
        assert seen["person"]["id"] not in answer.text
    lines = await session.scalars(select(AuditEntry).where(AuditEntry.resource == "working-groups"))
    assert [(line.action, line.detail) for line in lines] == [("get_working_group", "rows:1")]


async def test_a_group_is_seen_once_it_is_published_or_by_those_who_are_of_it(
    session, territory, company, member, referent, ask, client_for
) -> None:
    person = await factories.a_person(session, territory, actors=(company,))
    mine = await a_group(session, territory, members=((person, company),))
    led = await a_group(session, territory, leads=(a_lead(LeadRole.COMPANY, company),))
    hidden, shown = await a_group(session, territory), await a_group(session, territory, published=True)
    assert {row["id"] for row in (await member.get(GROUPS)).json()["items"]} == {
        str(group.id) for group in (mine, led, shown)
    }
    assert [row["id"] for row in (await referent.get(GROUPS)).json()["items"]] == [str(shown.id)]
    assert (await member.get(f"{GROUPS}/{hidden.id}")).status_code == 404
    assert (await member.get(f"{GROUPS}/{mine.id}")).json()["allowed_actions"] == ["join"]
    assert codes(await ask(f"{GROUPS}/{mine.id}", client=member, name="À nous")) == [("#", "collectivite_only")]
    assert (await ask(f"{GROUPS}/{shown.id}", "withdraw", reason="Par erreur")).status_code == 200
    assert (await referent.get(f"{GROUPS}/{shown.id}")).status_code == 404


async def test_what_was_published_and_is_deleted_leaves_a_trace(session, territory, town) -> None:
    group = await a_group(session, territory, published=True, led=True)
    assert (await town.delete(f"{GROUPS}/{group.id}", headers={"If-Match": "*"})).status_code == 204
    assert await session.get(Tombstone, group.id)
    assert await session.scalar(text("select count(*) from working_group_leads")) == 0


@pytest.mark.parametrize("what", ["member", "meeting", "need"])
async def test_a_group_that_others_speak_of_is_not_deleted(session, territory, town, pair, what) -> None:
    group = await a_group(session, territory)
    match what:
        case "member":
            await a_member(session, group, pair[3], pair[2])
        case "meeting":
            await factories.an_event(session, territory, working_group_id=group.id)
        case _:
            await a_need(session, territory, working_group_id=group.id)
    answer = await town.delete(f"{GROUPS}/{group.id}", headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/still-referenced")


async def test_the_list_is_narrowed_by_what_one_looks_for(session, territory, town, theme, company) -> None:
    programme = await factories.a_programme(session, territory)
    person = await factories.a_person(session, territory, actors=(company,))
    found = await a_group(
        session, territory, programme=programme, theme_id=theme.id, name="Précarité", state=GroupState.ACTIVE,
        published=True, members=((person, company),),
    )  # fmt: skip
    led = await a_group(session, territory, leads=(a_lead(LeadRole.COMPANY, company),))
    for query in (
        f"programme={programme.id}", "theme=insertion-des-jeunes", "state=active&state=concluded", "q=precar",
        "publication=published",
    ):  # fmt: skip
        rows = (await town.get(f"{GROUPS}?{query}")).json()["items"]
        assert [row["id"] for row in rows] == [str(found.id)], query
    rows = (await town.get(f"{GROUPS}?actor={company.id}")).json()["items"]
    assert {row["id"] for row in rows} == {str(found.id), str(led.id)}


async def test_only_members_of_today_are_counted(session, territory, town, company) -> None:
    group, today = await a_group(session, territory), clock.now().date()
    for period in (
        {"valid_from": date(2012, 11, 15)}, {"valid_from": date(2012, 11, 15), "valid_until": date(2013, 6, 20)},
        {"valid_from": today.replace(year=today.year + 1, day=1)},
    ):  # fmt: skip
        await a_member(session, group, await factories.a_person(session, territory), company, **period)
    assert (await town.get(f"{GROUPS}/{group.id}")).json()["member_count"] == 1


async def test_a_list_of_groups_asks_the_database_as_often_as_one(session, territory, town, statements) -> None:
    counts = []
    for _ in range(2):
        await a_group(session, territory, led=True)
        with statements() as seen:
            assert (await town.get(GROUPS)).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
