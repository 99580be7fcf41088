"""Every state, every action and moment: what is done, what is refused and why, and what the database itself holds."""

from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.core import clock
from app.core.errors import IllegalTransition
from app.dialogue.decisions.models import Decision, DecisionOption, DecisionState, MethodName, Secrecy
from app.dialogue.decisions.states import MOVES, DecisionVerb, blocker, move
from tests import factories
from tests.events.asking import codes

NOW = clock.now()
HOUR = timedelta(hours=1)
MOMENTS = {None: None, "past": NOW - HOUR, "to come": NOW + HOUR}


def expected(verb: str, state: str, opens: str | None, closes: str | None, *, is_ready: bool, all_voted: bool) -> bool:
    """Written out in words of the rule, apart from the table of the code."""
    match verb:
        case "edit":
            return state in ("draft", "open")
        case "delete" | "choose-electors":
            return state == "draft"
        case "open":
            return state == "draft" and is_ready and closes != "past"
        case "close":
            return state == "open" and (closes != "to come" or all_voted)
        case "cancel":
            return state in ("draft", "open")
        case _:
            return state == "open" and opens != "to come" and closes != "past"


@pytest.mark.unit
@pytest.mark.parametrize(("verb", "state"), list(product(DecisionVerb, DecisionState)))
def test_every_action_is_allowed_exactly_where_it_is_written(verb, state) -> None:
    for opens, closes, is_ready, all_voted in product(MOMENTS, MOMENTS, (True, False), (True, False)):
        decision = Decision(
            state=state, opens_at=MOMENTS[opens], closes_at=MOMENTS[closes], method=MethodName.MAJORITY,
            secrecy=Secrecy.SECRET, options=[DecisionOption(), DecisionOption()],
            electors=3 if is_ready else 0, voters=3 if is_ready and all_voted else 2, has_voiceless=False,
        )  # fmt: skip
        may = expected(verb, state, opens, closes, is_ready=is_ready, all_voted=is_ready and all_voted)
        assert (blocker(verb, decision, NOW) is None) == may
        if verb in MOVES:
            if may:
                move(verb, decision, NOW)
                assert decision.state is MOVES[verb][state]
            else:
                with pytest.raises(IllegalTransition):
                    move(verb, decision, NOW)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("method", "options", "secrecy", "has_voiceless", "reason"),
    [
        (MethodName.CONSENT, 1, Secrecy.SECRET, False, None),
        (MethodName.CONSENT, 0, Secrecy.SECRET, False, "proposal_needed"),
        (MethodName.CONSENT, 2, Secrecy.SECRET, False, "proposal_needed"),
        (MethodName.RANKED, 1, Secrecy.SECRET, False, "options_needed"),
        (MethodName.RANKED, 2, Secrecy.SECRET, True, "electors_voiceless"),
        (MethodName.RANKED, 2, Secrecy.OPEN, True, None),
    ],
)
def test_a_vote_needs_options_and_voices_that_can_be_heard(method, options, secrecy, has_voiceless, reason) -> None:
    decision = Decision(
        state=DecisionState.DRAFT, method=method, secrecy=secrecy, options=[DecisionOption() for _ in range(options)],
        electors=3, voters=0, has_voiceless=has_voiceless,
    )  # fmt: skip
    assert blocker(DecisionVerb.OPEN, decision, NOW) == reason


@pytest.mark.parametrize("state", DecisionState)
async def test_what_is_answered_as_allowed_is_done_and_the_rest_refused(decided, company, shown, act, town, state):
    for verb in DecisionVerb:
        told = await shown(await decided(company, state=state, secrecy=Secrecy.OPEN))
        url, headers = f"/v1/decisions/{told['id']}", {"If-Match": f'"{told["version"]}"'}
        match verb:
            case DecisionVerb.DELETE:
                answer = await town.delete(url, headers=headers)
            case DecisionVerb.EDIT:
                answer = await act(told, closes_at="2100-01-01T00:00:00Z")
            case DecisionVerb.CHOOSE_ELECTORS:
                answer = await act(told, "choose-electors", voices="actors", source={"kind": "actors"})
            case DecisionVerb.VOTE:
                elector = (await town.get(f"{url}/electors")).json()["items"][0]["id"]
                vote = {"vote": {"kind": "choice", "option_id": told["options"][0]["id"]}}
                answer = await town.put(f"{url}/electors/{elector}/ballot", json=vote)
            case _:
                answer = await act(told, verb, **({"reason": "Mal posée"} if verb is DecisionVerb.CANCEL else {}))
        is_done = answer.status_code in (200, 201, 204)
        assert is_done == (verb in told["allowed_actions"]), (verb, answer.text)
        if not is_done:
            assert answer.status_code == 409
            assert "crutin" in answer.json()["detail"]


async def test_a_decision_goes_from_its_draft_to_its_closing(body, town, company, act) -> None:
    told = (await town.post("/v1/decisions", json=body())).json()
    assert (told["state"], told["electors"], told["voices"]) == ("draft", 0, None)
    refused = await act(told, "open")
    assert refused.status_code == 409
    assert "personne n’est appelé à voter" in refused.json()["detail"]
    told = (await act(told, "choose-electors", voices="actors", source={"kind": "actors"})).json()
    assert (told["electors"], told["voices"]) == (1, "actors")
    told = (await act(told, "open")).json()
    assert (told["state"], told["opened_at"] is not None) == ("open", True)
    told = (await act(told, "close")).json()
    assert (told["state"], told["voters"], told["allowed_actions"]) == ("closed", 0, [])


