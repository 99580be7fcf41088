"""Mentorships: from an open offer to what became of the mentee, who is a code and nothing else."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from app.action_plans.mentorships.models import CODE_LETTERS, MentorshipState
from app.actors.people.models import Affiliation
from app.core import clock
from tests import factories
from tests.action_plans.conftest import codes
from tests.action_plans.factories import a_mentorship, an_action

MENTORSHIPS = "/v1/mentorships"
MAY = {
    "open": "delete match",
    "matched": "delete match start",
    "active": "edit complete interrupt follow-up",
    "completed": "edit follow-up",
    "interrupted": "edit follow-up",
}
GOAL = {"match": "matched", "start": "active", "complete": "completed", "interrupt": "interrupted"}


@pytest.fixture
async def company(session, territory):
    return await factories.an_actor(session, territory)


@pytest.fixture
async def mentor(session, territory, company):
    return await factories.a_person(session, territory, actors=(company,))


@pytest.fixture
async def action(session, territory):
    return await an_action(session, territory)


@pytest.fixture
def bodies(mentor, company):
    return {
        "match": {"mentor_id": str(mentor.id), "actor_id": str(company.id)},
        "complete": {"outcome": "apprenticeship", "ended_on": "2014-06-20"},
        "interrupt": {"reason": "Déménagement", "ended_on": "2014-06-20"},
        "follow-up": {"months": 6, "situation": "apprenticeship"},
    }


async def test_a_mentorship_runs_from_its_offer_to_its_follow_ups(town, change, action, bodies, company) -> None:
    made = await town.post(MENTORSHIPS, json={"action_id": str(action.id)})
    row = made.json()
    assert (made.status_code, row["state"], row["follow_ups"]) == (201, "open", [])
    assert re.fullmatch(r"[A-HJKMNP-Z2-9]{8}", row["mentee_code"])
    assert (await town.get(made.headers["Location"])).json() == row
    row = (await change("mentorships", row, "match", **bodies["match"])).json()
    assert (row["state"], row["actor"]["id"]) == ("matched", str(company.id))
    row = (await change("mentorships", row, "start", started_on="2013-08-31")).json()
    assert [(one["months"], one["due_on"], one["done_on"]) for one in row["follow_ups"]] == [
        (6, "2014-02-28", None), (12, "2014-08-31", None), (18, "2015-02-28", None), (24, "2015-08-31", None)
    ]  # fmt: skip
    early = await change("mentorships", row, "complete", outcome="employment", ended_on="2013-08-30")
    assert (early.status_code, codes(early)) == (422, [("#/ended_on", "dates_reversed")])
    row = (await change("mentorships", row, "complete", **bodies["complete"])).json()
    assert (row["state"], row["outcome"], row["ended_on"]) == ("completed", "apprenticeship", "2014-06-20")
    told = {"months": 12, "situation": "employment", "done_on": "2014-09-01", "note": "Contrat signé"}
    row = (await change("mentorships", row, "follow-up", **told)).json()
    assert row["follow_ups"][1] == {**told, "due_on": "2014-08-31"}
    again = (await change("mentorships", row, "follow-up", **{**told, "situation": "training", "note": None})).json()
    assert (again["follow_ups"][1]["situation"], again["version"]) == ("training", row["version"] + 1)


@pytest.mark.parametrize(("state", "verb"), list(product(MentorshipState, [*GOAL, "follow-up"])))
async def test_each_verb_leads_from_its_states_and_from_no_other(session, town, action, bodies, state, verb) -> None:
    mentorship = await a_mentorship(session, action, state=state)
    url = f"{MENTORSHIPS}/{mentorship.id}"
    before = (await town.get(url)).json()
    assert set(before["allowed_actions"]) == set(MAY[state].split())
    headers = {"If-Match": '"1"', "Accept-Language": "en"}
    answer = await town.post(f"{url}:{verb}", json=bodies.get(verb), headers=headers)
    if verb in MAY[state].split():
        goal = GOAL.get(verb, state)
        assert (answer.status_code, answer.json()["state"], answer.headers["ETag"]) == (200, goal, '"2"')
    else:
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/illegal-transition")
        assert f"from “{state}” to" in answer.json()["detail"]
        assert {"…", "{"}.isdisjoint(answer.json()["detail"])
        assert (await town.get(url)).json() == before


@pytest.mark.parametrize("state", MentorshipState)
async def test_only_what_has_not_begun_is_deleted(session, town, action, state) -> None:
    mentorship = await a_mentorship(session, action, state=state)
    answer = await town.delete(f"{MENTORSHIPS}/{mentorship.id}", headers={"If-Match": "*"})
    assert answer.status_code == (204 if "delete" in MAY[state] else 409)


async def test_a_mentor_is_of_the_organisation_today(session, territory, town, action, company) -> None:
    mentorship = await a_mentorship(session, action)
    other, gone = await factories.an_actor(session, territory), clock.now().date() - timedelta(days=1)
    former = await factories.a_person(session, territory)
    session.add(
        Affiliation(territory_id=territory.id, person_id=former.id, actor_id=company.id, role="PDG", valid_until=gone)
    )
    await session.commit()
    abroad = await factories.a_territory(session)
    stranger = await factories.an_actor(session, abroad)
    foreign = await factories.a_person(session, abroad, actors=(stranger,))
    for person, actor, fault in (
        (former, company, ("#/actor_id", "not_of_actor")),
        (former, other, ("#/actor_id", "not_of_actor")),
        (former, stranger, ("#/actor_id", "unknown_reference")),
        (foreign, stranger, ("#/mentor_id", "unknown_reference")),
    ):
        sent = {"mentor_id": str(person.id), "actor_id": str(actor.id)}
        answer = await town.post(f"{MENTORSHIPS}/{mentorship.id}:match", json=sent, headers={"If-Match": "*"})
        assert (answer.status_code, codes(answer)) == (422, [fault])


@pytest.mark.parametrize(
    ("state", "fields", "fault"),
    [
        ("matched", {"started_on": "2013-09-01"}, ("#/started_on", "not_begun")),
        ("active", {"ended_on": "2014-01-01"}, ("#/ended_on", "not_ended")),
        ("active", {"outcome": "employment"}, ("#/outcome", "outcome_at_the_end")),
        ("completed", {"started_on": "2014-07-01"}, ("#/ended_on", "dates_reversed")),
        ("completed", {"ended_on": "2999-01-01"}, ("#/ended_on", "day_to_come")),
        ("completed", {"mentee_code": "CAMILLE2"}, ("#/mentee_code", "extra_forbidden")),
    ],
)
async def test_days_and_outcome_are_put_right_only_where_there_are_any(
    session, town, action, state, fields, fault
) -> None:
    mentorship = await a_mentorship(session, action, state=MentorshipState(state))
    answer = await town.patch(f"{MENTORSHIPS}/{mentorship.id}", json=fields, headers={"If-Match": "*"})
    assert (answer.status_code, codes(answer)) == (422, [fault])


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"months": 7}, ("#/months", "literal_error")),
        ({"done_on": "2013-09-15"}, ("#/done_on", "dates_reversed")),
        ({"done_on": "2999-01-01"}, ("#/done_on", "day_to_come")),
        ({"situation": "rich"}, ("#/situation", "enum")),
    ],
)
async def test_a_follow_up_is_of_one_of_four_moments_after_the_start(session, town, action, fields, fault) -> None:
    mentorship = await a_mentorship(session, action, state=MentorshipState.ACTIVE)
    sent = {"months": 6, "situation": "seeking", **fields}
    answer = await town.post(f"{MENTORSHIPS}/{mentorship.id}:follow-up", json=sent, headers={"If-Match": "*"})
    assert (answer.status_code, codes(answer)) == (422, [fault])


async def test_follow_ups_fall_due_one_by_one(session, town, action) -> None:
    mentorship = await a_mentorship(session, action, state=MentorshipState.ACTIVE)  # began on 16 September 2013
    row = (await town.get(f"{MENTORSHIPS}/{mentorship.id}")).json()

    async def is_due() -> bool:
        due, others = [(await town.get(f"{MENTORSHIPS}?follow_up_due={x}")).json()["items"] for x in ("true", "false")]
        assert len(due) + len(others) == 1
        return bool(due)

    for day, expected in ((date(2014, 3, 15), False), (date(2014, 3, 16), True)):
        with time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=UTC), tick=False):
            assert await is_due() is expected
    with time_machine.travel(datetime(2014, 5, 1, 12, tzinfo=UTC), tick=False):
        sent = {"months": 6, "situation": "training"}
        url, headers = f"{MENTORSHIPS}/{row['id']}:follow-up", {"If-Match": "*"}
        assert (await town.post(url, json=sent, headers=headers)).status_code == 200
        assert await is_due() is False


async def test_the_collectivite_sees_all_and_an_organisation_its_own_mentors(
    session, territory, action, company, client_for
) -> None:
    school = await factories.a_school(session, territory)
    abroad = await factories.a_territory(session)
    rows = {
        "open": await a_mentorship(session, action),
        "company": await a_mentorship(session, action, state=MentorshipState.ACTIVE, actor=company),
        "school": await a_mentorship(session, action, state=MentorshipState.MATCHED, actor=school),
        "elsewhere": await a_mentorship(session, await an_action(session, abroad)),
    }
    seen = {
        factories.a_collectivite(territory): {"open", "company", "school"},
        factories.a_club_member(company): {"company"},
        factories.a_referent(school): {"school"},
        factories.a_partner(territory): set(),
        factories.an_operator(territory_ids=frozenset({territory.id})): set(),
    }
    for caller, expected in seen.items():
        client = client_for(caller)
        listed = {row["id"] for row in (await client.get(MENTORSHIPS)).json()["items"]}
        assert {name for name, row in rows.items() if str(row.id) in listed} == expected, caller.role
        for name, row in rows.items():
            read = await client.get(f"{MENTORSHIPS}/{row.id}")
            assert read.status_code == (200 if name in expected else 404)
            if name in expected and caller.role != "collectivite":
                assert read.json()["allowed_actions"] == []
                headers = {"If-Match": "*"}
                assert (await client.delete(f"{MENTORSHIPS}/{row.id}", headers=headers)).status_code == 403


async def test_the_list_is_narrowed(session, territory, town, action, company, mentor) -> None:
    one = await a_mentorship(session, action, state=MentorshipState.MATCHED, actor=company, mentor=mentor)
    two = await a_mentorship(session, await an_action(session, territory))
    for query, expected in (
        ("", [one, two]),
        (f"action={action.id}", [one]),
        ("state=open&state=active", [two]),
        (f"mentor={mentor.id}", [one]),
        (f"actor={company.id}", [one]),
        (f"territory={territory.slug}", [one, two]),
    ):
        found = (await town.get(f"{MENTORSHIPS}?{query}")).json()["items"]
        assert [row["id"] for row in found] == [str(row.id) for row in expected], query


@pytest.mark.unit
@given(st.lists(st.integers(0, 29), min_size=8, max_size=8))
def test_no_code_can_be_read_as_another(places: list[int]) -> None:
    code = "".join(CODE_LETTERS[place] for place in places)
    assert re.fullmatch(r"[A-HJKMNP-Z2-9]{8}", code)
    assert not set(code) & set("01ILO")
