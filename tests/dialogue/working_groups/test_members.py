"""Members of working groups: who signs up whom, until when, and who is told their names."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.dialogue.working_groups.models import GroupState, LeadRole
from app.identity.models import AuditEntry
from tests import factories
from tests.dialogue.conftest import codes
from tests.dialogue.factories import BEGAN, a_group, a_lead, a_member, a_pair

GROUPS = "/v1/working-groups"
MEMBERS = "/v1/working-group-members"


@pytest.fixture
async def group(session, territory):
    """One that is published, and to which one may sign up."""
    return await a_group(session, territory, published=True)


@pytest.fixture
async def employee(session, territory, company):
    return await factories.a_person(session, territory, actors=(company,), first_name="Inès")


def sign_up(client, group, person, actor, **fields):
    body = {"person_id": str(person.id), "actor_id": str(actor.id), **fields}
    return client.post(f"{GROUPS}/{group.id}/members", json=body)


async def test_a_company_signs_up_its_own_people_and_no_one_else(
    session, territory, member, group, company, school, employee
) -> None:
    assert (await member.get(f"{GROUPS}/{group.id}")).json()["allowed_actions"] == ["join"]
    made = await sign_up(member, group, employee, company, role="Rapporteuse", valid_from="2012-11-15")
    assert made.status_code == 201, made.text
    told = made.json()
    assert (told["person"]["first_name"], told["actor"]["name"], told["role"]) == ("Inès", "Entreprise", "Rapporteuse")
    assert (told["valid_from"], told["valid_until"], told["working_group_id"]) == ("2012-11-15", None, str(group.id))
    assert (await member.get(made.headers["Location"])).json() == told
    teacher = await factories.a_person(session, territory, actors=(school,))
    assert codes(await sign_up(member, group, teacher, company)) == [("#/person_id", "unknown_reference")]
    assert (await sign_up(member, group, employee, school)).status_code == 403


async def test_the_referent_signs_up_people_of_the_school(session, territory, referent, group, school) -> None:
    teacher = await factories.a_person(session, territory, actors=(school,))
    made = await sign_up(referent, group, teacher, school)
    assert made.status_code == 201
    assert made.json()["valid_from"] >= str(clock.now().date())[:8]


async def test_to_sign_up_one_has_to_see_the_group(session, territory, member, company, employee) -> None:
    hidden = await a_group(session, territory)
    assert (await sign_up(member, hidden, employee, company)).status_code == 404


async def test_taking_part_asks_for_its_scope(client_for, group, company, employee) -> None:
    reader = client_for(factories.a_club_member(company, scopes=frozenset({"groups:read", "groups:write"})))
    answer = await sign_up(reader, group, employee, company)
    assert (answer.status_code, 'scope="registrations:write"' in answer.headers["WWW-Authenticate"]) == (403, True)
    assert (await reader.get(f"{GROUPS}/{group.id}")).json()["allowed_actions"] == []


@pytest.mark.parametrize(
    ("first", "second", "is_refused"),
    [
        (("2012-11-15", None), ("2013-01-01", None), True),
        (("2012-11-15", "2013-06-20"), ("2013-06-19", None), True),
        (("2012-11-15", "2013-06-20"), ("2013-06-20", None), False),
        (("2013-06-20", None), ("2012-11-15", "2013-06-20"), False),
    ],
)
async def test_no_one_is_a_member_twice_on_a_day(town, group, employee, company, first, second, is_refused) -> None:
    answers = [
        await sign_up(town, group, employee, company, valid_from=begins, valid_until=ends)
        for begins, ends in (first, second)
    ]
    assert answers[0].status_code == 201
    if is_refused:
        assert (answers[1].status_code, codes(answers[1])) == (409, [("#/valid_from", "overlapping_periods")])
    else:
        assert answers[1].status_code == 201


async def test_the_database_itself_refuses_overlapping_memberships(session, group, employee, company) -> None:
    await a_member(session, group, employee, company)
    with pytest.raises(DBAPIError, match="working_group_members_overlap_excl"):
        await a_member(session, group, employee, company, valid_from=date(2020, 1, 1))


async def test_periods_that_meet_by_a_change_are_refused_too(session, town, group, employee, company, ask) -> None:
    first = await a_member(session, group, employee, company, valid_until=date(2013, 6, 20))
    await a_member(session, group, employee, company, valid_from=date(2014, 1, 1))
    answer = await ask(f"{MEMBERS}/{first.id}", valid_until=None)
    assert (answer.status_code, codes(answer)) == (409, [("#/valid_from", "overlapping_periods")])
    answer = await ask(f"{MEMBERS}/{first.id}", valid_until="2012-01-01")
    assert (answer.status_code, codes(answer)) == (422, [("#/valid_until", "dates_reversed")])
    assert (await ask(f"{MEMBERS}/{first.id}", valid_until="2013-12-31")).status_code == 200


async def test_who_facilitates_a_group_does_not_join_it(session, territory, town, ask) -> None:
    _association, company, outside, person = await a_pair(session, territory)
    period = {"valid_from": date(2012, 11, 1), "valid_until": date(2013, 7, 1)}
    group = await a_group(session, territory, leads=(a_lead(LeadRole.FACILITATOR, outside, person, **period),))
    answer = await sign_up(town, group, person, company, valid_from="2013-06-30")
    assert (answer.status_code, codes(answer)) == (409, [("#/person_id", "facilitator_is_member")])
    made = await sign_up(town, group, person, company, valid_from="2013-07-01")
    assert made.status_code == 201
    answer = await ask(made.headers["Location"], valid_from="2013-01-01")
    assert codes(answer) == [("#/person_id", "facilitator_is_member")]


async def test_names_are_told_to_the_collectivite_and_to_ones_own_organisation_on_record(
    session, territory, town, member, group, company, employee
) -> None:
    other = await factories.an_actor(session, territory)
    await a_member(session, group, employee, company)
    hidden = await a_member(session, group, await factories.a_person(session, territory, actors=(other,)), other)
    url = f"{GROUPS}/{group.id}/members"
    assert len((await town.get(url)).json()["items"]) == 2
    assert [row["person"]["first_name"] for row in (await member.get(url)).json()["items"]] == ["Inès"]
    assert (await member.get(f"{MEMBERS}/{hidden.id}")).status_code == 404
    assert (await member.get(f"{GROUPS}/{group.id}")).json()["member_count"] == 2
    lines = await session.scalars(
        select(AuditEntry).where(AuditEntry.resource == "working-group-members").order_by(AuditEntry.at)
    )
    assert [(line.action, line.detail) for line in lines] == [
        ("list_working_group_members", "rows:2"), ("list_working_group_members", "rows:1"),
    ]  # fmt: skip


async def test_who_was_signed_up_on_behalf_but_is_not_of_the_organisation_stays_without_a_name(
    session, territory, member, group, company
) -> None:
    stranger = await factories.a_person(session, territory, first_name="Inconnue")
    row = await a_member(session, group, stranger, company)
    answer = await member.get(f"{MEMBERS}/{row.id}")
    assert (answer.status_code, answer.json()["person"]) == (200, None)
    assert str(stranger.id) not in answer.text


async def test_who_leaves_is_given_a_last_day_and_stays_in_the_list(
    session, member, ask, group, company, employee
) -> None:
    row = await a_member(session, group, employee, company)
    left = await ask(f"{MEMBERS}/{row.id}", client=member, valid_until="2013-06-20")
    assert left.json()["valid_until"] == "2013-06-20"
    url = f"{GROUPS}/{group.id}/members"
    for query, number in (("", 1), ("?on=2013-06-19", 1), ("?on=2013-06-20", 0), (f"?actor={company.id}", 1)):
        assert len((await member.get(url + query)).json()["items"]) == number, query


async def test_once_a_group_is_concluded_only_the_collectivite_corrects_its_members(
    session, territory, member, town, ask, company, employee
) -> None:
    group = await a_group(session, territory, state=GroupState.CONCLUDED, published=True)
    row = await a_member(session, group, employee, company, valid_until=date(2013, 6, 20))
    url = f"{MEMBERS}/{row.id}"
    assert (await member.get(f"{GROUPS}/{group.id}")).json()["allowed_actions"] == []
    answer = await sign_up(member, group, employee, company)
    assert (answer.status_code, codes(answer)) == (409, [("#", "group_concluded")])
    assert (await ask(url, client=member, role="Autre")).status_code == 403
    assert (await member.delete(url, headers={"If-Match": "*"})).status_code == 403
    assert (await ask(url, role="Rapporteuse")).json()["role"] == "Rapporteuse"
    assert (await sign_up(town, group, employee, company, valid_from="2013-06-20")).status_code == 201
    assert (await town.delete(url, headers={"If-Match": "*"})).status_code == 204


async def test_members_go_on_page_by_page_the_first_to_join_first(session, territory, town, group, company) -> None:
    for day in (17, 15, 16):
        person = await factories.a_person(session, territory)
        await a_member(session, group, person, company, valid_from=BEGAN.replace(day=day))
    url, days = f"{GROUPS}/{group.id}/members?limit=2", []
    while url:
        answer = await town.get(url)
        days += [row["valid_from"][-2:] for row in answer.json()["items"]]
        url = answer.links.get("next", {}).get("url")
    assert days == ["15", "16", "17"]


async def test_a_sign_up_repeated_is_done_once(session, member, group, company, employee) -> None:
    body = {"person_id": str(employee.id), "actor_id": str(company.id)}
    first, again = [
        await member.post(f"{GROUPS}/{group.id}/members", json=body, headers={"Idempotency-Key": "inscription-1"})
        for _ in range(2)
    ]
    assert (first.status_code, again.json()) == (201, first.json())
    assert await session.scalar(text("select count(*) from working_group_members")) == 1
