"""Which passwords are accepted, invitations and resets."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.core import clock
from app.identity import passwords
from app.identity.accounts import service as accounts
from app.identity.models import BrowserSession, Client, LinkPurpose, OneTimeLink, TokenFamily
from tests.identity.people import PASSWORD, an_account, sign_in, submit, text_of

NEW = "trois lampes vertes"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("court", "too-short"), ("onze-signes", "too-short"), ("Douze-signes", None), ("x" * 201, "too-long"),
        ("motdepasse2024!", "too-common"), ("MotDePasse123456", "too-common"), ("P@ssw0rd20262026", "too-common"),
        ("azertyuiop123", "too-common"), ("aaaaaaaaaaaaaaaa", "too-common"), ("abababababab", "too-common"),
        ("123456789012", "too-common"), ("camille.durand-94!", "has-email"), ("x camille.durand@x.fr y", "has-email"),
        ("cheval agrafe batterie", None), ("été à la mer où", None), ("ｍｏｔｄｅｐａｓｓｅ１２３４", "too-common"),
    ],
)  # fmt: skip
def test_a_password_is_long_not_common_and_not_the_address(password, fault):
    assert passwords.fault(password, email="camille.durand@x.fr") == fault


async def test_a_password_is_kept_as_argon2id_and_found_again_however_it_is_composed(costly_hashes):
    assert costly_hashes.hash("x").startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    kept = await passwords.hashed("été à la mer où")
    assert kept.startswith("$argon2id$")
    assert await passwords.matches("e\u0301te\u0301 a\u0300 la mer ou\u0300", kept)
    assert not await passwords.matches("ete a la mer ou", kept)
    assert not await passwords.matches("nobody has this password", None)


async def link_of(session, account, purpose):
    secret = await accounts.link_for(session, account, purpose)
    await session.commit()
    return secret


async def test_an_invitation_lets_its_owner_choose_a_password_and_signs_in(session, anonymous):
    account = await an_account(session, password=None)
    link = await link_of(session, account, LinkPurpose.INVITATION)
    page = f"/invitation?link={link}"
    assert account.email in (await anonymous.get(page)).text
    answer = await submit(anonymous, "/invitation", page=page, link=link, password=NEW, again=NEW)
    assert answer.headers["location"] == "/account"
    assert (await anonymous.get("/account")).status_code == 200
    assert (await anonymous.get(page)).status_code == 410


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [("court", "court", "Au moins 12"), (NEW, NEW + "!", "diffèrent"), ("motdepasse2024", "motdepasse2024", "courant")],
)
async def test_a_refused_password_says_why_and_keeps_the_link(session, anonymous, password, again, told):
    account = await an_account(session, password=None)
    link = await link_of(session, account, LinkPurpose.INVITATION)
    page = f"/invitation?link={link}"
    answer = await submit(anonymous, "/invitation", page=page, link=link, password=password, again=again)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert password not in answer.text.replace("motdepasse", "") or password == "court"
    assert (await anonymous.get(page)).status_code == 200


@pytest.mark.parametrize(
    ("purpose", "path", "after"),
    [
        (LinkPurpose.INVITATION, "/invitation", timedelta(days=7, seconds=1)),
        (LinkPurpose.PASSWORD_RESET, "/password-reset/new", timedelta(hours=1, seconds=1)),
    ],
)
async def test_a_link_ends(session, anonymous, purpose, path, after):
    account = await an_account(session)
    link = await link_of(session, account, purpose)
    with time_machine.travel(clock.now() + after - timedelta(minutes=1), tick=False) as traveller:
        assert (await anonymous.get(f"{path}?link={link}")).status_code == 200
        traveller.shift(timedelta(minutes=1))
        assert (await anonymous.get(f"{path}?link={link}")).status_code == 410


async def test_a_link_is_good_for_its_own_purpose_and_until_a_later_one(session, anonymous):
    account = await an_account(session)
    first = await link_of(session, account, LinkPurpose.PASSWORD_RESET)
    assert (await anonymous.get(f"/invitation?link={first}")).status_code == 410
    second = await link_of(session, account, LinkPurpose.PASSWORD_RESET)
    assert (await anonymous.get(f"/password-reset/new?link={first}")).status_code == 410
    assert (await anonymous.get(f"/password-reset/new?link={second}")).status_code == 200
    row = await session.scalar(select(OneTimeLink).where(OneTimeLink.used_at.is_(None)))
    assert second.encode() not in row.secret_hash


async def test_a_reset_ends_every_session_and_every_application(session, anonymous, house):
    account = await an_account(session)
    client = Client(client_id="app", name="App")
    session.add(client)
    await session.flush()
    family = TokenFamily(
        client_id=client.id, account_id=account.id, scopes=[], narrowing={}, created_at=clock.now(),
        expires_at=clock.now() + timedelta(days=90),
    )  # fmt: skip
    session.add(family)
    await session.commit()
    async with house.client() as thief:
        await sign_in(thief, account)
        link = await link_of(session, account, LinkPurpose.PASSWORD_RESET)
        page = f"/password-reset/new?link={link}"
        answer = await submit(anonymous, "/password-reset/new", page=page, link=link, password=NEW, again=NEW)
        assert answer.headers["location"] == "/login"
        assert (await thief.get("/account")).status_code == 303
    assert await session.scalar(select(func.count()).select_from(BrowserSession)) == 0
    await session.refresh(family)
    assert family.revoked_for == "password-reset"
    old = await submit(anonymous, "/login", email=account.email, password=PASSWORD)
    assert old.status_code == 422
    assert (await submit(anonymous, "/login", email=account.email, password=NEW)).status_code == 303


async def test_asking_a_reset_answers_the_same_for_everyone_and_mails_only_who_exists(session, anonymous, capsys):
    account = await an_account(session)
    known = await submit(anonymous, "/password-reset", email=account.email.upper())
    said = capsys.readouterr().err
    unknown = await submit(anonymous, "/password-reset", email="nobody@example.org")
    assert text_of(known) == text_of(unknown)
    assert known.status_code == unknown.status_code == 200
    assert capsys.readouterr().err.count("--- mail to") == 0
    link = re.search(r"http://test/password-reset/new\?link=(\S+)", said)[1]
    assert (await anonymous.get(f"/password-reset/new?link={link}")).status_code == 200


async def test_nobody_can_have_many_mails_sent(session, anonymous, capsys):
    account = await an_account(session)
    answers = [await submit(anonymous, "/password-reset", email=account.email) for _ in range(5)]
    assert len({text_of(answer) for answer in answers}) == 1
    assert capsys.readouterr().err.count("--- mail to") == 3


async def test_an_account_never_opened_gets_its_invitation_again(session, anonymous, capsys):
    account = await an_account(session, password=None)
    await submit(anonymous, "/password-reset", email=account.email)
    assert "/invitation?link=" in capsys.readouterr().err


async def test_a_disabled_account_gets_no_mail_and_its_links_are_void(session, anonymous, capsys):
    account = await an_account(session)
    link = await link_of(session, account, LinkPurpose.PASSWORD_RESET)
    await accounts.disable(session, account)
    await session.commit()
    await submit(anonymous, "/password-reset", email=account.email)
    assert "--- mail" not in capsys.readouterr().err
    assert (await anonymous.get(f"/password-reset/new?link={link}")).status_code == 410
