"""Ballots: who casts them, what they may say, and who sees them before and after the vote is closed."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core import clock
from app.core.journal import JournalEntry
from app.dialogue.decisions.models import DecisionState, Secrecy
from app.identity.models import AuditEntry
from tests import factories
from tests.events.asking import codes

A = {"kind": "choice", "option_id": "A"}
B = {"kind": "choice", "option_id": "B"}
BLANK = {"kind": "blank"}
NOBODY = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture
def opened(decided):
    async def make(*electors, **traits):
        return await decided(*electors, state=DecisionState.OPEN, **traits)

    return make


async def ballot_of(client, row, place=0):
    elector = (await client.get(f"/v1/decisions/{row.id}/electors")).json()["items"][place]
    return await client.get(f"/v1/decisions/{row.id}/electors/{elector['id']}/ballot")


async def test_a_ballot_is_cast_read_and_replaced_while_the_vote_is_open(opened, company, club, vote, shown) -> None:
    row = await opened(company)
    assert "vote" in (await shown(row, club))["allowed_actions"]
    cast = await vote(club, row, A)
    assert (cast.status_code, cast.headers["ETag"]) == (201, '"1"')
    assert cast.json()["vote"] == {"kind": "choice", "option_id": str(row.options[0].id)}
    assert (await ballot_of(club, row)).json() == cast.json()
    assert (await vote(club, row, B)).status_code == 428
    assert (await vote(club, row, B, If_Match='"2"')).status_code == 412
    replaced = await vote(club, row, B, If_Match='"1"')
    assert (replaced.status_code, replaced.headers["ETag"]) == (200, '"2"')
    assert replaced.json()["vote"]["option_id"] == str(row.options[1].id)
    assert (await shown(row, club))["voters"] == 1


async def test_a_first_ballot_matches_no_version(opened, company, club, vote) -> None:
    assert (await vote(club, await opened(company), A, If_Match="*")).status_code == 412


async def test_an_account_votes_for_the_people_of_its_organisation_and_for_no_other(
    session, territory, opened, company, other, club, vote, town
) -> None:
    one, two = [await factories.a_person(session, territory, actors=(company,)) for _ in range(2)]
    row = await opened((one, company), (two, company), (await factories.a_person(session, territory), other))
    assert {(await vote(club, row, A, place=place)).status_code for place in (0, 1)} == {201}
    electors = (await town.get(f"/v1/decisions/{row.id}/electors")).json()["items"]
    foreign = next(elector["id"] for elector in electors if elector["actor"]["id"] == str(other.id))
    url = f"/v1/decisions/{row.id}/electors/{foreign}/ballot"
    refused = await club.put(url, json={"vote": {"kind": "blank"}})
    assert refused.status_code == 404


async def test_a_referent_votes_for_the_school_and_sees_a_vote_it_has_no_voice_in(
    opened, school, company, referent, vote, shown
) -> None:
    row = await opened(school)
    assert (await vote(referent, row, A)).status_code == 201
    told = await shown(await opened(company), referent)
    assert told["allowed_actions"] == []


async def test_ballots_are_taken_between_the_instants_said(opened, company, club, vote, shown, act) -> None:
    now = clock.now()
    row = await opened(company, opens_at=now + timedelta(hours=1), closes_at=now + timedelta(hours=2))
    for hours, status, reason in ((0, 409, "n’a pas commencé"), (1.5, 201, ""), (3, 409, "clôture est passée")):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            assert ("vote" in (await shown(row, club))["allowed_actions"]) == (status == 201)
            answer = await vote(club, row, A)
            assert answer.status_code == status
            if status == 409:
                assert codes(answer) == [("#", "vote_not_open")]
                assert reason in answer.json()["detail"]


@pytest.mark.parametrize("state", [DecisionState.CLOSED, DecisionState.CANCELLED])
async def test_a_ballot_after_the_end_is_refused_and_says_why(decided, company, club, vote, state) -> None:
    refused = await vote(club, await decided(company, state=state), A)
    assert (refused.status_code, codes(refused)) == (409, [("#", "vote_not_open")])
    assert "clos" in refused.json()["detail"] or "annulé" in refused.json()["detail"]


METHODS = {
    "consent": [{"kind": "consent"}, {"kind": "objection", "argument": "Trop tôt."}, {"kind": "abstention"}],
    "majority": [A, {"kind": "blank"}, {"kind": "abstention"}],
    "approval": [{"kind": "approval", "option_ids": ["B", "A"]}, {"kind": "approval", "option_ids": []}],
    "points": [{"kind": "points", "points": [{"option_id": "B", "points": 6}, {"option_id": "A", "points": 4}]}],
    "ranked": [{"kind": "ranking", "ranking": [["C"], ["B", "A"]]}, {"kind": "ranking", "ranking": []}],
    "majority_judgment": [{"kind": "grades", "grades": [{"option_id": "A", "grade": "Bien"}]}, {"kind": "blank"}],
}


@pytest.mark.parametrize(("method", "said"), [(method, one) for method, them in METHODS.items() for one in them])
async def test_each_method_takes_its_own_ballots(opened, company, club, vote, method, said) -> None:
    row = await opened(company, method=method)
    answer = await vote(club, row, said)
    assert answer.status_code == 201, answer.text
    assert answer.json()["vote"].keys() == said.keys()
    for one in EVERY_KIND:
        if one["kind"] in _kinds(method):
            continue
        refused = await vote(club, row, one, If_Match='"1"')
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "#/vote/kind"


EVERY_KIND = [
    A, {"kind": "consent"}, {"kind": "objection", "argument": "Non."}, {"kind": "approval", "option_ids": []},
    {"kind": "points", "points": []}, {"kind": "ranking", "ranking": []}, {"kind": "grades", "grades": []}, BLANK,
]  # fmt: skip


def _kinds(method: str) -> set[str]:
    return {one["kind"] for one in METHODS[method]} | {"abstention"} | ({"blank"} if method != "consent" else set())


@pytest.mark.parametrize(
    ("method", "said", "faults"),
    [
        ("majority", {"kind": "choice", "option_id": NOBODY}, [("#/vote/option_id", "unknown_option")]),
        ("majority", {"kind": "choice"}, [("#/vote/option_id", "missing")]),
        ("consent", {"kind": "objection"}, [("#/vote/argument", "missing")]),
        ("consent", {"kind": "objection", "argument": " "}, [("#/vote/argument", "string_too_short")]),
        ("approval", {"kind": "approval", "option_ids": ["A", "A"]}, [("#/vote/option_ids", "repeated_item")]),
        ("approval", {"kind": "approval", "option_ids": ["A", NOBODY]}, [("#/vote/option_ids/1", "unknown_option")]),
        ("points", {"kind": "points", "points": [{"option_id": "A", "points": 7}]},
         [("#/vote/points/0/points", "too_many_points")]),
        ("points", {"kind": "points", "points": [{"option_id": o, "points": 4} for o in "ABC"]},
         [("#/vote/points", "points_over_budget")]),
        ("points", {"kind": "points", "points": [{"option_id": "A", "points": -1}]},
         [("#/vote/points/0/points", "greater_than_equal")]),
        ("ranked", {"kind": "ranking", "ranking": [["A"], ["B", "A"]]}, [("#/vote/ranking/1/1", "ranked_twice")]),
        ("ranked", {"kind": "ranking", "ranking": [[NOBODY]]}, [("#/vote/ranking/0/0", "unknown_option")]),
        ("ranked", {"kind": "ranking", "ranking": [[]]}, [("#/vote/ranking/0", "too_short")]),
        ("majority_judgment", {"kind": "grades", "grades": [{"option_id": "A", "grade": "Génial"}]},
         [("#/vote/grades/0/grade", "unknown_grade")]),
        ("majority_judgment", {"kind": "grades", "grades": [{"option_id": "A", "grade": "Bien"}] * 2},
         [("#/vote/grades", "repeated_item")]),
        ("ranked", {"kind": "guess"}, [("#/vote", "union_tag_invalid")]),
    ],
)  # fmt: skip
async def test_what_a_ballot_cannot_say_is_refused_where_the_fault_lies(
    opened, company, club, vote, method, said, faults
) -> None:
    refused = await vote(club, await opened(company, method=method), said)
    assert (refused.status_code, codes(refused)) == (422, faults)


async def test_the_collectivite_notes_hands_raised_in_an_open_vote_only(opened, company, town, club, vote) -> None:
    refused = await vote(town, await opened(company), A)
    assert (refused.status_code, codes(refused)) == (403, [("#", "secret_by_hand")])
    row = await opened(company, secrecy=Secrecy.OPEN)
    noted = await vote(town, row, A)
    assert (noted.status_code, noted.json()["is_by_hand"]) == (201, True)
    assert (await ballot_of(town, row)).status_code == 200
    own = await vote(club, row, B, If_Match='"1"')
    assert (own.status_code, own.json()["is_by_hand"]) == (200, False)
    assert (await ballot_of(town, row)).status_code == 404
    refused = await vote(town, row, A, If_Match="*")
    assert (refused.status_code, codes(refused)) == (409, [("#", "cast_by_elector")])


@pytest.mark.parametrize("secrecy", Secrecy)
async def test_while_a_vote_is_open_a_ballot_is_seen_by_its_own_elector_alone(
    opened, company, other, school, town, club, rival, referent, vote, secrecy
) -> None:
    row = await opened(company, other, school, secrecy=secrecy)
    elector = (await club.get(f"/v1/decisions/{row.id}/electors")).json()["items"][0]["id"]
    assert (await vote(club, row, A)).status_code == 201
    url = f"/v1/decisions/{row.id}/electors/{elector}/ballot"
    assert (await club.get(url)).status_code == 200
    for client in (town, rival, referent):
        assert (await client.get(url)).status_code == 404
    for client in (town, club, rival, referent):
        assert (await client.get(f"/v1/decisions/{row.id}/ballots")).status_code == 409
        refused = await client.get(f"/v1/decisions/{row.id}/result")
        assert (refused.status_code, codes(refused)) == (409, [("path:decision_id", "told_once_closed")])


async def test_an_open_vote_that_is_closed_tells_who_voted_what(
    session, territory, decided, company, other, town, club, rival
) -> None:
    person = await factories.a_person(session, territory, actors=(company,), last_name="Roussel")
    row = await decided(
        (person, company), (await factories.a_person(session, territory, actors=(other,)), other),
        state=DecisionState.CLOSED, secrecy=Secrecy.OPEN, votes={0: A, 1: {"kind": "abstention"}},
    )  # fmt: skip
    told = {}
    for client, name in ((town, "town"), (club, "club"), (rival, "rival")):
        items = (await client.get(f"/v1/decisions/{row.id}/ballots")).json()["items"]
        told[name] = [
            (one["actor"]["name"], one["person"] and one["person"]["last_name"], one["vote"]["kind"]) for one in items
        ]
    assert told["town"][0] == ("Atelier du Pont", "Roussel", "choice")
    assert told["rival"][0] == ("Atelier du Pont", None, "choice")  # a name is seen by those who see the person
    assert [kind for _, _, kind in told["club"]] == ["choice", "abstention"]
    assert (await ballot_of(club, row)).status_code == 200
    lines = await session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "list_ballots"))
    assert list(lines) == ["rows:2", "rows:1", "rows:1"]


async def test_the_journal_tells_that_a_ballot_was_cast_and_nothing_of_it(session, opened, company, club, vote) -> None:
    row = await opened(company, method="consent")
    await vote(club, row, {"kind": "objection", "argument": "Trop tôt."})
    await vote(club, row, {"kind": "consent"}, If_Match='"1"')
    entries = (await session.scalars(select(JournalEntry).where(JournalEntry.resource == "ballots"))).all()
    assert [(entry.action, entry.fields, entry.reason) for entry in entries] == [
        ("insert", [], None), ("update", ["content"], None),
    ]  # fmt: skip
    assert {entry.territory_id for entry in entries} == {row.territory_id}
