"""The page of one's tokens."""

import re

import pytest
from sqlalchemy import select

from app.identity.caller import Role
from app.identity.models import ApiToken, AuditEntry
from tests.factories import a_territory
from tests.identity.oauth.support import call
from tests.identity.oauth.test_bearer import an_api_token
from tests.identity.people import an_account, grant, sign_in, submit, text_of

PLACE = "/account/tokens"


@pytest.fixture
async def account(session, anonymous):
    account = await an_account(session)
    await grant(session, account, Role.COLLECTIVITE, await a_territory(session))
    await sign_in(anonymous, account)
    return account


async def test_a_token_made_on_the_page_is_shown_once_and_works(session, anonymous, account):
    page = await submit(anonymous, PLACE, name="Mon <script>", scopes=["tokens:read"], days="30")
    assert page.status_code == 200
    assert "Mon &lt;script&gt;" in page.text
    assert page.headers["cache-control"] == "no-store"
    token = re.search(r"aet_pat_[0-9A-Za-z]{38}", page.text)[0]
    assert (await call(anonymous, token)).status_code == 200
    again = await anonymous.get(PLACE)
    assert token not in again.text
    assert token[-4:] in again.text
    line = await session.scalar(select(AuditEntry).where(AuditEntry.action == "api-token.create"))
    assert line.caller == f"account:{account.id}"


async def test_a_form_filled_in_wrongly_is_shown_again_with_its_faults(session, anonymous, account):
    page = await submit(anonymous, PLACE, name="", networks="nowhere")
    assert page.status_code == 422
    assert "Donnez un nom" in text_of(page)
    assert "Choisissez au moins une action" in text_of(page)
    assert "Ce ne sont pas des réseaux IP" in text_of(page)
    assert await session.scalar(select(ApiToken)) is None


async def test_the_page_gives_no_scope_its_person_has_not(session, anonymous, account):
    page = await submit(anonymous, PLACE, name="Trop", scopes=["audit:read"])
    assert page.status_code == 403
    assert "audit:read" not in (await anonymous.get(PLACE)).text
    assert await session.scalar(select(ApiToken)) is None


async def test_a_token_is_replaced_and_revoked_on_the_page(session, anonymous, account):
    row, former = await an_api_token(session, account)
    page = await submit(anonymous, f"{PLACE}/{row.id}/roll", page=PLACE)
    token = re.search(r"aet_pat_[0-9A-Za-z]{38}", page.text)[0]
    assert (await call(anonymous, token)).status_code == (await call(anonymous, former)).status_code == 200
    answer = await submit(anonymous, f"{PLACE}/{row.id}/revoke", page=PLACE)
    assert answer.headers["location"] == PLACE
    assert (await call(anonymous, former)).status_code == 401


async def test_another_s_token_is_out_of_reach(session, anonymous, account):
    other = await an_account(session)
    await grant(session, other, Role.COLLECTIVITE, await a_territory(session))
    row, token = await an_api_token(session, other, scopes=["tokens:read"])
    for verb in ("roll", "revoke"):
        assert (await submit(anonymous, f"{PLACE}/{row.id}/{verb}", page=PLACE)).status_code == 404
    assert (await call(anonymous, token)).status_code == 200


async def test_the_page_is_for_people_who_signed_in(anonymous):
    answer = await anonymous.get(PLACE)
    assert answer.headers["location"].startswith("/login")
