"""What a bearer token opens, asked of the whole application."""

import time
from datetime import date, timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import update

from app.core import clock
from app.identity import bearer, jwt, keys
from app.identity.api_tokens.service import create_api_token
from app.identity.models import ApiToken, Grant, TokenFamily
from tests.factories import a_territory
from tests.identity import test_jwt as hostile
from tests.identity.oauth.support import SCOPES, SECRET, a_machine, an_account_of, an_app, ask, call, signed_in

PLACE = "/v1/api-tokens"


@pytest.fixture
async def territory(session):
    return await a_territory(session)


@pytest.fixture
async def account(session, territory):
    return await an_account_of(session, territory)


@pytest.fixture
async def app(session, territory):
    return await an_app(session, territory)


async def an_api_token(session, account, **traits) -> tuple[ApiToken, str]:
    values = {"name": "script", "scopes": SCOPES, "expires_at": clock.now() + timedelta(days=30), **traits}
    made = await create_api_token(session, account_id=account.id, **values)
    await session.commit()
    return made


@pytest.mark.parametrize("token", hostile.HOSTILE.values(), ids=hostile.HOSTILE.keys())
async def test_a_hostile_token_is_a_401(anonymous, token):
    value = b"Bearer " + token.encode(errors="surrogatepass")
    response = await anonymous.get(PLACE, headers=[(b"Authorization", value)])
    if b"\n" in value or b"\xed" in value:
        assert response.status_code in {400, 401}
        return
    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["www-authenticate"]


def ours(session_id: str, **changes: object) -> dict[str, object]:
    return hostile.claims(iss="http://test", aud="http://test", sid=session_id, **changes)


@pytest.mark.parametrize(
    "changes",
    [{"aud": ...}, {"exp": ...}, {"iss": ...}, {"sub": ...}, {"sub": "another"}, {"client_id": "another"},
     {"aud": "https://other.example"}, {"sid": "no-uuid"}, {"sid": "019d0000-0000-7000-8000-000000000000"}],
)  # fmt: skip
async def test_a_token_our_own_key_signed_is_still_checked(house, session, anonymous, app, account, changes):
    tokens = await signed_in(session, anonymous, app, account)
    good = jwt.verify(tokens["access_token"], house.api.state.key_ring.known, base_url="http://test", now=time.time())
    whole = ours(good.family_id, sub=str(account.id), client_id=app.row.client_id, scope="tokens:read")
    kid, key = await house.api.state.key_ring.signer(session)
    assert (await call(anonymous, jwt.sign(whole, key, kid))).status_code == 200
    wrong = {name: value for name, value in (whole | changes).items() if value is not ...}
    assert (await call(anonymous, jwt.sign(wrong, key, kid))).status_code == 401


async def test_without_a_token_the_answer_says_where_to_get_one(anonymous):
    response = await anonymous.get(PLACE)
    assert response.status_code == 401
    challenge = response.headers["www-authenticate"]
    assert 'resource_metadata="http://test/.well-known/oauth-protected-resource"' in challenge
    assert "error=" not in challenge


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Basic YTpi", "bearer  x", "Token x", "", "Bearer a b"])
async def test_another_authorization_is_refused(anonymous, value):
    assert (await anonymous.get(PLACE, headers={"Authorization": value})).status_code == 401


async def test_two_authorizations_are_refused(session, anonymous, app, account):
    token = (await signed_in(session, anonymous, app, account))["access_token"]
    twice = [("Authorization", f"Bearer {token}")] * 2
    assert (await anonymous.get(PLACE, headers=twice)).status_code == 401


async def test_a_role_that_ends_ends_the_token_at_once(session, anonymous, app, account):
    token = (await signed_in(session, anonymous, app, account))["access_token"]
    _, api_token = await an_api_token(session, account)
    assert (await call(anonymous, token)).status_code == (await call(anonymous, api_token)).status_code == 200
    await session.execute(update(Grant).where(Grant.account_id == account.id).values(revoked_at=clock.now()))
    await session.commit()
    assert (await call(anonymous, token)).status_code == (await call(anonymous, api_token)).status_code == 401


async def test_a_role_counts_on_its_days_only(session, anonymous, territory):
    past = await an_account_of(session, territory, valid_until=date(2020, 1, 1))
    _, token = await an_api_token(session, past)
    assert (await call(anonymous, token)).status_code == 401


async def test_a_scope_taken_from_the_client_or_from_the_role_is_missing_at_once(session, anonymous, app, account):
    token = (await signed_in(session, anonymous, app, account))["access_token"]
    app.row.scopes = ["events:read"]
    await session.commit()
    response = await call(anonymous, token)
    assert response.status_code == 403
    assert 'scope="tokens:read"' in response.headers["www-authenticate"]


async def test_a_family_that_ends_ends_its_access_tokens(session, anonymous, app, account):
    token = (await signed_in(session, anonymous, app, account))["access_token"]
    await session.execute(update(TokenFamily).values(revoked_at=clock.now()))
    await session.commit()
    assert (await call(anonymous, token)).status_code == 401


async def test_an_access_token_ends_after_ten_minutes(session, anonymous, app, account):
    token = (await signed_in(session, anonymous, app, account))["access_token"]
    assert (await call(anonymous, token)).status_code == 200
    with time_machine.travel(clock.now() + timedelta(seconds=601)):
        assert (await call(anonymous, token)).status_code == 401


