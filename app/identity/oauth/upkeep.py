"""What goes on by itself: owners are told before a token ends, and what has ended long ago goes away."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from babel.dates import format_date
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, failures, i18n, idempotency
from app.core.db import Database
from app.core.journal import attribute_to
from app.identity import mail
from app.identity.models import Account, ApiToken, AuthorizationCode, RefreshToken, TokenFamily
from app.settings import Settings

EVERY_S = 3600
Work = Callable[[Database, Settings], Awaitable[None]]
WARNED_BEFORE = timedelta(days=7)
KEPT_FOR = timedelta(days=30)
AT_ONCE = 100
log = structlog.get_logger(__name__)


async def keep_up(database: Database, settings: Settings, *others: Work) -> None:
    """At start and once an hour, until cancelled, with what other domains have to do. Several workers share the work,
    row by row."""
    while True:
        try:
            await warn_owners(database, settings)
            await clear(database)
            for work in others:
                await work(database, settings)
        except Exception as error:  # the next hour may be better
            log.error("upkeep-failed", **failures.describe(error))
        await asyncio.sleep(EVERY_S)


async def warn_owners(database: Database, settings: Settings) -> int:
    """Mail the owners of tokens that end within seven days, once each; answers how many mails left."""
    sent = 0
    while True:
        async with database.session() as session:
            attribute_to(session, "upkeep")
            ending = await _ending(session)
            for token, account in ending:
                token.warned_at = clock.now()
                sent += await _warn(settings, token, account)
            await session.commit()
        if len(ending) < AT_ONCE:
            return sent


async def clear(database: Database) -> None:
    """Delete codes and families that ended a month ago, which told of a replay until then, and answers of a day ago."""
    before = clock.now() - KEPT_FOR
    async with database.session() as session:
        await session.execute(delete(AuthorizationCode).where(AuthorizationCode.expires_at < before))
        await session.execute(delete(RefreshToken).where(RefreshToken.expires_at < before))
        await session.execute(delete(TokenFamily).where(TokenFamily.expires_at < before))
        await idempotency.forget(session)
        await session.commit()


async def _ending(session: AsyncSession) -> list[tuple[ApiToken, Account]]:
    soon = select(ApiToken, Account).join(Account, Account.id == ApiToken.account_id)
    rows = soon.where(
        ApiToken.warned_at.is_(None), ApiToken.revoked_at.is_(None), Account.disabled_at.is_(None),
        ApiToken.expires_at > clock.now(), ApiToken.expires_at < clock.now() + WARNED_BEFORE,
    )  # fmt: skip
    found = await session.execute(rows.limit(AT_ONCE).with_for_update(of=ApiToken, skip_locked=True))
    return [(token, account) for token, account in found.all()]


async def _warn(settings: Settings, token: ApiToken, account: Account) -> bool:
    language: i18n.Language = "en" if account.locale == "en" else "fr"
    day = format_date(token.expires_at, "long", locale=language)
    link = f"{settings.base_url}/account/tokens"
    text = i18n.text(language, "tokens.mail-ending-text", name=token.name, hint=token.hint, day=day, link=link)
    return await mail.send(settings, account.email, i18n.text(language, "tokens.mail-ending"), text)
