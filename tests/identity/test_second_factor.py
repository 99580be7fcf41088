"""The second factor: who must have one, and what a stolen code is worth."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.core import clock
from app.identity import totp
from app.identity.caller import Role
from app.identity.models import RecoveryCode, SecondFactor
from tests.factories import a_territory
from tests.identity.people import (
    KEY,
    PASSWORD,
    a_referent_account,
    an_account,
    enrolled,
    grant,
    sign_in,
    submit,
    text_of,
)


@pytest.mark.parametrize(
    ("role", "is_admin", "is_asked"),
    [
        (Role.COLLECTIVITE, False, False), (Role.COLLECTIVITE, True, True), (Role.OPERATOR, False, True),
        (None, False, False),
    ],
)  # fmt: skip
async def test_a_second_factor_is_asked_of_whoever_gives_rights(session, anonymous, role, is_admin, is_asked):
    await a_referent_account(session)  # of whom it is asked: that is nobody else's affair
    account = await an_account(session)
    if role:
        territory = await a_territory(session) if role is Role.COLLECTIVITE else None
        await grant(session, account, role, territory, is_admin=is_admin)
    await sign_in(anonymous, account)
    answer = await anonymous.get("/account")
    assert answer.headers.get("location") == ("/login/enrol" if is_asked else None)


async def test_a_referent_who_has_no_device_enrols_one_and_gets_recovery_codes_once(session, anonymous):
    account = await a_referent_account(session)
    await sign_in(anonymous, account)
    page = await anonymous.get("/login/enrol")
    secret = re.search(r'class="secret"><code>([A-Z2-7 ]+)<', page.text)[1].replace(" ", "")
    assert "<svg" in page.text
    import pyotp

    wrong = await submit(anonymous, "/login/enrol", code="000000")
    assert wrong.status_code == 422
    again = re.search(r'class="secret"><code>([A-Z2-7 ]+)<', wrong.text)[1].replace(" ", "")
    assert again == secret
    done = await submit(anonymous, "/login/enrol", code=pyotp.TOTP(secret).now())
    codes = re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", done.text)
    assert len(set(codes)) == 10
    assert (await anonymous.get("/account")).status_code == 200
    assert (await anonymous.get("/login/enrol")).headers["location"] == "/login/second-factor"
    kept = (await session.scalars(select(RecoveryCode))).all()
    assert not any(code.encode() in row.code_hash for code in codes for row in kept)
    factor = await session.scalar(select(SecondFactor))
    assert secret.encode() not in factor.sealed_secret


async def test_the_password_alone_opens_nothing_once_a_device_is_enrolled(session, anonymous):
    account = await an_account(session)
    await enrolled(session, account)
    await sign_in(anonymous, account)
    for page in ("/account", "/account/forget-device"):
        answer = await anonymous.get(page)
        assert answer.headers["location"].startswith("/login/second-factor")
    assert (await anonymous.get("/login/enrol")).headers["location"] == "/login/second-factor"


async def test_a_code_is_taken_once(session, anonymous):
    account = await a_referent_account(session)
    device = await enrolled(session, account)
    with time_machine.travel(clock.now(), tick=False):
        code = device.now()
        await sign_in(anonymous, account, device)
        await submit(anonymous, "/logout", page="/account")
        await submit(anonymous, "/login", email=account.email, password=PASSWORD)
        answer = await submit(anonymous, "/login/second-factor", code=code)
        assert answer.status_code == 422
        assert (await anonymous.get("/account")).status_code == 303


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_clocks_may_differ_by_one_step(session, steps, is_taken):
    account = await an_account(session)
    device = await enrolled(session, account)
    with time_machine.travel(clock.now(), tick=False):
        code = device.at(clock.now() + timedelta(seconds=30 * steps))
        assert await totp.check(session, KEY, account.id, code) is is_taken


async def test_an_older_code_is_void_once_a_newer_one_was_taken(session):
    account = await an_account(session)
    device = await enrolled(session, account)
    with time_machine.travel(clock.now(), tick=False):
        now = clock.now()
        assert await totp.check(session, KEY, account.id, device.at(now))
        assert not await totp.check(session, KEY, account.id, device.at(now - timedelta(seconds=30)))
        assert await totp.check(session, KEY, account.id, device.at(now + timedelta(seconds=30)))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "000 00", "²²²²²²", "\x00" * 6])
async def test_what_is_no_code_is_refused(session, code):
    account = await an_account(session)
    await enrolled(session, account)
    assert not await totp.check(session, KEY, account.id, code)


async def test_each_recovery_code_works_once(session, anonymous):
    account = await an_account(session)
    secret = await totp.begin(session, KEY, account.id)
    await session.flush()
    import pyotp

    codes = await totp.confirm(session, KEY, account.id, pyotp.TOTP(secret).now())
    await session.commit()
    for expected in (303, 422):
        await submit(anonymous, "/login", email=account.email, password=PASSWORD)
        answer = await submit(anonymous, "/login/second-factor", code=codes[0].upper().replace("-", " "))
        assert answer.status_code == expected
        if expected == 303:
            await submit(anonymous, "/logout", page="/account")


async def test_guessing_codes_is_stopped(session, anonymous):
    account = await a_referent_account(session)
    device = await enrolled(session, account)
    await submit(anonymous, "/login", email=account.email, password=PASSWORD)
    statuses = [(await submit(anonymous, "/login/second-factor", code="000000")).status_code for _ in range(7)]
    assert statuses == [422] * 6 + [429]
    answer = await submit(anonymous, "/login/second-factor", code=device.now())
    assert answer.status_code == 429


async def test_the_device_of_one_account_says_nothing_for_another(session):
    one, two = await an_account(session), await an_account(session)
    device = await enrolled(session, one)
    await enrolled(session, two)
    factor = await session.get(SecondFactor, two.id)
    factor.sealed_secret = (await session.get(SecondFactor, one.id)).sealed_secret
    assert not await totp.check(session, KEY, two.id, device.now())


async def test_a_device_is_changed_with_a_code_of_the_old_one(session, anonymous):
    account = await a_referent_account(session)
    device = await enrolled(session, account)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        await sign_in(anonymous, account, device)
        assert (await submit(anonymous, "/account/forget-device", code="000000")).status_code == 422
        traveller.shift(30)
        answer = await submit(anonymous, "/account/forget-device", code=device.now())
        assert answer.headers["location"] == "/login/enrol"
        assert (await anonymous.get("/account")).headers["location"] == "/login/enrol"
    assert "Lire ce code" in text_of(await anonymous.get("/login/enrol"))
