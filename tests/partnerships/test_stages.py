"""Every stage, every verb: where it leads, and what is refused and why."""

import asyncio
from datetime import date
from itertools import product

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core.journal import JournalEntry, attribute_to
from app.partnerships.models import PartnershipStage
from app.partnerships.states import MOVES
from tests import factories
from tests.partnerships.factories import a_partnership

LEADS = {
    "prospect": {"discuss": "in_discussion", "end": "ended"},
    "in_discussion": {"activate": "active", "end": "ended", "step-back": "prospect"},
    "active": {"suspend": "suspended", "end": "ended", "step-back": "in_discussion"},
    "suspended": {"resume": "active", "end": "ended"},
    "ended": {"reopen": "in_discussion"},
}
"""Where one can go from each stage, written out."""
WITH_REASON = {"suspend", "end", "step-back", "reopen"}


def body_of(verb: str) -> dict[str, str]:
    return {"reason": "Changement de direction"} if verb in WITH_REASON else {}


@pytest.mark.unit
def test_the_table_of_moves_is_what_is_written_here() -> None:
    moves = {(stage, verb, goal) for verb, ways in MOVES.items() for stage, goal in ways.items()}
    assert moves == {(stage, verb, goal) for stage, ways in LEADS.items() for verb, goal in ways.items()}


@pytest.mark.parametrize(("stage", "verb"), list(product(PartnershipStage, MOVES)))
async def test_every_verb_does_what_allowed_actions_says(
    session, territory, town, school, club, ask, stage, verb
) -> None:
    row = await a_partnership(session, territory, school, club, stage=stage)
    path = f"/v1/partnerships/{row.id}"
    before = (await town.get(path)).json()
    assert set(before["allowed_actions"]) == {"edit", "delete", "publish", *LEADS[stage]}
    answer = await ask(path, verb, **body_of(verb))
    if verb not in LEADS[stage]:
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/illegal-transition")
        assert {"{", "…"}.isdisjoint(answer.json()["detail"])
        assert (await town.get(path)).json() == before
        return
    told = answer.json()
    assert (answer.status_code, told["stage"], answer.headers["ETag"]) == (200, LEADS[stage][verb], '"2"')
    is_told = told["stage"] in ("suspended", "ended")
    assert told["stage_reason"] == ("Changement de direction" if is_told else None)
    assert (told["ended_on"] is not None) == (told["stage"] == "ended")
    reason = await session.scalar(select(JournalEntry.reason).order_by(JournalEntry.seq.desc()).limit(1))
    assert reason == body_of(verb).get("reason")


@pytest.mark.parametrize("verb", sorted(WITH_REASON))
async def test_the_ways_back_ask_for_a_reason(session, territory, school, club, ask, verb) -> None:
    row = await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE)
    assert (await ask(f"/v1/partnerships/{row.id}", verb)).status_code == 422


@pytest.mark.parametrize(("stage", "verb"), [("in_discussion", "activate"), ("suspended", "resume")])
async def test_one_party_alone_is_no_active_partnership(session, territory, town, school, ask, stage, verb) -> None:
    row = await a_partnership(session, territory, school, stage=PartnershipStage(stage))
    path = f"/v1/partnerships/{row.id}"
    assert verb not in (await town.get(path)).json()["allowed_actions"]
    refused = await ask(path, verb)
    assert refused.status_code == 409
    assert "un partenariat actif a deux parties au moins" in refused.json()["detail"]


@time_machine.travel("2016-07-01T10:00:00Z", tick=False)
@pytest.mark.parametrize(
    ("planned", "on", "expected"),
    [
        (None, None, "2016-07-01"),
        (date(2016, 6, 30), None, "2016-06-30"),
        (date(2017, 6, 30), None, "2016-07-01"),
        (date(2017, 6, 30), "2016-05-01", "2016-05-01"),
        (None, "2016-07-02", None),
    ],
)
async def test_it_ends_on_a_day_that_came(session, territory, school, club, ask, planned, on, expected) -> None:
    row = await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE, ends_on=planned)
    answer = await ask(f"/v1/partnerships/{row.id}", "end", reason="Fini", **({"on": on} if on else {}))
    assert (answer.status_code, answer.json().get("ended_on")) == (200 if expected else 422, expected)


async def test_publishing_is_an_axis_of_its_own_for_who_has_the_scope(
    session, territory, town, school, club, ask, client_for
) -> None:
    row = await a_partnership(session, territory, school, club)
    path = f"/v1/partnerships/{row.id}"
    no_publish = client_for(
        factories.a_collectivite(territory, scopes=factories.EVERY_SCOPE - {"partnerships:publish"})
    )
    assert "publish" not in (await no_publish.get(path)).json()["allowed_actions"]
    assert (await ask(path, "publish", no_publish)).status_code == 403
    for verb, fields, publication in (
        ("publish", {"publish_at": "2999-01-01T00:00:00Z"}, "published"),
        ("withdraw", {"reason": "Trop tôt"}, "draft"),
        ("publish", {}, "published"),
        ("withdraw", {"reason": "Par erreur"}, "withdrawn"),
        ("publish", {}, "published"),
    ):
        assert (await ask(path, verb, **fields)).json()["publication"] == publication
    assert (await ask(path, "publish")).json()["type"] == "/problems/illegal-transition"


async def refused_by_the_database(session) -> bool:
    """Whether the triggers, which wait for the commit, have something to say now."""
    await session.flush()
    with pytest.raises(IntegrityError, match="an active partnership has two parties"):
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    return True


async def test_the_database_lets_none_be_active_with_one_party(session, territory, school) -> None:
    row = await a_partnership(session, territory, school)
    row.stage = PartnershipStage.ACTIVE
    assert await refused_by_the_database(session)


async def test_the_database_lets_no_party_leave_an_active_one_alone(session, territory, school, club) -> None:
    row = await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE)
    await session.delete(row.parties[0])
    assert await refused_by_the_database(session)


async def test_of_two_parties_that_leave_at_once_one_stays(committed) -> None:
    async with committed.database.session() as session:
        attribute_to(session, "test")
        territory = await factories.a_territory(session)
        actors = [await factories.an_actor(session, territory) for _ in range(3)]
        row = await a_partnership(session, territory, *actors, stage=PartnershipStage.ACTIVE)
    async with committed.client(factories.a_collectivite(territory)) as town:
        left = await asyncio.gather(
            *(town.delete(f"/v1/partnership-parties/{party.id}", headers={"If-Match": "*"}) for party in row.parties)
        )
        assert sorted(answer.status_code for answer in left) == [204, 409, 409]
        told = (await town.get(f"/v1/partnerships/{row.id}")).json()
        assert (told["stage"], len(told["parties"])) == ("active", 2)