async def test_a_key_that_is_compromised_verifies_nothing_any_more(house, session, anonymous, app, account):
    ring = house.api.state.key_ring
    token = (await signed_in(session, anonymous, app, account))["access_token"]
    await keys.rotate(session, SECRET)
    await session.commit()
    await ring.read(session)
    assert (await call(anonymous, token)).status_code == 200
    newer = (await signed_in(session, anonymous, app, account))["access_token"]
    await keys.rotate(session, SECRET, is_compromised=True)
    await session.commit()
    await ring.read(session)
    assert (await call(anonymous, newer)).status_code == 401
    await session.rollback()
    ring._read_at = None


async def test_a_worker_learns_of_a_new_key_from_a_token_that_names_it(house, session, anonymous, app, account):
    ring = house.api.state.key_ring
    tokens = await signed_in(session, anonymous, app, account)
    await call(anonymous, tokens["access_token"])
    other = keys.KeyRing(SECRET)
    await keys.rotate(session, SECRET)
    await keys.rotate(session, SECRET)  # the worker has seen neither of these two
    await session.commit()
    kid, key = await other.signer(session)
    said = jwt.verify(tokens["access_token"], ring.known, base_url="http://test", now=time.time())
    token = jwt.sign(
        ours(said.family_id, sub=str(account.id), client_id=app.row.client_id, scope="tokens:read"), key, kid
    )
    assert ring.known(kid) is None
    with time_machine.travel(clock.now() + timedelta(seconds=6)):
        assert (await call(anonymous, token)).status_code == 200
    ring._read_at = None


async def test_finding_the_caller_is_one_query(house, session, anonymous, app, account):
    token = (await signed_in(session, anonymous, app, account))["access_token"]
    await call(anonymous, token)
    statements: list[str] = []
    driver = (await (await session.connection()).get_raw_connection()).driver_connection
    driver.add_query_logger(lambda record: statements.append(record.query))
    try:
        await call(anonymous, token)
    finally:
        driver._query_loggers.clear()
    lookups = [text for text in statements if "oauth_families" in text or "role_grants" in text]
    assert len(lookups) == 1


@pytest.mark.parametrize("lookup", [bearer.FAMILY, bearer.API_TOKEN])
async def test_finding_the_caller_scans_no_table(session, lookup):
    driver = (await (await session.connection()).get_raw_connection()).driver_connection
    await driver.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
    wanted = uuid4() if lookup is bearer.FAMILY else b"hash"
    values = [*lookup._values]
    values[lookup._place] = wanted
    plan = "\n".join(row[0] for row in await driver.fetch("explain " + lookup._text, *values))
    assert "Seq Scan" not in plan
    assert "Index Scan" in plan


async def test_a_machine_is_a_partner_with_its_source(session, anonymous, territory):
    machine = await a_machine(session, territory, scopes=["events:read"])
    token = (await ask(anonymous, machine, grant_type="client_credentials")).json()["access_token"]
    assert (await call(anonymous, token, "/v1/events")).status_code == 200
    assert (await call(anonymous, token)).status_code == 403


async def test_an_api_token_opens_what_it_is_for(session, anonymous, account):
    _, token = await an_api_token(session, account, scopes=["tokens:read"])
    assert (await call(anonymous, token)).status_code == 200
    assert (await call(anonymous, token, "/v1/events")).status_code == 403


async def test_an_api_token_ends_on_its_day(session, anonymous, account):
    _, token = await an_api_token(session, account, expires_at=clock.now() + timedelta(days=1))
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert (await call(anonymous, token)).status_code == 401


async def test_an_api_token_comes_from_its_networks_only(session, anonymous, account):
    _, near = await an_api_token(session, account, networks=["127.0.0.0/8"])
    _, far = await an_api_token(session, account, networks=["203.0.113.0/24", "2001:db8::/32"])
    assert (await call(anonymous, near)).status_code == 200
    assert (await call(anonymous, far)).status_code == 401


async def test_the_use_of_an_api_token_is_noted_once_a_minute(session, anonymous, account):
    row, token = await an_api_token(session, account)
    seen = []
    for seconds in (0, 30, 61):
        with time_machine.travel(row.created_at + timedelta(seconds=seconds), tick=False):
            assert (await call(anonymous, token)).status_code == 200
            await session.refresh(row)
            seen.append((row.last_used_at - row.created_at).total_seconds())
    assert [round(each) for each in seen] == [0, 0, 61]
    assert row.version == 1


async def test_a_narrowed_token_loses_the_rows_it_does_not_speak_of(session, anonymous, account, territory):
    other = await a_territory(session)
    _, inside = await an_api_token(session, account, narrowing={"territory_ids": [str(territory.id)]})
    _, outside = await an_api_token(session, account, narrowing={"territory_ids": [str(other.id)]})
    assert (await call(anonymous, inside)).status_code == 200
    assert (await call(anonymous, outside)).status_code == 401


async def test_an_app_approved_for_one_territory_never_opens_another(session, anonymous, territory):
    elsewhere = await a_territory(session)
    account = await an_account_of(session, elsewhere)
    app = await an_app(session, territory)
    tokens = await signed_in(session, anonymous, app, account)
    assert (await call(anonymous, tokens["access_token"])).status_code == 401


async def test_private_keys_are_sealed(session):
    await keys.ensure(session, SECRET)
    for row in await keys.listed(session):
        assert b"PRIVATE" not in row.private_sealed
        assert "d" not in row.public_jwk


async def test_keys_of_another_secret_are_put_away(session):
    await keys.ensure(session, b"another secret altogether, and long enough")
    await session.flush()
    before = {row.kid for row in await keys.listed(session) if row.status != "retired"}
    await keys.ensure(session, SECRET)
    rows = await keys.listed(session)
    assert {row.status for row in rows if row.kid in before} == {"retired"}
    assert sorted(row.status for row in rows if row.status != "retired") == ["current", "next"]