async def test_a_cancelled_decision_says_why_and_keeps_no_ballot(session, decided, company, shown, act) -> None:
    row = await decided(company, state=DecisionState.OPEN, votes={0: {"kind": "choice", "option_id": "A"}})
    told = await shown(row)
    assert told["voters"] == 1
    told = (await act(told, "cancel", reason="La question a changé")).json()
    assert (told["state"], told["cancellation_reason"], told["voters"]) == ("cancelled", "La question a changé", 0)
    assert await session.scalar(text("SELECT count(*) FROM ballots")) == 0


async def test_once_open_only_the_dates_change(decided, company, shown, act) -> None:
    told = await shown(await decided(company, state=DecisionState.OPEN))
    refused = await act(told, question="Autre ?", quorum=None, closes_at="2100-01-01T00:00:00Z")
    assert (refused.status_code, codes(refused)) == (
        409, [("#/question", "frozen_once_open"), ("#/quorum", "frozen_once_open")],
    )  # fmt: skip
    told = (await act(told, opens_at="2030-01-01T00:00:00Z", closes_at="2030-02-01T00:00:00Z")).json()
    assert (told["opens_at"], told["closes_at"]) == ("2030-01-01T00:00:00Z", "2030-02-01T00:00:00Z")
    refused = await act(told, opens_at="2030-03-01T00:00:00Z")
    assert (refused.status_code, codes(refused)) == (422, [("#/closes_at", "dates_reversed")])


async def test_before_its_time_a_vote_is_closed_once_everyone_has_voted(decided, company, shown, act, club, vote):
    row = await decided(company, state=DecisionState.OPEN, closes_at=clock.now() + HOUR)
    refused = await act(await shown(row), "close")
    assert refused.status_code == 409
    assert "son heure de clôture n’est pas venue" in refused.json()["detail"]
    assert (await vote(club, row, {"kind": "choice", "option_id": "A"})).status_code == 201
    assert (await act(await shown(row), "close")).status_code == 200


FROZEN = {
    "open": (
        "UPDATE decisions SET question = 'Autre ?'",
        "UPDATE decisions SET secrecy = 'secret'",
        "UPDATE decisions SET state = 'draft', opened_at = NULL",
        "DELETE FROM decisions",
        "INSERT INTO decision_options SELECT gen_random_uuid(), id, 9, 'D', NULL, false FROM decisions",
        "UPDATE decision_options SET label = 'D'",
        "DELETE FROM decision_options",
        "DELETE FROM electors WHERE id NOT IN (SELECT elector_id FROM ballots)",
        "UPDATE electors SET has_voted = true",
        "UPDATE ballots SET elector_id = gen_random_uuid()",
        "INSERT INTO secret_ballots SELECT gen_random_uuid(), decision_id, content FROM ballots",
    ),
    "closed": (
        "UPDATE decisions SET closes_at = now()",
        "UPDATE decisions SET state = 'open', closed_at = NULL",
        "DELETE FROM decisions",
        "UPDATE ballots SET content = '{\"kind\": \"blank\"}'",
        "DELETE FROM ballots",
        "INSERT INTO ballots SELECT gen_random_uuid(), territory_id, decision_id, elector_id, content, cast_by,"
        " is_by_hand, created_at, updated_at, 1 FROM ballots",
        "UPDATE electors SET has_voted = false",
    ),
    "cancelled": ("UPDATE decisions SET state = 'open', cancelled_at = NULL, cancellation_reason = NULL",),
}  # fmt: skip


@pytest.mark.parametrize(("state", "statement"), [(s, one) for s, them in FROZEN.items() for one in them])
async def test_the_database_itself_refuses_it(session, decided, company, other, state, statement) -> None:
    votes = {0: {"kind": "choice", "option_id": "A"}}
    await decided(company, other, state=DecisionState(state), votes=votes, secrecy=Secrecy.OPEN)
    with pytest.raises(DBAPIError, match=r"violates (\w+_frozen|ballots_open)"):
        async with session.begin_nested():
            await session.execute(text(statement))


@pytest.mark.parametrize("statement", ["UPDATE secret_ballots SET content = '{}'", "DELETE FROM secret_ballots"])
async def test_nobody_changes_the_ballots_of_a_secret_vote(session, decided, company, statement) -> None:
    await decided(company, state=DecisionState.CLOSED, votes={0: {"kind": "choice", "option_id": "A"}})
    with pytest.raises(DBAPIError, match="permission denied"):
        async with session.begin_nested():
            await session.execute(text(statement))


@pytest.mark.parametrize(
    ("traits", "broken"),
    [
        ({"electors": ()}, "decisions_electors"),
        ({"options": ("A",)}, "decisions_options"),
        ({"options": ()}, "decisions_options"),
    ],
)
async def test_the_database_opens_no_vote_without_options_or_voices(decided, company, traits, broken) -> None:
    electors = traits.pop("electors", (company,))
    with pytest.raises(DBAPIError, match=broken):
        await decided(*electors, state=DecisionState.OPEN, voices="actors", **traits)


async def test_the_database_mixes_no_voices(session, decided, company, territory) -> None:
    row = await decided(company)
    another = await factories.an_actor(session, territory)
    await session.execute(text("UPDATE decisions SET voices = 'people'"))
    add = text("INSERT INTO electors VALUES (gen_random_uuid(), :decision, :actor, NULL, NULL)")
    with pytest.raises(DBAPIError, match="electors_voices"):
        await session.execute(add, {"decision": row.id, "actor": another.id})
