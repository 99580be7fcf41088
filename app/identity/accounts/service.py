"""Accounts: made by invitation, given a password by their owner, ended by whoever answers for them."""

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.core import clock, i18n
from app.core.db import Database
from app.identity import mail, opaque, passwords
from app.identity.api_tokens.service import revoke_all
from app.identity.models import Account, BrowserSession, LinkPurpose, OneTimeLink, TokenFamily
from app.settings import Settings

VALID_FOR = {LinkPurpose.INVITATION: timedelta(days=7), LinkPurpose.PASSWORD_RESET: timedelta(hours=1)}
PATHS = {LinkPurpose.INVITATION: "/invitation", LinkPurpose.PASSWORD_RESET: "/password-reset/new"}


async def by_email(session: AsyncSession, email: str) -> Account | None:
    """The account of this e-mail, however its letters are written."""
    found: Account | None = await session.scalar(select(Account).where(Account.email == email.strip().lower()))
    return found


async def make(session: AsyncSession, email: str, display_name: str, *, locale: str = "fr") -> Account:
    """A new account, which nobody can sign in to until its invitation is taken up."""
    account = Account(email=email.strip().lower(), display_name=display_name.strip(), locale=locale)
    session.add(account)
    await session.flush()
    return account


async def link_for(session: AsyncSession, account: Account, purpose: LinkPurpose) -> str:
    """The secret of a new link for this account; earlier links for the same end are void."""
    await _void_links(session, account.id, purpose)
    secret = secrets.token_urlsafe(32)
    session.add(
        OneTimeLink(
            secret_hash=opaque.hashed(secret), account_id=account.id, purpose=purpose,
            expires_at=clock.now() + VALID_FOR[purpose],
        )
    )  # fmt: skip
    return secret


def address_of(settings: Settings, purpose: LinkPurpose, secret: str) -> str:
    """The address that is mailed."""
    return f"{settings.base_url}{PATHS[purpose]}?link={secret}"


async def of_link(session: AsyncSession, secret: str, purpose: LinkPurpose) -> Account | None:
    """The account a link is for, if it was not used and has not expired; the link is held until the end."""
    rows = (
        select(Account)
        .join(OneTimeLink, OneTimeLink.account_id == Account.id)
        .where(
            OneTimeLink.secret_hash == opaque.hashed(secret),
            OneTimeLink.purpose == purpose,
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > clock.now(),
            Account.disabled_at.is_(None),
        )
    )
    found: Account | None = await session.scalar(rows.with_for_update(of=OneTimeLink))
    return found


async def set_password(session: AsyncSession, account: Account, password: str) -> None:
    """Keep a new password. Every session and every application signed in with the old one ends, every link is void."""
    account.password_hash = await passwords.hashed(password)
    await end_everywhere(session, account.id, reason="password-reset")
    for purpose in LinkPurpose:
        await _void_links(session, account.id, purpose)


async def end_everywhere(session: AsyncSession, account_id: UUID, *, reason: str) -> None:
    """Sign the account out of every browser and every application."""
    await session.execute(delete(BrowserSession).where(BrowserSession.account_id == account_id))
    alive = update(TokenFamily).where(TokenFamily.account_id == account_id, TokenFamily.revoked_at.is_(None))
    await session.execute(alive.values(revoked_at=clock.now(), revoked_for=reason))


async def disable(session: AsyncSession, account: Account) -> None:
    """Let the account do nothing any more, at once: its sessions end, its tokens are nobody's."""
    account.disabled_at = account.disabled_at or clock.now()
    await end_everywhere(session, account.id, reason="account-disabled")
    await revoke_all(session, account.id, "account_disabled")
    for purpose in LinkPurpose:
        await _void_links(session, account.id, purpose)


async def send_link(settings: Settings, account: Account, purpose: LinkPurpose, secret: str) -> bool:
    """Mail a link to its owner, in the language of the account."""
    language: i18n.Language = "en" if account.locale == "en" else "fr"
    key = f"identity.mail.{purpose.value.replace('_', '-')}"
    told = {"name": account.display_name, "link": address_of(settings, purpose, secret), "site": settings.base_url}
    return await mail.send(
        settings, account.email, i18n.text(language, f"{key}-subject"), i18n.text(language, f"{key}-text", **told)
    )


async def send_reset(database: Database, settings: Settings, email: str) -> None:
    """Mail a password reset to this account, if there is one; run after the answer, which says nothing of it."""
    async with database.session() as session:
        account = await by_email(session, email)
        if account is None or account.disabled_at:
            return
        purpose = LinkPurpose.PASSWORD_RESET if account.password_hash else LinkPurpose.INVITATION
        secret = await link_for(session, account, purpose)
        await session.commit()
    await send_link(settings, account, purpose, secret)


async def _void_links(session: AsyncSession, account_id: UUID, purpose: LinkPurpose) -> None:
    unused = update(OneTimeLink).where(
        OneTimeLink.account_id == account_id, OneTimeLink.purpose == purpose, OneTimeLink.used_at.is_(None)
    )
    await session.execute(unused.values(used_at=clock.now()))
