"""Reviews: a party's own words through its own account, or what it told the collectivité."""

from datetime import date

import pytest

from app.partnerships.models import PartnershipStage
from tests import factories
from tests.partnerships.factories import a_partnership, a_review

SCORES = {"performance": 4, "innovation": 3, "trust": 5, "balance": 2}


@pytest.fixture
async def partnership(session, territory, school, club):
    return await a_partnership(session, territory, school, club, stage=PartnershipStage.ACTIVE)


@pytest.fixture
def reviews(partnership):
    return f"/v1/partnerships/{partnership.id}/reviews"


def review_of(actor, **fields: object) -> dict[str, object]:
    period = {"starts_on": "2015-09-01", "ends_on": "2016-08-31"}
    return {"actor_id": str(actor.id), **period, **SCORES, **fields}


async def test_a_party_writes_its_own_and_no_one_else_changes_it(reviews, town, school, club, client_for, ask) -> None:
    referent = client_for(factories.a_referent(school))
    made = await referent.post(reviews, json=review_of(school, comment="Des regards ont changé."))
    assert (made.status_code, made.json()["is_by_party"]) == (201, True)
    path = made.headers["Location"]
    assert (await ask(path, client=referent, trust=4)).json()["trust"] == 4
    assert (await ask(path, trust=1)).status_code == 403
    assert (await town.delete(path, headers={"If-Match": "*"})).status_code == 403
    assert [review["trust"] for review in (await town.get(reviews)).json()["items"]] == [4]
    other = client_for(factories.a_club_member(club))
    assert (await other.get(path)).status_code == 404
    assert (await other.get(reviews)).json()["items"] == []
    assert (await other.post(reviews, json=review_of(school))).status_code == 403
    assert (await referent.delete(path, headers={"If-Match": "*"})).status_code == 204


async def test_what_was_told_the_collectivite_can_be_made_ones_own(reviews, town, school, client_for, ask) -> None:
    made = await town.post(reviews, json=review_of(school))
    assert (made.status_code, made.json()["is_by_party"]) == (201, False)
    path, referent = made.headers["Location"], client_for(factories.a_referent(school))
    assert (await ask(path, innovation=4)).status_code == 200
    taken = await ask(path, client=referent, innovation=5)
    assert (taken.json()["innovation"], taken.json()["is_by_party"]) == (5, True)
    assert (await ask(path, innovation=1)).status_code == 403


@pytest.mark.parametrize(
    ("fields", "status", "pointer", "code"),
    [
        ({"trust": 0}, 422, "#/trust", "greater_than_equal"),
        ({"balance": 6}, 422, "#/balance", "less_than_equal"),
        ({"balance": 3.5}, 422, "#/balance", "int_type"),
        ({"ends_on": "2015-08-31"}, 422, "#/ends_on", "dates_reversed"),
        ({"ends_on": "2999-08-31"}, 422, "#/ends_on", "day_to_come"),
        ({"starts_on": "2014-09-01", "ends_on": "2015-09-01"}, 409, "#/starts_on", "overlapping_periods"),
    ],
)
async def test_a_review_that_does_not_hold_is_refused(
    session, partnership, reviews, town, school, codes, fields, status, pointer, code
) -> None:
    await a_review(session, partnership.parties[0])
    given = review_of(school, starts_on="2014-09-01", ends_on="2015-08-31") | fields
    if "ends_on" in fields and status == 422:
        given["starts_on"] = "2016-09-01"
    refused = await town.post(reviews, json=given)
    assert (refused.status_code, codes(refused)) == (status, [(pointer, code)])


async def test_who_is_no_party_has_no_review_and_what_has_not_begun_neither(
    session, territory, reviews, town, company, school, club, codes
) -> None:
    refused = await town.post(reviews, json=review_of(company))
    assert codes(refused) == [("#/actor_id", "unknown_reference")]
    for stage, status in zip(PartnershipStage, (409, 409, 201, 201, 201), strict=True):
        row = await a_partnership(session, territory, school, club, stage=stage)
        answer = await town.post(f"/v1/partnerships/{row.id}/reviews", json=review_of(school))
        assert answer.status_code == status, stage


async def test_reviews_come_by_period_page_by_page(session, partnership, reviews, town) -> None:
    await a_review(session, partnership.parties[0])
    await a_review(session, partnership.parties[1], starts_on=date(2013, 9, 1), ends_on=date(2014, 8, 31))
    first = (await town.get(f"{reviews}?limit=1")).json()
    assert [review["starts_on"] for review in first["items"]] == ["2013-09-01"]
    second = (await town.get(f"{reviews}?limit=1&cursor={first['next']}")).json()
    assert ([review["starts_on"] for review in second["items"]], second["next"]) == (["2015-09-01"], None)
