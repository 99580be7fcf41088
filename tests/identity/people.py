"""People at a browser, for tests: accounts that can sign in, and forms filled in as a browser does."""

import re
from html import unescape
from uuid import uuid4

import pyotp
from httpx import AsyncClient, Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock
from app.identity import passwords, totp
from app.identity.caller import Role
from app.identity.models import Account, Grant
from app.settings import signing_key
from tests.conftest import SETTINGS
from tests.factories import a_school, a_territory

PASSWORD = "cheval agrafe batterie"
KEY = signing_key(SETTINGS)
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_kept: list[str] = []


async def an_account(session: AsyncSession, *, password: str | None = PASSWORD, **traits: object) -> Account:
    """An account that can sign in (hashing one password once: it is slow on purpose)."""
    if password == PASSWORD:
        if not _kept:
            _kept.append(await passwords.hashed(PASSWORD))
        traits["password_hash"] = _kept[0]
    elif password:
        traits["password_hash"] = await passwords.hashed(password)
    row = Account(**{"email": f"p{uuid4().hex}@example.org", "display_name": "Camille Martin", **traits})
    session.add(row)
    await session.commit()
    return row


async def grant(session: AsyncSession, account: Account, role: Role, territory=None, actor=None, **traits) -> Grant:
    rows = {"territory_id": territory and territory.id, "actor_id": actor and actor.id}
    row = Grant(account_id=account.id, role=role, **rows, **traits)
    session.add(row)
    await session.commit()
    return row


async def a_referent_account(session: AsyncSession, **traits: object) -> Account:
    territory = await a_territory(session)
    account = await an_account(session, **traits)
    await grant(session, account, Role.REFERENT, territory, await a_school(session, territory))
    return account


async def enrolled(session: AsyncSession, account: Account) -> pyotp.TOTP:
    """The device of an account, enrolled a while ago."""
    secret = await totp.begin(session, KEY, account.id)
    from app.identity.models import SecondFactor

    await session.flush()
    factor = await session.get(SecondFactor, account.id)
    factor.confirmed_at = clock.now()
    await session.commit()
    return pyotp.TOTP(secret)


async def submit(client: AsyncClient, path: str, *, page: str | None = None, headers=None, **fields: str) -> Response:
    """Open the page and send its form."""
    opened = await client.get(page or path, follow_redirects=False)
    found = CSRF.search(opened.text)
    assert found, f"{opened.status_code} {opened.headers.get('location')}: no form"
    sent = {"Origin": "http://test", **(headers or {})}
    return await client.post(path, data={"csrf": found[1], **fields}, headers=sent)


async def sign_in(client: AsyncClient, account: Account, device: pyotp.TOTP | None = None) -> Response:
    answer = await submit(client, "/login", email=account.email, password=PASSWORD)
    assert answer.status_code == 303, text_of(answer)
    if device:
        answer = await submit(client, "/login/second-factor", code=device.now())
        assert answer.status_code == 303, text_of(answer)
    return answer


def text_of(answer: Response) -> str:
    """What a person reads."""
    main = answer.text.partition("<main")[2]
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)))
