"""The balance sheet: what is given is received or common, kind by kind, and no one's scores are told to others."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from app.actors.models import Actor, ActorKind
from app.partnerships.balance.service import amounts, weighed
from app.partnerships.models import Contribution, ContributionKind, PartnershipStage, Party
from tests import factories
from tests.partnerships.factories import a_contribution, a_partnership, a_review

AMOUNTS = st.none() | st.decimals(0, 10**6, places=2)
ACTORS = [Actor(id=uuid7(), name=f"Acteur {n}", kind=ActorKind.COMPANY) for n in range(4)]


@st.composite
def contributions(draw: st.DrawFn) -> list[Contribution]:
    places = st.integers(0, len(ACTORS) - 1)
    return [
        Contribution(
            giver_id=ACTORS[giver].id,
            recipient_id=None if giver == recipient else ACTORS[recipient].id,
            kind=draw(st.sampled_from(ContributionKind)),
            planned_amount=draw(AMOUNTS),
            real_amount=draw(AMOUNTS),
        )
        for giver, recipient in draw(st.lists(st.tuples(places, places), max_size=12))
    ]


@pytest.mark.unit
@given(contributions())
def test_all_that_is_given_is_received_by_a_party_or_common(given_ones: list[Contribution]) -> None:
    parties = [
        Party(actor_id=actor.id, actor=actor, role="", contributions=[c for c in given_ones if c.giver_id == actor.id])
        for actor in ACTORS
    ]
    sheet = weighed(parties)
    common = amounts(c for c in given_ones if c.recipient_id is None)
    for place, kind in enumerate(ContributionKind):
        for name in ("planned", "real", "not_entered"):
            told = [sum(Decimal(str(getattr(p.given[place], name))) for p in sheet)]
            told += [sum(Decimal(str(getattr(p.received[place], name))) for p in sheet)]
            assert told[0] == told[1] + Decimal(str(getattr(common[place], name))), (kind, name)


@time_machine.travel("2016-07-01T10:00:00Z", tick=False)
@pytest.mark.parametrize(("ends_on", "is_due"), [("2016-09-29", True), ("2016-09-30", False), (None, False)])
async def test_renewal_is_due_ninety_days_before_the_end(
    session, territory, town, school, club, ends_on, is_due
) -> None:
    end = ends_on and date.fromisoformat(ends_on)
    row = await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE, ends_on=end)
    told = (await town.get(f"/v1/partnerships/{row.id}/balance")).json()
    assert (told["is_renewal_due"], told["renewal_due_on"] is None) == (is_due, ends_on is None)


async def test_each_party_is_told_what_it_gives_and_receives(session, territory, town, school, club) -> None:
    row = await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE)
    first, second = row.parties
    await a_contribution(session, first, ContributionKind.PREMISES, planned=30, real=24)
    await a_contribution(session, second, ContributionKind.HOURS, planned=50, recipient=school)
    await a_contribution(session, second, ContributionKind.HOURS, planned=10, real=8, recipient=school)
    told = (await town.get(f"/v1/partnerships/{row.id}/balance")).json()

    def line(amounts: list[dict], kind: str) -> tuple[float, float, int]:
        return next((a["planned"], a["real"], a["not_entered"]) for a in amounts if a["kind"] == kind)

    lycee, members = told["parties"]
    assert (lycee["actor"]["name"], members["actor"]["name"]) == ("Lycée", "Club")
    assert line(lycee["given"], "premises") == line(told["common"], "premises") == (30, 24, 0)
    assert line(members["given"], "hours") == line(lycee["received"], "hours") == (60, 8, 1)
    assert line(members["received"], "hours") == line(lycee["given"], "money") == (0, 0, 0)
    assert [amount["unit"] for amount in told["common"]] == ["EUR", "hour", "hour", "hour"]


async def test_a_party_is_told_the_scores_once_three_have_reviewed(
    session, territory, town, school, club, company, client_for
) -> None:
    row = await a_partnership(session, territory, school, club, company, stage=PartnershipStage.ACTIVE)
    path, referent = f"/v1/partnerships/{row.id}/balance", client_for(factories.a_referent(school))
    nothing = (await referent.get(path)).json()["scores"]
    assert (nothing["reviews"], nothing["suppressed"], nothing["trust"]) == (0, False, None)
    for party, score in zip(row.parties, (5, 4, 2), strict=True):
        scores = (await referent.get(path)).json()["scores"]
        assert scores["trust"] is None
        await a_review(session, party, score=score)
        assert (await town.get(path)).json()["scores"]["trust"] is not None
    scores = (await referent.get(path)).json()["scores"]
    assert (scores["parties"], scores["suppressed"], scores["balance"]) == (3, False, 3.67)
