"""Signing in and out: what is told, what is kept, and what a guesser meets."""

from datetime import timedelta
from urllib.parse import quote

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.core import clock
from app.identity import audit, sessions, throttle
from app.identity.caller import Role
from app.identity.models import AuditEntry, BrowserSession
from tests.factories import a_territory
from tests.identity.people import (
    CSRF,
    PASSWORD,
    a_referent_account,
    an_account,
    enrolled,
    grant,
    sign_in,
    submit,
    text_of,
)

WRONG = "L’adresse ou le mot de passe ne convient pas."


async def last_line(session):
    return await session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))


async def test_the_right_password_opens_the_account(session, anonymous):
    account = await an_account(session)
    answer = await sign_in(anonymous, account)
    assert answer.headers["location"] == "/account"
    page = await anonymous.get("/account")
    assert page.status_code == 200
    assert "Camille Martin" in text_of(page)
    line = await last_line(session)
    assert (line.caller, line.action, line.outcome) == (f"account:{account.id}", "sign-in", "allowed")


async def test_a_wrong_password_an_unknown_and_a_disabled_account_get_the_same_answer(session, anonymous):
    account = await an_account(session)
    disabled = await an_account(session, disabled_at=clock.now())
    invited = await an_account(session, password=None)
    answers = [
        await submit(anonymous, "/login", email="someone@example.org", password=secret, next="")
        if email is None
        else await submit(anonymous, "/login", email=email, password=secret)
        for email, secret in (
            (account.email, "cheval agrafe bateau"), (None, PASSWORD), (disabled.email, PASSWORD),
            (invited.email, PASSWORD),
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {422}
    assert all(WRONG in text_of(answer) for answer in answers)
    assert await session.scalar(select(func.count()).select_from(BrowserSession)) == 0
    known = {account.email, "someone@example.org", disabled.email, invited.email}
    stripped = {
        CSRF.sub("", answer.text).replace(email, "")
        for answer, email in zip(
            answers, (account.email, "someone@example.org", disabled.email, invited.email), strict=True
        )
    }
    assert len(known) == 4
    assert len(stripped) == 1


async def test_the_session_gets_a_new_secret_at_sign_in_and_at_the_second_factor(session, anonymous):
    account = await a_referent_account(session)
    device = await enrolled(session, account)
    anonymous.cookies.set("aet_session", "chosen-by-someone-else", domain="test")
    await submit(anonymous, "/login", email=account.email, password=PASSWORD)
    jar = [cookie.value for cookie in anonymous.cookies.jar if cookie.name == "aet_session"]
    assert "chosen-by-someone-else" not in jar[-1:]
    before = jar[-1]
    await submit(anonymous, "/login/second-factor", code=device.now())
    after = [cookie.value for cookie in anonymous.cookies.jar if cookie.name == "aet_session"][-1]
    assert after != before
    assert await session.scalar(select(func.count()).select_from(BrowserSession)) == 1


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(session, anonymous):
    account = await an_account(session)
    answer = await sign_in(anonymous, account)
    cookie = next(line for line in answer.headers.get_list("set-cookie") if line.startswith("aet_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert "Max-Age" not in cookie


async def test_a_session_in_use_ends_after_twelve_hours_anyway(session, anonymous):
    account = await an_account(session)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        await sign_in(anonymous, account)
        for _ in range(12):
            assert (await anonymous.get("/account")).status_code == 200
            traveller.shift(timedelta(minutes=59))
        assert (await anonymous.get("/account")).status_code == 200
        traveller.shift(timedelta(minutes=13))
        assert (await anonymous.get("/account")).status_code == 303


async def test_a_session_ends_after_an_hour_unused(session, anonymous):
    account = await an_account(session)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        await sign_in(anonymous, account)
        traveller.shift(timedelta(minutes=61))
        assert (await anonymous.get("/account")).headers["location"] == "/login"


async def test_signing_out_ends_the_session_itself_not_only_the_cookie(session, anonymous):
    account = await an_account(session)
    await sign_in(anonymous, account)
    stolen = anonymous.cookies.get("aet_session")
    answer = await submit(anonymous, "/logout", page="/account")
    assert answer.headers["location"] == "/login"
    anonymous.cookies.clear()
    anonymous.cookies.set("aet_session", stolen)
    assert (await anonymous.get("/account")).status_code == 303


async def test_a_disabled_account_is_out_at_once(session, anonymous):
    account = await an_account(session)
    await sign_in(anonymous, account)
    account.disabled_at = clock.now()
    await session.commit()
    assert (await anonymous.get("/account")).status_code == 303


async def test_after_ten_failures_even_the_right_password_waits_and_the_wait_ends(session, anonymous):
    account = await an_account(session)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(10):
            answer = await submit(anonymous, "/login", email=account.email.upper(), password="x")
            assert answer.status_code == 422
        answer = await submit(anonymous, "/login", email=account.email, password=PASSWORD)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) == 900
        assert "Réessayez dans 15 min" in text_of(answer)
        line = await last_line(session)
        assert (line.caller, line.outcome, line.detail) == (audit.NOBODY, "denied", "throttled")
        for _ in range(5):
            traveller.shift(timedelta(minutes=2))
            assert (await submit(anonymous, "/login", email=account.email, password="x")).status_code == 429
        traveller.shift(timedelta(minutes=6))
        assert (await sign_in(anonymous, account)).status_code == 303


async def test_an_unknown_account_is_throttled_like_a_known_one(session, anonymous):
    answers = [await submit(anonymous, "/login", email="no@example.org", password="x") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]


async def test_one_address_cannot_try_many_accounts(session, anonymous, house):
    statuses = [
        bool(await throttle.wait(house.api.state.database, throttle.address(b"k" * 32, f"2001:db8::{number:x}")))
        for number in range(1, 63)
    ]
    assert statuses == [False] * 60 + [True] * 2
    other = throttle.address(b"k" * 32, "2001:db8:0:1::1")
    assert not await throttle.wait(house.api.state.database, other)


async def test_a_success_forgets_the_failures_before_it(session, anonymous):
    account = await an_account(session)
    for _ in range(9):
        await submit(anonymous, "/login", email=account.email, password="x")
    await sign_in(anonymous, account)
    await submit(anonymous, "/logout", page="/account")
    for _ in range(9):
        assert (await submit(anonymous, "/login", email=account.email, password="x")).status_code == 422


@pytest.mark.parametrize("following", ["/account", "/oauth/authorize?client_id=a&state=b%2Fc"])
async def test_one_comes_back_to_the_page_one_wanted(session, anonymous, following):
    account = await an_account(session)
    await anonymous.get(f"/login?next={quote(following, safe='')}")
    answer = await submit(anonymous, "/login", email=account.email, password=PASSWORD, next=following)
    assert answer.headers["location"] == following


async def test_a_page_that_wants_a_person_sends_to_sign_in_and_back(session, anonymous):
    answer = await anonymous.get("/account/forget-device")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=/account/forget-device"


@pytest.mark.unit
@pytest.mark.parametrize(
    "hostile",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "evil.example",
        "/\t/evil.example", "/\n/evil.example", "\\\\evil.example", "/a\\b", " /account", "/é", "", None,
        "/" + "a" * 5000,
        "///evil.example",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(hostile):
    assert sessions.safe_next(hostile) == "/account"


@pytest.mark.unit
@given(st.text(max_size=60) | st.from_regex(r"[/\\]{1,3}[a-z.:@?#/\\\t\n]{0,20}", fullmatch=True))
def test_whatever_is_asked_one_stays_on_this_site(text):
    from urllib.parse import urljoin, urlsplit

    place = sessions.safe_next(text)
    assert urlsplit(urljoin("https://aet.example/login", place)).netloc == "aet.example"
    assert place.startswith("/")
    assert not place.startswith("//")


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://test.evil.example"},
     {"Origin": "", "Sec-Fetch-Site": "cross-site"}],
)  # fmt: skip
async def test_a_form_sent_from_another_site_is_refused_by_a_page(session, anonymous, headers):
    account = await an_account(session)
    answer = await submit(anonymous, "/login", email=account.email, password=PASSWORD, headers=headers)
    assert answer.status_code == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "Ce formulaire n’est plus valable" in text_of(answer)
    assert (await anonymous.get("/account")).status_code == 303


async def test_a_form_needs_its_own_token(session, anonymous):
    account = await an_account(session)
    fields = {"email": account.email, "password": PASSWORD}
    without = await anonymous.post("/login", data=fields, headers={"Origin": "http://test"})
    page = await anonymous.get("/login")
    token = CSRF.search(page.text)[1]
    wrong = await anonymous.post("/login", data={**fields, "csrf": "é" + token}, headers={"Origin": "http://test"})
    anonymous.cookies.clear()
    elsewhere = await anonymous.post("/login", data={**fields, "csrf": token}, headers={"Origin": "http://test"})
    assert [without.status_code, wrong.status_code, elsewhere.status_code] == [403, 403, 403]


async def test_a_token_of_before_signing_in_is_void_after(session, anonymous):
    account = await an_account(session)
    token = CSRF.search((await anonymous.get("/login")).text)[1]
    await sign_in(anonymous, account)
    answer = await anonymous.post("/logout", data={"csrf": token}, headers={"Origin": "http://test"})
    assert answer.status_code == 403


async def test_pages_are_kept_by_no_cache_and_run_nothing(session, anonymous):
    page = await anonymous.get("/login", headers={"Accept-Language": "en"})
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-language"] == "en"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert "<script" not in page.text
    assert "Sign in" in page.text


async def test_the_account_page_names_roles_and_places(session, anonymous):
    account, territory = await an_account(session), await a_territory(session, name="Val de Marne Est")
    await grant(session, await an_account(session), Role.COLLECTIVITE, await a_territory(session, name="Ailleurs"))
    await grant(session, account, Role.COLLECTIVITE, territory)
    await sign_in(anonymous, account)
    shown = text_of(await anonymous.get("/account"))
    assert "Collectivité" in shown
    assert "Val de Marne Est" in shown
    assert "Ailleurs" not in shown


async def test_names_are_written_as_text(session, anonymous):
    account = await an_account(session, display_name="<script>alert(1)</script>")
    await sign_in(anonymous, account)
    assert "<script>" not in (await anonymous.get("/account")).text
