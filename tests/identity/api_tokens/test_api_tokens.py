"""API tokens at `/v1/api-tokens`: one's own, shown once, never more than their maker."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.core import clock
from app.core.db import let_see
from app.core.idempotency import KeptAnswer
from app.identity import opaque
from app.identity.models import ApiToken
from tests.factories import a_territory
from tests.identity.oauth.support import SCOPES, an_account_of, call
from tests.identity.oauth.test_bearer import an_api_token

PLACE = "/v1/api-tokens"


def wanted(**changes: Any) -> dict[str, Any]:
    ends = (clock.now() + timedelta(days=90)).isoformat()
    return {"name": "Synchronisation", "scopes": ["tokens:read"], "expires_at": ends, **changes}


@pytest.fixture
async def territory(session):
    return await a_territory(session)


@pytest.fixture
async def account(session, territory):
    return await an_account_of(session, territory)


@pytest.fixture
async def person(session, anonymous, account):
    """A client that calls with a token of this account."""
    _, token = await an_api_token(session, account, scopes=SCOPES)
    anonymous.headers["Authorization"] = f"Bearer {token}"
    return anonymous


async def test_a_token_is_shown_once_and_kept_as_a_hash(session, person):
    response = await person.post(PLACE, json=wanted())
    assert response.status_code == 201, response.text
    made = response.json()
    assert opaque.kind_of(made["token"]) is opaque.Kind.API_TOKEN
    assert made["token"].endswith(made["hint"])
    assert (await call(person, made["token"])).status_code == 200
    read = await person.get(f"{PLACE}/{made['id']}")
    assert "token" not in read.json()
    row = await session.get(ApiToken, made["id"])
    assert row.token_hash == opaque.hashed(made["token"])
    assert made["token"] not in str(vars(row))


async def test_a_repeated_request_makes_one_token_and_does_not_show_it_again(session, person, account):
    key = {"Idempotency-Key": "the-same"}
    body = wanted()
    first = await person.post(PLACE, json=body, headers=key)
    again = await person.post(PLACE, json=body, headers=key)
    assert again.json() == first.json() | {"token": None}
    await let_see(session, caller=[f"account:{account.id}"])
    kept = await session.scalar(select(KeptAnswer.body))
    assert first.json()["token"].encode() not in kept


@pytest.mark.parametrize("days", [-1, 0, 366, 4000])
async def test_a_token_ends_within_a_year(person, days):
    ends = (clock.now() + timedelta(days=days)).isoformat()
    response = await person.post(PLACE, json=wanted(expires_at=ends))
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "#/expires_at"


@pytest.mark.parametrize(
    "wrong",
    [{"expires_at": None}, {"scopes": []}, {"scopes": ["nothing:known"]}, {"networks": ["x"]}, {"name": " "},
     {"narrowing": {"territory_ids": []}}, {"narrowing": {"other": []}}, {"more": 1}],
)  # fmt: skip
async def test_a_token_is_well_described(person, wrong):
    assert (await person.post(PLACE, json=wanted(**wrong))).status_code == 422


async def test_a_token_gives_no_scope_its_maker_has_not(person):
    assert (await person.post(PLACE, json=wanted(scopes=["audit:read"]))).status_code == 403


async def test_a_token_gives_no_row_its_maker_has_not(session, person, territory):
    other = await a_territory(session)
    mine = {"territory_ids": [str(territory.id)]}
    assert (await person.post(PLACE, json=wanted(narrowing=mine))).status_code == 201
    assert (await person.post(PLACE, json=wanted(narrowing={"territory_ids": [str(other.id)]}))).status_code == 403
    assert (await person.post(PLACE, json=wanted(narrowing={"actor_ids": [str(other.id)]}))).status_code == 403


async def test_a_narrowed_token_makes_none_that_is_wider(session, anonymous, account, territory):
    narrowing = {"territory_ids": [str(territory.id)]}
    _, narrow = await an_api_token(session, account, narrowing=narrowing)
    wide, _ = await an_api_token(session, account)
    headers = {"Authorization": f"Bearer {narrow}"}
    made = await anonymous.post(PLACE, json=wanted(), headers=headers)
    assert made.json()["narrowing"]["territory_ids"] == [str(territory.id)]
    roll = await anonymous.post(f"{PLACE}/{wide.id}:roll", json={}, headers=headers | {"If-Match": '"1"'})
    assert roll.status_code == 403


async def test_a_weak_token_does_not_roll_a_strong_one(session, anonymous, account):
    _, weak = await an_api_token(session, account, scopes=["tokens:read", "tokens:write"])
    strong, _ = await an_api_token(session, account, scopes=SCOPES)
    headers = {"Authorization": f"Bearer {weak}", "If-Match": '"1"'}
    assert (await anonymous.post(f"{PLACE}/{strong.id}:roll", json={}, headers=headers)).status_code == 403


async def test_a_rolled_token_stays_good_for_the_overlap(session, person, account):
    row, former = await an_api_token(session, account)
    response = await person.post(f"{PLACE}/{row.id}:roll", json={"overlap_hours": 2}, headers={"If-Match": '"1"'})
    assert response.status_code == 201, response.text
    assert (await call(person, response.json()["token"])).status_code == 200
    assert (await call(person, former)).status_code == 200
    await session.refresh(row)
    assert timedelta(hours=1, minutes=59) < row.expires_at - clock.now() <= timedelta(hours=2)


async def test_a_token_rolled_without_overlap_ends_at_once(session, person, account):
    row, former = await an_api_token(session, account)
    response = await person.post(f"{PLACE}/{row.id}:roll", json={"overlap_hours": 0}, headers={"If-Match": '"1"'})
    assert (await call(person, former)).status_code == 401
    assert (await call(person, response.json()["token"])).status_code == 200
    assert (await person.get(f"{PLACE}/{row.id}")).json()["revoked_for"] == "rolled"


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "2"])
async def test_an_overlap_lasts_a_week_at_most(session, person, account, hours):
    row, _ = await an_api_token(session, account)
    response = await person.post(f"{PLACE}/{row.id}:roll", json={"overlap_hours": hours}, headers={"If-Match": '"1"'})
    assert response.status_code == 422


async def test_a_revoked_token_is_refused_and_cannot_come_back(session, person, account):
    row, token = await an_api_token(session, account)
    place = f"{PLACE}/{row.id}"
    response = await person.post(f"{place}:revoke", headers={"If-Match": '"1"'})
    assert (response.json()["state"], response.json()["allowed_actions"]) == ("revoked", [])
    assert (await call(person, token)).status_code == 401
    again = {"If-Match": response.headers["etag"]}
    assert (await person.post(f"{place}:revoke", headers=again)).status_code == 409
    assert (await person.post(f"{place}:roll", json={}, headers=again)).status_code == 409


async def test_a_change_needs_the_version_that_was_read(session, person, account):
    row, _ = await an_api_token(session, account)
    place = f"{PLACE}/{row.id}:revoke"
    assert (await person.post(place)).status_code == 428
    assert (await person.post(place, headers={"If-Match": '"7"'})).status_code == 412


async def test_nobody_sees_another_s_tokens(session, person, territory):
    other = await an_account_of(session, territory)
    row, _ = await an_api_token(session, other)
    listed = (await person.get(PLACE)).json()
    assert str(row.id) not in {item["id"] for item in listed["items"]}
    assert (await person.get(f"{PLACE}/{row.id}")).status_code == 404
    assert (await person.post(f"{PLACE}/{row.id}:revoke", headers={"If-Match": '"1"'})).status_code == 404
    roll = await person.post(f"{PLACE}/{row.id}:roll", json={}, headers={"If-Match": '"1"'})
    assert roll.status_code == 404
